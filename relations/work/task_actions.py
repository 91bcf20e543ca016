"""Adding, finishing, dropping and moving a task by hand; its reminders follow in the same transaction."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.exceptions import EditConflict, ParameterRefused
from relations.models import Task
from relations.work.tasks_due import close_reminders, open_reminders, update_moved_reminders
from reminders.calendar.workdays import Calendar


def create_task(task, *, by, token):
    """Saves a new task (with its stakeholder); the same `token` (UUID) again gives the task saved then."""
    fields = ("stakeholder", "title", "due_on", "owner")
    given = {name: getattr(task, name) for name in fields}
    return Task.objects.get_or_create(
        key=f"task:hand:{token}",
        defaults=given
        | {
            "origin": Task.Origin.OTHER,
            "created_by": by,
            "is_provisional": Calendar.load().is_provisional(task.due_on),
        },
    )[0]


def finish(task, *, today):
    """Done on `today` without a contact of its own. Raises Refused when it is no longer open."""
    save_change(task, done_at=timezone.now(), done_on=today)


def drop(task, *, reason):
    """Not to be done any more, and why."""
    if not reason.strip():
        raise ParameterRefused(_("请写明为什么不做了。"))
    save_change(task, dropped_at=timezone.now(), drop_reason=reason.strip())


@transaction.atomic
def move_task(task, *, due_on, today, seen=None):
    """To another day; what was said of the former one is over, and it is reminded of anew.

    `seen` is the day (ISO) that the person was shown, None for a program. Raises Refused when it is no longer open, and
    EditConflict when somebody has moved it meanwhile.
    """
    kept = Task.objects.select_for_update(of=("self",), no_key=True).get(pk=task.pk)
    if Task.objects.open().filter(pk=task.pk, due_on=due_on).exists():
        return
    if seen is not None and seen != kept.due_on.isoformat():
        raise EditConflict
    write_open_task(task, due_on=due_on, notified=0, is_provisional=Calendar.load().is_provisional(due_on))
    update_moved_reminders(task, today)


@transaction.atomic
def save_change(task, **fields):
    write_open_task(task, **fields)
    close_reminders(Task.objects.filter(pk=task.pk))


def write_open_task(task, **fields):
    """Writes an open task. It waits for a sweep at work on it: what is done about reminders comes afterwards."""
    if not Task.objects.open().filter(pk=task.pk).update(**fields):
        raise ParameterRefused(_("这一项刚才已经完成或取消了。"))
    task.refresh_from_db()
    task.save()  # the row as it is now goes into the history


@transaction.atomic
def reopen(task):
    """Takes back a finish by hand; what a contact has done stays done."""
    done_by_hand = Task.objects.filter(pk=task.pk, done_at__isnull=False, done_by=None)
    if not done_by_hand.update(done_at=None, done_on=None):
        raise ParameterRefused(_("这一项不能撤销。"))
    task.refresh_from_db()
    task.save()
    open_reminders([task.key])
