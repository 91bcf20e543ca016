"""《沟通记录表》按月填写: the sheet of a month is printed and archived early in the next (R101, R426)."""

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.days import month_words
from accounts.exceptions import ParameterRefused
from relations.duties.periods import add_months
from relations.models import Task
from relations.work import task_actions

CLAUSE = "用人单位关系管理指引 二（二）4.2：按月填写并存档"


def key_of(stakeholder_pk, month):
    """`month` is its first day."""
    return f"task:monthly_sheet:{stakeholder_pk}:{month:%Y-%m}"


def month_of_key(key):
    """The month (YYYY-MM) a key of this kind names."""
    return key.rpartition(":")[2]


def title_of(month):
    return _("打印并存档%(month)s沟通记录表") % {"month": month_words(month)}


def last_day_of(month):
    return add_months(month, 1) - timedelta(days=1)


def is_over(month, today):
    """Whether no more contacts of `month` (any day of it) can come: its sheet may be filed."""
    return last_day_of(month.replace(day=1)) < today


def task_of(stakeholder, month):
    """The task about the sheet of `month` (any day of it), open, done or dropped; None before anybody asked."""
    return Task.objects.filter(key=key_of(stakeholder.pk, month.replace(day=1))).first()


@transaction.atomic
def mark_filed(stakeholder, month: date, *, by, today):
    """已打印归档: `by` says that the sheet of `month` (any day of it) lies in the file; it is asked for no more.

    It stands in the history with who said so and is taken back by task_acts.reopen. Returns the Task. Raises Refused
    while the month is running, since more contacts may come, and when it was filed or dropped before.
    """
    month = month.replace(day=1)
    if not is_over(month, today):
        raise ParameterRefused(_("这个月还没有过完，月底以后再归档。"))
    asked = task_of(stakeholder, month)
    if asked is None:
        asked, is_new = Task.objects.get_or_create(
            key=key_of(stakeholder.pk, month), defaults=filed_task_values(stakeholder, month, by, today)
        )
        if is_new:
            return asked
    asked._history_user = by
    task_actions.finish(asked, today=today)
    return asked


def filed_task_values(stakeholder, month, by, today):
    """The values of a task that is done before anybody was asked."""
    return {
        "stakeholder_id": stakeholder.pk,
        "origin": Task.Origin.MONTHLY_SHEET,
        "title": title_of(month),
        "clause": CLAUSE,
        "due_on": today,
        "owner_id": stakeholder.responsible_id,
        "created_by": by,
        "done_at": timezone.now(),
        "done_on": today,
    }
