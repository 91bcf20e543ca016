"""Reminders to load next year's holiday notice while it is missing (design §3, stack)."""

from django.dispatch import receiver
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Permission
from reminders import clock, raising
from reminders.calendar.signals import calendar_changed
from reminders.calendar.workdays import Calendar, missing_notice_year
from reminders.models import Reminder

YEARS_KEPT = 10  # warnings about older years have been closed already


def watch_calendar(day):
    return {"calendar_warnings": warn_of_missing_notice(day.today, day.numbers, day.calendar)}


@receiver(calendar_changed)
def on_calendar_changed(**_signal):
    year = clock.today().year
    close_settled_warnings(Calendar.load(), [year, year + 1])


def warn_of_missing_notice(today, numbers, calendar):
    """Creates one reminder a week for each user who manages the calendar; closes them once the notice is loaded."""
    year = missing_notice_year(today, numbers["calendar_warning_month"], calendar=calendar)
    close_settled_warnings(calendar, [today.year, today.year + 1])
    if year is None:
        return 0
    week = "{}-W{:02}".format(*today.isocalendar()[:2])
    keepers = User.objects.active().with_permission(Permission.MANAGE_CALENDAR)
    return raising.create_reminders([warning(year, week, user, today) for user in keepers], today)


def warning(year, week, user, today):
    return Reminder(
        key=f"calendar:{year}:{week}:{user.pk}",
        subject=f"calendar:{year}",
        kind=Reminder.Kind.CALENDAR,
        recipient=user,
        title=_("%(year)d年的放假通知还没有录入，录入前跨年的期限都是暂定") % {"year": year},
        link=reverse("holiday_paste"),
        raised_on=today,
    )


def close_settled_warnings(calendar, years):
    """Closes the warnings about those of `years` whose notice is loaded, and about past years."""
    over = range(min(years) - YEARS_KEPT, min(years))
    done = [*over, *(year for year in years if calendar.is_announced(year))]
    raising.close_reminders([f"calendar:{year}" for year in done])
