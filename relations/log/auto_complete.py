"""Which tasks a contact closes by its purpose, without being told so (R27, R90, R432, R438)."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from relations.models import Outcome, Task
from relations.models.task_origins import ORIGINS
from relations.work.tasks_due import close_tasks, open_reminders


def closed_by(purpose):
    """{origin: its TaskOrigin} of the tasks that a contact for `purpose` closes."""
    return {
        value: origin
        for value, origin in ORIGINS.items()
        if origin.is_closed_by_purpose and origin.purpose == purpose
    }


def tasks_completed_by(interaction):
    """The open tasks that this contact closes by its purpose; an attempt closes none (R446)."""
    origins = closed_by(interaction.purpose)
    if not origins or interaction.outcome != Outcome.REACHED:
        return Task.objects.none()
    wanted = Q(pk__in=[])
    for value, origin in origins.items():
        wanted |= Q(origin=value) & is_within_window(interaction.contact_on, origin)
    return Task.objects.open().filter(wanted, stakeholder=interaction.stakeholder_id)


def is_within_window(contact_on, origin):
    """A greeting belongs to the festival around it; a revisit may be a little early and any time late."""
    if origin.within is None:
        return Q()
    near = timedelta(days=origin.within)
    found = Q(due_on__lte=contact_on + near)
    return found & Q(due_on__gte=contact_on - near) if origin.and_after else found


def complete_tasks(interaction):
    """Closes what a saved contact fulfils by its purpose. Returns the titles of what it closed."""
    if not closed_by(interaction.purpose):
        return []
    closed = list(tasks_completed_by(interaction).values_list("pk", "title"))
    if closed:
        tasks = Task.objects.filter(pk__in=[pk for pk, _title in closed])
        close_tasks(tasks, done_at=timezone.now(), done_on=interaction.contact_on, done_by=interaction)
    return [title for _pk, title in closed]


def recomplete_tasks(interaction):
    """After a correction: what it fulfils no more is open again, what it fulfils now is closed."""
    origins = [value for value, origin in ORIGINS.items() if origin.is_closed_by_purpose]
    done = Task.objects.filter(done_by=interaction, origin__in=origins)
    keys = list(done.values_list("key", flat=True))
    if keys:
        done.update(done_at=None, done_on=None, done_by=None)
        open_reminders(keys)
    complete_tasks(interaction)
