"""Who may do what: every role, tier, scope and permission of the centre on this one page (R406-R422).

A person holds one or more roles. A role gives a tier (with whom the person stands in the contact rules, R81-R85),
a scope (whose records are seen) and permissions (which acts are open). Nothing else grants anything: there is no
superuser. Outside readers (R422) have no account.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


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
    """Whose relationships a role sees."""

    ALL = "all"
    DEPARTMENT = "department"
    OWN = "own"
    NONE = "none"


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
    """What one role carries."""

    tier: Tier | None
    scope: Scope
    permissions: frozenset


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
    VOLUNTEER = "volunteer", _("志愿者")
    ADMINISTRATOR = "administrator", _("系统管理员")


P = Permission
WORK = frozenset({P.VIEW, P.EDIT, P.LOG, P.MOVE, P.EXPORT})
LEAD = WORK | {P.APPROVE, P.CONTRACT, P.HAND_OVER, P.CAUTION, P.IMPORT, P.DASHBOARD}
MANAGE = LEAD | {P.CONFIDENTIAL, P.MANAGE_RULES, P.MANAGE_CALENDAR}
ABOVE = frozenset({P.APPOINT_HEAD, P.CONFIRM_RIGHTS})
OVERSEE = ABOVE | {P.VIEW, P.LOG, P.CAUTION, P.CONFIDENTIAL, P.DASHBOARD, P.EXPORT}

GRANTS = {
    Role.COUNCIL: Grant(Tier.COUNCIL, Scope.ALL, OVERSEE),
    Role.DIRECTOR: Grant(Tier.DIRECTOR, Scope.ALL, MANAGE | ABOVE),
    Role.DEPUTY: Grant(Tier.DIRECTOR, Scope.ALL, MANAGE),
    Role.HEAD: Grant(Tier.DIRECTOR, Scope.ALL, MANAGE),
    Role.MANAGER: Grant(Tier.DEPARTMENT, Scope.ALL, LEAD),
    Role.BUSINESS_LEAD: Grant(Tier.DEPARTMENT, Scope.ALL, LEAD),
    Role.SERVICE_HEAD: Grant(Tier.DEPARTMENT, Scope.DEPARTMENT, LEAD),
    Role.DEPARTMENT_HEAD: Grant(Tier.DEPARTMENT, Scope.DEPARTMENT, LEAD),
    Role.DEPARTMENT_STAFF: Grant(Tier.DEPARTMENT, Scope.DEPARTMENT, WORK),
    Role.SENIOR_SUPERVISOR: Grant(Tier.SUPERVISOR, Scope.ALL, LEAD - {P.CONTRACT, P.IMPORT}),
    Role.SUPERVISOR: Grant(Tier.SUPERVISOR, Scope.DEPARTMENT, LEAD - {P.CONTRACT}),
    Role.RESIDENT: Grant(Tier.RESIDENT, Scope.OWN, WORK),
    Role.FRONT_LINE: Grant(Tier.RESIDENT, Scope.OWN, WORK),
    Role.FINANCE: Grant(None, Scope.ALL, frozenset({P.VIEW, P.CONTRACT, P.EXPORT})),
    Role.VOLUNTEER: Grant(None, Scope.NONE, frozenset()),
    Role.ADMINISTRATOR: Grant(
        None,
        Scope.ALL,
        frozenset(
            {P.VIEW, P.EXPORT, P.IMPORT, P.MANAGE_RULES, P.MANAGE_CALENDAR, P.MANAGE_ACCOUNTS, P.CORRECT}
        ),
    ),
}

# What opens more than one's own work and the ordinary records of one's department: no single person gives it.
GUARDED = ABOVE | {
    P.CAUTION,
    P.CONFIDENTIAL,
    P.APPROVE,
    P.HAND_OVER,
    P.MANAGE_RULES,
    P.MANAGE_CALENDAR,
    P.MANAGE_ACCOUNTS,
    P.CORRECT,
}

WIDEST_FIRST = [Scope.ALL, Scope.DEPARTMENT, Scope.OWN, Scope.NONE]

# Which models of the admin site each permission opens; a model that is named nowhere stays closed.
ADMIN_MODELS = {
    P.MANAGE_ACCOUNTS: {"accounts.user", "accounts.department", "accounts.standin"},
    P.MANAGE_CALENDAR: {"reminders.holidayoverride", "reminders.holidaynotice"},
    P.MANAGE_RULES: {"relations.cadencerule", "relations.meetingtemplateitem", "reminders.parameter"},
    P.CORRECT: {
        "relations.stakeholder",
        "relations.contactperson",
        "relations.interaction",
        "relations.cycle",
        "relations.stagechange",
        "relations.duty",
        "relations.task",
        "relations.import",
        "reminders.reminder",
        "reminders.delivery",
        "employers.employer",
        "employers.contract",
    },
}


def roles_with(permission):
    """The roles that open `permission`."""
    return [role for role, grant in GRANTS.items() if permission in grant.permissions]


def is_sensitive(role):
    """Whether `role` is given by two people only: it sees the whole centre, or opens something GUARDED."""
    grant = GRANTS[Role(role)]
    return grant.scope == Scope.ALL or bool(GUARDED & grant.permissions)


def sensitive(roles):
    """Those of `roles` that are given by two people only."""
    return [role for role in roles if is_sensitive(role)]


def permissions_of(roles):
    """The union of the permissions of `roles`."""
    return frozenset().union(*(GRANTS[Role(role)].permissions for role in roles))


def scope_of(roles):
    """The widest scope among `roles`."""
    held = {GRANTS[Role(role)].scope for role in roles}
    return next((scope for scope in WIDEST_FIRST if scope in held), Scope.NONE)


def tier_mask_of(roles):
    """The tiers that `roles` give, as a mask."""
    return mask_of(tier for role in roles if (tier := GRANTS[Role(role)].tier))


def may_in_admin(user, perm):
    """`perm` is Django's `app.action_model`; deleting is open to nobody."""
    app, _, codename = perm.partition(".")
    action, _, model = codename.partition("_")
    if not user.is_active or action == "delete":
        return False
    return any(f"{app}.{model}" in models and user.may(needed) for needed, models in ADMIN_MODELS.items())


def admin_apps(user):
    """The labels of the apps of which the admin site shows this user anything."""
    return {
        model.partition(".")[0]
        for needed, models in ADMIN_MODELS.items()
        if user.may(needed)
        for model in models
    }
