"""Every form that edits a stored row, submitted twice from one old page: the second never overwrites the first.

The pages with a form come from the URL resolver. A form missing from all tables below fails by name, and so does one
that edits a stored row (`instance.pk`) but is missing from EDITS.
"""

from dataclasses import dataclass, field

import pytest
from django import forms
from django.forms import BaseModelForm
from django.urls import path, reverse
from django.views.generic import UpdateView

from accounts.models import Department
from accounts.roles import Role
from complaints.models import PublicText
from relations.models import Assessment, Evaluation, ItemKind
from reminders.calendar.models import HolidayOverride
from reminders.models import Parameter
from tests.attack.answers import Answer, asking, undone
from tests.attack.filling import forms_of, something_for
from tests.attack.test_admin_matrix import MODELS, expected
from tests.attack.test_admin_matrix import url_of as admin_url
from tests.attack.test_looks_that_act import differences, tables
from tests.attack.test_payloads import WRITTEN, prepared, writer_of
from tests.attack.world import OWN, TODAY

pytestmark = pytest.mark.django_db
A, B = "甲先改的内容", "乙后改的内容"


@dataclass(frozen=True)
class Edit:
    """How a form is tested: the field both users change, their values, other data, and the query string."""

    name: str
    values: tuple = (A, B)
    beside: dict = field(default_factory=dict)
    query: str = ""


SAVE = {"act": "save", "reason": "试一试"}
EDITS = {
    "me": Edit("phone", ("0769-11111111", "0769-22222222")),
    "department_edit": Edit("name"),
    "accounts:edit": Edit("phone", ("0769-11111111", "0769-22222222")),
    "rule_change": Edit("remark", beside=SAVE),
    "rule_end": Edit("reason", beside={"reason": A}),
    "number": Edit("value", ("3", "4"), SAVE),
    "chain": Edit("days1", ("3", "4"), {"reason": "试一试"}),
    "holiday_day": Edit("name", query="?date=2026-10-15"),
    "complaints:text": Edit("text", beside=SAVE),
    "interactions:correct": Edit("content"),
    "relations:contact": Edit("preliminary_needs"),
    "relations:assessment": Edit("material"),
    "relations:plan": Edit("goals-0-text"),
    "relations:evaluation": Edit("lessons"),
    "relations:edit_meeting": Edit("purpose"),
    "relations:prepare_meeting": Edit(f"{ItemKind.values[0]}-0-text"),
    "relations:record_meeting": Edit("needs"),
    "relations:move_task": Edit("due_on", ("2026-11-03", "2026-11-04")),
    "employers:hand_over": Edit("to", ()),
    "employers:edit": Edit("address"),
    "employers:caution": Edit("caution"),
    "employers:person_edit": Edit("title"),
    "employers:contract_edit": Edit("content"),
    "complaints:act": Edit("text"),
    "complaints:measure_new": Edit("measure"),
}
# Actions done once: the second submission does nothing, whatever it contains.
ACTS = {
    "interactions:withdraw",
    "attachment_withdraw",
    "relations:move",
    "relations:drop_task",
    "employers:void",
    "employers:contract_end",
    "employers:contract_void",
    "accounts:deactivate",
}
# Forms that change no stored row: they add a row, filter, or log in.
ADDS = {
    "login",
    "activate",
    "confirm_email",
    "login_notice",
    "password_forgotten",
    "slip",
    "notice",
    "complaints:charge",  # creates an approval request; tests/complaints/test_appointments.py tests an old page
    "password_change",
    "stand_ins",
    "supervision",  # a new row from a date on; conflicts are shown: tests/accounts/test_supervision.py
    "relations:emergency",
    "department_new",
    "chain_new",  # a rule that somebody added meanwhile is a conflict: tests/accounts/test_approvals.py
    "accounts:new",
    "holiday_paste",  # first shows what it replaces and requires confirmation: tests/reminders/test_calendar_views.py
    "quick_log_for",
    "sheet_check",
    "interactions:add_files",
    "interactions:keep_view",
    "relations:plan_meeting",
    "relations:add_task",
    "relations:decide",
    "employers:create",
    "employers:nudge",
    "employers:keep_view",
    "employers:person_add",
    "employers:contract_add",
    "employers:contract_scans",
    "complaints:new",
    "complaints:handed",
    "complaints:paper",
    "complaints:paper_word",
    "portal:form",
    "portal:follow",
    "portal:case",
}
ADMIN = [
    label
    for label in sorted(MODELS)
    if any(
        expected(role, label, "change", "post") == {Answer.OPEN}
        for role in (Role.ADMINISTRATOR, Role.DIRECTOR)
    )
]
ADMIN_FIELDS = {
    "accounts.user": "name",
    "accounts.department": "name",
    "reminders.holidayoverride": "note",
    "reminders.holidaynotice": "text",
    "relations.meetingtemplateitem": "text",
    "relations.contactperson": "title",
    "relations.interaction": "content",
    "relations.cycle": "preliminary_needs",
    "relations.task": "title",
    "employers.employer": "address",
    "employers.contract": "content",
}


@pytest.fixture(scope="module")
def stored(world):
    """The world with a row in each table that it leaves empty, so that each form could overwrite something."""
    director = world.people[Role.DIRECTOR]
    HolidayOverride.objects.create(
        date="2026-10-15", is_working=False, name="试", notice="试", created_by=director
    )
    Parameter.objects.create(
        key="escalate_after", value=2, effective_from=TODAY, reason="试", set_by=director
    )
    PublicText.objects.create(key="rights", text="原来的", written_by=director)
    cycle = world.families[OWN].rows["cycle"]
    Assessment.objects.create(cycle=cycle, material="原来的", assessed_on=TODAY, assessed_by=director)
    Evaluation.objects.create(cycle=cycle, lessons="原来的", evaluated_on=TODAY, evaluated_by=director)
    return world


def address(world, name):
    """Returns the URL of a form, with the record in the state that opens it."""
    url = prepared(world, name)
    edit = EDITS.get(name)
    return url + edit.query if edit else url


def sendable(form):
    """Returns {name: value} of a form as the page shows it, hidden fields included."""
    found = {}
    for bound in form:
        value = bound.value()
        if (
            isinstance(bound.field, forms.FileField)
            or bound.field.disabled
            or value is False
            or value in (None, "", [])
        ):
            continue
        if value is True:
            value = "on"
        elif isinstance(value, (list, tuple, set)):
            value = [str(bound.field.prepare_value(each)) for each in value]
        else:
            value = bound.field.prepare_value(value)
        found[bound.html_name] = value
    return found


def page_of(world, name, url):
    """Returns the forms of a page that have fields, and the layers of its context."""
    context = asking(world.sessions[writer_of(name)]).get(url).context
    layers = [layer for one in context or () for layer in one.dicts]
    return [form for form in forms_of(context) if form.fields], layers


def opened(world, name, url):
    """Returns {name: value} as a browser would submit the page, with only required fields filled in."""
    page, layers = page_of(world, name, url)
    data = {}
    for form in reversed(page):
        data |= sendable(form)
    version = next((layer["version"] for layer in layers if "version" in layer), None)
    data |= {"version": str(version)} if version else {}
    missing = [bound for form in page for bound in form if bound.field.required and not bound.is_hidden]
    return {bound.html_name: something_for(bound.field) or "试" for bound in missing} | data


def choices_of(world, name, url, asked):
    """Returns the first two choices of the field `asked`."""
    bound = next(form[asked] for form in page_of(world, name, url)[0] if asked in form.fields)
    return [str(value) for value, _label in bound.field.choices if value][:2]


def stale(world, name, url, first, second):
    """Returns (response to `first`, response to `second` from the same old page, tables that `second` changed)."""
    client = asking(world.sessions[writer_of(name)])
    won = client.post(url, first)
    before = tables()
    lost = client.post(url, second)
    return won, lost, differences(before, tables())


def test_every_form_is_known():
    known = [*EDITS, *ACTS, *ADDS]
    assert (sorted(set(WRITTEN) ^ set(known)), len(known)) == ([], len(set(known)))


def edited_rows(world, names):
    """Returns those of `names` whose page has a form bound to a stored row."""
    found = []
    for name in names:
        context = asking(world.sessions[writer_of(name)]).get(address(world, name)).context
        bound = [form for form in forms_of(context) if isinstance(form, BaseModelForm) and form.instance.pk]
        found += [name] if bound else []
    return found


def test_no_form_of_a_stored_row_counts_as_another_kind(stored):
    assert edited_rows(stored, sorted(ADDS | ACTS)) == []


def test_forms_of_stored_rows_are_found(stored):
    """Control: known forms of stored rows are found."""
    assert {"me", "department_edit", "employers:edit", "relations:plan"} <= set(
        edited_rows(stored, sorted(EDITS))
    )


@pytest.mark.parametrize("name", sorted(EDITS))
def test_old_form_never_undoes_a_change(stored, name):
    edit = EDITS[name]
    with undone():
        url = address(stored, name)
        data = opened(stored, name, url) | edit.beside | extra_fields(stored, name)
        first, second = edit.values or choices_of(stored, name, url, edit.name)
        won, lost, changed = stale(stored, name, url, data | {edit.name: first}, data | {edit.name: second})
        page = lost.content.decode()
    assert (won.status_code, lost.status_code, changed) == (302, 409, []), errors_of(won)
    assert second in page
    assert name in WITHOUT_BOTH or first in page


@pytest.mark.parametrize("name", sorted([*EDITS, *ACTS]))
def test_stamp_or_version_that_was_never_shown_is_no_error(world, name):
    """On rows as they are, some never changed and some not stored: there is no other change to report."""
    with undone():
        url = address(world, name)
        shown = opened(world, name, url)
        for stamp in ("0" * 32, "a", "-1"):
            data = shown | {key: stamp for key in shown if key.rpartition("-")[2] in ("seen", "version")}
            assert asking(world.sessions[writer_of(name)]).post(url, data).status_code < 500


def extra_fields(world, name):
    """Returns the data that a page requires outside its forms."""
    return (
        {"mate": [world.colleague.username], "mate_role": ["with"]} if name == "interactions:correct" else {}
    )


def errors_of(response):
    """Returns the errors of all bound forms of a response."""
    return [form.errors for form in forms_of(response.context) if form.is_bound and form.errors]


WITHOUT_BOTH = {
    "number",  # states the value in a sentence
    "complaints:act",  # a new entry next to the other user's, which the page of the complaint shows
    "complaints:measure_new",
    "employers:hand_over",  # names the new responsible worker in the list
    "rule_end",  # the page of the rule shows the reason for ending it
}


@pytest.mark.parametrize("name", sorted(ACTS))
def test_act_from_an_old_page_does_nothing_twice(stored, name):
    with undone():
        url = address(stored, name)
        if name == "relations:move":
            cycle = stored.families[OWN].rows["cycle"]
            type(cycle).objects.filter(pk=cycle.pk).update(stage="3_decision")
        data = opened(stored, name, url)
        won, lost, changed = stale(stored, name, url, data | {"reason": A}, data | {"reason": B})
    assert (won.status_code, changed) == (302, []), errors_of(won)
    assert lost.status_code < 500


def editor(world, label):
    """Returns a client of the first role that may correct this model."""
    roles = (Role.ADMINISTRATOR, Role.DIRECTOR)
    role = next(role for role in roles if expected(role, label, "change", "post") == {Answer.OPEN})
    return asking(world.sessions[role])


def test_every_correction_is_known():
    assert sorted(ADMIN_FIELDS) == ADMIN


@pytest.mark.parametrize("label", ADMIN)
def test_old_correction_never_undoes_a_change(stored, label):
    if label == "reminders.holidaynotice":
        MODELS[label].objects.create(number="试", year=2026, text="x", saved_by=stored.colleague)
    client, url, name = editor(stored, label), admin_url(stored, label, "change"), ADMIN_FIELDS[label]
    with undone():
        data = sendable(client.get(url).context["adminform"].form) | {"change_reason": "试"}
        won = client.post(url, data | {name: A})
        before = tables()
        lost = client.post(url, data | {name: B})
        changed = differences(before, tables())
        page = lost.content.decode()
    assert (won.status_code, lost.status_code, changed) == (302, 409, [])
    assert (A in page, B in page) == (True, True)


# Control: a form without a version is caught.


class Unversioned(UpdateView):
    """A form without a version."""

    model = Department
    fields = ["name"]
    template_name = "accounts/department.html"
    success_url = "/"


urlpatterns = [path("unversioned/<int:pk>/", Unversioned.as_view(), name="unversioned")]


def test_form_without_version_is_caught(stored, settings):
    settings.ROOT_URLCONF = __name__
    url = reverse("unversioned", args=[stored.near.pk])
    with undone():
        asking().post(url, {"name": A})
        before = tables()
        lost = asking().post(url, {"name": B})
        changed = differences(before, tables())
    assert lost.status_code == 302
    assert "accounts_department" in changed
