"""`sweep`: runs now what Celery beat runs during the day."""

import json
from datetime import date

from django.core.management.base import BaseCommand, CommandError

from reminders import clock, deliveries, steps


class Command(BaseCommand):
    help = (
        "Opens duties, raises and escalates reminders, sends e-mails. "
        "Prints one line of JSON; a second run raises nothing new."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--today",
            type=date.fromisoformat,
            help="the day to sweep for, YYYY-MM-DD (default: today in Shanghai)",
        )

    def handle(self, **options):
        today = options["today"] or clock.today()
        counts, failed = steps.sweep(today)
        counts.update(deliveries.deliver(clock.now()))
        self.stdout.write(json.dumps({"today": today.isoformat(), **counts}))
        if failed:
            raise CommandError(f"These steps failed, see the log: {', '.join(failed)}")
