"""Which tasks a contact closes by its purpose, without being told so (R27, R90, R432, R438)."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from relations.models import Outcome, Purpose, Task
from relations.work.tasks_due import end, open_reminders

NEAR = timedelta(days=15)
Origin = Task.Origin

FULFILS = {
    Purpose.RENEWAL: Origin.RENEWAL,
    Purpose.GREETING: Origin.GREETING,
    Purpose.FOLLOW_UP: Origin.REVISIT,
    Purpose.YEAR_END_REPORT: Origin.REPORT,
}
BY_DATE = {Origin.GREETING, Origin.REVISIT}


def fulfilled_by(interaction):
    """The open tasks that this contact closes by its purpose; an attempt closes none (R446)."""
    origin = FULFILS.get(interaction.purpose)
    if origin is None or interaction.outcome != Outcome.REACHED:
        return Task.objects.none()
    tasks = Task.objects.open().filter(stakeholder=interaction.stakeholder_id, origin=origin)
    return tasks.filter(is_near(interaction.contact_on, origin)) if origin in BY_DATE else tasks


def is_near(contact_on, origin):
    """A greeting belongs to the festival around it; a revisit may be a little early and any time late."""
    not_too_early = Q(due_on__lte=contact_on + NEAR)
    return not_too_early & Q(due_on__gte=contact_on - NEAR) if origin == Origin.GREETING else not_too_early


def fulfil(interaction):
    """Closes what a saved contact fulfils by its purpose. Returns the titles of what it closed."""
    if interaction.purpose not in FULFILS:
        return []
    closed = list(fulfilled_by(interaction).values_list("pk", "title"))
    if closed:
        tasks = Task.objects.filter(pk__in=[pk for pk, _title in closed])
        end(tasks, done_at=timezone.now(), done_on=interaction.contact_on, done_by=interaction)
    return [title for _pk, title in closed]


def fulfil_anew(interaction):
    """After a correction: what it fulfils no more is open again, what it fulfils now is closed."""
    done = Task.objects.filter(done_by=interaction, origin__in=FULFILS.values())
    keys = list(done.values_list("key", flat=True))
    if keys:
        done.update(done_at=None, done_on=None, done_by=None)
        open_reminders(keys)
    fulfil(interaction)
