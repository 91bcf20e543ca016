"""Questions about what one may not see, in the address of any list: the answer must not depend on it.

Two oracles. A true guess and a wrong one of the same length must be answered alike; and with a confidential record
gone, whoever could not see it must read the very same page.
"""

import re
from urllib.parse import quote

import pytest
from django.contrib import admin
from django.db.models import ForeignKey
from django.http import HttpResponse
from django.urls import path
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from employers.models import Employer
from relations.models import Stakeholder
from tests.attack.answers import ask, undone
from tests.attack.declared import EXPECTED, NOBODY
from tests.attack.resolver import by_name
from tests.attack.test_admin_matrix import name_of
from tests.attack.test_sweep import text_of
from tests.attack.world import CAUTION, HIDDEN, MARKS, OWN

pytestmark = pytest.mark.django_db
SITE = by_name()
LISTS = sorted(n for n, line in EXPECTED.items() if line.get != NOBODY and not (line.of or line.query))
MODELS = {f"{model._meta.app_label}.{model._meta.model_name}": model for model in admin.site._registry}
HASH = "md5$"
FRESH = re.compile(
    r"(?<![\w-])[\w-]{27}:[\w-]{43}|\b[A-Za-z0-9]{64}\b|\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
)  # tokens of forms
# A name nobody declared, a true guess and a wrong one of the same length.
GUESSES = [
    (name, CAUTION, CAUTION[::-1])
    for name in ("caution", "caution__contains", "contacts__caution__icontains")
]
GUESSES += [(f"stakeholder__{name}", right, wrong) for name, right, wrong in GUESSES]
GUESSES += [
    (f"{before}password__startswith", HASH, "xyz$")
    for before in ("", "responsible__", "worker__", "stakeholder__responsible__", "owner__", "entered_by__")
]
GUESSES += [
    ("is_confidential", "True", "Fals"),
    ("filter", "caution", "contion"),
    ("fields", "password", "username"),
]
ORDERS = ["caution", "-caution", "responsible__password", "-responsible__password", "is_confidential", "?"]
ORDER_NAMES = ("sort", "order", "order_by", "ordering", "o")


def settled(text, *guesses):
    """A page without the token of its forms, and without what it repeats of the question."""
    text = FRESH.sub("", text)
    repeated = sorted({quote(guess) for guess in guesses} | set(guesses), key=len, reverse=True)
    return re.sub("|".join(map(re.escape, repeated)), "?", text) if guesses else text


def page(world, role, url, data=None):
    response = ask(world.sessions[role], "get", url, data)
    return response.status_code, text_of(response)


def told_apart(world, role, url, guesses):
    """Of `guesses` those that are answered in two ways."""
    found = []
    for name, right, wrong in guesses:
        answers = [page(world, role, url, {name: guess}) for guess in (right, wrong)]
        alike = {(status, settled(text, right, wrong)) for status, text in answers}
        found += [f"{url}?{name}={right}"] if len(alike) > 1 else []
    return found


@pytest.mark.parametrize("role", [Role.DEPARTMENT_STAFF, Role.FINANCE])
@pytest.mark.parametrize(
    "name", ["employers:list", "interactions:list", "search", "my_work", "employers:export"]
)
def test_guess_at_a_hidden_field_is_answered_alike(world, role, name):
    world.belongs_to(world.colleague)
    url = SITE[name].url(world.values(None, OWN))
    searched = [("q", CAUTION, CAUTION[::-1]), ("town", CAUTION, CAUTION[::-1])]
    assert told_apart(world, role, url, GUESSES + searched) == []


@pytest.mark.parametrize(
    "name", ["employers:list", "interactions:list", "duties", "ending_contracts", "search"]
)
def test_order_by_a_hidden_field_is_no_order(world, name):
    """Whoever sees many records could read a hidden field out of their order."""
    world.belongs_to(world.colleague)
    url, role = SITE[name].url(world.values(None, OWN)), Role.MANAGER
    plain = settled(page(world, role, url)[1])
    for asked in ORDERS:
        given = page(world, role, url, dict.fromkeys(ORDER_NAMES, asked))[1]
        assert rows_in(given) == rows_in(plain), asked


def rows_in(text):
    """The records that a page links to, in their order."""
    return re.findall(r'href="(/(?:employers|interactions|relations)/\d+/[^"?]*)', text)


# The other oracle: the confidential record is there, or it is not.


def questions(world):
    """What one would ask a list for who has guessed at a confidential record."""
    hidden = world.families[HIDDEN]
    pk, worker = hidden.employer.pk, world.worker.pk
    yield {}
    yield {"q": MARKS[HIDDEN], "kind": "employer"}
    yield {"worker": worker, "of": worker, "entered_by": worker}
    yield {"department": world.other.pk, "period": "month", "people": "all"}
    yield {"ends": "60", "standing": "active", "state": "overdue", "closed": "all", "duty": "overdue"}
    yield {"after": f"0~{pk - 1}~1", "sort": "standing"}
    yield {"before": f"9999-12-31~{pk + 1}~2", "sort": "-end"}
    yield {"pk": pk, "pick": pk, "done": hidden.rows["interaction"].pk, "task": hidden.rows["task"].pk}


def pages(world, role, name):
    """What every question brings, as far as the pages are this role's."""
    url = SITE[name].url(world.values(None, OWN))
    return [(status, settled(text)) for status, text in (page(world, role, url, q) for q in questions(world))]


@pytest.mark.parametrize("name", LISTS)
def test_list_is_the_same_with_a_confidential_record_and_without(world, name):
    world.belongs_to(world.colleague)
    with_it = pages(world, Role.MANAGER, name)
    with undone():
        gone = {"voided_at": timezone.now(), "voided_by": world.worker, "void_reason": "x"}
        Stakeholder.objects.filter(pk=world.families[HIDDEN].employer.pk).update(**gone)
        without = pages(world, Role.MANAGER, name)
    assert with_it == without


def test_record_that_is_no_secret_is_missed(world):
    """The control: with the right to see it, its absence is noticed on the lists."""
    world.belongs_to(world.colleague)
    noticed = set()
    for name in ("employers:list", "interactions:list", "duties", "dashboard", "ending_contracts", "search"):
        with_it = pages(world, Role.DIRECTOR, name)
        with undone():
            gone = {"voided_at": timezone.now(), "voided_by": world.worker, "void_reason": "x"}
            Stakeholder.objects.filter(pk=world.families[HIDDEN].employer.pk).update(**gone)
            noticed |= {name} if pages(world, Role.DIRECTOR, name) != with_it else set()
    assert noticed == {
        "employers:list",
        "interactions:list",
        "duties",
        "dashboard",
        "ending_contracts",
        "search",
    }


# The admin site lets an address filter by any column unless it is told otherwise.


def columns_to_guess(model):
    """Guesses at the hidden columns of a model and of what it points to."""
    guesses = [("caution__contains", CAUTION, CAUTION[::-1]), ("password__startswith", HASH, "xyz$")]
    for field in model._meta.fields:
        if isinstance(field, ForeignKey) and field.related_model is User:
            guesses.append((f"{field.name}__password__startswith", HASH, "xyz$"))
        elif isinstance(field, ForeignKey) and hasattr(field.related_model, "caution"):
            guesses.append((f"{field.name}__caution__contains", CAUTION, CAUTION[::-1]))
            guesses.append((f"{field.name}__is_confidential__exact", "True", "Fals"))
    return guesses


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.DIRECTOR])
@pytest.mark.parametrize("label", sorted(MODELS))
def test_admin_list_answers_no_guess(world, role, label):
    world.belongs_to(world.people[role])
    url = SITE[name_of(label, "changelist")].url({})
    assert told_apart(world, role, url, columns_to_guess(MODELS[label])) == []


@pytest.mark.parametrize(("model", "guess"), [("accounts/user", {"is_active__exact": "0"}),
                                              ("employers/employer", {"body_type__exact": "x"})])  # fmt: skip
def test_admin_list_answers_its_own_filters(world, model, guess):
    """The control: what is offered as a filter narrows the list."""
    found = [page(world, Role.ADMINISTRATOR, f"/admin/{model}/", data) for data in ({}, guess)]
    assert [status for status, _text in found] == [200, 200]
    assert found[0][1].count("<tr>") > found[1][1].count("<tr>")


def test_admin_list_is_entered_by_its_dates(world):
    url = "/admin/reminders/holidayoverride/"
    found = [page(world, Role.ADMINISTRATOR, url, {name: "2026"}) for name in ("date__year", "set_by__pk")]
    assert [status for status, _text in found] == [200, 400]


def careless(request):
    """A list that filters by whatever the address says."""
    return HttpResponse(str(Employer.objects.filter(**request.GET.dict()).exists()))


urlpatterns = [path("careless/", careless)]


def test_unsafe_list_is_detected(world, settings):
    settings.ROOT_URLCONF = __name__
    guesses = [
        ("caution__contains", CAUTION, CAUTION[::-1]),
        ("responsible__password__startswith", HASH, "xyz$"),
    ]
    assert len(told_apart(world, Role.FINANCE, "/careless/", guesses)) == 2
