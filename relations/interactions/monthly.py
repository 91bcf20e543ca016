"""《沟通记录表》按月填写: the form of a month is printed and filed early in the next month (R101, R426)."""

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.days import month_words
from accounts.exceptions import ActionRefused
from accounts.stored_texts import stored_in_chinese
from relations.duties.periods import start_of_month
from relations.models import Task
from relations.parties.kinds import calendar_clause_of
from relations.work import task_actions

STEP = "monthly sheets"  # of the sweep


def key_of(stakeholder_pk, month):
    """Returns the key of the task; `month` is the first day of the month."""
    return f"task:monthly_sheet:{stakeholder_pk}:{month:%Y-%m}"


def month_of_key(key):
    """Returns the month (YYYY-MM) in such a key."""
    return key.rpartition(":")[2]


@stored_in_chinese()
def title_of(month):
    return _("打印并存档%(month)s沟通记录表") % {"month": month_words(month)}


def last_day_of(month):
    return start_of_month(month, 1) - timedelta(days=1)


def is_over(month, today):
    """Whether `month` (any day of it) has ended: no more contacts can be added, so its form may be filed."""
    return last_day_of(month.replace(day=1)) < today


def task_of(stakeholder, month):
    """Returns the task about the form of `month` (any day of it), open, done or dropped; None before it is created."""
    return Task.objects.filter(key=key_of(stakeholder.pk, month.replace(day=1))).first()


@transaction.atomic
def mark_filed(stakeholder, month: date, *, by, today):
    """已打印归档: `by` confirms that the printed form of `month` (any day of it) is filed, which completes its task.

    The history stores who confirmed it; relations.work.task_actions.reopen_task undoes it. Returns the Task. Raises
    ActionRefused while the month is running, because more contacts may be added, and if the task was done or
    dropped before.
    """
    month = month.replace(day=1)
    if not is_over(month, today):
        raise ActionRefused(_("这个月还没有过完，月底以后再归档。"))
    task = task_of(stakeholder, month)
    if task is None:
        task, is_new = Task.objects.get_or_create(
            key=key_of(stakeholder.pk, month), defaults=filed_task_values(stakeholder, month, by, today)
        )
        if is_new:
            return task
    task._history_user = by
    task_actions.finish_task(task, today=today)
    return task


def filed_task_values(stakeholder, month, by, today):
    """Returns the values of a task that is created as done."""
    return {
        "stakeholder_id": stakeholder.pk,
        "origin": Task.Origin.MONTHLY_SHEET,
        "title": title_of(month),
        "clause": calendar_clause_of(stakeholder.kind, STEP),
        "due_on": today,
        "owner_id": stakeholder.responsible_id,
        "created_by": by,
        "done_at": timezone.now(),
        "done_on": today,
    }
