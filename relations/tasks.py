"""What beat wakes for relations."""

import logging

from celery import shared_task
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Permission
from relations.duties import settlement as duties
from reminders import clock, raising
from reminders.models import Reminder

logger = logging.getLogger(__name__)

SUBJECT = "check:duties"


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
