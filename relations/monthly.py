"""《沟通记录表》按月填写: the sheet of a month is printed and archived early in the next (R101, R426)."""

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.wording import month_words
from relations.models import Task
from relations.periods import after
from relations.tasks_due import end

CLAUSE = "用人单位关系管理指引 二（二）4.2：按月填写并存档"


def key_of(stakeholder_pk, month):
    """`month` is its first day."""
    return f"task:monthly_sheet:{stakeholder_pk}:{month:%Y-%m}"


def month_in(key):
    """The month (YYYY-MM) a key of this kind names."""
    return key.rpartition(":")[2]


def title_of(month):
    return _("打印并存档%(month)s沟通记录表") % {"month": month_words(month)}


def last_day_of(month):
    return after(month, 1) - timedelta(days=1)


@transaction.atomic
def mark_filed(stakeholder, month: date, *, by, today):
    """The sheet of `month` (any day of it) was printed or downloaded: nobody is asked for it any more.

    While the month is running nothing is marked: more contacts may come. Returns whether it was marked.
    """
    month = month.replace(day=1)
    if last_day_of(month) >= today:
        return False
    done = {"done_at": timezone.now(), "done_on": today}
    if end(Task.objects.filter(key=key_of(stakeholder.pk, month)), **done):
        return True
    Task.objects.get_or_create(
        key=key_of(stakeholder.pk, month),
        defaults={
            "stakeholder_id": stakeholder.pk,
            "origin": Task.Origin.MONTHLY_SHEET,
            "title": title_of(month),
            "clause": CLAUSE,
            "due_on": today,
            "owner_id": stakeholder.responsible_id,
            "created_by": by,
            **done,
        },
    )
    return True
