"""Celery tasks: ids as arguments; safe when run twice, run late or killed."""

import logging

from celery import shared_task
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.roles import Permission
from accounts.stored_texts import stored_in_chinese
from relations.duties import settlement as duties
from relations.duties import sums
from relations.imports import life_cycle
from relations.reminding.kinds import ReminderKind
from reminders import clock, raising
from reminders.models import Reminder

logger = logging.getLogger(__name__)

DUTIES, SUMS = "check:duties", "check:duty_sums"
MAX_NAMED = 20


@shared_task
def check_import(pk):
    life_cycle.check_import(pk, clock.today())


@shared_task
def write_import(pk):
    life_cycle.write_import(pk, clock.today())


@shared_task
def run_imports():
    life_cycle.resume_abandoned(clock.today())


@shared_task
def check_duties():
    """Compares the stored duties with the log; reminds users who may correct them. Returns the number that differ."""
    count = duties.differences(clock.today())
    if count:
        logger.error("%s duties differ from the log", count)
        warn_maintainers(DUTIES, gettext_lazy("夜间核对：有%(count)d项应尽事项与沟通记录不一致"), count)
    else:
        raising.close_reminders([DUTIES])
    return count


@shared_task
def check_duty_sums():
    """Compacts the stored sums and compares them with the duties. When some differ, logs them, rebuilds the sums and
    reminds users who may correct records. Returns the number of differences.
    """
    sums.compact()
    differences = sums.differences()
    if differences:
        for difference in differences[:MAX_NAMED]:
            logger.error("A stored sum differs from the duties: %s", difference)
        duties.rebuild_sums()
        warn_maintainers(
            SUMS,
            gettext_lazy("夜间核对：有%(count)d个应尽事项的合计与应尽事项不一致，已重新合计"),
            len(differences),
        )
    else:
        raising.close_reminders([SUMS])
    return len(differences)


def warn_maintainers(subject, title, count):
    """Reminds every user who may correct records, once a day, in Chinese."""
    today = clock.today()
    with stored_in_chinese():
        keepers = User.objects.active().with_permission(Permission.CORRECT)
        raising.create_reminders(
            [warning(subject, title % {"count": count}, keeper, today) for keeper in keepers], today
        )


def warning(subject, title, keeper, today):
    return Reminder(
        key=f"{subject}:{today}:{keeper.pk}",
        subject=subject,
        kind=ReminderKind.CHECK,
        recipient=keeper,
        title=title,
        raised_on=today,
    )
