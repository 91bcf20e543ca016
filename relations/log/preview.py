"""保存后完成：… — what a contact that is still being typed would complete, by the rules that will count it."""

from relations.duties import settlement as duties
from relations.duties.periods import of_period
from relations.log.auto_complete import closed_by, fulfilled_by


def foresee(form):
    """For a LogForm, typed or as it opens: what saving would complete, what it would only count towards, in words."""
    contact = form.outline()
    if contact is None:
        return {"complete": [], "partial": [], "missed": form.missed, "undated": form.undated}
    would = list(duties.would_count(form.stakeholder, contact))
    full = [duty for duty in would if duty.met + 1 >= duty.owed]
    tasks = {task.pk: task.title for task in form.done_tasks()}
    if closed_by(contact.purpose):
        tasks |= dict(fulfilled_by(contact).values_list("pk", "title"))
    return {
        "complete": [words(duty) for duty in full] + list(tasks.values()),
        "partial": [f"{words(duty)}（{duty.met + 1}／{duty.owed}）" for duty in would if duty not in full],
        "missed": False,
        "undated": False,
    }


def words(duty):
    return of_period(duty.rule.period, duty.period_start, duty.rule.name)
