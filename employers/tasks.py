"""Work for the worker; ids as arguments, safe to run twice, to be late, to be killed."""

from celery import shared_task

from employers import duplicates, imports
from reminders import clock


@shared_task
def check_import(pk):
    imports.check(pk, clock.today())


@shared_task
def write_import(pk):
    imports.write(pk, clock.today())


@shared_task
def run_imports():
    imports.pick_up(clock.today())


@shared_task
def look_for_duplicates():
    duplicates.look(clock.today())
