"""Tasks that a contact closes automatically because of its purpose (R27, R90, R432, R438)."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from relations.models import Outcome, Task
from relations.models.task_origins import ORIGINS
from relations.work.tasks_due import close_tasks, reopen_reminders


def origins_closed_by(purpose):
    """Returns {value: TaskOrigin} of the origins whose tasks are closed by a contact for `purpose`."""
    return {
        value: origin
        for value, origin in ORIGINS.items()
        if origin.is_closed_by_purpose and origin.purpose == purpose
    }


def tasks_completed_by(interaction):
    """Returns a queryset of the open tasks that this contact closes by its purpose; an attempt closes none (R446)."""
    origins = origins_closed_by(interaction.purpose)
    if not origins or interaction.outcome != Outcome.REACHED:
        return Task.objects.none()
    condition = Q(pk__in=[])
    for value, origin in origins.items():
        condition |= Q(origin=value) & is_within_window(interaction.contact_on, origin)
    return Task.objects.open().filter(condition, stakeholder=interaction.stakeholder_id)


def is_within_window(contact_on, origin):
    """Returns the condition (Q) that the due date of a task is near enough to `contact_on` for the contact to close it.

    A greeting belongs to the festival around its day; a revisit may be a little early and any time late.
    """
    if origin.within is None:
        return Q()
    near = timedelta(days=origin.within)
    condition = Q(due_on__lte=contact_on + near)
    return condition & Q(due_on__gte=contact_on - near) if origin.and_after else condition


def complete_tasks(interaction):
    """Closes the tasks that a saved contact completes by its purpose. Returns their titles."""
    if not origins_closed_by(interaction.purpose):
        return []
    closed = list(tasks_completed_by(interaction).values_list("pk", "title"))
    if closed:
        tasks = Task.objects.filter(pk__in=[pk for pk, _title in closed])
        close_tasks(tasks, done_at=timezone.now(), done_on=interaction.contact_on, done_by=interaction)
    return [title for _pk, title in closed]


def recomplete_tasks(interaction):
    """After a correction: reopens the tasks that the contact no longer completes, and closes those it completes now."""
    origins = [value for value, origin in ORIGINS.items() if origin.is_closed_by_purpose]
    done = Task.objects.filter(done_by=interaction, origin__in=origins)
    keys = list(done.values_list("key", flat=True))
    if keys:
        done.update(done_at=None, done_on=None, done_by=None)
        reopen_reminders(keys)
    complete_tasks(interaction)
