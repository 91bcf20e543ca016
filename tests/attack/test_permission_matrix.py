"""Every URL x method x role, read from the URL resolver and compared with tests/attack/declared.py.

Redundant requests are left out: of roles with the same grant one is tested, and of those that the line of the table
cannot tell apart, one (with --deep all of them); an unsupported method is tested by the roles in FEW; a record of
another user by one role of each class of visibility among those admitted to their own (with --deep of each scope), and
by one that is not admitted; HEAD, PUT, PATCH and DELETE by the working role with the fewest permissions.
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
    """Returns the scope of `role` over each kind of stakeholder."""
    return tuple(scope_over(role, kind) for kind in kinds())


# Roles with the same grant and scopes cannot be told apart by a view: one of each group.
ONE_OF_EACH = list(
    {(scopes_of(role), grant.permissions): role for role, grant in reversed(GRANTS.items())}.values()
)


def undeclared(site, table):
    """Returns the names of `site` that `table` lacks, sorted."""
    return sorted(set(site) - set(table))


def test_every_address_is_declared():
    assert undeclared(SITE, EXPECTED) == []


def test_every_declared_address_exists():
    assert sorted(set(EXPECTED) - set(SITE)) == []


def expected(line, role, method, kin, world):
    """Returns the correct Answers for a user in `role`."""
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
    """Returns the correct Answers for a visitor who is not logged in."""
    return {Answer.OPEN} if line.for_method(method) == PUBLIC else {Answer.LOGIN, Answer.NO_METHOD}


def url_of(world, address, line, kin):
    """Returns the URL of a page for the record of family `kin`."""
    values = world.values(line.of, kin)
    return address.url(values) + line.query.format(**world.keys(kin))


def not_told_apart(world, line):
    """Returns the roles that ask: one of each class of those that the Line lets in alike."""
    classes = {}
    for role in ONE_OF_EACH:
        admitted = (line.admits(role, method, is_own) for method in METHODS for is_own in (True, False))
        classes.setdefault((*admitted, world.sees(role, line.of, OWN)), role)
    return set(classes.values())


def faults(world, address, line, is_deep=True):
    """Returns a line for every response of one URL that is not as declared."""
    askers = set(ONE_OF_EACH) if is_deep else not_told_apart(world, line)
    found = []
    urls = {kin: url_of(world, address, line, kin) for kin in ((OWN, FAR, HIDDEN) if line.of else (OWN,))}

    def check(who, method, kin, right):
        answer = kind_of(ask(world.sessions[who], method, urls[kin]))
        if answer not in right:
            found.append(f"{method.upper()} {kin} as {who}: {answer}, not {' or '.join(sorted(right))}")

    for method in METHODS:
        for who in (None, "left"):
            check(who, method, OWN, expected_outside(line, method))
    for role in ONE_OF_EACH:
        requests = list(asked_by(world, role, line, role in askers, is_deep))
        if requests and (line.of or line.query):
            world.belongs_to(world.people[role])
        for method, kin in requests:
            check(role, method, kin, expected(line, role, method, kin, world))
    return found


def asked_by(world, role, line, is_asker, is_deep):
    """Yields the requests of `role` at one URL: pairs of method and family of the record."""
    for method in METHODS:
        if is_asker if line.for_method(method) != NOBODY else role in FEW:
            yield method, OWN
        if line.of and role in askers_of_others(world, line, method, is_deep):
            yield from ((method, FAR), (method, HIDDEN))


def askers_of_others(world, line, method, is_deep):
    """Returns one role of each class: admitted or not, and which records of others it sees; if deep, by which scope."""
    classes = {}
    for role in ONE_OF_EACH:
        is_let_in = line.admits(role, method)
        sight = tuple(world.sees(role, line.of, kin) for kin in (FAR, HIDDEN))
        sight += scopes_of(role) if is_deep else ()
        beyond = line.admits(role, method, is_own=False)
        classes.setdefault((is_let_in, beyond, sight) if is_let_in else None, role)
    return classes.values()


def other_methods(world, address, line):
    """Returns a line for each rare method that is too open: HEAD as GET; PUT, PATCH and DELETE at most as POST."""
    found, role = [], Role.RESIDENT
    url = url_of(world, address, line, OWN)
    world.belongs_to(world.people[role])
    answers = {name: kind_of(ask(world.sessions[role], name, url)) for name in ("head", *RARE)}
    if answers["head"] not in expected(line, role, "get", OWN, world):
        found.append(f"HEAD as {role}: {answers['head']}")
    for name in RARE:
        if answers[name] == Answer.CRASH or (answers[name] == Answer.OPEN and not line.admits(role, "post")):
            found.append(f"{name.upper()} as {role}: {answers[name]}")
    return found


@pytest.mark.parametrize("name", sorted(set(SITE) & set(EXPECTED)))
def test_address_lets_in_whom_it_should(world, name, is_deep):
    address, line = SITE[name], EXPECTED[name]
    assert faults(world, address, line, is_deep) + other_methods(world, address, line) == []


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


# Controls: an unprotected page is found.


class Unchecked(View):
    """A view without a permission check."""

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
