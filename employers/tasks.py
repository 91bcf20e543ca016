"""Work for the worker; ids as arguments, safe to run twice, to be late, to be killed."""

from celery import shared_task

from employers import duplicates
from reminders import clock


@shared_task
def look_for_duplicates():
    duplicates.find_duplicates(clock.today())
