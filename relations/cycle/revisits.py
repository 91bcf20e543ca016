"""跟踪回访: after a closure the centre revisits the stakeholder a set number of times at set intervals (R27, R439)."""

from calendar import monthrange
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from accounts.stored_texts import stored_in_chinese
from relations.models import Stage, Task, stage_label
from relations.work.tasks_due import close_tasks
from reminders.calendar.workdays import current_calendar
from reminders.models import Parameter

CLAUSE = "公共关系管理指引 二 二 7"


def plan_revisits(cycle, by, today):
    """Creates all revisit tasks of a cycle that has just been closed."""
    numbers, before = Parameter.objects.values_on(today), revisits_of(cycle).count()
    tasks = [
        revisit(
            cycle, number, same_day_months_later(today, number * numbers["revisit_every_months"]), by, before
        )
        for number in range(1, numbers["revisit_times"] + 1)
    ]
    bulk_create_with_history(tasks, Task, default_user=by)


def revisits_of(cycle):
    """Returns a queryset of the revisit tasks from all closures of this cycle, including done and dropped ones."""
    return Task.objects.filter(key__startswith=f"task:revisit:{cycle.pk}:")


@stored_in_chinese()
def revisit(cycle, number, due_on, by, before):
    """Returns an unsaved task. `before` is the number of revisits of undone closures, so that keys are unique."""
    return Task(
        stakeholder=cycle.stakeholder,
        key=f"task:revisit:{cycle.pk}:{before + number}",
        origin=Task.Origin.REVISIT,
        title=_("结案后第%(number)d次回访") % {"number": number},
        clause=CLAUSE,
        due_on=due_on,
        owner=cycle.stakeholder.responsible,
        is_provisional=current_calendar().is_provisional(due_on),
        created_by=by,
    )


@stored_in_chinese()
def follow_up_in_next_cycle(cycle, by, today):
    """Drops the open revisits when a new need starts the next cycle, where they are followed up (R28)."""
    drop_revisits(cycle, _("有新的需求，进入新一轮"))


@stored_in_chinese()
def drop_after_reopening(cycle, by, today):
    """Drops the open revisits when a closure is undone; the next closure plans its own."""
    drop_revisits(cycle, _("退回到%s") % stage_label(Stage.EVALUATION, cycle.stakeholder.kind))


def drop_revisits(cycle, reason):
    close_tasks(revisits_of(cycle), dropped_at=timezone.now(), drop_reason=reason)


def same_day_months_later(day, months):
    """Returns the same day `months` later, or the last day of the month if that is shorter."""
    place = day.year * 12 + day.month - 1 + months
    year, month = divmod(place, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
