"""Delivers for one day, every five minutes from ten to six: `python -m tests.faults.day_of_beats`."""

from datetime import timedelta

import django

STEP = timedelta(minutes=5)

if __name__ == "__main__":
    django.setup()
    from reminders import clock, deliveries

    now = clock.now()
    while now.hour < 18:
        deliveries.deliver(now)
        now += STEP
