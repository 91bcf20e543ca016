"""The only module that reads the wall clock. The time zone is Asia/Shanghai, wherever the server is."""

from zoneinfo import ZoneInfo

from django.utils import timezone

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now():
    """The present moment, an aware datetime in Asia/Shanghai."""
    return timezone.localtime(timezone.now(), SHANGHAI)


def today():
    """The present date in Asia/Shanghai; views and tasks read it once and pass it on."""
    return now().date()
