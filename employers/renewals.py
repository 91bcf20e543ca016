"""续签前沟通: tasks to talk with employers whose contract ends soon without a successor (R438)."""

from datetime import timedelta

from django.db import transaction
from django.db.models import CharField, Exists, F, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.days import year_day_words
from accounts.stored_texts import stored_in_chinese
from employers.models import Contract
from employers.parameters import NOTICE_DAYS
from relations.models import Task, Term
from relations.work.bulk_tasks import TaskSpec, open_tasks
from relations.work.tasks_due import close_tasks
from reminders import raising
from reminders.models import Reminder

RENEWAL = "renewal"  # the origin of these tasks
MIN_NOTICE = timedelta(days=7)  # minimum time for the talk when a contract is entered late
CLAUSE = "用人单位关系管理指引 一：以合同服务期为准"


def without_successor(contracts=None):
    """Those of `contracts` (default: all) of open employers that were not ended early and have no later contract."""
    later = Term.objects.valid().filter(
        Q(last_day__gt=OuterRef("last_day")) | Q(last_day=None), stakeholder=OuterRef("stakeholder")
    )
    chosen = Contract.objects.all() if contracts is None else contracts
    running_on = chosen.valid().filter(last_day__isnull=False, ended_on=None, stakeholder__voided_at=None)
    return running_on.filter(stakeholder__closed_on=None).exclude(Exists(later))


def task_key_parts(last_day):
    return ["task:renewal:", F("pk"), f":{last_day}"]


def with_key(contracts):
    key = Concat(Value("task:renewal:"), Cast("pk", CharField()), Value(":"), Cast("last_day", CharField()))
    return contracts.annotate(task_key=key)


def open_renewal_tasks(day):
    """Sweep step: opens one task for each contract that ends within `renewal_notice_days`.

    Runs in every sweep, because contracts are entered during the day.
    """
    first = min(day.done_for or day.today, day.today)
    last = day.today + timedelta(days=day.numbers[NOTICE_DAYS])
    ending = with_key(without_successor()).filter(last_day__gte=first, last_day__lte=last)
    without_task = ending.exclude(Exists(Task.objects.filter(key=OuterRef("task_key"))))
    days = without_task.order_by().values_list("last_day", flat=True).distinct()
    raised = sum(open_tasks_for(without_task.filter(last_day=last_day), last_day, day) for last_day in days)
    if not day.is_done_today:
        settle_tasks(Task.objects.all())
    return {"renewals": raised, "tasks_raised": raised}


def open_tasks_for(contracts, last_day, day):
    title = _("续签前沟通：合同%(day)s到期") % {"day": year_day_words(last_day)}
    talk = last_day - timedelta(days=day.numbers["renewal_talk_days"])
    talk_before = TaskSpec(
        origin=RENEWAL,
        key=task_key_parts(last_day),
        title=title,
        clause=CLAUSE,
        due_on=talk if talk >= day.today else min(last_day, day.today + MIN_NOTICE),
    )
    return open_tasks(
        contracts, talk_before, stakeholder="stakeholder_id", owner="stakeholder__responsible_id"
    )


@receiver(post_save, sender=Contract)
def on_contract_saved(instance, raw=False, **_signal):
    """Closes renewal tasks that a new, changed, ended or voided contract makes needless."""
    if not raw:
        settle_tasks(Task.objects.filter(stakeholder=instance.stakeholder_id))


@transaction.atomic
@stored_in_chinese()
def settle_tasks(tasks):
    """Closes those of `tasks` about renewals whose contract now has a successor or other dates.

    Their keys become free, so that a contract that gets its former end back, or loses its successor, gets a new task.
    """
    waiting = tasks.open().filter(origin=RENEWAL)
    needed = with_key(without_successor()).filter(task_key=OuterRef("key"))
    needless = list(waiting.exclude(Exists(needed)).values_list("pk", flat=True))
    for start in range(0, len(needless), 500):
        some = Task.objects.filter(pk__in=needless[start : start + 500])
        keys = list(some.values_list("key", flat=True))
        freed = Concat(F("key"), Value(":"), Cast("pk", CharField()))
        close_tasks(some, key=freed, dropped_at=timezone.now(), drop_reason=_("已有新合同，或合同日期已改"))
        raising.retire_reminders(Reminder.objects.filter(subject__in=keys))
