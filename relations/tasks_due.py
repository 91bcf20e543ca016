"""Tasks and their reminders."""

from django.utils import timezone

from reminders.models import Reminder


def close_reminders(tasks):
    """Closes the reminders of `tasks` (a queryset of Task)."""
    Reminder.objects.open().filter(subject__in=tasks.values("key")).update(closed_at=timezone.now())


def open_reminders(keys):
    """Opens the reminders of tasks (a list of keys) that are owed again."""
    Reminder.objects.filter(closed_at__isnull=False, subject__in=keys).update(closed_at=None)
