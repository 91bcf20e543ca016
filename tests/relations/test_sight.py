"""Who may view a record and its people, contracts, contacts, files, tasks, duties, cycles and meetings."""

from datetime import date

import pytest
from django.core.files.base import ContentFile

from accounts.models import User
from accounts.roles import Permission, Role
from employers.models import Contract, Employer
from relations.files import attachments as files
from relations.log import actions as log
from relations.models import (
    Attachment,
    ContactPerson,
    Cycle,
    Decision,
    Duty,
    Interaction,
    Meeting,
    Stakeholder,
    Task,
)
from relations.parties import actions as register
from relations.parties.own_right import may_act, may_change_entry
from reminders.models import Reminder
from tests.factories.accounts import DepartmentFactory, StandInFactory, UserFactory
from tests.factories.approvals import propose
from tests.factories.employers import EmployerFactory
from tests.factories.relations import InteractionFactory, StakeholderFactory, TaskFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 10, 12)
ON_THE_RECORD = [Stakeholder, Employer]
HANGING = [ContactPerson, Contract, Interaction, Attachment, Task, Duty, Cycle, Meeting]
SEEN = {
    "worker": {"own", "own secret"},
    "supervisor": {"own", "near"},
    "supervisor without department": set(),
    "manager": {"own", "near", "far"},
    "director": {"own", "own secret", "near", "hidden", "far"},
    "finance": {"own", "near", "far"},
    "volunteer": set(),
    "left": set(),
}


def may_change(user, contact):
    return may_change_entry(user, contact.stakeholder, contact.entered_by_id)


@pytest.fixture
def people(at):
    at(TODAY)
    here, there = DepartmentFactory(), DepartmentFactory()
    return {
        "worker": UserFactory(department=here),
        "colleague": UserFactory(department=here),
        "stranger": UserFactory(department=there),
        "supervisor": UserFactory(supervisor=True, department=here),
        "supervisor without department": UserFactory(supervisor=True, department=None),
        "manager": UserFactory(roles=[Role.MANAGER], department=there),
        "director": UserFactory(director=True),
        "finance": UserFactory(finance=True),
        "volunteer": UserFactory(volunteer=True),
        "left": UserFactory(director=True, left=True),
    }


@pytest.fixture
def records(people):
    """One row of every model on each record. The void record is the worker's own."""
    whose = {"own": "worker", "own secret": "worker", "void": "worker"}
    whose |= {"near": "colleague", "hidden": "colleague", "far": "stranger"}
    employers = {
        name: one_of_everything(name, people[worker], "secret" in name or name == "hidden")
        for name, worker in whose.items()
    }
    register.void_record(employers["void"], by=people["director"], reason="重复登记", today=TODAY)
    return employers


def one_of_everything(name, worker, secret):
    """An employer with one row of every model that belongs to a record."""
    employer = EmployerFactory(
        name=name, responsible=worker, is_confidential=secret, with_person=True, active=True
    )
    contact, cycle = InteractionFactory(stakeholder=employer), employer.cycles.get()
    text = ContentFile("会议记录。".encode(), name="记录.txt")
    files.attach(text, stakeholder=employer, interaction=contact, by=worker, content_type="text/plain")
    TaskFactory(stakeholder=employer)
    meeting = Meeting(stakeholder=employer, cycle=cycle, lead=worker, planned_on=TODAY, form="face")
    meeting.purpose, meeting.created_by = "会谈", worker
    meeting.save()
    propose(cycle, worker)
    return employer


def visible_names(model, person, path="stakeholder__name"):
    """The names of the records whose rows `person` (read again) may view."""
    person = User.objects.get(pk=person.pk)
    return set(model.objects.visible_to(person).values_list(path, flat=True))


def test_each_sees_the_records_within_the_scope_and_nothing_void(people, records):
    for model in ON_THE_RECORD:
        assert {who: visible_names(model, people[who], "name") for who in SEEN} == SEEN


@pytest.mark.parametrize("model", HANGING, ids=lambda model: model.__name__)
def test_what_hangs_on_a_record_is_seen_with_it(people, records, model):
    assert {who: visible_names(model, people[who]) for who in SEEN} == SEEN


def test_decision_is_seen_with_the_record_of_its_round(people, records):
    path = "cycle__stakeholder__name"
    assert {who: visible_names(Decision, people[who], path) for who in SEEN} == SEEN


def test_employers_are_no_other_kind_of_record(people, records):
    """Control of the list of employers: it does not contain a partner, which the list of all stakeholders does."""
    StakeholderFactory(name="partner", responsible=people["worker"])
    assert visible_names(Stakeholder, people["worker"], "name") == {"own", "own secret", "partner"}
    assert visible_names(Employer, people["worker"], "name") == {"own", "own secret"}


def test_what_was_taken_back_is_seen_no_more(people, records):
    worker, employer = people["worker"], records["own"]
    log.withdraw_interaction(employer.interactions.get(), by=worker, reason="记错了")
    Attachment.objects.filter(stakeholder=employer).update(
        withdrawn_at="2026-10-12T00:00:00Z", withdrawn_by=worker
    )
    contract = Contract.objects.get(stakeholder=employer)
    contract.voided_at, contract.void_reason = "2026-10-12T00:00:00Z", "重复登记"
    contract.save()
    for model in (Interaction, Attachment, Contract):
        assert visible_names(model, worker) == {"own secret"}


@pytest.mark.parametrize(
    ("who", "reads"), [("worker", True), ("colleague", False), ("supervisor", True), ("finance", False)]
)
def test_note_of_caution_is_for_the_worker_and_those_who_lead(people, records, who, reads):
    """R38."""
    assert records["own"].may_see_caution(people[who]) is reads


@pytest.mark.parametrize(("who", "may"), [("worker", True), ("finance", False), ("volunteer", False)])
def test_record_is_edited_by_those_whose_role_says_so(people, records, who, may):
    assert may_act(people[who], records["own"], Permission.EDIT) is may


@pytest.mark.parametrize(
    ("who", "may"),
    [("worker", True), ("colleague", False), ("supervisor", True), ("finance", False), ("volunteer", False)],
)
def test_contact_is_corrected_by_who_typed_it_and_those_who_lead(people, records, who, may):
    assert may_change(people[who], records["own"].interactions.get()) is may


def test_who_typed_a_contact_and_may_log_no_more_corrects_it_no_more(people, records):
    worker = people["worker"]
    worker.roles = [Role.FINANCE]
    worker.save()
    assert may_change(User.objects.get(pk=worker.pk), records["own"].interactions.get()) is False


def reminder(recipient):
    """Creates a reminder for `recipient`."""
    return Reminder.objects.create(
        key=f"test:{recipient.pk}",
        subject="test",
        kind=Reminder.Kind.NUDGE,
        recipient=recipient,
        title="请跟进",
        raised_on=TODAY,
    )


def test_reminders_are_one_s_own_and_those_of_whom_one_stands_in_for(people):
    mine, theirs, _others = (reminder(people[who]) for who in ("worker", "colleague", "stranger"))
    worker = User.objects.get(pk=people["worker"].pk)
    assert set(Reminder.objects.visible_to(worker)) == {mine}
    StandInFactory(absent=people["colleague"], stand_in=worker, starts_on=TODAY, ends_on=TODAY)
    assert set(Reminder.objects.visible_to(User.objects.get(pk=worker.pk))) == {mine, theirs}


@pytest.mark.parametrize(
    ("role", "sees"), [(Role.RESIDENT, True), (Role.ADMINISTRATOR, True), (Role.VOLUNTEER, False)]
)
def test_colleagues_are_known_to_who_works_here(people, role, sees):
    """A volunteer may view nothing and sees no colleague."""
    asking = UserFactory.build(roles=[role], department=None)
    assert User.objects.visible_to(asking).exists() is sees
