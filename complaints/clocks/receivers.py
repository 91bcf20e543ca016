"""Signal receivers: recalculates deadlines when the holiday calendar changes."""

from django.dispatch import receiver

from complaints.clocks import deadlines as clocks
from reminders import clock
from reminders.calendar.signals import calendar_changed


@receiver(calendar_changed)
def recalculate_clocks(**_signal):
    """Recalculates the due dates of open complaints from the new calendar (design §3)."""
    clocks.recalculate_open(clock.today())
