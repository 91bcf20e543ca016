"""Updates tasks together with their reminders."""

from django.db import transaction

from relations.models import Task
from reminders import raising
from reminders.models import Reminder


def close_reminders(tasks):
    """Closes the reminders of `tasks` (a queryset of Task); they may be reopened."""
    raising.close_reminders(tasks.values("key"))


@transaction.atomic
def close_tasks(tasks, **fields):
    """Writes `fields` to those of `tasks` (a queryset) that are open, and closes their reminders. Returns the number.

    The tasks are written first: that waits for a sweep that is working on them, so that its reminders are closed too.
    """
    open_ones = tasks.open().order_by("pk").select_for_update(no_key=True)
    rows = list(open_ones.values_list("pk", "key"))
    if rows:
        Task.objects.filter(pk__in=[pk for pk, _key in rows]).update(**fields)
        raising.close_reminders([key for _pk, key in rows])
    return len(rows)


def reopen_reminders(keys):
    """Reopens the reminders of tasks (a list of keys) that are open again; those of a former due date stay closed."""
    Reminder.objects.not_retired().filter(closed_at__isnull=False, subject__in=keys).update(closed_at=None)


def update_moved_reminders(task, today):
    """Retires the reminders about the previous due date of `task`; a new one is raised in time.

    Users who were notified immediately of an urgent task are notified immediately of the new date.
    """
    outdated = Reminder.objects.not_retired().filter(subject=task.key).exclude(due_on=task.due_on)
    immediate = list(outdated.open().filter(kind=Reminder.Kind.NUDGE))
    raising.retire_reminders(outdated)
    raising.create_reminders([copy_for_new_day(each, task, today) for each in immediate], today)


def copy_for_new_day(reminder, task, today):
    """Returns an unsaved copy of `reminder` for the present due date of `task`."""
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
    """Returns the key of the reminder by which a colleague (pk) is notified immediately of an urgent task."""
    return f"{task.key}:{task.due_on}:urgent:{recipient_pk}"
