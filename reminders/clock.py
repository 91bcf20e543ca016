"""The present day and local time in Asia/Shanghai, wherever the server is.

The rooms from reminders upwards read the day here and nowhere else; accounts, which lies below, asks
`timezone.localdate()`. A moment that is only stored is `timezone.now()` in every room.
"""

from zoneinfo import ZoneInfo

from django.utils import timezone

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now():
    """The present moment, an aware datetime in Asia/Shanghai."""
    return timezone.localtime(timezone.now(), SHANGHAI)


def today():
    """The present date in Asia/Shanghai; views and tasks read it once and pass it on."""
    return now().date()
