"""Steps of the sweep that open tasks by calendar: greetings, monthly contact forms, appointments for the year-end
report.

A step applies to the kinds whose KindSpec has a clause for it (`calendar_clauses`).
"""

from datetime import date, timedelta

from django.db.models import Exists, F, OuterRef
from django.utils.translation import gettext as _

from relations.duties.periods import start_of_month
from relations.interactions import monthly
from relations.models import Interaction, Purpose, Stakeholder, Task
from relations.parties.kinds import KINDS
from relations.work.bulk_tasks import TaskSpec, open_tasks
from reminders.calendar.festivals import festivals_in

GREETING_FESTIVALS = frozenset({"spring", "dragon_boat", "mid_autumn"})  # with greetings to all (R432)
GREETINGS, MONTHLY_SHEETS, REPORTS = "greetings", monthly.STEP, "report appointments"


def participating_kinds(step):
    """Returns (records, clause) for each kind to which `step` applies; the records are those not closed or voided."""
    open_records = Stakeholder.objects.filter(voided_at=None, closed_on=None)
    return [
        (open_records.of_kind(spec.kind), spec.calendar_clauses[step])
        for spec in KINDS.values()
        if step in spec.calendar_clauses
    ]


def open_tasks_for_kinds(step, task, chosen=lambda records: records):
    """Opens `task(clause)` for the `chosen` records of each kind to which `step` applies. Returns their number."""
    return sum(open_tasks(chosen(records), task(clause)) for records, clause in participating_kinds(step))


def open_greeting_tasks(day):
    """Opens greeting tasks for all records, active or prospective, some days before a festival (R68, R432)."""
    if day.is_done_today:
        return {"greetings": 0}
    raised = sum(open_festival_tasks(festival, day) for festival in coming_festivals(day))
    return {"greetings": raised, "tasks_raised": raised}


def coming_festivals(day):
    last = day.today + timedelta(days=day.numbers["greeting_lead_days"])
    years = sorted({day.today.year, last.year})
    festivals = [each for year in years for each in festivals_in(year) if each.key in GREETING_FESTIVALS]
    return [each for each in festivals if day.today <= each.day <= last]


def open_festival_tasks(festival, day):
    def greeting(clause):
        return TaskSpec(
            origin=Task.Origin.GREETING,
            key=[f"task:greeting:{festival.key}-{festival.day.year}:", F("pk")],
            title=_("%(festival)s慰问") % {"festival": festival.name},
            clause=clause,
            due_on=festival.day,
            is_provisional=day.calendar.is_provisional(festival.day),
        )

    return open_tasks_for_kinds(GREETINGS, greeting)


def open_monthly_sheet_tasks(day):
    """Opens tasks for last month's contact form, from the first working day on, for records with ordinary contacts in
    that month (R101, R426).
    """
    if day.is_done_today:
        return {"monthly_sheets": 0}
    raised = sum(open_sheet_tasks_of_month(month, day) for month in months_since(day.done_for, day.today))
    return {"monthly_sheets": raised, "tasks_raised": raised}


def months_since(done_for, today):
    """Yields the first day of each month from that of `done_for` to that of `today`."""
    month = (done_for or today).replace(day=1)
    while month <= today:
        yield month
        month = start_of_month(month, 1)


def open_sheet_tasks_of_month(month, day):
    """Opens tasks for the form of the month before `month`, while it is due, or if the sweep did not run then."""
    starts_on = first_working_day(month, day.calendar)
    due_on = day.calendar.add_working_days(starts_on, day.numbers["monthly_sheet_days"] - 1)
    if not (starts_on <= day.today and due_on >= (day.done_for or day.today)):
        return 0
    past = start_of_month(month, -1)

    def sheet(clause):
        return TaskSpec(
            origin=Task.Origin.MONTHLY_SHEET,
            key=["task:monthly_sheet:", F("pk"), f":{past:%Y-%m}"],
            title=monthly.title_of(past),
            clause=clause,
            due_on=due_on,
        )

    return open_tasks_for_kinds(MONTHLY_SHEETS, sheet, lambda records: had_ordinary_contacts(records, past))


def first_working_day(month, calendar):
    return month if calendar.is_working_day(month) else calendar.add_working_days(month, 1)


def had_ordinary_contacts(records, month):
    contacts = Interaction.objects.counting().filter(
        stakeholder=OuterRef("pk"),
        purpose=Purpose.ORDINARY,
        contact_on__gte=month,
        contact_on__lte=monthly.last_day_of(month),
    )
    return records.filter(Exists(contacts))


def open_report_tasks(day):
    """Opens tasks in `report_month` to agree on a time for the year-end report, for all active records (R90)."""
    if day.is_done_today or day.today.month != day.numbers["report_month"]:
        return {"reports": 0}

    def appointment(clause):
        return TaskSpec(
            origin=Task.Origin.REPORT,
            key=["task:report:", F("pk"), f":{day.today.year}"],
            title=_("约年终工作汇报时间"),
            clause=clause,
            due_on=monthly.last_day_of(day.today.replace(day=1)),
        )

    raised = open_tasks_for_kinds(
        REPORTS, appointment, lambda records: without_report_this_year(records, day.today)
    )
    return {"reports": raised, "tasks_raised": raised}


def without_report_this_year(records, today):
    reported = Interaction.objects.counting().filter(
        stakeholder=OuterRef("pk"), purpose=Purpose.YEAR_END_REPORT, contact_on__gte=date(today.year, 1, 1)
    )
    return records.active_on(today).exclude(Exists(reported))
