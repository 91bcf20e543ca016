"""Celery tasks of employers; safe to run twice, late, or to be killed."""

from celery import shared_task

from employers import duplicates
from reminders import clock


@shared_task
def look_for_duplicates():
    duplicates.find_duplicates(clock.today())
