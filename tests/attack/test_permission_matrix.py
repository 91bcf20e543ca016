"""Every address x method x role, read from the URL resolver and compared with tests/attack/declared.py.

What tells nothing new is not asked: of roles that are granted the same one asks; for a method that is not there FEW
ask; for the record of somebody else one role of each class of sight among those let in at their own, and one who is
not; with HEAD, PUT, PATCH and DELETE the role that may least of those who work.
"""

import pytest
from django.http import HttpResponse
from django.urls import path, reverse
from django.views import View

from accounts.roles import GRANTS, Role, kinds, scope_over
from accounts.roles import Permission as P
from relations.cycle.lifecycle import MOVES_BY_NAME
from tests.attack.answers import Answer, ask, kind_of
from tests.attack.declared import EXPECTED, NOBODY, OUT, PUBLIC, form, look
from tests.attack.resolver import by_name
from tests.attack.world import FAR, HIDDEN, OWN

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("without_drawing")]
SITE = {name: address for name, address in by_name().items() if not name.startswith("admin:")}
METHODS = ("get", "post")
RARE = ("put", "patch", "delete")
FEW = (Role.RESIDENT, Role.DIRECTOR, Role.VOLUNTEER)  # own records, all records, no permission


def scopes_of(role):
    return tuple(scope_over(role, kind) for kind in kinds())


# Roles with the same grant differ in nothing a view can ask: one of each group.
ONE_OF_EACH = list(
    {(scopes_of(role), grant.permissions): role for role, grant in reversed(GRANTS.items())}.values()
)


def undeclared(site, table):
    return sorted(set(site) - set(table))


def test_every_address_is_declared():
    assert undeclared(SITE, EXPECTED) == []


def test_every_declared_address_exists():
    assert sorted(set(EXPECTED) - set(SITE)) == []


def expected(line, role, method, kin, world):
    """The answers that are right for a person in `role`."""
    admitted, seen = line.admits(role, method, kin == OWN), world.sees(role, line.of, kin)
    if line.for_method(method) == NOBODY:
        other = "post" if method == "get" else "get"
        let_in = line.admits(role, other, kin == OWN) and seen
        return {Answer.NO_METHOD} if let_in else {Answer.NO_METHOD, Answer.FORBIDDEN, Answer.ABSENT}
    if line.for_method(method) == OUT:
        return {Answer.LOGIN}
    if seen:
        return {Answer.OPEN} if admitted else {Answer.FORBIDDEN}
    return {Answer.ABSENT} if admitted else {Answer.ABSENT, Answer.FORBIDDEN}


def expected_outside(line, method):
    """The answers that are right for who is not logged in."""
    return {Answer.OPEN} if line.for_method(method) == PUBLIC else {Answer.LOGIN, Answer.NO_METHOD}


def url_of(world, address, line, kin):
    values = world.values(line.of, kin)
    return address.url(values) + line.query.format(**world.keys(kin))


def faults(world, address, line):
    """Everything at one address that is not as declared, one line each."""
    found = []

    def check(who, method, kin, right):
        answer = kind_of(ask(world.sessions[who], method, url_of(world, address, line, kin)))
        if answer not in right:
            found.append(f"{method.upper()} {kin} as {who}: {answer}, not {' or '.join(sorted(right))}")

    for method in METHODS:
        for who in (None, "left"):
            check(who, method, OWN, expected_outside(line, method))
    for role in ONE_OF_EACH:
        world.belongs_to(world.people[role])
        for method, kin in asked_by(world, role, line):
            check(role, method, kin, expected(line, role, method, kin, world))
    return found


def asked_by(world, role, line):
    """What `role` asks for at an address: pairs of a method and the family of the record."""
    for method in METHODS:
        if line.for_method(method) != NOBODY or role in FEW:
            yield method, OWN
        if line.of and role in askers_of_others(world, line, method):
            yield from ((method, FAR), (method, HIDDEN))


def askers_of_others(world, line, method):
    """One role of each class: let in or not, and which records of the others it sees by which scope."""
    classes = {}
    for role in ONE_OF_EACH:
        is_let_in = line.admits(role, method)
        sight = (scopes_of(role), *(world.sees(role, line.of, kin) for kin in (FAR, HIDDEN)))
        beyond = line.admits(role, method, is_own=False)
        classes.setdefault((is_let_in, beyond, sight) if is_let_in else None, role)
    return classes.values()


def other_methods(world, address, line):
    """HEAD is as open as GET; PUT, PATCH and DELETE open nothing that POST does not; one line for each that does."""
    found, role = [], Role.RESIDENT
    url = url_of(world, address, line, OWN)
    world.belongs_to(world.people[role])
    given = {name: kind_of(ask(world.sessions[role], name, url)) for name in ("head", *RARE)}
    if given["head"] not in expected(line, role, "get", OWN, world):
        found.append(f"HEAD as {role}: {given['head']}")
    for name in RARE:
        if given[name] == Answer.CRASH or (given[name] == Answer.OPEN and not line.admits(role, "post")):
            found.append(f"{name.upper()} as {role}: {given[name]}")
    return found


@pytest.mark.parametrize("name", sorted(set(SITE) & set(EXPECTED)))
def test_address_lets_in_whom_it_should(world, name):
    assert faults(world, SITE[name], EXPECTED[name]) + other_methods(world, SITE[name], EXPECTED[name]) == []


@pytest.mark.parametrize("move", sorted(MOVES_BY_NAME))
def test_move_asks_for_its_own_permission(world, move):
    line = form(MOVES_BY_NAME[move].permission, of="cycle")
    url = reverse("relations:move", args=[world.families[OWN].rows["cycle"].pk, move])
    found = {}
    for role in ONE_OF_EACH:
        world.belongs_to(world.people[role])
        right = expected(line, role, "post", OWN, world)
        found[role] = kind_of(ask(world.sessions[role], "post", url)) in right
    assert [role for role, is_right in found.items() if not is_right] == []


# Controls: what the matrix is for is found.


class Unchecked(View):
    """A page somebody forgot to protect."""

    def get(self, request, pk=None):
        return HttpResponse("secret")


urlpatterns = [path("forgotten/", Unchecked.as_view(), name="forgotten")]


@pytest.fixture
def forgotten(settings):
    settings.ROOT_URLCONF = __name__
    return by_name()["forgotten"]


def test_forgotten_page_is_undeclared(forgotten):
    assert undeclared([forgotten.name, "login"], EXPECTED) == ["forgotten"]


def test_page_without_a_check_is_found(world, forgotten):
    found = faults(world, forgotten, look(P.DASHBOARD))
    assert "GET own as None: open, not 405 or log in first" in found
    assert "GET own as resident: open, not 403" in found
    assert not [line for line in found if "director" in line]
