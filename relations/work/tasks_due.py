"""Tasks and their reminders."""

from django.db import transaction
from django.utils import timezone

from relations.models import Task
from reminders import raising
from reminders.models import Reminder


def close_reminders(tasks):
    """Closes the reminders of `tasks` (a queryset of Task)."""
    Reminder.objects.open().filter(subject__in=tasks.values("key")).update(closed_at=timezone.now())


@transaction.atomic
def close_tasks(tasks, **fields):
    """Writes `fields` into those of `tasks` (a queryset) that are open; their reminders close. Returns how many.

    The tasks are written first: that waits for a sweep at work on them, so that its reminders are closed too.
    """
    open_ones = tasks.open().order_by("pk").select_for_update(no_key=True)
    found = list(open_ones.values_list("pk", "key"))
    if found:
        Task.objects.filter(pk__in=[pk for pk, _key in found]).update(**fields)
        raising.close_reminders([key for _pk, key in found])
    return len(found)


def open_reminders(keys):
    """Opens the reminders of tasks (a list of keys) that are owed again; those of a former date stay closed."""
    Reminder.objects.not_retired().filter(closed_at__isnull=False, subject__in=keys).update(closed_at=None)


def update_moved_reminders(task, today):
    """After `task` was given another day: what was said of the former one is over, and is said anew in its time.

    Who was told at once that it is urgent is told the new day at once.
    """
    said = Reminder.objects.not_retired().filter(subject=task.key).exclude(due_on=task.due_on)
    told_at_once = list(said.open().filter(kind=Reminder.Kind.NUDGE))
    raising.retire_reminders(said)
    raising.create_reminders([copy_for_new_day(each, task, today) for each in told_at_once], today)


def copy_for_new_day(reminder, task, today):
    """An unsaved copy of `reminder` for the day that `task` has now."""
    return Reminder(
        key=urgent_key(task, reminder.recipient_id),
        subject=task.key,
        kind=reminder.kind,
        recipient_id=reminder.recipient_id,
        title=reminder.title,
        link=reminder.link,
        due_on=task.due_on,
        raised_on=today,
        record_kind=reminder.record_kind,
        is_personal=reminder.is_personal,
    )


def urgent_key(task, recipient_pk):
    """Under which a colleague (pk) is told at once of an urgent task."""
    return f"{task.key}:{task.due_on}:urgent:{recipient_pk}"
