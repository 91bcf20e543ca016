"""Every kind of reminder: its key contains the date it states, and something closes it.

The demo, its stories and some acts raise reminders of all kinds; a new kind that is missing from the tables fails.
"""

import ast
import re
from datetime import date
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from complaints.clocks import notices
from complaints.models import AccessRole, Complaint, Improvement
from lezhi.demo import complaints
from lezhi.demo.people import create_people
from relations.imports import life_cycle
from relations.models import Import
from reminders import clock, steps
from reminders.actions import remind, remind_owner
from reminders.models import Reminder
from tests.factories.accounts import DepartmentFactory, UserFactory
from tests.factories.complaints import ComplaintFactory, take_step
from tests.factories.employers import EmployerFactory
from tests.factories.relations import StakeholderFactory, TaskFactory

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
READ = "its recipient has read it, and the next sweep closes it"

# The form of a subject: what closes its reminders.
CLOSED_BY = {
    r"duty:\d+:\d+:[\d-]+": "a contact that counts, or the duty is owed no more",
    r"task:.+": "the task is done, dropped or moved",
    r"complaint:\d+:new": "the next act, or 已看过 for one that is not processed",
    r"complaint:\d+:(head|handler|message)": "the complaint ends",
    r"complaint:\d+:(response|result)": "an answer, a pause, the end; another date retires it",
    r"complaint:\d+:step": "the step is taken or put off, or the complaint ends",
    r"complaint:\d+:escalated": "both answers, the end, or dates that are not missed any more",
    r"complaint:\d+:voided": "its reader has said so by 已看过",
    r"measure:\d+:due": "the measure is done, or its complaint was entered in error",
    r"measure:\d+:check": "the measure is looked at again, or its complaint was entered in error",
    r"decision:\d+": "the decision is approved or sent back, or its record leaves sight",
    r"decision:\d+:answer": READ,
    r"nudge:.+": READ,
    r"import:\d+": READ,
    r"calendar:\d+": "the notice of the year is loaded, or the year is over",
    r"share:\d+": "the emergency is reviewed",
    r"emergency-(limit|unreviewed):.+": READ,
    r"sheet:\d+:ask": "the sheet is answered",
    r"sheet:\d+:told": READ,
    r"slip:\d+": "the other half is printed, or the slip is used or gone",
    r"account:\d+": READ,
    r"in_charge:left:.+": READ,
    r"duplicates:?.*": "the pair is settled, or one of it is void",
    r"check:(duties|duty_sums)": "a nightly check that finds no difference",
}

# Subjects that show a date missing from their key: a request to take the complaint up; the date is updated in place.
WITHOUT_DATE = r"complaint:\d+:(new|head|handler)"


def closing(reminder):
    """Returns the entries of CLOSED_BY for the subject of the reminder."""
    return [words for subject, words in CLOSED_BY.items() if re.fullmatch(subject, reminder.subject)]


def at_desk(user):
    """Returns a client in which `user` is logged in."""
    client = Client()
    client.force_login(user, backend="accounts.backends.RoleBackend")
    return client


@pytest.fixture
def everything(at):
    """The reminders of the demo, its stories and some records, after sweeps over four months."""
    at("2026-10-12")
    people = create_people()
    team = DepartmentFactory()
    worker = UserFactory(department=team)
    employer = EmployerFactory(active=True, responsible=worker, contract__ends_on=date(2026, 12, 14))
    TaskFactory(stakeholder=employer)
    complaints.write(people, clock.today())
    remind_owner(worker, by=people["director"], text="请看一下", today=clock.today(), subject="overdue:1:2")
    for day in ("2026-10-12", "2026-10-31", "2026-11-16", "2026-12-31", "2027-02-26"):
        _counts, failed = steps.sweep(at(day))
        assert failed == []
    return Reminder.objects.all()


def test_every_reminder_has_something_that_closes_it(everything):
    kinds = {re.sub(r"\d[\d-]*", "N", each.subject) for each in everything}
    assert len(kinds) >= 10
    assert [each.subject for each in everything if len(closing(each)) != 1] == []


def test_what_only_informs_says_so(everything):
    odd = [each.subject for each in everything if (READ in closing(each)) is not each.is_for_information]
    assert odd == []


def test_every_date_that_is_spoken_of_stands_in_the_key(everything):
    dated = [each for each in everything if each.due_on and not re.fullmatch(WITHOUT_DATE, each.subject)]
    assert len({each.kind for each in dated}) >= 3
    assert [each.key for each in dated if f":{each.due_on}" not in each.key] == []


def test_kind_that_can_move_without_a_date_in_its_key_is_seen(everything):
    """Control of the test above."""
    remind(
        UserFactory(),
        kind="due",
        key="visit:1",
        subject="visit:1",
        title="走访",
        today=clock.today(),
        due_on=clock.today(),
    )
    with pytest.raises(AssertionError):
        test_every_date_that_is_spoken_of_stands_in_the_key(Reminder.objects.all())
    with pytest.raises(AssertionError):
        test_every_reminder_has_something_that_closes_it(Reminder.objects.all())


# Modules that create reminders. For a new one, consider: can its date move, and what closes it?
PLACES = {
    "relations/reminding/raising.py": "duties and tasks, by SQL",
    "relations/meetings/actions.py": "urgent matters, told at once; follow their task",
    "relations/work/tasks_due.py": "urgent matters whose task was moved",
    "relations/tasks.py": "the nightly check: once a day",
    "relations/shares/emergencies.py": "emergencies to review: no date",
    "relations/imports/life_cycle.py": "results of imports: no date",
    "complaints/clocks/notices.py": "everything about one complaint",
    "complaints/clocks/sweep.py": "measures",
    "employers/duplicates.py": "possible duplicates: no date",
    "reminders/actions.py": "single ones",
    "reminders/account_notices.py": "slips and what happened to a password: no date",
    "reminders/approvals.py": "sheets to confirm and what became of them: no date",
    "reminders/calendar/watch.py": "missing notices: once a week",
}
MAKERS = {"Reminder", "remind"}


def makes_reminders(path):
    """Returns whether a module creates reminders."""
    text = path.read_text()
    if "INSERT INTO reminders_reminder" in text:
        return True
    called = (node.func for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))
    return any(getattr(func, "id", None) in MAKERS for func in called)


def test_places_that_make_reminders_are_known():
    apps = ("accounts", "reminders", "relations", "employers", "complaints", "lezhi")
    files = [path for app in apps for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts]
    found = {str(path.relative_to(ROOT)) for path in files if makes_reminders(path)}
    assert found == set(PLACES)


# Kinds of reminders that once could not be closed.


@pytest.fixture
def head(at):
    """The head, who is in charge of complaints."""
    at("2026-09-28")
    UserFactory(roles=[Role.COUNCIL], name="何理事")
    UserFactory(roles=[Role.DIRECTOR], name="林总干事")
    return UserFactory(roles=[Role.HEAD], name="周主任")


def open_about(case, what):
    """Returns the open reminders of this kind about a complaint."""
    return Reminder.objects.open().filter(subject=f"complaint:{case.pk}:{what}")


def test_complaint_that_is_not_processed_is_seen_and_then_no_longer_asked_for(head):
    case = ComplaintFactory(anonymous=True, personnel=True)
    [reminder] = open_about(case, "new")
    assert (reminder.recipient, "只登记" in reminder.title, case.number in reminder.title) == (
        head,
        True,
        True,
    )
    at_desk(UserFactory(roles=[Role.DIRECTOR])).get(case.get_absolute_url())
    assert open_about(case, "new").exists()  # another user has viewed the page
    assert at_desk(head).get(case.get_absolute_url()).status_code == 200
    assert open_about(case, "new").exists()  # viewing changes nothing
    at_desk(head).post(reverse("complaints:reviewed", args=[case.number]))
    assert not open_about(case, "new").exists()
    assert Complaint.objects.filter(state="not_processed").count() == 1


def test_complaint_that_waits_to_be_taken_in_is_asked_for_after_a_look(head):
    """Control: viewing a complaint does not take it up."""
    case = ComplaintFactory()
    at_desk(head).get(case.get_absolute_url())
    assert open_about(case, "new").exists()


def test_complaint_that_is_not_processed_goes_over_to_be_looked_at(head):
    case = ComplaintFactory(anonymous=True, personnel=True)
    take_step(case, "mark", head, users=(head,), text="应避嫌", is_strict=True)
    assert (case.head != head, open_about(case, "head").count()) == (True, 0)
    assert open_about(case, "new").get().recipient == case.head
    at_desk(case.head).post(reverse("complaints:reviewed", args=[case.number]))
    assert not Reminder.objects.open().filter(subject__startswith="complaint:").exists()


def test_complaint_that_has_ended_goes_over_without_a_word(head):
    case = take_step(ComplaintFactory(), "void", head, text="重复登记")
    notices.remind_head(case, clock.today())
    assert not open_about(case, "head").exists()


@pytest.mark.parametrize("is_void", [True, False])
def test_measure_of_a_void_complaint_is_asked_for_no_more(head, at, is_void):
    handler = UserFactory(roles=[Role.DEPUTY])
    case = ComplaintFactory()
    dates = {"due_on": date(2026, 10, 13), "check_on": date(2026, 12, 1)}
    Improvement.objects.create(complaint=case, measure="改期提前告知", owner=handler, **dates)
    done = Improvement.objects.create(
        complaint=case, measure="回访", owner=handler, done_on=date(2026, 10, 9), **dates
    )
    steps.sweep(at("2026-10-12"))
    assert Reminder.objects.open().filter(subject__startswith="measure:").count() == 1
    if is_void:
        take_step(case, "void", head, text="重复登记")
    steps.sweep(at("2026-12-02"))
    left = Reminder.objects.open().filter(subject__startswith="measure:")
    assert left.count() == (0 if is_void else 2)
    assert left.filter(subject=f"measure:{done.pk}:check").exists() is not is_void


def test_head_who_hands_over_is_asked_for_no_measure_of_others(head, at):
    former = UserFactory(roles=[Role.DEPUTY])
    case = ComplaintFactory()
    dates = {"due_on": date(2026, 10, 13), "check_on": date(2026, 12, 1)}
    Improvement.objects.create(complaint=case, measure="改期提前告知", owner=former, **dates)
    former.is_active = False
    former.save()
    steps.sweep(at("2026-10-12"))
    reminders = Reminder.objects.open().filter(subject__startswith="measure:")
    assert reminders.get().recipient == head
    successor = UserFactory(roles=[Role.DEPUTY])
    take_step(case, "pass_headship", head, user=successor, text="外出")
    assert not reminders.exists()
    steps.sweep(at("2026-10-12"))
    assert reminders.get().recipient == successor


@pytest.mark.parametrize("is_read", [True, False])
@pytest.mark.parametrize("kind", ["nudge", "answer", "import"])
def test_what_only_informs_is_closed_by_the_sweep_after_it_was_read(head, at, kind, is_read):
    reader = UserFactory(name="苏社工")
    raise_reminder(kind, reader, head)
    [notice] = Reminder.objects.open().filter(recipient=reader)
    steps.sweep(clock.today())
    assert Reminder.objects.open().filter(pk=notice.pk).exists()
    if is_read:
        at_desk(reader).post(reverse("notice", args=[notice.pk]))
    counts, _failed = steps.sweep(clock.today())
    assert counts["information_closed"] == int(is_read)
    assert Reminder.objects.open().filter(pk=notice.pk).exists() is not is_read
    assert steps.sweep(clock.today())[0]["information_closed"] == 0


def raise_reminder(kind, reader, by):
    """Creates a reminder that only informs."""
    if kind == "nudge":
        remind_owner(reader, by=by, text="请看一下", today=clock.today(), subject="overdue:1:2")
    elif kind == "import":
        made = Import.objects.create(
            kind="employer", name="登记表.xlsx", sha256="0" * 64, by=reader, state=Import.State.FAILED
        )
        life_cycle.notify(made, Import.State.FAILED, {}, clock.today())
    else:
        from accounts.approvals import engine
        from tests.factories.approvals import propose
        from tests.factories.relations import CycleFactory

        cycle = CycleFactory(stakeholder=StakeholderFactory(responsible=reader))
        decision = propose(cycle, reader)
        engine.send_back(decision.sheet, by=UserFactory(director=True), opinion="请补充")


def test_warning_about_a_year_that_is_over_is_closed(head, at):
    keeper = UserFactory(administrator=True)
    Reminder.objects.create(
        key="calendar:2025:x",
        subject="calendar:2025",
        kind="calendar",
        recipient=keeper,
        title="x",
        raised_on=date(2024, 12, 1),
    )
    steps.sweep(clock.today())
    assert not Reminder.objects.open().filter(subject="calendar:2025").exists()


def test_request_about_a_void_record_is_closed(at):
    from relations.parties import actions as register

    at("2026-10-12")
    worker, above = UserFactory(), UserFactory(director=True)
    partner = StakeholderFactory(responsible=worker)
    task = TaskFactory(stakeholder=partner)
    fields = {"kind": Reminder.Kind.NUDGE, "title": "紧急", "today": clock.today(), "due_on": task.due_on}
    remind(above, key=f"{task.key}:{task.due_on}:urgent", subject=task.key, **fields)
    register.void_record(partner, by=above, reason="录错", today=clock.today())
    assert not Reminder.objects.open().exists()


def test_escalated_complaint_is_read_by_who_was_told(head, at):
    """The recipient of the reminder may open the page it links to."""
    case = ComplaintFactory()
    steps.sweep(at("2026-10-26"))
    [reminder] = open_about(case, "escalated")
    assert AccessRole.ESCALATED in set(case.accesses.values_list("role", flat=True))
    assert at_desk(reminder.recipient).get(reminder.link).status_code == 200
