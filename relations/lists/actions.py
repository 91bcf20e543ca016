"""Actions on several stakeholders of a list at once; for hand-over see relations.parties.actions."""

from relations.models import Task


def remind_workers(stakeholders, *, title, due_on, by, today):
    """提醒负责社工: creates a task for the responsible worker of each of `stakeholders` (a queryset visible to `by`).

    Returns the number of those with a responsible worker. Repeated requests of the same user about the same
    stakeholder create one task a day.
    """
    tasks = [
        Task(
            stakeholder=stakeholder,
            key=f"task:nudge:{stakeholder.pk}:{by.pk}:{today}",
            origin=Task.Origin.NUDGE,
            title=title,
            due_on=due_on,
            owner=stakeholder.responsible,
            created_by=by,
        )
        for stakeholder in stakeholders.exclude(responsible=None).select_related("responsible")
    ]
    Task.objects.bulk_create(tasks, ignore_conflicts=True)
    return len(tasks)
