"""The one place that reads the wall clock: the centre lives in Asia/Shanghai, wherever the server stands."""

from zoneinfo import ZoneInfo

from django.utils import timezone

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now():
    """This moment, an aware datetime in Asia/Shanghai."""
    return timezone.localtime(timezone.now(), SHANGHAI)


def today():
    """The date in Asia/Shanghai; views and tasks ask once and pass it down."""
    return now().date()
