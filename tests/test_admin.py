"""The admin site of all apps: who may view what, corrections with their consequences, history, no deletion, no leak."""

from datetime import date
from html import unescape

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.history import revisions
from accounts.roles import ADMIN_MODELS, Role
from employers.models import Contract, Employer
from relations.models import (
    CadenceRule,
    ContactPerson,
    Cycle,
    Duty,
    Import,
    Interaction,
    MeetingTemplateItem,
    Purpose,
    StageChange,
    Stakeholder,
    Task,
)
from relations.search.index import matching
from reminders.models import Delivery, Parameter, Reminder
from tests.factories.accounts import UserFactory
from tests.factories.employers import EmployerFactory
from tests.factories.relations import InteractionFactory, TaskFactory

pytestmark = pytest.mark.django_db

CORRECTED = [Employer, Contract, ContactPerson, Interaction, Cycle, Task]
LOOKED_AT = [Stakeholder, StageChange, Duty, Reminder, Delivery, Import]
RULES = [CadenceRule, MeetingTemplateItem, Parameter]
REASON = {"change_reason": "登记时写错"}


@pytest.fixture
def today(at):
    return at("2026-11-20")


@pytest.fixture
def administrator(client, today):
    administrator = UserFactory(administrator=True)
    client.force_login(administrator)
    return administrator


@pytest.fixture
def employer(today):
    return one_of_everything("青岚镇社会事务局")


def one_of_everything(name, **fields):
    """An employer with a person, a contract, a contact, a task, and a reminder sent by e-mail."""
    fields = {"caution": "不要提中标争议"} | fields
    employer = EmployerFactory(active=True, with_person=True, person__caution="家有病人", name=name, **fields)
    InteractionFactory(stakeholder=employer, contact_on=date(2026, 10, 9))
    task = TaskFactory(stakeholder=employer)
    reminder = Reminder.objects.create(
        key=f"r:{employer.pk}",
        subject=task.key,
        kind="due",
        recipient=employer.responsible,
        title=f"联系{name}",
        raised_on=date(2026, 11, 20),
    )
    Delivery.objects.create(reminder=reminder, recipient=employer.responsible, channel="email")
    Import.objects.create(
        kind="employer", name="名册.xlsx", sha256="0" * 64, by=employer.responsible, report={"name": name}
    )
    cycle = Cycle.objects.get(stakeholder=employer)
    StageChange.objects.create(cycle=cycle, move="m", on=date(2026, 11, 1), by=employer.responsible)
    return employer


def listed(model):
    """The URL of the list of a model."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def page(row, which="change"):
    """The URL of a page of `row`."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{which}", args=[row.pk])


def drawn(client, address):
    """The HTML of a page that opens."""
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def typed(client, row, **changes):
    """The form data of `row`, with `changes`."""
    form = client.get(page(row)).context["adminform"].form
    sent = {name: form[name].value() for name in form.fields}
    sent = {
        name: ("on" if value is True else value) for name, value in sent.items() if value not in (None, False)
    }
    return sent | REASON | changes


def corrected(client, row, **changes):
    """Submits the form of `row` with `changes`, and reads the row again."""
    response = client.post(page(row), typed(client, row, **changes))
    problem = response.context and response.context["errors"]
    assert response.status_code == 302, problem
    row.refresh_from_db()


def rows_of(model):
    return model._default_manager.all()


def test_every_model_that_a_permission_opens_is_registered():
    registered = {model._meta.label_lower for model in admin.site._registry}
    assert set(ADMIN_MODELS) <= registered


@pytest.mark.parametrize("model", [*CORRECTED, *LOOKED_AT])
def test_administrator_finds_every_kind_of_record(client, administrator, employer, model):
    if model is Reminder:
        Reminder.objects.update(recipient=administrator)
    row = rows_of(model).first()
    assert f"{row.pk}/change/" in drawn(client, listed(model))
    assert drawn(client, page(row))
    assert drawn(client, page(row, "history"))


@pytest.mark.parametrize("model", RULES)
@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.DIRECTOR])
def test_rules_are_open_to_those_who_manage_them(client, today, role, model):
    user = UserFactory(roles=[role])
    client.force_login(user)
    Parameter.objects.create(key="escalate_after", value=4, effective_from=today, reason="更早", set_by=user)
    row = rows_of(model).first()
    assert drawn(client, listed(model))
    assert drawn(client, page(row))
    assert drawn(client, page(row, "history"))


@pytest.mark.parametrize("model", [*CORRECTED, *LOOKED_AT])
def test_director_has_no_records_in_the_admin_site(client, employer, model):
    client.force_login(UserFactory(director=True))
    assert client.get(listed(model)).status_code == 403
    assert client.get(page(rows_of(model).first())).status_code == 403


@pytest.mark.parametrize("model", [*CORRECTED, *LOOKED_AT, *RULES])
def test_nothing_is_deleted(client, administrator, employer, model):
    """R451."""
    row = rows_of(model).first()
    if row:
        assert client.post(page(row, "delete"), {"post": "yes"}).status_code in (403, 404)
        assert rows_of(model).filter(pk=row.pk).exists()


@pytest.mark.parametrize(
    "model", [Stakeholder, Duty, StageChange, Reminder, Delivery, Import, CadenceRule, Parameter]
)
def test_what_the_program_writes_is_not_changed(client, administrator, employer, today, model):
    Parameter.objects.create(
        key="escalate_after", value=4, effective_from=today, reason="更早", set_by=administrator
    )
    Reminder.objects.update(recipient=administrator)
    assert client.post(page(rows_of(model).first()), REASON).status_code == 403


@pytest.mark.parametrize("model", [*CORRECTED, *LOOKED_AT, CadenceRule])
def test_nothing_is_added_beside_the_pages_of_the_house(client, administrator, model):
    assert (
        client.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add")).status_code == 403
    )


@pytest.mark.parametrize("model", [*CORRECTED, *LOOKED_AT])
def test_confidential_records_leave_no_trace(client, administrator, model):
    secret = one_of_everything("保密单位名称", is_confidential=True)
    assert "保密单位名称" not in drawn(client, listed(model))
    assert "保密单位名称" not in drawn(client, f"{listed(model)}?q=保密")
    row = rows_of(model).first()
    answers = [client.get(page(row)), client.get(page(row, "history"))]
    for answer in answers:
        assert "保密单位名称" not in answer.content.decode()
        if model not in (Delivery, Import):
            assert answer.status_code in (302, 404)
    assert secret.name == "保密单位名称"


@pytest.mark.parametrize("model", [*CORRECTED, *LOOKED_AT])
@pytest.mark.parametrize("words", ["不要提中标争议", "家有病人"])
def test_notes_of_caution_are_not_in_the_admin_site(client, administrator, employer, model, words):
    employer.caution = "不要提中标争议二"
    employer.save()
    row = rows_of(model).first()
    for address in (listed(model), page(row), page(row, "history")):
        assert words not in client.get(address).content.decode()


@pytest.mark.parametrize("model", CORRECTED)
def test_correction_without_a_reason_changes_nothing(client, administrator, employer, model):
    row = rows_of(model).first()
    before = row.history.count()
    response = client.post(page(row), typed(client, row) | {"change_reason": " "})
    assert response.status_code == 200
    assert "请写明为什么要改" in response.content.decode()
    assert row.history.count() == before


@pytest.mark.parametrize("model", CORRECTED)
def test_correction_of_nothing_leaves_no_trace(client, administrator, employer, model):
    row = rows_of(model).first()
    before = row.history.count()
    corrected(client, row)
    assert row.history.count() == before


CORRECTIONS = [
    (Employer, "address", "和风路99号"),
    (Contract, "number", "QL-999"),
    (ContactPerson, "title", "副局长"),
    (Interaction, "content", "谈了续签。"),
    (Cycle, "preliminary_needs", "长者服务"),
    (Task, "title", "把名单发过去"),
]


@pytest.mark.parametrize(("model", "field", "value"), CORRECTIONS)
def test_correction_keeps_reason_old_and_new(client, administrator, employer, model, field, value):
    row = rows_of(model).first()
    old = str(getattr(row, field) or "—")
    corrected(client, row, **{field: value})
    revision = revisions(row)[0]
    assert (revision.reason, revision.by) == ("登记时写错", administrator.name)
    assert (old, value) in [(change.old, change.new) for change in revision.changes]
    shown = unescape(drawn(client, page(row, "history")))
    assert f"<del>{old}</del> → {value}" in shown


@pytest.mark.parametrize("model", CORRECTED)
def test_correction_raises_the_version_that_forms_of_the_site_ask_for(client, administrator, employer, model):
    row = rows_of(model).first()
    before = getattr(row, "version", None)
    field, value = {model: (field, value) for model, field, value in CORRECTIONS}[model]
    corrected(client, row, **{field: value})
    row.refresh_from_db()
    assert getattr(row, "version", None) == (before and before + 1)


def test_corrected_contact_is_counted_again(client, administrator, employer):
    contact = Interaction.objects.get()
    october = Duty.objects.get(rule__code="resident-contact", due_on=date(2026, 10, 31))
    assert october.met_on == date(2026, 10, 9)
    corrected(client, contact, contact_on="2026-11-09")
    october.refresh_from_db()
    employer.refresh_from_db()
    assert october.met_on is None
    assert Duty.objects.get(rule__code="resident-contact", due_on=date(2026, 11, 30)).met_on == date(
        2026, 11, 9
    )
    assert employer.last_contact_on == date(2026, 11, 9)
    corrected(client, contact, outcome="attempted")
    assert not Duty.objects.met().exists()


@pytest.mark.parametrize("day", ["2026-11-21", "1999-12-31"])
def test_contact_of_an_impossible_day_is_refused(client, administrator, employer, day):
    contact = Interaction.objects.get()
    response = client.post(page(contact), typed(client, contact, contact_on=day))
    assert response.status_code == 200
    contact.refresh_from_db()
    assert contact.contact_on == date(2026, 10, 9)


def test_only_invitations_have_guests(client, administrator, employer):
    contact = Interaction.objects.get()
    corrected(client, contact, purpose=Purpose.INVITATION, guest_role="volunteer")
    corrected(client, contact, purpose=Purpose.ORDINARY)
    assert contact.guest_role == ""


def test_duties_follow_a_corrected_contract(client, administrator, employer, today):
    contract = Contract.objects.get()
    owed = Duty.objects.count()
    corrected(client, contract, starts_on="2026-10-01")
    assert contract.version == 2
    assert 0 < Duty.objects.count() < owed
    corrected(client, contract, ended_on="2026-11-01", end_reason="对方提前结束")
    assert not Employer.objects.active_on(today).exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [({"ends_on": "2025-01-01"}, "比合同开始"), ({"ended_on": "2027-01-01"}, "提前终止的日期要在合同期内")],
)
def test_contract_dates_are_explained(client, administrator, employer, changes, sentence):
    contract = Contract.objects.get()
    response = client.post(page(contract), typed(client, contract, **changes))
    assert response.status_code == 200
    assert sentence in response.content.decode()


def test_search_follows_corrected_names(client, administrator, employer):
    corrected(client, employer, name="荷塘街道")
    person = ContactPerson.objects.get()
    corrected(client, person, name="单晓东")
    assert (
        matching(Employer.objects.all(), "ht").count()
        == matching(Employer.objects.all(), "shan").count()
        == 1
    )
    assert not matching(Employer.objects.all(), "青岚").exists()


def test_duties_follow_the_day_watching_begins(client, administrator, employer):
    owed = Duty.objects.count()
    corrected(client, employer, watched_from="2026-10-01")
    assert Duty.objects.count() < owed
    corrected(client, employer, watched_from="2026-01-01")
    assert Duty.objects.count() == owed


def test_moved_task_is_reminded_of_anew(client, administrator, employer):
    task = Task.objects.get()
    Task.objects.update(notified=2)
    corrected(client, task, due_on="2026-12-01")
    assert task.notified == 0
    assert not Reminder.objects.open().filter(subject=task.key).exists()


def test_lists_are_searched_by_name(client, administrator, employer):
    one_of_everything("荷塘街道办")
    for model in (
        Employer,
        Contract,
        ContactPerson,
        Interaction,
        Cycle,
        Task,
        Duty,
        Stakeholder,
        StageChange,
    ):
        matches = client.get(f"{listed(model)}?q=ql").context["cl"].queryset
        assert 0 < matches.count() < rows_of(model).count(), model
        assert client.get(f"{listed(model)}?q=%25").context["cl"].queryset.count() == 0


def test_parameter_is_added_with_its_limits(client, administrator, today):
    address = reverse("admin:reminders_parameter_add")
    wrong = [
        {"key": "escalate_after", "value": 99, "effective_from": today, "reason": "更早"},
        {"key": "escalate_after", "value": 4, "effective_from": "2026-11-19", "reason": "更早"},
        {"key": "nobody", "value": 4, "effective_from": today, "reason": "更早"},
        {"key": "escalate_after", "value": 4, "effective_from": today, "reason": " "},
    ]
    for sent in wrong:
        assert client.post(address, sent).status_code == 200
    assert not Parameter.objects.exists()
    sent = {"key": "escalate_after", "value": 4, "effective_from": today, "reason": "更早"}
    assert client.post(address, sent).status_code == 302
    parameter = Parameter.objects.get()
    assert (parameter.value, parameter.set_by) == (4, administrator)
    assert client.post(page(parameter), {"value": 5}).status_code == 403


def test_template_items_are_added_and_switched_off(client, administrator):
    item = MeetingTemplateItem.objects.first()
    sent = typed(client, item)
    del sent["is_in_use"]
    assert client.post(page(item), sent).status_code == 302
    item.refresh_from_db()
    assert not item.is_in_use
    new = {"kind": "checklist", "text": "带上名片", "position": 9, "is_in_use": "on"}
    address = reverse("admin:relations_meetingtemplateitem_add")
    assert client.post(address, new).status_code == 200
    assert client.post(address, new | REASON).status_code == 302
    assert MeetingTemplateItem.objects.filter(text="带上名片").exists()


def test_lists_cost_the_same_whatever_their_length(client, administrator):
    models = [*CORRECTED, *LOOKED_AT, *RULES]
    one_of_everything("青岚镇")
    Reminder.objects.update(recipient=administrator)
    few = {model: queries(client, listed(model)) for model in models}
    for place in range(5):
        one_of_everything(f"荷塘{place}村")
    Reminder.objects.update(recipient=administrator)
    assert {model: queries(client, listed(model)) for model in models} == few
    assert max(few.values()) <= 12


def queries(client, address):
    """The number of queries of a page, once its caches are filled."""
    drawn(client, address)
    with CaptureQueriesContext(connection) as captured:
        drawn(client, address)
    return len(captured)
