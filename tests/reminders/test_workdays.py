"""Working days, deadlines, and the cache of the calendar (R139-R140, R423-R424, R440)."""

import datetime as dt

import chinese_calendar
import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from reminders.calendar import workdays
from reminders.calendar.models import HolidayNotice, HolidayOverride
from reminders.calendar.workdays import Calendar, DayKind, Override, calendar_changed
from tests.reminders.arrangements import ARRANGEMENTS, worked_by_table

D = dt.date
PLAIN = Calendar()
FIRST, LAST = D(2018, 1, 1), D(2026, 12, 31)
ALL_DAYS = [FIRST + dt.timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
days = st.dates(D(2017, 1, 1), D(2031, 12, 31))


@pytest.fixture(autouse=True)
def forgotten_calendar():
    """Clears the calendar cache of the process, so that it does not outlive the rows of another test."""
    workdays.clear_cache()
    yield
    workdays.clear_cache()


def override(day, is_working=False, **fields):
    """Creates the row of one day that differs from the published arrangements."""
    fields = {"name": "临时安排", "notice": "中心〔2026〕1号"} | fields
    return HolidayOverride.objects.create(date=day, is_working=is_working, **fields)


def announce(year, first_day):
    """Creates the notice that covers `year`, with one of its days. Returns the notice."""
    notice = HolidayNotice.objects.create(number=f"国办发明电〔{year - 1}〕7号", year=year)
    override(first_day, name="元旦", notice=notice.number)
    return notice


@pytest.mark.parametrize("moment", [dt.datetime(2026, 10, 12, 23, 0), "2026-10-12", None])
def test_non_date_argument_is_refused(moment):
    with pytest.raises(TypeError):
        PLAIN.is_working_day(moment)
    with pytest.raises(TypeError):
        PLAIN.add_working_days(moment, 1)
    with pytest.raises(TypeError):
        PLAIN.add_working_days(moment, 0)


def test_every_day_of_nine_years_follows_the_published_arrangements():
    assert [PLAIN.is_working_day(day) for day in ALL_DAYS] == [worked_by_table(day) for day in ALL_DAYS]
    assert [PLAIN.is_working_day(day) for day in ALL_DAYS] == [
        chinese_calendar.is_workday(day) for day in ALL_DAYS
    ]


@pytest.mark.parametrize(
    ("received", "n", "due"),
    [
        (D(2026, 9, 28), 7, D(2026, 10, 13)),  # National Day skipped; Saturday 10 October is a make-up day
        (D(2026, 9, 28), 14, D(2026, 10, 22)),
        (D(2026, 10, 1), 7, D(2026, 10, 15)),  # received on a holiday: day 1 is the next working day
        (D(2026, 10, 10), 1, D(2026, 10, 12)),  # received on a make-up Saturday, which is not counted
        (D(2026, 10, 9), 1, D(2026, 10, 10)),
        (D(2026, 2, 13), 6, D(2026, 2, 28)),
        (D(2026, 2, 13), 7, D(2026, 3, 2)),
        (D(2018, 12, 28), 1, D(2018, 12, 29)),  # a notice for 2019 made Saturday 29 December a working day
        (D(2018, 12, 28), 2, D(2019, 1, 2)),
        (D(2022, 12, 30), 1, D(2023, 1, 3)),
        (D(2026, 10, 12), 0, D(2026, 10, 12)),
        (D(2026, 10, 11), 0, D(2026, 10, 11)),
        (D(2026, 10, 13), -1, D(2026, 10, 12)),
        (D(2026, 10, 12), -1, D(2026, 10, 10)),
        (D(2026, 10, 8), -1, D(2026, 9, 30)),
        (D(2026, 1, 5), -2, D(2025, 12, 31)),
        (D(2026, 1, 2), -249, D(2024, 12, 31)),
    ],
)
def test_adding_working_days_from_day_zero(received, n, due):
    assert PLAIN.add_working_days(received, n) == due


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        (D(2026, 9, 28), D(2026, 10, 13), 7),
        (D(2026, 10, 13), D(2026, 9, 28), -7),
        (D(2026, 10, 1), D(2026, 10, 7), 0),
        (D(2026, 10, 9), D(2026, 10, 10), 1),
        (D(2026, 10, 10), D(2026, 10, 11), 0),
        (D(2026, 10, 12), D(2026, 10, 12), 0),
        (D(2017, 12, 31), D(2026, 12, 31), sum(map(worked_by_table, ALL_DAYS))),
    ],
)
def test_counting_working_days_after_start_up_to_end(start, end, count):
    assert PLAIN.working_days_between(start, end) == count


@given(days, st.integers(-300, 300).filter(bool))
def test_the_nth_working_day_is_worked_and_lies_n_working_days_away(day, n):
    due = PLAIN.add_working_days(day, n)
    assert PLAIN.is_working_day(due)
    notes = [note for note in PLAIN.explain(day, n) if note.number is not None]
    assert [note.number for note in notes] == (list(range(1, n + 1)) if n > 0 else list(range(n, 0)))
    if n > 0:
        assert PLAIN.working_days_between(day, due) == n


@given(days, days)
def test_adding_and_subtracting_working_days_cancel_out(start, end):
    assert PLAIN.working_days_between(start, end) == -PLAIN.working_days_between(end, start)
    first, last = min(start, end), max(start, end)
    span = [first + dt.timedelta(days=n) for n in range(1, (last - first).days + 1)]
    assert abs(PLAIN.working_days_between(start, end)) == sum(map(PLAIN.is_working_day, span))


def test_explanation_names_every_day_and_why():
    notes = PLAIN.explain(D(2026, 9, 30), 4)
    told = [(note.day.day, note.kind, str(note.name), note.number) for note in notes]
    holiday = [(n, DayKind.HOLIDAY, "国庆节", None) for n in range(1, 8)]
    assert told == [
        (30, DayKind.RECEIPT, "", None),
        *holiday,
        (8, DayKind.WORKING, "", 1),
        (9, DayKind.WORKING, "", 2),
        (10, DayKind.MAKE_UP, "国庆节", 3),
        (11, DayKind.WEEKEND, "", None),
        (12, DayKind.WORKING, "", 4),
    ]
    assert notes[1].source == "国务院办公厅2026年节假日安排"
    assert not any(note.provisional for note in notes)


def test_explanation_backwards_stays_in_order_of_date_and_counts_down():
    notes = PLAIN.explain(D(2026, 10, 12), -2)
    assert [(note.day.day, note.number) for note in notes] == [(9, -2), (10, -1), (11, None), (12, None)]
    assert notes[-1].kind == DayKind.RECEIPT


def test_explanation_of_zero_days_is_the_day_of_receipt():
    assert [note.kind for note in PLAIN.explain(D(2026, 10, 12), 0)] == [DayKind.RECEIPT]


def test_unannounced_year_is_provisional_and_leaves_out_the_statutory_days():
    closed = [day for day in (D(2027, 1, 1) + dt.timedelta(days=n) for n in range(365)) if day.weekday() < 5]
    closed = [day for day in closed if not PLAIN.is_working_day(day)]
    spring = [D(2027, 2, 5), D(2027, 2, 8)]  # New Year's Eve is Friday 5 February, the third day Monday
    assert closed == [D(2027, 1, 1), *spring, D(2027, 4, 5), D(2027, 6, 9), D(2027, 9, 15), D(2027, 10, 1)]
    assert PLAIN.is_provisional(D(2027, 1, 1))
    assert not PLAIN.is_provisional(D(2026, 12, 31))


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (D(2027, 1, 8), DayKind.WORKING),  # Friday
        (D(2027, 1, 9), DayKind.WEEKEND),
        (D(2027, 1, 10), DayKind.WEEKEND),
        (D(2027, 1, 11), DayKind.WORKING),
        (D(2027, 2, 5), DayKind.HOLIDAY),  # New Year's Eve, a Friday
        (D(2027, 2, 6), DayKind.HOLIDAY),  # New Year's Day, a Saturday
    ],
)
def test_day_of_an_unannounced_year_says_what_it_is(day, kind):
    rule = PLAIN.rule(day)
    assert (rule.kind, rule.provisional) == (kind, True)
    assert rule.is_working is PLAIN.is_working_day(day) is (kind == DayKind.WORKING)


def test_deadline_across_an_unannounced_year_is_flagged_day_by_day():
    notes = PLAIN.explain(D(2026, 12, 30), 3)
    assert [(note.day.isoformat(), note.provisional) for note in notes][-1] == ("2027-01-05", True)
    assert [note.provisional for note in notes[:2]] == [False, False]
    assert {note.source for note in notes if note.provisional} == {
        "2027年放假通知还没有公布，按法定节假日推算"
    }
    assert (notes[2].kind, str(notes[2].name)) == (DayKind.HOLIDAY, "元旦")


def test_override_comes_before_the_library_and_before_the_provisional_rule():
    calendar = Calendar(
        {D(2026, 10, 8): Override(False, "台风", "甲1号"), D(2027, 1, 1): Override(True, "值班", "乙2号")}
    )
    assert not calendar.is_working_day(D(2026, 10, 8))
    assert calendar.is_working_day(D(2027, 1, 1))
    assert calendar.add_working_days(D(2026, 9, 28), 7) == D(2026, 10, 14)
    rule = calendar.rule(D(2026, 10, 8))
    assert (rule.kind, rule.name, rule.source, rule.provisional) == (DayKind.HOLIDAY, "台风", "甲1号", False)
    assert calendar.rule(D(2027, 1, 1)).kind == DayKind.WORKING
    assert calendar.is_provisional(D(2027, 1, 1))


def test_announced_year_follows_its_notice_alone():
    calendar = Calendar({D(2027, 1, 1): Override(False, "元旦", "n")}, announced_years=[2027])
    assert not calendar.is_provisional(D(2027, 6, 9))
    assert calendar.is_working_day(D(2027, 6, 9))
    assert not calendar.is_working_day(D(2027, 1, 1))
    assert not calendar.is_working_day(D(2027, 1, 2))


@pytest.mark.parametrize(
    ("today", "announced", "missing"),
    [
        (D(2026, 10, 31), [], None),
        (D(2026, 11, 1), [], 2027),
        (D(2026, 12, 31), [], 2027),
        (D(2026, 11, 1), [2027], None),
        (D(2027, 3, 1), [], 2027),
        (D(2027, 3, 1), [2027], None),
        (D(2027, 11, 1), [2027], 2028),
    ],
)
def test_missing_notice_is_asked_for_from_november_on(today, announced, missing):
    assert workdays.missing_notice_year(today, calendar=Calendar({}, announced)) == missing


def test_season_of_the_notice_can_be_set():
    assert workdays.missing_notice_year(D(2026, 10, 20), from_month=10, from_day=20, calendar=PLAIN) == 2027
    assert workdays.missing_notice_year(D(2026, 10, 19), from_month=10, from_day=20, calendar=PLAIN) is None


def test_table_of_arrangements_covers_the_years_it_says():
    assert list(ARRANGEMENTS) == list(range(2018, 2027))


@pytest.mark.django_db
def test_calendar_is_loaded_in_one_query(django_assert_num_queries):
    announce(2027, D(2027, 1, 1))
    override(D(2026, 10, 8))
    with django_assert_num_queries(1):
        calendar = Calendar.load()
        calendar.working_days_between(D(2020, 1, 1), D(2030, 1, 1))
    assert calendar.overrides[D(2026, 10, 8)] == Override(False, "临时安排", "中心〔2026〕1号")
    assert calendar.is_announced(2027)
    assert not calendar.is_announced(2028)


@pytest.mark.django_db
def test_partial_notice_and_rows_of_another_year_do_not_announce_a_year():
    HolidayNotice.objects.create(number="甲", year=2027, covers_year=False)
    override(D(2027, 5, 1), notice="甲")
    HolidayNotice.objects.create(number="乙", year=2028)
    override(D(2027, 12, 31), notice="乙")
    calendar = Calendar.load()
    assert not calendar.is_announced(2027)
    assert not calendar.is_announced(2028)
    override(D(2028, 1, 1), notice="乙")
    assert Calendar.load().is_announced(2028)


@pytest.mark.django_db
def test_change_is_seen_at_once_by_the_functions_of_the_module():
    assert workdays.is_working_day(D(2026, 10, 8))
    row = override(D(2026, 10, 8))
    assert not workdays.is_working_day(D(2026, 10, 8))
    assert workdays.add_working_days(D(2026, 9, 28), 7) == D(2026, 10, 14)
    assert workdays.working_days_between(D(2026, 9, 28), D(2026, 10, 14)) == 7
    assert workdays.explain(D(2026, 10, 7), 1)[1].name == "临时安排"
    assert workdays.is_provisional(D(2027, 1, 1))
    row.is_working = True
    row.save()
    assert workdays.is_working_day(D(2026, 10, 8))


@pytest.mark.django_db
def test_calendar_is_kept_for_a_few_seconds_only(django_assert_num_queries, monkeypatch):
    with django_assert_num_queries(1):
        for _n in range(1000):
            workdays.is_working_day(D(2026, 10, 8))
    monkeypatch.setattr(workdays, "CACHE_SECONDS", 0)
    with django_assert_num_queries(2):
        workdays.is_working_day(D(2026, 10, 8))
        workdays.is_working_day(D(2026, 10, 8))


@pytest.mark.django_db(transaction=True)
def test_change_that_is_rolled_back_leaves_nothing_behind():
    with transaction.atomic():
        override(D(2026, 10, 8))
        assert not workdays.is_working_day(D(2026, 10, 8))
        transaction.set_rollback(True)
    assert workdays.is_working_day(D(2026, 10, 8))


@pytest.fixture
def announced_days():
    """The received signals, in order: (days, whether 8 October 2026 was a working day when the signal came)."""
    received = []

    def listen(days, **kwargs):
        received.append((days, workdays.is_working_day(D(2026, 10, 8))))

    calendar_changed.connect(listen)
    yield received
    calendar_changed.disconnect(listen)


@pytest.mark.django_db(transaction=True)
def test_change_is_announced_once_after_commit_when_it_can_be_read(announced_days):
    with transaction.atomic():
        override(D(2026, 10, 8))
        with transaction.atomic():
            override(D(2026, 10, 9))
        override(D(2026, 10, 12))
        assert announced_days == []
    assert announced_days == [(frozenset({D(2026, 10, 8), D(2026, 10, 9), D(2026, 10, 12)}), False)]


@pytest.mark.django_db(transaction=True)
def test_rolled_back_change_is_not_announced(announced_days):
    with transaction.atomic():
        override(D(2026, 10, 8))
        transaction.set_rollback(True)
    assert announced_days == []


@pytest.mark.django_db(transaction=True)
def test_savepoint_rolled_back_does_not_silence_the_others(announced_days):
    with transaction.atomic():
        with transaction.atomic():
            override(D(2026, 10, 8))
            transaction.set_rollback(True)
        override(D(2026, 10, 9))
    assert announced_days == [(frozenset({D(2026, 10, 9)}), True)]


@pytest.mark.django_db(transaction=True)
def test_notice_that_changes_is_announced_too(announced_days):
    notice = announce(2027, D(2027, 1, 1))
    announced_days.clear()
    notice.covers_year = False
    notice.save()
    assert len(announced_days) == 1
    assert not workdays.current_calendar().is_announced(2027)
