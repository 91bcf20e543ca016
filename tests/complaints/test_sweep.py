"""The daily sweep: reminders of both clocks, escalation, departed heads, measures, audit log, portal attempts."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from accounts.roles import Role
from complaints.models import Access, AccessRole, Act, ActKind, Appointment, Attempt, Complaint, Improvement
from complaints.models.written_once import AppendOnlyQuerySet
from reminders import clock, notices, raising, steps
from reminders.calendar.models import HolidayOverride
from reminders.deliveries import deliver
from reminders.models import Delivery, Parameter, Reminder
from tests.complaints.cases import escalated_users
from tests.factories.accounts import StandInFactory, UserFactory
from tests.factories.complaints import ComplaintFactory, take_step

pytestmark = pytest.mark.django_db
RECEIVED, RESPONSE_DUE, RESULT_DUE = date(2026, 9, 28), date(2026, 10, 13), date(2026, 10, 22)
SECRETS = ("陈小满", "13700006021", "探访没有按约定时间来", "说好每周六上午来")
TOLD = {"form_of_reply": "phone", "text": "向您道歉"}


@pytest.fixture
def swept(at):
    """A function that sweeps a day, e.g. swept("2026-10-13"), and returns the new reminders, oldest first."""

    def sweep(day):
        before = raising.newest_pk()
        _counts, failed = steps.sweep(at(day))
        assert failed == []
        return list(Reminder.objects.filter(pk__gt=before, kind="complaint").order_by("pk"))

    return sweep


def clock_steps(reminders, who=None):
    """Returns (clock, step) of each reminder about a clock, for all recipients or only for `who`."""
    about_clocks = [each for each in reminders if each.subject.endswith((":response", ":result"))]
    return [tuple(each.key.split(":")[2:5:2]) for each in about_clocks if who in (None, each.recipient)]


def open_about(case, clock_name):
    """Returns the open reminders about one clock of the complaint."""
    return Reminder.objects.open().filter(subject=f"complaint:{case.pk}:{clock_name}")


def test_each_step_of_both_clocks_is_asked_for_once_on_its_day(case, head, swept):
    found = {}
    for days in range(28):
        day = RECEIVED + timedelta(days=days)
        if keys := clock_steps(swept(day), head):
            found[str(day)] = keys
    assert found == {
        "2026-10-08": [("response", "half")],  # the third of the seven working days
        "2026-10-10": [("response", "before")],  # a make-up Saturday, two working days before the due date
        "2026-10-13": [("response", "due"), ("result", "half")],
        "2026-10-14": [("response", "over")],
        "2026-10-20": [("result", "before")],
        "2026-10-22": [("result", "due")],
        "2026-10-23": [("result", "over")],
    }


def test_second_run_raises_nothing(case, swept):
    assert clock_steps(swept(RESPONSE_DUE)) != []
    rows = Reminder.objects.count(), Delivery.objects.count(), Act.objects.count(), Access.objects.count()
    assert swept(RESPONSE_DUE) == []
    assert swept(RESPONSE_DUE) == []
    assert (
        Reminder.objects.count(),
        Delivery.objects.count(),
        Act.objects.count(),
        Access.objects.count(),
    ) == rows


def test_missed_days_are_caught_up_by_the_step_that_holds_now(case, head, swept):
    """After three weeks without a sweep: one reminder for each clock, not four."""
    assert clock_steps(swept("2026-10-26"), head) == [("response", "over"), ("result", "over")]


def test_later_step_takes_the_place_of_the_earlier(case, swept):
    for day in ("2026-10-08", "2026-10-10", "2026-10-13", "2026-10-14"):
        swept(day)
        [only] = open_about(case, "response")
    assert "逾期" in only.title


def test_head_and_handler_are_asked_and_nobody_else(case, head, handler, council, swept):
    take_step(case, "appoint", head, user=handler)
    take_step(case, "list", head, user=council, text="了解情况")
    raised = swept("2026-10-10")
    assert {each.recipient for each in raised} == {head, handler}
    assert {row.recipient for row in Delivery.objects.all()} == {head, handler}


def test_handler_appointed_later_is_asked_from_then_on(case, head, handler, swept):
    swept("2026-10-10")
    take_step(case, "appoint", head, user=handler)
    assert clock_steps(swept("2026-10-10")) == [("response", "before")]


def test_former_handler_is_asked_no_more_and_gets_no_letter(case, head, handler, council, swept):
    User.objects.filter(pk=handler.pk).update(
        email="handler@example.com", confirmed_email="handler@example.com"
    )
    take_step(case, "appoint", head, user=handler)
    swept("2026-10-10")
    take_step(case, "appoint", head, user=council)
    assert not notices.open_for(handler).exists()
    deliver(clock.now())
    assert [letter.to for letter in mail.outbox if letter.to == ["handler@example.com"]] == []
    assert handler not in {each.recipient for each in swept("2026-10-13")}


@pytest.mark.parametrize("act", ["reply", "pause", "void", "personnel"])
def test_answered_clock_is_silent(head, act, swept, today):
    case = ComplaintFactory(anonymous=True)
    swept("2026-10-10")
    more = {"kind": "complaint", "subject": "conduct", "is_personnel": True} if act == "personnel" else {}
    take_step(case, "reclass" if act == "personnel" else act, head, on=clock.today(), **TOLD, **more)
    assert not open_about(case, "response").exists()
    assert ("response", "due") not in clock_steps(swept("2026-10-13"))


def test_anonymous_personnel_matter_has_no_reminder_but_the_first(head, swept, today):
    ComplaintFactory(anonymous=True, personnel=True)
    assert [swept(RECEIVED + timedelta(days=days)) for days in range(0, 60, 5)] == [[]] * 12
    assert not Access.objects.filter(role=AccessRole.ESCALATED).exists()


# A date that moves.


def test_changed_calendar_takes_the_reminder_back_and_tells_the_new_date(
    case, head, swept, django_capture_on_commit_callbacks
):
    [before] = [each for each in swept("2026-10-10") if each.subject.endswith("response")]
    with django_capture_on_commit_callbacks(execute=True):
        HolidayOverride.objects.create(date=date(2026, 10, 12), is_working=False, name="台风", notice="甲")
    assert not open_about(case, "response").exists()
    assert Reminder.objects.get(subject=f"complaint:{case.pk}:new").due_on == date(2026, 10, 14)
    assert clock_steps(swept("2026-10-10")) == [("response", "before")]
    [moved] = open_about(case, "response")
    assert (moved.due_on, moved.title) == (
        date(2026, 10, 14),
        f"意见／投诉（{case.number}）请在2026-10-14前回应",
    )
    assert Delivery.objects.unread_by(head).filter(reminder=moved).count() == 1
    assert (moved.pk > before.pk, before.title.endswith("请在2026-10-13前回应")) == (True, True)
    assert clock_steps(swept("2026-10-10")) == []
    assert ("response", "before") not in clock_steps(swept("2026-10-13"))
    assert ("response", "due") in clock_steps(swept("2026-10-14"))


def test_calendar_that_moves_a_date_on_its_day_tells_the_next_day_as_well(
    case, swept, django_capture_on_commit_callbacks
):
    assert ("response", "due") in clock_steps(swept("2026-10-13"))
    with django_capture_on_commit_callbacks(execute=True):
        HolidayOverride.objects.create(date=date(2026, 10, 13), is_working=False, name="台风", notice="甲")
    assert not open_about(case, "response").exists()
    assert ("response", "before") in clock_steps(swept("2026-10-13"))
    assert ("response", "due") in clock_steps(swept("2026-10-14"))


def test_date_set_by_hand_begins_a_new_period(case, head, swept):
    swept("2026-10-10")
    take_step(case, "extend", head, clock="response", due_on=date(2026, 10, 20), text="等材料")
    assert not open_about(case, "response").exists()
    assert clock_steps(swept("2026-10-15")) == [("response", "half"), ("result", "half")]
    assert clock_steps(swept("2026-10-16")) == [("response", "before")]
    assert ("response", "due") in clock_steps(swept("2026-10-20"))


def test_resumed_clock_is_asked_for_again(case, head, swept):
    swept("2026-10-10")
    take_step(case, "pause", head, text="等本人回来")
    assert not open_about(case, "response").exists()
    take_step(case, "resume", head)
    assert ("response", "before") in clock_steps(swept("2026-10-10"))


def test_result_promised_anew_is_asked_for_again(case, head, swept):
    take_step(case, "appoint", head, user=head)
    swept("2026-10-20")
    take_step(case, "answer", head, on=clock.today(), **TOLD)
    take_step(case, "unsatisfied", head, on=clock.today(), text="不同意")
    take_step(case, "plan", head, on=clock.today(), due_on=RESULT_DUE, **TOLD)
    assert clock_steps(swept("2026-10-20")) == [("result", "before")]


# The texts of the reminders, and who may read them.


def test_reminders_and_letters_name_nobody(case, head, handler, director, swept):
    User.objects.filter(pk__in=[head.pk, handler.pk, director.pk]).update(
        email="someone@example.com", confirmed_email="someone@example.com"
    )
    take_step(case, "appoint", head, user=handler)
    Improvement.objects.create(
        complaint=case, measure="陈小满的探访改由督导跟", owner=handler, due_on=RECEIVED, check_on=RECEIVED
    )
    for day in ("2026-10-08", "2026-10-10", "2026-10-13", "2026-10-14", "2026-10-26"):
        swept(day)
        deliver(clock.now())
    Improvement.objects.update(done_on=clock.today())
    swept("2026-10-27")
    deliver(clock.now())
    texts = list(Reminder.objects.values_list("title", flat=True))
    texts += [part for letter in mail.outbox for part in (letter.subject, letter.body, *letter_parts(letter))]
    assert len(mail.outbox) >= 6
    assert [(secret, text) for text in texts for secret in SECRETS if secret in text] == []
    assert [letter.subject for letter in mail.outbox if case.number in letter.subject] == []


def letter_parts(letter):
    """Returns the contents of the alternative parts of an e-mail."""
    return [alternative.content for alternative in letter.alternatives]


def test_stand_in_sees_and_gets_nothing(case, head, swept, client, today):
    stand_in = UserFactory(email="stand-in@example.com", reachable=True, name="代班")
    StandInFactory(absent=head, stand_in=stand_in, starts_on=RECEIVED, ends_on=date(2026, 12, 31))
    Reminder.objects.create(
        key="plain", subject="plain", recipient=head, kind="due", title="平常的提醒", raised_on=RECEIVED
    )
    swept("2026-10-13")
    deliver(clock.now())
    stand_in = User.objects.get(pk=stand_in.pk)
    client.force_login(stand_in)
    page = client.get(reverse("notices")).content.decode()
    assert "平常的提醒" in page  # the control: a reminder that is not personal is shown to the stand-in
    assert case.number not in page
    assert case.number not in client.get(reverse("my_work")).content.decode()
    assert not Delivery.objects.filter(recipient=stand_in, reminder__kind="complaint").exists()
    to_stand_in = [letter for letter in mail.outbox if letter.to == ["stand-in@example.com"]]
    assert [letter for letter in to_stand_in if case.number in letter.body] == []
    first = Reminder.objects.filter(kind="complaint").first()
    assert client.get(reverse("notice", args=[first.pk])).status_code == 404


def test_administrator_sees_neither_reminder_nor_letter(case, swept, client):
    User.objects.filter(pk=case.head.pk).update(email="head@example.com", confirmed_email="head@example.com")
    swept("2026-10-14")
    Delivery.objects.filter(channel="email").update(state="failed", error="x")
    client.force_login(UserFactory(roles=[Role.ADMINISTRATOR]))
    rows = Delivery.objects.filter(reminder__kind="complaint", channel="email")
    assert rows.exists()
    for page in ("reminder", "delivery"):
        text = client.get(reverse(f"admin:reminders_{page}_changelist")).content.decode()
        assert case.number not in text
    assert client.get(reverse("admin:reminders_delivery_change", args=[rows[0].pk])).status_code == 302
    reminder = reverse("admin:reminders_reminder_change", args=[rows[0].reminder_id])
    assert client.get(reminder).status_code == 302


# Escalation.


def test_overdue_is_told_to_the_director_once_and_opens_it(case, director, swept):
    assert not Complaint.objects.visible_to(director).exists()
    swept("2026-10-13")
    assert escalated_users(case) == set()
    assert [each.recipient for each in swept("2026-10-14") if each.subject.endswith("escalated")] == [
        director
    ]
    assert Complaint.objects.visible_to(director).get() == case
    assert case.acts.filter(kind=ActKind.REMINDED).count() == 1
    assert [each for each in swept("2026-10-23") if each.subject.endswith("escalated")] == []
    assert case.acts.filter(kind=ActKind.REMINDED).count() == 1


@pytest.mark.parametrize("how", ["accused", "not_told"])
def test_overdue_is_not_told_to_a_director_it_concerns(head, director, council, how, swept, today):
    case = ComplaintFactory(**{how: [director]})
    raised = swept("2026-10-14")
    assert escalated_users(case) == {council}
    assert director not in {each.recipient for each in raised}
    assert not Complaint.objects.visible_to(director).exists()


def test_director_who_is_head_is_not_escalated_to(director, council, swept, today):
    case = ComplaintFactory()
    assert case.head == director
    swept("2026-10-14")
    assert escalated_users(case) == {council}


def test_nobody_left_to_be_told_is_no_error(head, director, council, swept, today):
    case = ComplaintFactory(accused=[director, council])
    swept("2026-10-14")
    assert escalated_users(case) == set()


def test_days_before_escalation_are_a_setting(case, director, swept, head):
    Parameter.objects.create(
        key="complaint_escalate_after", value=3, effective_from=RECEIVED, reason="试", set_by=head
    )
    swept("2026-10-15")
    assert escalated_users(case) == set()
    swept("2026-10-16")
    assert escalated_users(case) == {director}


def test_resumed_clock_that_is_still_overdue_is_escalated_again(case, head, director, swept):
    swept("2026-10-14")
    take_step(case, "pause", head, text="等本人回来")
    swept("2026-10-16")
    take_step(case, "resume", head)
    assert [each.recipient for each in swept("2026-10-16") if each.subject.endswith("escalated")] == [
        director
    ]


@pytest.mark.parametrize("how", ["extend", "calendar"])
def test_moved_date_is_escalated_when_it_is_missed_as_well(
    case, head, director, how, swept, django_capture_on_commit_callbacks
):
    swept("2026-10-14")
    assert open_about(case, "escalated").count() == 1
    if how == "extend":
        take_step(case, "extend", head, clock="response", due_on=date(2026, 10, 20), text="等材料")
    else:
        with django_capture_on_commit_callbacks(execute=True):
            for day in (12, 13, 14, 15, 16):
                HolidayOverride.objects.create(
                    date=date(2026, 10, day), is_working=False, name="台风", notice="甲"
                )
    case.refresh_from_db()
    assert (case.response_due_on > clock.today(), open_about(case, "escalated").count()) == (True, 0)
    assert swept(case.response_due_on) != []
    assert open_about(case, "escalated").count() == 0
    after = case.response_due_on + timedelta(days=1)
    assert [each.recipient for each in swept(after) if each.subject.endswith("escalated")] == [director]
    assert [each for each in swept(after) if each.subject.endswith("escalated")] == []
    assert case.acts.filter(kind=ActKind.REMINDED).count() == 2


@pytest.mark.parametrize("how", ["pause", "reply"])
def test_stopped_clock_is_not_escalated(case, head, how, swept):
    take_step(case, how, head, on=RECEIVED, **TOLD)
    swept("2026-10-15")
    assert escalated_users(case) == set()


# The head leaves.


@pytest.fixture
def in_charge(head, council):
    """An appointment with the council member as alternate, for complaints that the head cannot take."""
    return Appointment.objects.create(head=head, alternate=council, reason="理事会决议")


def test_head_who_leaves_hands_over_what_is_open(case, head, council, in_charge, swept):
    User.objects.filter(pk=head.pk).update(is_active=False)
    raised = swept("2026-09-29")
    case.refresh_from_db()
    assert case.head == council
    about_it = [each for each in raised if each.subject.startswith("complaint:")]
    assert [(each.recipient, each.subject.split(":")[2]) for each in about_it] == [(council, "new")]
    assert not Complaint.objects.visible_to(User.objects.get(pk=head.pk)).exists()
    assert not Reminder.objects.open().filter(recipient=head).exists()
    act = case.acts.last()
    assert (act.kind, act.by) == (ActKind.HEAD_CHANGED, None)
    assert swept("2026-09-29") == []


def test_director_is_told_once_that_a_head_has_left_and_of_no_case(head, council, director, in_charge, swept):
    numbers = [ComplaintFactory().number for _one in range(3)]
    User.objects.filter(pk=head.pk).update(is_active=False)
    [notice] = [each for each in swept("2026-09-29") if each.recipient == director]
    assert "何理事" in notice.title
    assert notice.is_personal
    assert not [number for number in [*numbers, "3"] if number in notice.title]


def test_whoever_became_head_meanwhile_is_not_the_heir(case, head, council, swept):
    """Open complaints go to a new head only after confirmation, also when the old head's account is closed."""
    Appointment.objects.create(head=UserFactory(roles=[Role.HEAD]), alternate=council, reason="换人")
    User.objects.filter(pk=head.pk).update(is_active=False)
    swept("2026-09-29")
    case.refresh_from_db()
    assert case.head == council


def test_next_in_line_by_role_is_not_the_heir(case, head, council, swept):
    UserFactory(roles=[Role.HEAD])
    User.objects.filter(pk=head.pk).update(is_active=False)
    swept("2026-09-29")
    case.refresh_from_db()
    assert case.head == council


def test_complaint_is_not_handed_to_concerned_users(head, council, director, in_charge, swept):
    case = ComplaintFactory(accused=[council])
    User.objects.filter(pk=head.pk).update(is_active=False)
    swept("2026-09-29")
    case.refresh_from_db()
    assert case.head == director


def test_one_that_nobody_may_have_waits_and_keeps_no_other(head, council, in_charge, swept, caplog):
    stuck = ComplaintFactory(accused=[council], not_told=User.objects.with_role(Role.DIRECTOR))
    other = ComplaintFactory()
    User.objects.filter(pk=head.pk).update(is_active=False)
    swept("2026-09-29")
    assert [Complaint.objects.get(pk=each.pk).head for each in (stuck, other)] == [head, council]
    assert f"complaint {stuck.pk}" in caplog.text


@pytest.mark.parametrize("state", ["not_processed", "void"])
def test_what_has_ended_stays_readable_for_the_next_head(head, council, in_charge, swept, state):
    """Ended complaints need no confirmation, because nothing is left to do."""
    case = ComplaintFactory(anonymous=True, personnel=True)
    if state == "void":
        take_step(case, "void", head, text="重复登记")
    User.objects.filter(pk=head.pk).update(is_active=False)
    assert swept("2026-09-29") == []
    assert list(Complaint.objects.visible_to(council)) == [case]


# Measures.


def measure(case, owner, **dates):
    """Creates a measure."""
    fields = {"due_on": date(2026, 10, 13), "check_on": date(2026, 12, 1)} | dates
    return Improvement.objects.create(complaint=case, measure="改期提前一天告知", owner=owner, **fields)


def about_measures(reminders):
    """Returns (what, recipient) of each reminder about a measure."""
    return [(each.subject.split(":")[2], each.recipient) for each in reminders if "measure:" in each.subject]


def test_owner_is_reminded_of_a_measure_once_two_working_days_before(case, handler, swept):
    measure(case, handler)
    raised = {
        str(day): about_measures(swept(day))
        for day in ("2026-10-09", "2026-10-10", "2026-10-13", "2026-10-20")
    }
    assert [day for day, reminders in raised.items() if reminders] == ["2026-10-10"]
    assert raised["2026-10-10"] == [("due", handler)]


def test_head_is_reminded_to_look_whether_it_happened_again(case, head, handler, swept):
    measure(case, handler, done_on=date(2026, 10, 12))
    assert about_measures(swept("2026-11-30")) == []
    assert about_measures(swept("2026-12-01")) == [("check", head)]
    assert about_measures(swept("2026-12-02")) == []


def test_head_is_reminded_of_a_measure_whose_owner_has_left(case, head, handler, swept):
    measure(case, handler)
    User.objects.filter(pk=handler.pk).update(is_active=False)
    assert about_measures(swept("2026-10-10")) == [("due", head)]


def test_checked_measure_is_silent(case, handler, swept):
    measure(case, handler, done_on=date(2026, 10, 12), checked_on=date(2026, 11, 1), has_recurred=False)
    assert about_measures(swept("2026-12-02")) == []


# Audit log, and attempts at the portal.


def fails(day, at):
    """Sweeps `day`. Returns the names of the steps that failed."""
    return steps.sweep(at(day))[1]


def tamper(how, case):
    """Changes the acts of a complaint past the application, as a user of the database could."""
    acts = Act.objects.filter(complaint=case)
    raw = super(AppendOnlyQuerySet, acts)
    {
        "text": lambda: raw.update(text="改过"),
        "moment": lambda: raw.update(at=timezone.now() + timedelta(days=1)),
        "who": lambda: raw.update(by=case.head),
        "details": lambda: raw.update(details={"a": 1}),
        "removed": lambda: acts.filter(place=1)._raw_delete(acts.db),
    }[how]()


@pytest.mark.parametrize("how", ["text", "moment", "who", "details", "removed"])
def test_changed_act_is_found_the_next_day(case, at, caplog, how):
    assert fails("2026-09-28", at) == []
    tamper(how, case)
    assert fails("2026-09-29", at) == ["acts of complaints"]
    assert str(case.pk) in caplog.text


def test_attempts_are_deleted_even_with_a_broken_audit_log(case, at):
    at("2026-09-28")
    Attempt.objects.create(sender_hash="x", door="form", at=timezone.now())
    tamper("text", case)
    assert fails("2026-10-02", at) == ["acts of complaints"]
    assert not Attempt.objects.exists()


def test_unchanged_acts_pass_verification(case, head, at):
    take_step(case, "note", head, text="查了签到记录")
    assert fails("2026-09-29", at) == []


def test_attempts_are_deleted_after_two_days(db, at):
    at("2026-10-12")
    for hours in (1, 47, 49, 200):
        Attempt.objects.create(sender_hash="x", door="form", at=timezone.now() - timedelta(hours=hours))
    steps.sweep(clock.today())
    assert Attempt.objects.count() == 2
