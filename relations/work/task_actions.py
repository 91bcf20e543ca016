"""Creates, finishes, drops, moves and reopens tasks for users; reminders are updated in the same transaction."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.exceptions import ActionRefused, EditConflict
from relations.models import Task
from relations.work.tasks_due import close_reminders, reopen_reminders, update_moved_reminders
from reminders.calendar.workdays import Calendar


def create_task(task, *, by, token):
    """Saves a new task (with its stakeholder) and returns it; for a `token` (UUID) used before, the task saved then."""
    fields = ("stakeholder", "title", "due_on", "owner")
    values = {name: getattr(task, name) for name in fields}
    return Task.objects.get_or_create(
        key=f"task:hand:{token}",
        defaults=values
        | {
            "origin": Task.Origin.OTHER,
            "created_by": by,
            "is_provisional": Calendar.load().is_provisional(task.due_on),
        },
    )[0]


def finish_task(task, *, today):
    """Marks the task as done on `today`, without a contact. Raises ActionRefused when it is no longer open."""
    save_change(task, done_at=timezone.now(), done_on=today)


def drop_task(task, *, reason):
    """Drops the task with a reason. Raises ActionRefused without a reason, or when it is no longer open."""
    if not reason.strip():
        raise ActionRefused(_("请写明为什么不做了。"))
    save_change(task, dropped_at=timezone.now(), drop_reason=reason.strip())


@transaction.atomic
def move_task(task, *, due_on, today, seen=None):
    """Moves the task to another day; reminders of the former day are retired, and a new one is raised in time.

    `seen` is the day (ISO) shown to the user, None for calls by a program. Raises ActionRefused when the task is no
    longer open, EditConflict when another user has moved it in the meantime.
    """
    locked = Task.objects.select_for_update(of=("self",), no_key=True).get(pk=task.pk)
    if Task.objects.open().filter(pk=task.pk, due_on=due_on).exists():
        return
    if seen is not None and seen != locked.due_on.isoformat():
        raise EditConflict
    write_open_task(task, due_on=due_on, notified=0, is_provisional=Calendar.load().is_provisional(due_on))
    update_moved_reminders(task, today)


@transaction.atomic
def save_change(task, **fields):
    write_open_task(task, **fields)
    close_reminders(Task.objects.filter(pk=task.pk))


def write_open_task(task, **fields):
    """Updates an open task; raises ActionRefused if it is not open. Waits for a sweep that is working on it.

    So call it before reminders are changed.
    """
    if not Task.objects.open().filter(pk=task.pk).update(**fields):
        raise ActionRefused(_("这一项刚才已经完成或取消了。"))
    task.refresh_from_db()
    task.save()  # stores the new row in the history


@transaction.atomic
def reopen_task(task):
    """Undoes `finish_task`. Raises ActionRefused when the task is open or was completed by a contact."""
    done_by_hand = Task.objects.filter(pk=task.pk, done_at__isnull=False, done_by=None)
    if not done_by_hand.update(done_at=None, done_on=None):
        raise ActionRefused(_("这一项不能撤销。"))
    task.refresh_from_db()
    task.save()
    reopen_reminders([task.key])
