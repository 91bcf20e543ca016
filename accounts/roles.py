"""Who may do what: every role, tier, scope and permission of the centre on this one page (R406-R422).

A person holds one or more roles. A role gives a tier (with whom the person stands in the contact rules, R81-R85),
a scope for each kind of stakeholder (whose records are seen) and permissions (which acts are open). Nothing else
grants anything: there is no superuser. Outside readers (R422) have no account.

The kinds are text here, because this room knows no stakeholders. What a kind nobody speaks of holds, nobody sees.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.registry import Registry


class Tier(models.TextChoices):
    """Our side's level in a contact, from the top down (001 P3-用§二(二)1)."""

    COUNCIL = "council", _("理事会成员")
    DIRECTOR = "director", _("总干事、副总干事")
    DEPARTMENT = "department", _("服务部、项目部、办公室")
    SUPERVISOR = "supervisor", _("上级督导")
    RESIDENT = "resident", _("驻点社工／负责人")


TIER_BITS = {tier: 1 << place for place, tier in enumerate(Tier.values)}


def mask_of(tiers):
    """The tiers as one integer, a bit each, so that the database can match them set-wise."""
    return sum(TIER_BITS[tier] for tier in set(tiers))


def tiers_in(mask):
    """The list of tiers whose bits are set in `mask`, from the top down."""
    return [tier for tier in Tier if mask & TIER_BITS[tier]]


class Scope(StrEnum):
    """Whose relationships of a kind a role sees.

    NUMBERS sees no record and no name, but how many there are. OWN is where the person stands on the record, which
    KINDS says for each kind; a share or a stand-in adds to OWN and to what is wider, never to NUMBERS or NONE.
    """

    ALL = "all"
    DEPARTMENT = "department"
    OWN = "own"
    NUMBERS = "numbers"
    NONE = "none"


EMPLOYER, CLIENT, PARTNER, STAFF = "employer", "client", "partner", "staff"


@dataclass(frozen=True)
class KindSight:
    """How people stand on the records of one kind: what OWN means, beside which a scope says what is seen in general.

    `by_responsible`: the responsible worker, and whoever stands in for that worker, for those days. `ways` are names
    from accounts.access.ACCESS_SOURCES: `account` the person the record is about, `supervision` the worker's supervisor of the
    day, who keeps what was closed in those days, `signature` whoever decided on it, `share` whoever was named for it
    with a reason and an end. `is_close`: no letter names a record of this kind. `emergencies`: who works here may open
    one alone when it cannot wait, and is reviewed afterwards (R381). `scopes` says what each role sees ({Role:
    Scope}); only FURTHER_KINDS give them here.
    """

    label: str
    by_responsible: bool = True
    ways: tuple = ("share",)
    is_close: bool = False
    emergencies: bool = False
    scopes: Mapping = field(default_factory=dict)


KINDS = {
    EMPLOYER: KindSight(_("用人单位")),
    PARTNER: KindSight(_("其他利益相关方")),
    CLIENT: KindSight(
        _("服务对象"), ways=("supervision", "signature", "share"), is_close=True, emergencies=True
    ),
    STAFF: KindSight(_("员工"), by_responsible=False, ways=("account", "share"), is_close=True),
}

# Kinds that a room above brings: {kind: KindSight with its scopes}. A role it does not name sees nothing of it.
FURTHER_KINDS = Registry("sight of further kinds")


def kinds():
    """{kind: KindSight} of all kinds that somebody may see, in a fixed order."""
    return {**KINDS, **FURTHER_KINDS}


def is_close(kind):
    """Whether names of this kind stay inside the house; those of a kind nobody has declared do."""
    found = kinds().get(kind)
    return found is None or found.is_close


def kind_label(kind):
    """What a kind is called; empty for one that nobody has declared."""
    found = kinds().get(kind)
    return found.label if found else ""


class Permission(StrEnum):
    """An act. Read by views, templates (`can_...`), the navigation and the admin site."""

    VIEW = "view"  # open the records within one's scope
    EDIT = "edit"  # register and edit stakeholders, contact persons, meetings, files
    LOG = "log"  # log, correct and withdraw contacts
    MOVE = "move"  # move a relationship through its stages
    APPROVE = "approve"  # approve a decision proposed by a colleague (R58)
    CONTRACT = "contract"  # register and change contracts
    HAND_OVER = "hand_over"  # give a relationship to another worker
    CAUTION = "caution"  # read and write notes of caution (R38) of any record within scope
    CONFIDENTIAL = "confidential"  # see records marked confidential that are not one's own
    EXPORT = "export"  # take lists out as Excel
    IMPORT = "import"  # bring a register in from Excel
    DASHBOARD = "dashboard"  # figures of others' work
    MANAGE_RULES = "manage_rules"  # contact rules and numbers with a history
    MANAGE_CALENDAR = "manage_calendar"  # holidays and make-up days
    APPOINT_HEAD = "appoint_head"  # say who is in charge of opinions and complaints (R145, R450)
    CONFIRM_RIGHTS = "confirm_rights"  # be the second name when a colleague is given rights
    MANAGE_ACCOUNTS = "manage_accounts"  # accounts, departments, stand-ins of others
    CORRECT = "correct"  # audited corrections in the admin site


@dataclass(frozen=True)
class Grant:
    """What one role carries; `scopes` holds a scope for each of KINDS."""

    tier: Tier | None
    scopes: Mapping
    permissions: frozenset

    @property
    def scope(self):
        """How much of the centre the role covers in general: what it sees of employers."""
        return self.scopes[EMPLOYER]


def scopes_by_kind(scope, *, clients, staff):
    """The scopes of a role: `scope` over employers and partners, and those over clients and over colleagues."""
    return MappingProxyType({EMPLOYER: scope, PARTNER: scope, CLIENT: clients, STAFF: staff})


class Role(models.TextChoices):
    """The roles the documents name (R406-R418), and the administrator of the system (ours)."""

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
SCOPES_CENTRE = scopes_by_kind(
    ALL, clients=OWN, staff=OWN
)  # where they stand on the record: responsible, supervising, signing
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

# What opens more than one's own work and the ordinary records of one's department: no single person gives it.
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

# Label of a model (app.model, small letters): the permission that opens its page in the admin site. A model that is
# named nowhere stays closed.
ADMIN_MODELS = Registry("models of the admin site")


def roles_with(permission):
    """The roles that open `permission`."""
    return [role for role, grant in GRANTS.items() if permission in grant.permissions]


def is_sensitive(role):
    """Whether `role` is given by two people only: it sees the whole of a kind, or opens something GUARDED."""
    sees_all = any(scope_over(role, kind) == Scope.ALL for kind in kinds())
    return sees_all or bool(SENSITIVE_PERMISSIONS & GRANTS[Role(role)].permissions)


def sensitive_roles(roles):
    """Those of `roles` that are given by two people only."""
    return [role for role in roles if is_sensitive(role)]


def permissions_of(roles):
    """The union of the permissions of `roles`."""
    return frozenset().union(*(GRANTS[Role(role)].permissions for role in roles))


def scope_over(role, kind):
    """The scope of one role over records of `kind` (text); NONE over a kind that nobody has declared."""
    if kind in KINDS:
        return GRANTS[Role(role)].scopes[kind]
    return FURTHER_KINDS[kind].scopes.get(Role(role), Scope.NONE) if kind in FURTHER_KINDS else Scope.NONE


def scope_of(roles, kind=EMPLOYER):
    """The widest scope among `roles` over records of `kind`."""
    held = {scope_over(role, kind) for role in roles}
    return next((scope for scope in WIDEST_FIRST if scope in held), Scope.NONE)


def roles_seeing(kind, *scopes):
    """The roles that may look at records and have one of `scopes` over those of `kind`."""
    return [role for role in roles_with(Permission.VIEW) if scope_over(role, kind) in scopes]


def tier_mask_of(roles):
    """The tiers that `roles` give, as a mask."""
    return mask_of(tier for role in roles if (tier := GRANTS[Role(role)].tier))


def may_in_admin(user, perm):
    """`perm` is Django's `app.action_model`; deleting is open to nobody."""
    app, _, codename = perm.partition(".")
    action, _, model = codename.partition("_")
    if not user.is_active or action == "delete":
        return False
    needed = ADMIN_MODELS.get(f"{app}.{model}")
    return needed is not None and user.may(needed)


def admin_apps(user):
    """The labels of the apps of which the admin site shows this user anything."""
    return {model.partition(".")[0] for model, needed in ADMIN_MODELS.items() if user.may(needed)}
