"""Stores a whole holiday notice in the table of holidays, in bulk and idempotently (R140)."""

from dataclasses import dataclass

from django.db import transaction
from simple_history.utils import bulk_update_with_history

from reminders.calendar.models import HolidayNotice, HolidayOverride
from reminders.calendar.signals import announce_change


@dataclass(frozen=True)
class SavedNotice:
    """The numbers of days that a saved notice added, changed and left unchanged."""

    added: int
    changed: int
    unchanged: int


@transaction.atomic
def save_notice(*, by, notice, text, at):
    """Stores the days of `notice` (holiday_notice.Notice, not blocked, with a number); returns a SavedNotice.

    `at` is the moment of saving. A day of an earlier notice now follows this one; its history keeps the old rule.
    Saving the same notice again changes nothing and sends no signal.
    """
    rows = HolidayOverride.objects.select_for_update().filter(date__in=[day.date for day in notice.days])
    known = {row.date: row for row in rows}
    added = [new_row(by, notice, day) for day in notice.days if day.date not in known]
    stored = [(known[day.date], day) for day in notice.days if day.date in known]
    changed = [copy_from_notice(row, notice, day, at) for row, day in stored if differs(row, notice, day)]
    insert_rows(added, by, notice.number)
    update_rows(changed, by, notice.number)
    if added or changed:
        announce_change(row.date for row in added + changed)
    store_notice(by, notice, text)
    return SavedNotice(len(added), len(changed), len(stored) - len(changed))


def store_notice(by, notice, text):
    """Stores the text of the notice under its number, unless it is stored unchanged already."""
    fields = {"year": notice.year, "covers_year": notice.covers_year, "text": text}
    row, is_new = HolidayNotice.objects.get_or_create(
        number=notice.number, defaults=fields | {"saved_by": by}
    )
    if not is_new and any(getattr(row, name) != value for name, value in fields.items()):
        for name, value in (fields | {"saved_by": by}).items():
            setattr(row, name, value)
        row.save()


def new_row(by, notice, day):
    return HolidayOverride(
        date=day.date, is_working=day.is_working, name=day.name, notice=notice.number, created_by=by
    )


def differs(row, notice, day):
    return (row.is_working, row.name, row.notice) != (day.is_working, day.name, notice.number)


def copy_from_notice(row, notice, day, at):
    row.is_working, row.name, row.notice, row.updated_at = day.is_working, day.name, notice.number, at
    return row


def insert_rows(rows, by, reason):
    """Inserts rows with their history; overwrites a row that another user has stored in the meantime."""
    if not rows:
        return
    written = HolidayOverride.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["date"],
        update_fields=["is_working", "name", "notice", "updated_at"],
    )
    HolidayOverride.history.bulk_history_create(written, default_user=by, default_change_reason=reason)


def update_rows(rows, by, reason):
    if rows:
        fields = ["is_working", "name", "notice", "updated_at"]
        bulk_update_with_history(rows, HolidayOverride, fields, default_user=by, default_change_reason=reason)
