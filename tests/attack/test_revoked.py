"""A lost right: from the next request on nothing of the record is shown, in pages, notices or e-mails."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.urls import reverse

from accounts.models import User
from accounts.people import actions
from accounts.roles import Role
from employers.models import Employer
from relations.approvals import decisions
from relations.models import Decision, Stakeholder, Task
from relations.parties import actions as register
from relations.parties.actions import after_visibility_change
from reminders import notices
from reminders.actions import remind
from reminders.deliveries import deliver
from reminders.models import Delivery, Reminder
from tests.attack.answers import ask, asking
from tests.attack.declared import EXPECTED, NOBODY
from tests.attack.resolver import by_name
from tests.attack.test_sweep import text_of
from tests.attack.world import FAR, MARKS, OWN, TODAY
from tests.factories.approvals import hand_to

pytestmark = pytest.mark.django_db
SITE = by_name()
MARK = MARKS[OWN]
# Every page whose URL names no record.
GENERAL = sorted(n for n, line in EXPECTED.items() if line.get != NOBODY and not (line.of or line.query))
MORNING = datetime(2026, 10, 12, 10, tzinfo=ZoneInfo("Asia/Shanghai"))


def create_reminders_for(world, reader):
    """Creates every kind of reminder about the family `own` for `reader`, each with an e-mail waiting."""
    reader.email = reader.confirmed_email = "reader@example.com"
    reader.save()
    rows = world.families[OWN].rows
    task = Task.objects.get(pk=rows["task"].pk)
    Task.objects.filter(pk=task.pk).update(notified=1, owner=world.colleague)
    about = {"due": task.key, "nudge": task.key, "approval": f"decision:{rows['decision'].pk}"}
    about["answer"] = f"decision:{rows['decision'].pk}:answer"
    for kind, subject in about.items():
        remind(
            reader,
            key=f"{subject}:{'0' if kind == 'due' else kind + str(reader.pk)}",
            subject=subject,
            kind={"answer": Reminder.Kind.APPROVAL}.get(kind, kind),
            title=f"{MARK}镇{kind}",
            link=reverse("relations:record", args=[rows["employer"].pk]),
            today=TODAY,
        )


def confidential(world, reader):
    """The record becomes confidential."""
    employer = Employer.objects.get(pk=world.families[OWN].employer.pk)
    Stakeholder.objects.filter(pk=employer.pk).update(is_confidential=True)
    after_visibility_change(employer, today=TODAY)


def handed_over(world, reader):
    """The record goes to a worker of another department."""
    own = Stakeholder.objects.filter(pk=world.families[OWN].employer.pk)
    register.hand_over(own, to=world.worker, by=world.people[Role.DIRECTOR], today=TODAY)


def demoted(world, reader):
    """The reader becomes a volunteer."""
    reader.roles = [Role.VOLUNTEER]
    actions.change_account(reader, by=world.people[Role.ADMINISTRATOR])


def moved_away(world, reader):
    """The reader moves to another department."""
    reader.department = world.other
    actions.change_account(reader, by=world.people[Role.ADMINISTRATOR])


LOSSES = [confidential, handed_over, demoted, moved_away]


def pages_that_tell(world, role):
    """Yields the names of the pages without a record that show the mark to `role`."""
    for name in GENERAL:
        answer = ask(world.sessions[role], "get", SITE[name].url(world.values(None, OWN)))
        if not answer.streaming and MARK in text_of(answer):
            yield name


@pytest.mark.usefixtures("errors_drawn_once")
@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.__name__)
def test_nothing_is_told_after_the_right_is_gone(world, loss):
    world.belongs_to(world.colleague)
    role = Role.DEPARTMENT_STAFF
    reader = User.objects.get(pk=world.people[role].pk)
    create_reminders_for(world, reader)
    assert next(pages_that_tell(world, role), None)
    assert notices.unread(reader).count() == 4
    loss(world, reader)
    reader = User.objects.get(pk=reader.pk)
    assert list(pages_that_tell(world, role)) == []
    assert notices.unread(reader).count() == 0
    deliver(MORNING)
    assert [letter for letter in mail.outbox if letter.to == ["reader@example.com"]] == []
    deliveries = Delivery.objects.filter(recipient=reader, channel="email", reminder__title__startswith=MARK)
    assert deliveries.exists()
    # An e-mail that still waits belongs to a closed reminder; if it is reopened, it goes to its new recipient.
    assert not deliveries.filter(state=Delivery.State.SENT).exists()
    assert set(deliveries.filter(reminder__closed_at=None).values_list("state", flat=True)) <= {
        Delivery.State.DROPPED
    }
    for pk in deliveries.values_list("reminder", flat=True):
        told_again = ask(world.sessions[role], "get", reverse("notice", args=[pk]), follow=True)
        assert MARK not in told_again.content.decode()


def test_everything_is_told_while_the_right_is_there(world):
    """Control: after a change that takes no right away the notices remain, and the e-mail is sent."""
    world.belongs_to(world.colleague)
    reader = User.objects.get(pk=world.people[Role.DEPARTMENT_STAFF].pk)
    create_reminders_for(world, reader)
    Reminder.objects.filter(
        kind="due", title__startswith=MARK
    ).delete()  # assigned to the colleague in any case
    reader.phone = "0769-80001234"
    actions.change_account(reader, by=world.people[Role.ADMINISTRATOR])
    after_visibility_change(Employer.objects.get(pk=world.families[OWN].employer.pk), today=TODAY)
    assert notices.unread(reader).count() == 3
    deliver(MORNING)
    assert [MARK in letter.body for letter in mail.outbox if letter.to == ["reader@example.com"]] == [True]


def test_proposer_who_lost_the_record_is_not_told_of_the_answer(world):
    """The decision on a proposal names the record: it is not sent to a user who may not open it."""
    cycle = world.families[FAR].rows["cycle"]
    resident = world.people[Role.RESIDENT]
    hand_to(Decision.objects.get(cycle=cycle).sheet, resident)
    decision = Decision.objects.get(cycle=cycle)
    decisions.approve(decision, by=world.people[Role.DIRECTOR], note="同意")
    page = asking(world.sessions[Role.RESIDENT]).get(reverse("notices")).content.decode()
    assert MARKS[FAR] not in page
