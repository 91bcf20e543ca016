"""保存后完成：…: what a contact that is still being typed would complete, by the same rules as after saving."""

from django.utils.translation import gettext as _

from relations.duties import settlement as duties
from relations.duties.periods import matter_with_period
from relations.log.auto_complete import origins_closed_by, tasks_completed_by


def preview_completion(form):
    """Returns what saving a LogForm (bound or initial) would complete, and what it would only count towards."""
    contact = form.partial_contact()
    if contact is None:
        return {"complete": [], "partial": [], "missed": form.missed, "undated": form.undated}
    would = list(duties.would_count(form.stakeholder, contact))
    full = [duty for duty in would if duty.met + 1 >= duty.owed]
    tasks = {task.pk: task.title for task in form.done_tasks()}
    if origins_closed_by(contact.purpose):
        tasks |= dict(tasks_completed_by(contact).values_list("pk", "title"))
    return {
        "complete": [duty_words(duty) for duty in full] + list(tasks.values()),
        "partial": [partial_words(duty) for duty in would if duty not in full],
        "missed": False,
        "undated": False,
    }


def partial_words(duty):
    words = {"duty": duty_words(duty), "met": duty.met + 1, "owed": duty.owed}
    return _("%(duty)s（%(met)d／%(owed)d）") % words


def duty_words(duty):
    return matter_with_period(duty.rule.period, duty.period_start, duty.rule.name)
