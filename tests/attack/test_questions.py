"""Queries about hidden data in the URL of any list: the response must not depend on the data.

Two oracles. A right and a wrong guess of the same length must get the same response; and without a confidential
record, a user who may not see it must get exactly the same page.
"""

import re
from contextlib import contextmanager
from urllib.parse import quote

import pytest
from django.contrib import admin
from django.db.models import ForeignKey
from django.http import HttpResponse, QueryDict
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
from tests.plugins.where import deep

pytestmark = pytest.mark.django_db
SITE = by_name()
LISTS = sorted(n for n, line in EXPECTED.items() if line.get != NOBODY and not (line.of or line.query))
MODELS = {f"{model._meta.app_label}.{model._meta.model_name}": model for model in admin.site._registry}
HASH = "md5$"
FRESH = re.compile(
    r"(?<![\w-])[\w-]{27}:[\w-]{43}|\b[A-Za-z0-9]{64}\b|\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
)  # tokens of forms
# A parameter no list declares, a right guess and a wrong one of the same length.
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
    """Returns the text of a page without the tokens of its forms and without the guesses it repeats."""
    text = FRESH.sub("", text)
    repeated = sorted({quote(guess) for guess in guesses} | set(guesses), key=len, reverse=True)
    return re.sub("|".join(map(re.escape, repeated)), "?", text) if guesses else text


def page(world, role, url, data=None):
    """Returns (status, text) of a page for `role`."""
    response = ask(world.sessions[role], "get", url, data)
    return response.status_code, text_of(response)


EVERY = "*"
ONE_KEY, ALL_KEYS = (
    ("__getitem__", "__contains__", "getlist"),
    ("items", "lists", "values", "dict", "urlencode", "copy"),
)


@contextmanager
def keys_read():
    """Context manager: the set of names that the site reads of a query meanwhile; EVERY in it when it reads them all.

    What a page does not read cannot change its answer, so it need not be asked.
    """
    read = set()

    def recording(method, is_whole):
        def wrapper(query, *names):
            read.add(EVERY if is_whole else names[0])
            return method(query, *names)

        return wrapper

    with pytest.MonkeyPatch.context() as patch:
        for name in (*ONE_KEY, *ALL_KEYS):
            patch.setattr(QueryDict, name, recording(getattr(QueryDict, name), name in ALL_KEYS))
        yield read


def matters(names, read):
    """Whether a query with these names can change the answer of a page that reads `read`."""
    return EVERY in read or not read.isdisjoint(names)


def told_apart(world, role, url, guesses):
    """Returns the `guesses` (name, right, wrong) whose two responses differ, as URLs."""
    found = []
    with keys_read() as read:
        page(world, role, url)
    for name, right, wrong in guesses:
        if not matters([name], read):
            continue
        answers = [page(world, role, url, {name: guess}) for guess in (right, wrong)]
        alike = {(status, settled(text, right, wrong)) for status, text in answers}
        found += [f"{url}?{name}={right}"] if len(alike) > 1 else []
    return found


@pytest.mark.parametrize("role", [Role.DEPARTMENT_STAFF, deep(Role.FINANCE)])
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
    """A user who may view many records could otherwise derive a hidden field from their order."""
    world.belongs_to(world.colleague)
    url, role = SITE[name].url(world.values(None, OWN)), Role.MANAGER
    plain = settled(page(world, role, url)[1])
    for order in ORDERS:
        text = page(world, role, url, dict.fromkeys(ORDER_NAMES, order))[1]
        assert rows_in(text) == rows_in(plain), order


def rows_in(text):
    """Returns the records that a page links to, in their order."""
    return re.findall(r'href="(/(?:employers|interactions|relations)/\d+/[^"?]*)', text)


# The other oracle: the confidential record exists, or it does not.


def questions(world):
    """Yields query strings that a user might try who suspects a confidential record."""
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
    """Returns {number of the question: answer} of the questions that the page can answer at all, as far as it is open.

    Which those are shows as they are asked: a page may read one name only when another is there.
    """
    url = SITE[name].url(world.values(None, OWN))
    left, answers = dict(enumerate(questions(world))), {}
    with keys_read() as read:
        while (
            number := next((n for n, asked in left.items() if not n or matters(asked, read)), None)
        ) is not None:
            status, text = page(world, role, url, left.pop(number))
            answers[number] = (status, settled(text))
    return answers


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
    """Control: a user who may see the record misses it on the lists."""
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


# The admin site of Django filters by any column in the query string unless it is restricted.


def columns_to_guess(model):
    """Returns guesses at the hidden columns of a model and of the models it refers to."""
    guesses = [("caution__contains", CAUTION, CAUTION[::-1]), ("password__startswith", HASH, "xyz$")]
    for field in model._meta.fields:
        if isinstance(field, ForeignKey) and field.related_model is User:
            guesses.append((f"{field.name}__password__startswith", HASH, "xyz$"))
        elif isinstance(field, ForeignKey) and hasattr(field.related_model, "caution"):
            guesses.append((f"{field.name}__caution__contains", CAUTION, CAUTION[::-1]))
            guesses.append((f"{field.name}__is_confidential__exact", "True", "Fals"))
    return guesses


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, deep(Role.DIRECTOR)])
@pytest.mark.parametrize("label", sorted(MODELS))
def test_admin_list_answers_no_guess(world, role, label):
    world.belongs_to(world.people[role])
    url = SITE[name_of(label, "changelist")].url({})
    assert told_apart(world, role, url, columns_to_guess(MODELS[label])) == []


@pytest.mark.parametrize(("model", "guess"), [("accounts/user", {"is_active__exact": "0"}),
                                              ("employers/employer", {"body_type__exact": "x"})])  # fmt: skip
def test_admin_list_answers_its_own_filters(world, model, guess):
    """Control: a filter that the page offers filters the list."""
    found = [page(world, Role.ADMINISTRATOR, f"/admin/{model}/", data) for data in ({}, guess)]
    assert [status for status, _text in found] == [200, 200]
    assert found[0][1].count("<tr>") > found[1][1].count("<tr>")


def test_admin_list_is_entered_by_its_dates(world):
    url = "/admin/reminders/holidayoverride/"
    found = [page(world, Role.ADMINISTRATOR, url, {name: "2026"}) for name in ("date__year", "set_by__pk")]
    assert [status for status, _text in found] == [200, 400]


@pytest.mark.parametrize(
    ("name", "asked"), [("employers:list", {0, 1, 4, 5}), ("search", {0, 1}), ("rules", {0})]
)
def test_what_a_page_reads_is_asked(world, name, asked):
    """The control: lists answer their filters and pages, and a page that reads nothing is asked once."""
    assert set(pages(world, Role.MANAGER, name)) >= asked
    if asked == {0}:
        assert set(pages(world, Role.MANAGER, name)) == asked


def careless(request):
    """A list that filters by whatever is in the query string."""
    return HttpResponse(str(Employer.objects.filter(**request.GET.dict()).exists()))


urlpatterns = [path("careless/", careless)]


def test_unsafe_list_is_detected(world, settings):
    settings.ROOT_URLCONF = __name__
    guesses = [
        ("caution__contains", CAUTION, CAUTION[::-1]),
        ("responsible__password__startswith", HASH, "xyz$"),
    ]
    assert len(told_apart(world, Role.FINANCE, "/careless/", guesses)) == 2
