"""What is done with several stakeholders of a list at once; handing over stands in relations.parties.actions."""

from relations.models import Task


def remind_workers(stakeholders, *, title, due_on, by, today):
    """提醒负责社工: a task for the responsible worker of each of `stakeholders` (a queryset within the sight of `by`).

    Returns how many have a responsible worker. The same person reminds of the same stakeholder once a day, however
    often the button is pressed.
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
