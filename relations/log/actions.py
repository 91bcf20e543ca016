"""Logs, corrects and withdraws contacts, with all consequences in the same transaction.

`save_new` saves a new contact, in this order: masks of both sides and the running cycle, the contact, its people, the
day of the last contact (which locks the record), the duties that it meets, the ticked tasks closed, follow-up and retry
tasks opened, the tasks that its purpose closes. The view adds files and the search index in the same transaction. It is
fast because the duties take one statement on PostgreSQL, for this record and the periods around the day only.
"""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.exceptions import EditConflict
from accounts.roles import TIER_BITS, Tier
from accounts.stored_texts import stored_in_chinese
from relations.duties import settlement as duties
from relations.log import auto_complete
from relations.models import (
    Channel,
    Cycle,
    Interaction,
    OurParticipant,
    Outcome,
    Purpose,
    Stakeholder,
    Starter,
    Task,
    TheirParticipant,
    level_mask,
)
from relations.work.tasks_due import close_tasks, reopen_reminders

SHEET_CHECK_NAMESPACE = UUID("5a1f0c52-6f0e-4b7e-9d0b-3f6f0f7f5b61")  # of the tokens of sheet checks


@dataclass
class Participants:
    """The participants of a contact: our users, those of ours who accompany, and their contact persons."""

    ours: list
    accompanying: list = field(default_factory=list)
    theirs: list = field(default_factory=list)


def tiers_held(user, stakeholder):
    """Returns the tiers of `user` for `stakeholder` as a mask: those of the roles; RESIDENT if responsible for it."""
    own = TIER_BITS[Tier.RESIDENT] if stakeholder.responsible_id == user.pk else 0
    return user.tier_mask | own


def set_masks(interaction, company):
    """Sets the masks of the participants' tiers and levels on the contact, which duties are matched against."""
    stakeholder = interaction.stakeholder
    interaction.tier_mask = combine_masks(tiers_held(user, stakeholder) for user in company.ours)
    interaction.with_mask = combine_masks(tiers_held(user, stakeholder) for user in company.accompanying)
    interaction.level_mask = level_mask(person.level for person in company.theirs)


def combine_masks(masks):
    together = 0
    for mask in masks:
        together |= mask
    return together


def log_interaction(interaction, *, by, company, done_tasks=(), follow_up_on=None, retry_on=None):
    """Saves a new contact and returns it; `interaction` is an unsaved Interaction with its stakeholder set.

    Settles the duties it meets, closes `done_tasks`, creates a follow-up task due on `follow_up_on` and a retry task
    due on `retry_on`. If the token was used before, returns the contact saved then, so that submitting twice makes one
    record. A new contact has an attribute `completed`, a list of texts; a contact saved before has none.
    """
    try:
        with transaction.atomic():
            return save_new(interaction, by, company, done_tasks, follow_up_on, retry_on)
    except IntegrityError:
        if before := Interaction.objects.filter(token=interaction.token, token__isnull=False).first():
            return before
        raise


def save_new(interaction, by, company, done_tasks, follow_up_on, retry_on):
    set_masks(interaction, company)
    interaction.entered_by = by
    if interaction.starter_id is None and interaction.started_by == Starter.US:
        interaction.starter = by
    if interaction.cycle_id is None:
        interaction.cycle = Cycle.objects.running().filter(stakeholder=interaction.stakeholder_id).first()
    interaction.save(force_insert=True)
    write_people(interaction, company)
    settled = settle_duties(interaction)
    finish_tasks(interaction, done_tasks)
    open_tasks(interaction, by, follow_up_on, retry_on)
    interaction.completed = [duty.words for duty in settled if duty.is_just_complete]
    interaction.completed += [task.title for task in done_tasks]
    interaction.completed += auto_complete.complete_tasks(interaction)
    return interaction


def settle_duties(interaction):
    """Counts the duties again that a new contact affects, and returns them; an attempt affects none (R446)."""
    if interaction.outcome != Outcome.REACHED:
        return []
    touch_last_contact(interaction)
    return duties.settle(interaction.stakeholder, [interaction.contact_on])


def write_people(interaction, company):
    ours = [(user, False) for user in company.ours] + [(user, True) for user in company.accompanying]
    OurParticipant.objects.bulk_create(
        OurParticipant(
            interaction=interaction,
            user=user,
            is_accompanying=accompanying,
            tier_mask=tiers_held(user, interaction.stakeholder),
        )
        for user, accompanying in ours
    )
    TheirParticipant.objects.bulk_create(
        TheirParticipant(interaction=interaction, person=person, level=person.level)
        for person in company.theirs
    )


def touch_last_contact(interaction):
    """Moves the day of the last contact forward; a check of the information sheet is not a contact.

    The row is written in any case, which locks it: of two contacts saved at once the second waits, and its duties are
    counted together with the first.
    """
    moves = Q(last_contact_on=None) | Q(last_contact_on__lte=interaction.contact_on)
    if interaction.purpose == Purpose.SHEET_CHECK:
        moves = Q(pk__in=[])
    Stakeholder.objects.filter(pk=interaction.stakeholder_id).update(
        last_contact_on=Case(When(moves, then=Value(interaction.contact_on)), default=F("last_contact_on")),
        last_contact_channel=Case(
            When(moves, then=Value(interaction.channel)), default=F("last_contact_channel")
        ),
    )


def recount_last_contact(stakeholder):
    """Recalculates the day of the last contact, with the row locked as in `touch_last_contact`."""
    Stakeholder.objects.select_for_update(no_key=True).filter(pk=stakeholder.pk).values_list("pk").first()
    last = (
        Interaction.objects.counting()
        .contacts()
        .filter(stakeholder=stakeholder)
        .order_by("-contact_on", "-pk")
        .first()
    )
    Stakeholder.objects.filter(pk=stakeholder.pk).update(
        last_contact_on=last and last.contact_on, last_contact_channel=last.channel if last else ""
    )


def finish_tasks(interaction, tasks):
    """Closes the tasks that this contact completes, and their reminders."""
    if not tasks:
        return
    chosen = Task.objects.filter(pk__in=[task.pk for task in tasks], stakeholder=interaction.stakeholder_id)
    close_tasks(chosen, done_at=timezone.now(), done_on=interaction.contact_on, done_by=interaction)


@stored_in_chinese()
def open_tasks(interaction, by, follow_up_on: date | None, retry_on: date | None):
    if follow_up_on:
        promise = interaction.follow_up or _("跟进%(day)s谈的事") % {
            "day": interaction.contact_on.isoformat()
        }
        open_task(interaction, by, Task.Origin.FOLLOW_UP, promise[:200], follow_up_on)
    if retry_on:
        title = _("再联系一次：%(day)s没联系上") % {"day": interaction.contact_on.isoformat()}
        open_task(interaction, by, Task.Origin.RETRY, title, retry_on)


def open_task(interaction, by, origin, title, due_on):
    Task.objects.create(
        stakeholder=interaction.stakeholder,
        key=f"task:{origin}:{interaction.pk}",
        origin=origin,
        title=title,
        due_on=due_on,
        owner=by,
        raised_by=interaction,
        created_by=by,
    )


def log_sheet_check(stakeholder, *, by, today, changes="", token=None):
    """Logs 核对无变化, or the text `changes`: the information sheet was checked today, which meets R69.

    Without a `token`, the same text on the same day is one check.
    """
    with stored_in_chinese():
        content = changes.strip() or _("核对无变化")
    check = Interaction(
        stakeholder=stakeholder,
        contact_on=today,
        channel=Channel.DESK,
        purpose=Purpose.SHEET_CHECK,
        content=content,
        token=token or uuid5(SHEET_CHECK_NAMESPACE, f"{stakeholder.pk}:{today}:{changes.strip()}"),
    )
    return log_interaction(check, by=by, company=Participants(ours=[by]))


@transaction.atomic
def correct_interaction(interaction, *, before, company, version):
    """Saves a corrected contact. `before` is its day before the correction.

    Raises EditConflict when it was saved or withdrawn since `version` was shown.
    """
    claimed = Interaction.objects.filter(pk=interaction.pk, version=version, withdrawn_at=None)
    if not claimed.update(version=version + 1):
        raise EditConflict(latest=Interaction.objects.get(pk=interaction.pk))
    interaction.version = version + 1
    set_masks(interaction, company)
    interaction._change_reason = people_changed(interaction, company)
    interaction.save()
    interaction.our_people.all().delete()
    interaction.their_people.all().delete()
    write_people(interaction, company)
    recount_last_contact(interaction.stakeholder)
    duties.settle(interaction.stakeholder, [before, interaction.contact_on])
    auto_complete.recomplete_tasks(interaction)
    return interaction


@stored_in_chinese()
def people_changed(interaction, company):
    """Returns the added and the removed participants as text for the history; "" if there are none."""
    before = {
        participant_words(part.user, part.is_accompanying)
        for part in interaction.our_people.select_related("user")
    }
    before |= {participant_words(part.person) for part in interaction.their_people.select_related("person")}
    after = {participant_words(user) for user in company.ours} | {
        participant_words(user, True) for user in company.accompanying
    }
    after |= {participant_words(person) for person in company.theirs}
    words = [_("加上%s") % name for name in sorted(after - before)]
    words += [_("去掉%s") % name for name in sorted(before - after)]
    return "，".join(words)[:100]


def participant_words(person, accompanying=False):
    return _("%s（陪同）") % person if accompanying else str(person)


@transaction.atomic
def withdraw_interaction(interaction, *, by, reason):
    """Withdraws a contact: it no longer counts, its tasks are undone, and the duties it met are open again."""
    claimed = Interaction.objects.filter(pk=interaction.pk, withdrawn_at=None)
    if not claimed.update(withdrawn_at=timezone.now(), withdrawn_by=by, withdraw_reason=reason, token=None):
        return
    interaction.refresh_from_db()
    interaction._change_reason = reason[:100]  # shorter in the history; the row has the full text
    interaction.save()
    undo_tasks(interaction)
    recount_last_contact(interaction.stakeholder)
    duties.settle(interaction.stakeholder, [interaction.contact_on])


@stored_in_chinese()
def undo_tasks(interaction):
    """Reopens the tasks that this contact completed, and drops those that it created."""
    undone = list(Task.objects.filter(done_by=interaction).values_list("key", flat=True))
    if undone:
        Task.objects.filter(key__in=undone).update(done_at=None, done_on=None, done_by=None)
        reopen_reminders(undone)
    raised = Task.objects.filter(raised_by=interaction)
    close_tasks(raised, dropped_at=timezone.now(), drop_reason=_("记录已撤销"))
