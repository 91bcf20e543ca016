"""Actions on meetings: planning them, and recording their results (R35-R52)."""

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.stored_texts import stored_in_chinese
from relations.approvals.decisions import approvers_of
from relations.log import actions as log
from relations.models import (
    Channel,
    Interaction,
    Meeting,
    MeetingForm,
    MeetingItem,
    MeetingTemplateItem,
    Outcome,
    Purpose,
    Task,
    Term,
)
from relations.parties.kinds import KINDS, Clause, clause_of, term_label
from relations.reminding.about import reminder_values
from relations.work.tasks_due import urgent_key
from reminders.actions import remind
from reminders.calendar.workdays import Calendar
from reminders.models import Reminder

CHANNELS = {
    MeetingForm.FACE: Channel.FACE,
    MeetingForm.PHONE: Channel.PHONE,
    MeetingForm.OTHER: Channel.OTHER,
}
RECORDED_FIELDS = ("needs", "view_of_centre", "hoped_goals", "roles")


def past_cooperation(stakeholder):
    """Returns lines about past cooperation: those of the kind, agreements, earlier cycles (R37)."""
    spec = KINDS.get(stakeholder.kind)
    of_kind = [line for function in (spec.past if spec else ()) for line in function(stakeholder)]
    terms = Term.objects.valid().filter(stakeholder=stakeholder)
    agreements = [agreed_words(term, term_label(stakeholder.kind)) for term in terms]
    cycles = [
        _("第%(number)s轮服务 %(first)s 至 %(last)s：%(ending)s")
        % {
            "number": cycle.number,
            "first": cycle.opened_on,
            "last": cycle.ended_on,
            "ending": cycle.get_ending_display(),
        }
        for cycle in stakeholder.cycles.exclude(ended_on=None)
    ]
    return of_kind + agreements + cycles


def agreed_words(term, label):
    """Returns the period of an agreement as text; `label` is what the kind calls it."""
    if term.last_day is None:
        return _("%(term)s期从 %(first)s 起，没有约定结束日期") % {"term": label, "first": term.starts_on}
    return _("%(term)s期 %(first)s 至 %(last)s") % {
        "term": label,
        "first": term.starts_on,
        "last": term.last_day,
    }


@transaction.atomic
def plan_meeting(meeting, *, by):
    """Saves a new meeting with an editable copy of the checklist and the outline (R47)."""
    meeting.created_by = by
    meeting.save(force_insert=True)
    MeetingItem.objects.bulk_create(
        MeetingItem(meeting=meeting, kind=item.kind, text=item.text, position=item.position)
        for item in MeetingTemplateItem.objects.filter(is_in_use=True)
    )
    return meeting


@transaction.atomic
def record_meeting(meeting, *, by, today, held_on, company):
    """Saves the record of a meeting, logs it as a contact, and opens a task for an urgent matter (R46, R49-R52).

    `meeting` has the unsaved values. A later call corrects the logged contact, or logs a new one when that was
    withdrawn. Raises EditConflict when the contact was corrected in the meantime.
    """
    if meeting.interaction_id and meeting.interaction.withdrawn_at is None:
        correct_contact(meeting, held_on, company)
    else:
        meeting.interaction = log.log_interaction(contact_of(meeting, held_on), by=by, company=company)
    meeting.save()
    if meeting.needs_urgent_help:
        raise_urgent(meeting, by, today)
    return meeting


def contact_of(meeting, held_on):
    return Interaction(
        stakeholder=meeting.stakeholder,
        cycle=meeting.cycle,
        contact_on=held_on,
        channel=CHANNELS[meeting.form],
        purpose=Purpose.INTERVIEW,
        outcome=Outcome.REACHED,
        content=content_of(meeting),
    )


def correct_contact(meeting, held_on, company):
    interaction = meeting.interaction
    before, interaction.contact_on = interaction.contact_on, held_on
    interaction.content = content_of(meeting)
    log.correct_interaction(interaction, before=before, company=company, version=interaction.version)


@stored_in_chinese()
def content_of(meeting):
    """Returns the record as one text: each field with its label."""
    fields = [
        (Meeting._meta.get_field(name).verbose_name, getattr(meeting, name)) for name in RECORDED_FIELDS
    ]
    if meeting.needs_urgent_help:
        fields.append((_("紧急事项"), meeting.urgent_matter))
    return "\n".join(f"{label}：{text}" for label, text in fields if text)[:5000]


def raise_urgent(meeting, by, today):
    """Opens a task for the urgent matter, due the next working day, and notifies the leaders immediately (R46)."""
    calendar = Calendar.load()
    due_on = calendar.add_working_days(today, 1)
    task, is_new = Task.objects.get_or_create(
        key=f"task:urgent:meeting:{meeting.pk}",
        defaults={
            "stakeholder": meeting.stakeholder,
            "origin": Task.Origin.URGENT,
            "title": meeting.urgent_matter,
            "clause": clause_of(meeting.stakeholder.kind, Clause.URGENT),
            "due_on": due_on,
            "owner": meeting.stakeholder.responsible or meeting.lead,
            "raised_by": meeting.interaction,
            "is_provisional": calendar.is_provisional(due_on),
            "created_by": by,
        },
    )
    if is_new:
        for leader in approvers_of(meeting.stakeholder, but=by):
            notify_leader(leader, meeting, task, today)


@stored_in_chinese()
def notify_leader(leader, meeting, task, today):
    words = {"who": meeting.stakeholder.name, "what": meeting.urgent_matter}
    remind(
        leader,
        key=urgent_key(task, leader.pk),
        subject=task.key,
        kind=Reminder.Kind.NUDGE,
        title=_("紧急：%(who)s 需要协助——%(what)s") % words,
        link=reverse("relations:meeting", args=[meeting.pk]),
        today=today,
        due_on=task.due_on,
        **reminder_values(meeting.stakeholder, leader),
    )
