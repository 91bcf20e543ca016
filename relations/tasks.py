"""Work for the worker; ids as arguments, safe to run twice, to be late, to be killed."""

import logging

from celery import shared_task
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Permission
from relations.duties import settlement as duties
from relations.imports import life_cycle
from reminders import clock, raising
from reminders.models import Reminder

logger = logging.getLogger(__name__)

SUBJECT = "check:duties"


@shared_task
def check_import(pk):
    life_cycle.check(pk, clock.today())


@shared_task
def write_import(pk):
    life_cycle.write(pk, clock.today())


@shared_task
def run_imports():
    life_cycle.pick_up(clock.today())


@shared_task
def check_duties():
    """The kept duties against the log; a difference is told to those who may correct it. Returns how many differ."""
    today = clock.today()
    count = duties.differences(today)
    if count:
        logger.error("%s duties differ from the log", count)
        with translation.override("zh-hans"):
            keepers = User.objects.active().able(Permission.CORRECT)
            raising.raise_all([warning(keeper, count, today) for keeper in keepers], today)
    else:
        raising.close([SUBJECT])
    return count


def warning(keeper, count, today):
    return Reminder(
        key=f"{SUBJECT}:{today}:{keeper.pk}",
        subject=SUBJECT,
        kind=Reminder.Kind.CHECK,
        recipient=keeper,
        title=_("夜间核对：有%(count)d项应尽事项与沟通记录不一致") % {"count": count},
        raised_on=today,
    )
