"""Authorization: every role, tier, scope and permission of the centre is defined in this module (R406-R422).

A user holds one or more roles. A role gives a tier (the level at which the user counts in the contact rules,
R81-R85), a scope for each kind of stakeholder (whose records are visible) and permissions (which actions are
allowed). Nothing else grants anything: there is no superuser. Outside readers (R422) have no account.

Kinds are text here, because this app does not know stakeholders. Records of an undeclared kind are visible to no
user.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.registry import Registry


class Tier(models.TextChoices):
    """Our side's level in a contact, from the top down (001 P3-用§二(二)1; R81-R85 in this order)."""

    COUNCIL = "council", _("理事会成员")
    DIRECTOR = "director", _("总干事、副总干事")
    DEPARTMENT = "department", _("服务部、项目部、办公室")
    SUPERVISOR = "supervisor", _("上级督导")
    RESIDENT = "resident", _("驻点社工／负责人")


TIER_BITS = {tier: 1 << place for place, tier in enumerate(Tier.values)}


def mask_of(tiers):
    """Returns the tiers as one integer, a bit each, so that the database can match sets of them."""
    return sum(TIER_BITS[tier] for tier in set(tiers))


def tiers_in(mask):
    """Returns the tiers whose bits are set in `mask`, from the top down."""
    return [tier for tier in Tier if mask & TIER_BITS[tier]]


class Scope(StrEnum):
    """Whose records of a kind a role sees.

    NUMBERS shows no record and no name, only how many there are. OWN means records in which the user takes part, as
    KINDS defines for each kind; a share or a stand-in adds to OWN and wider scopes, never to NUMBERS or NONE.
    """

    ALL = "all"
    DEPARTMENT = "department"
    OWN = "own"
    NUMBERS = "numbers"
    NONE = "none"


EMPLOYER, CLIENT, PARTNER, STAFF = "employer", "client", "partner", "staff"


@dataclass(frozen=True)
class KindVisibility:
    """How users take part in records of one kind: the meaning of OWN, and further access beyond the scope.

    `by_responsible`: the responsible worker, and their stand-in on the days of the absence. `access_sources` are names
    from accounts.access.ACCESS_SOURCES: `account` is the user the record is about; `supervision` the worker's
    supervisor of the day, who keeps access to what was closed during the supervision; `asked` a user whom a waiting
    request about the record asks; `decided` a user who decided on one; `share` a user it was shared with, with a
    reason and an end date. `is_close`: no e-mail names a record of this kind. `emergencies`: any user who works here
    may open one alone in an emergency, which is reviewed afterwards (R381). `scopes` is {Role: Scope}; only
    FURTHER_KINDS give it here.
    """

    label: str
    is_person: bool = False  # records are named after a person, so they are searched and masked as such
    by_responsible: bool = True
    access_sources: tuple = ("share",)
    is_close: bool = False
    emergencies: bool = False
    scopes: Mapping = field(default_factory=dict)


KINDS = {
    EMPLOYER: KindVisibility(_("用人单位")),
    PARTNER: KindVisibility(_("其他利益相关方")),
    CLIENT: KindVisibility(
        _("服务对象"),
        is_person=True,
        access_sources=("supervision", "asked", "decided", "share"),
        is_close=True,
        emergencies=True,
    ),
    STAFF: KindVisibility(
        _("员工"), is_person=True, by_responsible=False, access_sources=("account", "share"), is_close=True
    ),
}

# {kind: KindVisibility with its scopes} for kinds of apps above. A role without a scope sees nothing of the kind.
FURTHER_KINDS = Registry("visibility of further kinds")


def kinds():
    """Returns {kind: KindVisibility} of all declared kinds, in a fixed order."""
    return {**KINDS, **FURTHER_KINDS}


def is_close(kind):
    """Whether names of this kind must stay inside the site; True for an undeclared kind."""
    visibility = kinds().get(kind)
    return visibility is None or visibility.is_close


def kind_label(kind):
    """Returns the label of a kind, or "" for an undeclared one."""
    visibility = kinds().get(kind)
    return visibility.label if visibility else ""


def is_person(kind):
    """Whether records of this kind are named after a person; False for an undeclared kind."""
    visibility = kinds().get(kind)
    return visibility is not None and visibility.is_person


class Permission(StrEnum):
    """A permission. Read by views, templates (`can_...`), the navigation and the admin site."""

    VIEW = "view"  # open the records within the scope of the role
    EDIT = "edit"  # register and edit stakeholders, contact persons, meetings, files
    LOG = "log"  # log, correct and withdraw contacts
    MOVE = "move"  # move a relationship through its stages
    APPROVE = "approve"  # approve a decision proposed by a colleague (R58)
    CONTRACT = "contract"  # register and change contracts
    HAND_OVER = "hand_over"  # give a relationship to another worker
    CAUTION = "caution"  # read and write notes of caution (R38), except of records open by a share alone
    CONFIDENTIAL = "confidential"  # see confidential records that are not the user's own
    EXPORT = "export"  # export lists as Excel
    IMPORT = "import"  # import a register from Excel
    DASHBOARD = "dashboard"  # statistics of other users' work
    MANAGE_RULES = "manage_rules"  # contact rules and parameters with a history
    MANAGE_CALENDAR = "manage_calendar"  # holidays and make-up days
    APPOINT_HEAD = "appoint_head"  # appoint the head of opinions and complaints (R145, R450)
    CONFIRM_RIGHTS = "confirm_rights"  # confirm rights given to a colleague by another user
    MANAGE_ACCOUNTS = "manage_accounts"  # accounts, departments, stand-ins of others
    CORRECT = "correct"  # audited corrections in the admin site


@dataclass(frozen=True)
class Grant:
    """The rights of one role; `scopes` has a scope for each of KINDS."""

    tier: Tier | None
    scopes: Mapping
    permissions: frozenset

    @property
    def scope(self):
        """How much of the centre the role covers in general: what it sees of employers."""
        return self.scopes[EMPLOYER]


def scopes_by_kind(scope, *, clients, staff):
    """Returns the scopes of a role: `scope` over employers and partners, `clients` and `staff` over those kinds."""
    return MappingProxyType({EMPLOYER: scope, PARTNER: scope, CLIENT: clients, STAFF: staff})


class Role(models.TextChoices):
    """The roles named in the documents (R406-R418), and the system administrator (added by us)."""

    COUNCIL = "council", _("理事会成员")
    DIRECTOR = "director", _("总干事")
    DEPUTY = "deputy", _("副总干事")
    HEAD = "head", _("中心负责人")
    MANAGER = "manager", _("机构管理人员")
    BUSINESS_LEAD = "business_lead", _("机构业务负责人")
    SERVICE_HEAD = "service_head", _("社会服务部主任")
    DEPARTMENT_HEAD = "department_head", _("部门负责人")
    DEPARTMENT_STAFF = "department_staff", _("部门人员")
    SENIOR_SUPERVISOR = "senior_supervisor", _("上级督导")
    SUPERVISOR = "supervisor", _("督导")
    RESIDENT = "resident", _("驻点社工")
    FRONT_LINE = "front_line", _("一线社工")
    FINANCE = "finance", _("财务负责人")
    PERSONNEL = "personnel", _("人事")
    VOLUNTEER = "volunteer", _("志愿者")
    ADMINISTRATOR = "administrator", _("系统管理员")


P = Permission
WORKER_PERMISSIONS = frozenset({P.VIEW, P.EDIT, P.LOG, P.MOVE, P.EXPORT})
LEADER_PERMISSIONS = WORKER_PERMISSIONS | {
    P.APPROVE,
    P.CONTRACT,
    P.HAND_OVER,
    P.CAUTION,
    P.IMPORT,
    P.DASHBOARD,
}
MANAGER_PERMISSIONS = LEADER_PERMISSIONS | {P.CONFIDENTIAL, P.MANAGE_RULES, P.MANAGE_CALENDAR}
APPOINTING_PERMISSIONS = frozenset({P.APPOINT_HEAD, P.CONFIRM_RIGHTS})
OVERSIGHT_PERMISSIONS = APPOINTING_PERMISSIONS | {
    P.VIEW,
    P.LOG,
    P.CAUTION,
    P.CONFIDENTIAL,
    P.DASHBOARD,
    P.EXPORT,
}

ALL, DEPARTMENT, OWN, NUMBERS, NONE = Scope
SCOPES_EVERYTHING = scopes_by_kind(ALL, clients=ALL, staff=ALL)
SCOPES_CENTRE = scopes_by_kind(ALL, clients=OWN, staff=OWN)  # OWN: responsible, supervising or signing
SCOPES_FIGURES = scopes_by_kind(ALL, clients=NUMBERS, staff=OWN)
SCOPES_OF_DEPARTMENT = scopes_by_kind(DEPARTMENT, clients=DEPARTMENT, staff=DEPARTMENT)
SCOPES_IN_DEPARTMENT = scopes_by_kind(DEPARTMENT, clients=OWN, staff=OWN)
SCOPES_OWN = scopes_by_kind(OWN, clients=OWN, staff=OWN)

GRANTS = {
    Role.COUNCIL: Grant(Tier.COUNCIL, SCOPES_FIGURES, OVERSIGHT_PERMISSIONS),
    Role.DIRECTOR: Grant(Tier.DIRECTOR, SCOPES_CENTRE, MANAGER_PERMISSIONS | APPOINTING_PERMISSIONS),
    Role.DEPUTY: Grant(Tier.DIRECTOR, SCOPES_CENTRE, MANAGER_PERMISSIONS),
    Role.HEAD: Grant(Tier.DIRECTOR, SCOPES_EVERYTHING, MANAGER_PERMISSIONS),
    Role.MANAGER: Grant(Tier.DEPARTMENT, SCOPES_CENTRE, LEADER_PERMISSIONS),
    Role.BUSINESS_LEAD: Grant(Tier.DEPARTMENT, SCOPES_CENTRE, LEADER_PERMISSIONS),
    Role.SERVICE_HEAD: Grant(Tier.DEPARTMENT, SCOPES_OF_DEPARTMENT, LEADER_PERMISSIONS),
    Role.DEPARTMENT_HEAD: Grant(Tier.DEPARTMENT, SCOPES_OF_DEPARTMENT, LEADER_PERMISSIONS),
    Role.DEPARTMENT_STAFF: Grant(Tier.DEPARTMENT, SCOPES_IN_DEPARTMENT, WORKER_PERMISSIONS),
    Role.SENIOR_SUPERVISOR: Grant(
        Tier.SUPERVISOR, SCOPES_CENTRE, LEADER_PERMISSIONS - {P.CONTRACT, P.IMPORT}
    ),
    Role.SUPERVISOR: Grant(Tier.SUPERVISOR, SCOPES_IN_DEPARTMENT, LEADER_PERMISSIONS - {P.CONTRACT}),
    Role.RESIDENT: Grant(Tier.RESIDENT, SCOPES_OWN, WORKER_PERMISSIONS),
    Role.FRONT_LINE: Grant(Tier.RESIDENT, SCOPES_OWN, WORKER_PERMISSIONS),
    Role.FINANCE: Grant(None, SCOPES_FIGURES, frozenset({P.VIEW, P.CONTRACT, P.EXPORT})),
    Role.PERSONNEL: Grant(None, scopes_by_kind(NONE, clients=NONE, staff=ALL), frozenset({P.VIEW})),
    Role.VOLUNTEER: Grant(None, scopes_by_kind(NONE, clients=NONE, staff=NONE), frozenset()),
    Role.ADMINISTRATOR: Grant(
        None,
        SCOPES_FIGURES,
        frozenset(
            {P.VIEW, P.EXPORT, P.IMPORT, P.MANAGE_RULES, P.MANAGE_CALENDAR, P.MANAGE_ACCOUNTS, P.CORRECT}
        ),
    ),
}

# Permissions beyond the user's own work and the ordinary records of their department: two people have to give them.
SENSITIVE_PERMISSIONS = APPOINTING_PERMISSIONS | {
    P.CAUTION,
    P.CONFIDENTIAL,
    P.APPROVE,
    P.HAND_OVER,
    P.MANAGE_RULES,
    P.MANAGE_CALENDAR,
    P.MANAGE_ACCOUNTS,
    P.CORRECT,
}

WIDEST_FIRST = list(Scope)
RECORD_SCOPES = (Scope.ALL, Scope.DEPARTMENT, Scope.OWN)  # the others show no record

# {app.model in lower case: Permission that opens its page in the admin site}. Models not listed have no page there.
ADMIN_MODELS = Registry("models of the admin site")


def roles_with(permission):
    """Returns the roles that grant `permission`."""
    return [role for role, grant in GRANTS.items() if permission in grant.permissions]


def is_sensitive(role):
    """Whether two people are required to give `role`.

    True when it sees all records of a kind, or grants one of SENSITIVE_PERMISSIONS.
    """
    sees_all = any(scope_over(role, kind) == Scope.ALL for kind in kinds())
    return sees_all or bool(SENSITIVE_PERMISSIONS & GRANTS[Role(role)].permissions)


def sensitive_roles(roles):
    """Returns those of `roles` that two people have to give."""
    return [role for role in roles if is_sensitive(role)]


def permissions_of(roles):
    """Returns the union of the permissions of `roles`."""
    return frozenset().union(*(GRANTS[Role(role)].permissions for role in roles))


def scope_over(role, kind):
    """Returns the scope of one role over records of `kind` (text); NONE over an undeclared kind."""
    if kind in KINDS:
        return GRANTS[Role(role)].scopes[kind]
    return FURTHER_KINDS[kind].scopes.get(Role(role), Scope.NONE) if kind in FURTHER_KINDS else Scope.NONE


def scope_of(roles, kind):
    """Returns the widest scope among `roles` over records of `kind`."""
    return widest({scope_over(role, kind) for role in roles})


def widest(scopes):
    """Returns the widest of `scopes` (a set); NONE of none."""
    return next((scope for scope in WIDEST_FIRST if scope in scopes), Scope.NONE)


def roles_seeing(kind, *scopes):
    """Returns the roles that may view records and have one of `scopes` over those of `kind`."""
    return [role for role in roles_with(Permission.VIEW) if scope_over(role, kind) in scopes]


def tier_mask_of(roles):
    """Returns the tiers that `roles` give, as a mask."""
    return mask_of(tier for role in roles if (tier := GRANTS[Role(role)].tier))


def may_in_admin(user, perm):
    """Whether the admin site allows `perm` (Django's `app.action_model`); deleting is never allowed."""
    app, _, codename = perm.partition(".")
    action, _, model = codename.partition("_")
    if not user.is_active or action == "delete":
        return False
    needed = ADMIN_MODELS.get(f"{app}.{model}")
    return needed is not None and user.may(needed)


def admin_apps(user):
    """Returns the labels of the apps of which the admin site shows this user anything."""
    return {model.partition(".")[0] for model, needed in ADMIN_MODELS.items() if user.may(needed)}
