"""The due dates after 7 and 14 working days (R139, R148, R423-R424, R440-R441), checked against published notices."""

import re
from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from hypothesis import given as generated
from hypothesis import strategies as st

from accounts.exceptions import ActionRefused
from complaints.clocks import deadlines as clocks
from complaints.models import ActKind, Complaint, State
from reminders import clock
from reminders.calendar.models import HolidayNotice, HolidayOverride
from reminders.calendar.workdays import Calendar, Override
from reminders.models import Parameter, ParameterHistory, Reminder
from reminders.steps import sweep
from tests.factories.accounts import UserFactory
from tests.factories.complaints import ComplaintFactory, take_step
from tests.reminders.arrangements import worked_by_table

FIRST, LAST = date(2018, 1, 1), date(2026, 12, 31)
EVERY_DAY = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
WORKED = [day for day in EVERY_DAY if worked_by_table(day)]
NUMBERS = ParameterHistory(()).on(FIRST)
PLAIN = Calendar()
TOLD = {"form_of_reply": "phone", "text": "安排"}


def by_table(received, n):
    """Returns the n-th working day after `received` by the published notices; None beyond the last notice."""
    place = bisect_right(WORKED, received) + n - 1
    return WORKED[place] if place < len(WORKED) else None


def received(day, **fields):
    """Returns an unsaved complaint received on `day`."""
    return Complaint(received_on=day, counted_from=day, **fields)


def off(*days):
    """Enters these days as days off in the centre's calendar."""
    for day in days:
        HolidayOverride.objects.create(date=day, is_working=False, name="台风", notice="中心〔2026〕1号")


# The dates themselves.


def test_every_day_of_nine_years_gives_the_dates_of_the_notices():
    wrong = []
    for day in EVERY_DAY:
        dates = clocks.due_dates(received(day), NUMBERS, PLAIN)
        for computed, n in ((dates.response_due_on, 7), (dates.result_due_on, 14)):
            published = by_table(day, n)
            if computed != published if published else computed <= LAST:
                wrong.append((day, n, computed, published))
        if dates.is_provisional is not (by_table(day, 14) is None):
            wrong.append((day, "provisional", dates.is_provisional))
    assert wrong == []


@pytest.mark.parametrize(
    ("day", "response", "result"),
    [
        ("2026-09-28", "2026-10-13", "2026-10-22"),  # National Day; Saturday 10 October is worked
        ("2026-10-01", "2026-10-15", "2026-10-26"),  # received on a day off
        ("2026-10-10", "2026-10-20", "2026-10-29"),  # received on a make-up Saturday
        ("2026-02-11", "2026-02-27", "2026-03-09"),  # Spring Festival with two make-up Saturdays
        ("2019-04-25", "2019-05-07", "2019-05-16"),  # Labour Day of 2019, between two make-up Sundays
        ("2020-01-20", "2020-02-06", "2020-02-17"),
        ("2022-12-28", "2023-01-09", "2023-01-18"),  # across the turn of the year
    ],
)
def test_due_dates_match_manual_calculation(day, response, result):
    dates = clocks.due_dates(received(date.fromisoformat(day)), NUMBERS, PLAIN)
    assert [str(dates.response_due_on), str(dates.result_due_on)] == [response, result]


def test_every_day_is_explained_to_the_due_date():
    case = received(date(2026, 9, 28))
    clocks.recalculate(case, NUMBERS, PLAIN)
    notes = clocks.explain_clock(case, clocks.RESPONSE, NUMBERS, PLAIN)
    assert [note.number for note in notes if note.number] == [1, 2, 3, 4, 5, 6, 7]
    assert (notes[0].day, notes[-1].day, len(notes)) == (date(2026, 9, 28), date(2026, 10, 13), 16)


@generated(
    st.sampled_from(EVERY_DAY[:-200]),
    st.integers(0, 60),
    st.integers(1, 60),
    st.integers(1, 120),
    st.booleans(),
)
def test_a_clock_runs_its_working_days_and_its_pauses(day, paused, seven, fourteen, is_from_told):
    planned_on = day + timedelta(days=paused)
    numbers = NUMBERS | {
        "complaint_response_days": seven,
        "complaint_result_days": fourteen,
        "complaint_result_from_told": int(is_from_told),
    }
    dates = clocks.due_dates(received(day, paused_days=paused, planned_on=planned_on), numbers, PLAIN)
    zero = planned_on if is_from_told else day
    assert worked_by_table(dates.response_due_on)
    assert PLAIN.working_days_between(day, dates.response_due_on) == seven + paused
    assert PLAIN.working_days_between(zero, dates.result_due_on) == fourteen + paused


@generated(st.sampled_from(EVERY_DAY[:-60]), st.integers(1, 25))
def test_a_day_off_more_never_brings_a_date_forward(day, after):
    """An additional day off after the due date changes nothing."""
    extra = day + timedelta(days=after)
    before = clocks.due_dates(received(day), NUMBERS, PLAIN)
    later = clocks.due_dates(received(day), NUMBERS, Calendar({extra: Override(False, "台风", "甲")}))
    for clock_name in ("response_due_on", "result_due_on"):
        old, new = getattr(before, clock_name), getattr(later, clock_name)
        assert new == old if extra > old or not worked_by_table(extra) else new > old


@pytest.mark.parametrize("clock_name", clocks.CLOCKS)
def test_what_is_answered_or_set_by_hand_is_not_provisional(clock_name):
    case = received(date(2026, 12, 14))
    assert clocks.due_dates(case, NUMBERS, PLAIN).is_provisional
    for each in clocks.CLOCKS:
        how = "met_on" if each == clock_name else "extended_to"
        setattr(case, f"{each}_{how}", date(2027, 1, 8))
    assert not clocks.due_dates(case, NUMBERS, PLAIN).is_provisional


# Stored dates, and the changes that move them.


def reckoned(case):
    """Returns the acts about recalculated dates."""
    return list(case.acts.filter(kind=ActKind.RECKONED))


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    """`with committed():` runs the on-commit callbacks of the block at its end."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def test_changed_calendar_moves_open_clocks_and_keeps_the_old_dates(case, committed, at):
    at("2026-09-29")
    with committed(), translation.override("en"):
        off(date(2026, 10, 9))
    case.refresh_from_db()
    assert (case.response_due_on, case.result_due_on) == (date(2026, 10, 14), date(2026, 10, 23))
    [act] = reckoned(case)
    assert act.details == {"response_due_on": "2026-10-13", "result_due_on": "2026-10-22"}
    assert (act.by, act.on, act.is_public) == (None, date(2026, 9, 29), True)
    assert "10月13日" in act.text
    assert "10月14日" in act.text
    assert clocks.recalculate_open(clock.today()) == 0
    assert len(reckoned(case)) == 1


def closed_case(head):
    """Returns a praise that has been closed."""
    case = ComplaintFactory(praise=True)
    for name in ("answer", "satisfied", "sign", "close"):
        if name == "answer":
            take_step(case, "appoint", head, user=head)
        take_step(case, name, head, on=clock.today(), **TOLD)
    return case


def test_changed_calendar_leaves_what_is_done_alone(head, today, committed):
    closed, void = closed_case(head), take_step(ComplaintFactory(), "void", head, text="重复")
    refused = ComplaintFactory(anonymous=True, personnel=True)
    answered = take_step(ComplaintFactory(), "reply", head, on=today, **TOLD)
    before = list(Complaint.objects.exclude(pk=answered.pk).order_by("pk").values())
    with committed():
        off(date(2026, 10, 9))
    assert list(Complaint.objects.exclude(pk=answered.pk).order_by("pk").values()) == before
    assert [reckoned(case) for case in (closed, void, refused)] == [[], [], []]
    answered.refresh_from_db()
    assert (answered.response_due_on, answered.result_due_on) == (date(2026, 10, 13), date(2026, 10, 23))
    assert reckoned(answered)[0].details == {"result_due_on": "2026-10-22"}


def test_recalculation_returns_number_of_moved_complaints(case, head, today):
    take_step(ComplaintFactory(), "pause", head, text="等本人回来")
    ComplaintFactory(anonymous=True, personnel=True)
    storm = Calendar({date(2026, 10, 9): Override(False, "台风", "甲")})
    assert [clocks.recalculate_open(today, storm) for _time in range(2)] == [1, 0]
    assert [clocks.recalculate_open(today, PLAIN) for _time in range(2)] == [1, 0]


def test_changed_calendar_is_noticed_by_the_sweep_when_nobody_told(case, today):
    HolidayOverride.objects.bulk_create(
        [HolidayOverride(date=date(2026, 10, 9), is_working=False, name="台风", notice="甲")]
    )
    sweep(today)
    case.refresh_from_db()
    assert case.response_due_on == date(2026, 10, 14)


def test_year_without_a_notice_is_provisional_until_it_is_announced(head, at, committed):
    at("2026-12-18")
    case = ComplaintFactory()
    assert (case.response_due_on, case.result_due_on) == (date(2026, 12, 29), date(2027, 1, 8))
    assert case.is_provisional
    with committed():
        HolidayNotice.objects.create(number="国办发明电〔2026〕7号", year=2027)
        for day in (1, 2, 3, 4):
            HolidayOverride.objects.create(
                date=date(2027, 1, day), is_working=False, name="元旦", notice="国办发明电〔2026〕7号"
            )
    case.refresh_from_db()
    assert (case.result_due_on, case.is_provisional) == (date(2027, 1, 11), False)
    assert reckoned(case)[-1].details == {"result_due_on": "2027-01-08"}


def test_notice_that_confirms_the_dates_writes_no_act(head, at, committed):
    at("2026-12-18")
    case = ComplaintFactory()
    with committed():
        HolidayNotice.objects.create(number="甲", year=2027)
        HolidayOverride.objects.create(date=date(2027, 1, 1), is_working=False, name="元旦", notice="甲")
    case.refresh_from_db()
    assert (case.result_due_on, case.is_provisional, reckoned(case)) == (date(2027, 1, 8), False, [])


def test_pause_adds_its_working_days_to_both_clocks(case, head, at):
    at("2026-09-29")
    take_step(case, "pause", head, text="等本人回来")
    assert clocks.recalculate_open(clock.today()) == 0
    at("2026-10-12")  # 30 September, 8, 9, 10 and 12 October are working days
    take_step(case, "resume", head)
    assert (case.paused_days, case.paused_on) == (5, None)
    assert (case.response_due_on, case.result_due_on) == (date(2026, 10, 20), date(2026, 10, 29))
    assert case.acts.last().details == {"response_due_on": "2026-10-13", "result_due_on": "2026-10-22"}


def test_pause_over_a_changed_calendar_counts_by_the_new_one(case, head, at, committed):
    at("2026-09-29")
    take_step(case, "pause", head, text="等本人回来")
    with committed():
        off(date(2026, 10, 9))
    case.refresh_from_db()
    assert (case.response_due_on, reckoned(case)) == (date(2026, 10, 13), [])
    at("2026-10-12")
    take_step(case, "resume", head)
    assert (case.paused_days, case.response_due_on) == (4, date(2026, 10, 20))


def test_pause_moves_a_date_set_by_hand_as_well(case, head, at):
    at("2026-09-29")
    take_step(case, "extend", head, clock="response", due_on=date(2026, 10, 20), text="等材料")
    take_step(case, "pause", head, text="等本人回来")
    at("2026-09-30")
    take_step(case, "resume", head)
    assert (case.response_due_on, case.result_due_on) == (date(2026, 10, 21), date(2026, 10, 23))


def test_paused_and_resumed_on_one_day_costs_nothing(case, head, today):
    take_step(case, "pause", head, text="等本人回来")
    take_step(case, "resume", head)
    assert (case.paused_days, case.response_due_on) == (0, date(2026, 10, 13))


def test_paused_clock_is_never_overdue(case, head, at):
    take_step(case, "pause", head, text="等本人回来")
    assert not Complaint.objects.overdue_on(date(2026, 12, 1)).exists()
    at("2026-12-01")
    sweep(clock.today())
    assert not Reminder.objects.filter(subject__contains=":response").exists()
    take_step(case, "resume", head)
    assert not Complaint.objects.overdue_on(date(2026, 12, 1)).exists()


def test_date_set_by_hand_keeps_the_old_one_and_is_moved_by_no_calendar(case, head, committed):
    take_step(case, "extend", head, clock="response", due_on=date(2026, 10, 20), text="等材料")
    assert case.acts.last().details == {"response_due_on": "2026-10-13"}
    with committed():
        off(date(2026, 10, 9))
    case.refresh_from_db()
    assert (case.response_due_on, case.result_due_on) == (date(2026, 10, 20), date(2026, 10, 23))
    assert reckoned(case)[0].details == {"result_due_on": "2026-10-22"}


def number(key, value, day, by):
    """Sets a parameter from `day` on."""
    Parameter.objects.create(key=key, value=value, effective_from=day, reason="试", set_by=by)


def test_number_of_the_day_of_receipt_holds(case, head, at):
    """R120, R452: each centre sets its own numbers, with a history."""
    number("complaint_response_days", 5, date(2026, 9, 29), head)
    assert clocks.recalculate_open(at("2026-09-29")) == 0
    late = ComplaintFactory(received_on=date(2026, 9, 28))
    new = ComplaintFactory()
    due_dates = [each.response_due_on for each in Complaint.objects.filter(pk__in=[case.pk, late.pk])]
    assert due_dates == [date(2026, 10, 13)] * 2
    assert new.response_due_on == date(2026, 10, 12)


def test_result_counts_from_the_day_of_the_plan_where_the_centre_says_so(head, at):
    number("complaint_result_from_told", 1, date(2026, 9, 1), head)
    at("2026-09-28")
    case = ComplaintFactory()
    assert case.result_due_on == date(2026, 10, 22)
    take_step(case, "appoint", head, user=head)
    at("2026-10-08")
    promise = {"due_on": date(2026, 10, 27), "words": "从告知那天算"}
    take_step(case, "plan", head, on=date(2026, 10, 8), **promise, **TOLD)
    assert case.result_due_on == by_table(date(2026, 10, 8), 14) == date(2026, 10, 27)
    take_step(
        case,
        "plan",
        head,
        on=clock.today(),
        due_on=date(2026, 10, 20),
        text="再说一次",
        form_of_reply="phone",
    )
    assert case.result_due_on == date(2026, 10, 20)  # the promised date is the due date


@pytest.mark.parametrize("form_of_reply", ["phone", "interview", "email", "writing", "wechat"])
def test_any_real_reply_stops_the_clock_on_its_own_day(case, head, at, form_of_reply):
    """R141, R149."""
    at("2026-10-20")
    assert Complaint.objects.overdue_on(clock.today()).exists()
    take_step(case, "reply", head, on=date(2026, 10, 12), form_of_reply=form_of_reply, text="答")
    assert (case.response_met_on, case.response_due_on) == (date(2026, 10, 12), date(2026, 10, 13))
    assert not Complaint.objects.overdue_on(clock.today()).exists()
    assert Complaint.objects.overdue_on(date(2026, 10, 23)).exists()


def test_overdue_is_asked_of_the_stored_dates(case):
    assert not Complaint.objects.overdue_on(date(2026, 10, 13)).exists()
    assert Complaint.objects.overdue_on(date(2026, 10, 14)).get() == case
    assert Complaint.objects.due_by(date(2026, 10, 13)).get() == case
    assert not Complaint.objects.due_by(date(2026, 10, 12)).exists()


def test_dissatisfied_and_planned_the_result_waits_again(case, head, today):
    take_step(case, "appoint", head, user=head)
    take_step(case, "answer", head, on=today, **TOLD)
    take_step(case, "unsatisfied", head, on=today, text="不同意")
    assert case.result_met_on == today
    take_step(case, "plan", head, on=today, due_on=date(2026, 10, 20), **TOLD)
    assert (case.state, case.result_met_on, case.response_met_on) == (State.PLANNED, None, today)


# Midnight in Shanghai, 16:00 UTC, on a server whose clock is set to UTC.

BEFORE_MIDNIGHT = datetime(2026, 10, 12, 15, 59, 59, tzinfo=UTC)
MIDNIGHT = datetime(2026, 10, 12, 16, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "day", "due"),
    [
        (BEFORE_MIDNIGHT, date(2026, 10, 12), date(2026, 10, 21)),
        (MIDNIGHT, date(2026, 10, 13), date(2026, 10, 22)),
    ],
)
def test_midnight_belongs_to_the_next_day(head, time_machine, moment, day, due):
    time_machine.move_to(moment, tick=False)
    case = ComplaintFactory(with_code=True)
    take_step(case, "reply", head, on=clock.today(), **TOLD)
    assert (case.received_on, case.response_due_on, case.response_met_on) == (day, due, day)
    assert {act.on for act in case.acts.all()} == {day}
    assert {timezone.localtime(act.at).date() for act in case.acts.all()} == {day}
    assert case.told_on == day
    assert case.number.startswith("2026-")


@pytest.mark.parametrize(
    ("moment", "day", "due"),
    [(BEFORE_MIDNIGHT, "2026-10-12", "10月21日"), (MIDNIGHT, "2026-10-13", "10月22日")],
)
def test_midnight_on_page_and_receipt(case, client, time_machine, moment, day, due):
    """Public form and receipt, the form of a step, intake and list, a second before midnight and at midnight (R454)."""
    time_machine.move_to(moment, tick=False)
    token = re.search(r'name="token" value="([^"]+)"', client.get(reverse("portal:form")).content.decode())[1]
    typed = {
        "kind": "complaint",
        "person_class": "client",
        "subject": "conduct",
        "title": "午夜",
        "name": "陈",
    }
    receipt = client.post(reverse("portal:form"), typed | {"statement": "说", "token": token}, follow=True)
    assert due in receipt.content.decode()
    raised = Complaint.objects.get(title="午夜")
    assert (str(raised.received_on), str(raised.acts.first().on)) == (day, day)
    client.force_login(case.head)
    act = reverse("complaints:act", args=[case.number, "reply"])
    assert f'value="{day}"' in client.get(act).content.decode()
    assert f'max="{day}"' in client.get(reverse("complaints:new")).content.decode()
    shown = client.get(f"{reverse('complaints:list')}?show=all&since={day}").content.decode()
    assert (raised.number in shown, case.number in shown) == (True, False)


@pytest.mark.parametrize(("moment", "is_overdue"), [(BEFORE_MIDNIGHT, False), (MIDNIGHT, True)])
def test_midnight_makes_overdue(head, at, time_machine, moment, is_overdue):
    at("2026-09-25")
    case = ComplaintFactory()
    Complaint.objects.filter(pk=case.pk).update(response_due_on=date(2026, 10, 12))
    time_machine.move_to(moment, tick=False)
    assert Complaint.objects.overdue_on(clock.today()).exists() is is_overdue


def test_reply_of_tomorrow_is_refused_until_midnight(case, head, time_machine):
    time_machine.move_to(BEFORE_MIDNIGHT, tick=False)
    with pytest.raises(ActionRefused):
        take_step(case, "reply", head, on=date(2026, 10, 13), **TOLD)
    time_machine.move_to(MIDNIGHT, tick=False)
    assert take_step(case, "reply", head, on=date(2026, 10, 13), **TOLD).response_met_on == date(2026, 10, 13)


def test_number_of_a_year_is_drawn_by_the_year_in_shanghai(head, time_machine):
    time_machine.move_to(datetime(2026, 12, 31, 16, tzinfo=UTC), tick=False)
    assert ComplaintFactory(by=UserFactory()).number.startswith("2027-")
