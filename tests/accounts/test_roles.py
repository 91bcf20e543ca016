"""The module that defines who may do what (R406-R418), and the page that shows it."""

import pytest
from django.urls import reverse

from accounts.models import User
from accounts.roles import (
    ADMIN_MODELS,
    EMPLOYER,
    GRANTS,
    Permission,
    Role,
    Scope,
    Tier,
    permissions_of,
    roles_with,
    scope_of,
    tier_mask_of,
    tiers_in,
)
from accounts.wording import PERMISSION_WORDS, SCOPE_WORDS
from tests.factories.accounts import UserFactory

P = Permission
LOWEST = {P.VIEW, P.EDIT, P.LOG, P.MOVE, P.EXPORT}


WORK = "view edit log move export"
LEAD = f"{WORK} approve contract hand_over caution import dashboard"
MANAGE = f"{LEAD} confidential manage_rules manage_calendar"
OPEN = {
    Role.COUNCIL: "view log caution confidential dashboard export appoint_head confirm_rights",
    Role.DIRECTOR: f"{MANAGE} appoint_head confirm_rights",
    Role.DEPUTY: MANAGE,
    Role.HEAD: MANAGE,
    Role.MANAGER: LEAD,
    Role.BUSINESS_LEAD: LEAD,
    Role.SERVICE_HEAD: LEAD,
    Role.DEPARTMENT_HEAD: LEAD,
    Role.DEPARTMENT_STAFF: WORK,
    Role.SENIOR_SUPERVISOR: f"{WORK} approve hand_over caution dashboard",
    Role.SUPERVISOR: f"{WORK} approve hand_over caution import dashboard",
    Role.RESIDENT: WORK,
    Role.FRONT_LINE: WORK,
    Role.FINANCE: "view contract export",
    Role.PERSONNEL: "view",
    Role.VOLUNTEER: "",
    Role.ADMINISTRATOR: "view export import manage_rules manage_calendar manage_accounts correct",
}


@pytest.mark.parametrize("role", Role)
def test_role_opens_these_acts_and_no_other(role):
    """The permissions are repeated here on purpose: a change of a right has to be made here as well."""
    assert GRANTS[role].permissions == set(OPEN[role].split())


@pytest.mark.parametrize(
    ("role", "tier", "scope"),
    [
        (Role.COUNCIL, Tier.COUNCIL, Scope.ALL),
        (Role.DIRECTOR, Tier.DIRECTOR, Scope.ALL),
        (Role.DEPUTY, Tier.DIRECTOR, Scope.ALL),
        (Role.HEAD, Tier.DIRECTOR, Scope.ALL),
        (Role.MANAGER, Tier.DEPARTMENT, Scope.ALL),
        (Role.BUSINESS_LEAD, Tier.DEPARTMENT, Scope.ALL),
        (Role.SERVICE_HEAD, Tier.DEPARTMENT, Scope.DEPARTMENT),
        (Role.DEPARTMENT_HEAD, Tier.DEPARTMENT, Scope.DEPARTMENT),
        (Role.DEPARTMENT_STAFF, Tier.DEPARTMENT, Scope.DEPARTMENT),
        (Role.SENIOR_SUPERVISOR, Tier.SUPERVISOR, Scope.ALL),
        (Role.SUPERVISOR, Tier.SUPERVISOR, Scope.DEPARTMENT),
        (Role.RESIDENT, Tier.RESIDENT, Scope.OWN),
        (Role.FRONT_LINE, Tier.RESIDENT, Scope.OWN),
        (Role.FINANCE, None, Scope.ALL),
        (Role.PERSONNEL, None, Scope.NONE),
        (Role.VOLUNTEER, None, Scope.NONE),
        (Role.ADMINISTRATOR, None, Scope.ALL),
    ],
)
def test_role_gives_tier_and_scope(role, tier, scope):
    assert (GRANTS[role].tier, GRANTS[role].scope) == (tier, scope)


def test_every_role_has_a_grant_and_every_permission_words():
    assert set(GRANTS) == set(Role)
    assert set(PERMISSION_WORDS) == set(Permission)
    assert set(SCOPE_WORDS) == set(Scope)


def test_nobody_but_the_administrator_manages_accounts_or_corrects():
    assert roles_with(P.MANAGE_ACCOUNTS) == [Role.ADMINISTRATOR]
    assert roles_with(P.CORRECT) == [Role.ADMINISTRATOR]


def test_several_roles_add_up():
    roles = [Role.RESIDENT, Role.FINANCE]
    assert permissions_of(roles) == LOWEST | {P.CONTRACT}
    assert scope_of(roles, EMPLOYER) == Scope.ALL
    assert tiers_in(tier_mask_of([Role.RESIDENT, Role.COUNCIL])) == [Tier.COUNCIL, Tier.RESIDENT]


def test_no_role_opens_nothing():
    assert (permissions_of([]), scope_of([], EMPLOYER), tier_mask_of([])) == (frozenset(), Scope.NONE, 0)


@pytest.mark.parametrize(
    ("permission", "models"),
    [
        (P.MANAGE_ACCOUNTS, "accounts.user accounts.department accounts.standin"),
        (P.MANAGE_CALENDAR, "reminders.holidayoverride reminders.holidaynotice"),
        (P.MANAGE_RULES, "relations.cadencerule relations.meetingtemplateitem reminders.parameter"),
        (
            P.CORRECT,
            "relations.stakeholder relations.contactperson relations.interaction relations.cycle "
            "relations.stagechange relations.duty relations.task reminders.reminder reminders.delivery "
            "employers.employer employers.contract relations.import",
        ),
    ],
)
def test_permission_opens_these_pages_of_the_admin_site(permission, models):
    assert {model for model, needed in ADMIN_MODELS.items() if needed == permission} == set(models.split())


@pytest.mark.parametrize(
    ("role", "perm", "may"),
    [
        (Role.DIRECTOR, "relations.change_cadencerule", True),
        (Role.DIRECTOR, "relations.delete_cadencerule", False),
        (Role.DIRECTOR, "accounts.view_user", False),
        (Role.ADMINISTRATOR, "accounts.add_user", True),
        (Role.ADMINISTRATOR, "accounts.delete_user", False),
        (Role.ADMINISTRATOR, "axes.view_accessattempt", False),
        (Role.RESIDENT, "relations.view_duty", False),
    ],
)
def test_admin_site_asks_for_the_permission_and_deletes_nothing(role, perm, may):
    assert UserFactory.build(roles=[role], department=None).has_perm(perm) is may


def test_admin_site_is_closed_to_a_closed_account():
    left = UserFactory.build(administrator=True, left=True, department=None)
    left.permissions = frozenset(Permission)  # as if its permissions were still cached
    assert left.has_perm("accounts.change_user") is False


@pytest.mark.parametrize(
    ("role", "apps"),
    [
        (Role.ADMINISTRATOR, {"accounts", "reminders", "relations", "employers"}),
        (Role.DIRECTOR, {"relations", "reminders"}),
        (Role.RESIDENT, set()),
    ],
)
def test_admin_site_shows_the_apps_of_what_one_may_change(role, apps):
    user = UserFactory.build(roles=[role], department=None)
    rooms = ("accounts", "reminders", "relations", "employers", "complaints")
    shown = {app for app in rooms if user.has_module_perms(app)}
    assert shown == apps


def test_admin_models_name_no_model_of_passwords_or_sessions():
    assert not {name for name in ADMIN_MODELS if name.startswith(("auth.", "sessions.", "admin.", "axes."))}


def test_closed_account_may_nothing():
    assert UserFactory.build(administrator=True, left=True, department=None).permissions == frozenset()


@pytest.mark.django_db
def test_able_finds_the_holders_of_a_permission():
    UserFactory()
    director = UserFactory(director=True)
    assert list(User.objects.with_permission(P.MANAGE_RULES)) == [director]


@pytest.mark.django_db
def test_roles_page_asks_for_the_log_in(client):
    assert client.get(reverse("roles")).status_code == 302


@pytest.mark.django_db
def test_roles_page_shows_the_matrix_in_force(client):
    client.force_login(UserFactory())
    rows = {row["role"]: row for row in client.get(reverse("roles")).context["rows"]}
    for role in Role:
        open_acts = {word for word, is_open in rows[role.label]["cells"] if is_open}
        assert open_acts == {str(PERMISSION_WORDS[p][0]) for p in GRANTS[role].permissions}


@pytest.mark.django_db
def test_roles_page_names_the_holders_who_are_in_service(client):
    worker = UserFactory(supervisor=True)
    UserFactory(supervisor=True, left=True)
    client.force_login(worker)
    rows = {row["role"]: row["holders"] for row in client.get(reverse("roles")).context["rows"]}
    assert rows[Role.SUPERVISOR.label] == [worker.name]


@pytest.mark.django_db
def test_roles_page_names_nobody_to_a_volunteer(client):
    UserFactory(supervisor=True, name="郑雅婷")
    client.force_login(UserFactory(volunteer=True))
    page = client.get(reverse("roles"))
    assert page.status_code == 200
    assert "郑雅婷" not in page.content.decode()


@pytest.mark.django_db
def test_roles_page_costs_the_same_for_many_people(client, queries_of):
    client.force_login(UserFactory())
    few = queries_of("/roles/")
    UserFactory.create_batch(20)
    assert queries_of("/roles/") == few <= 8
