"""Intake: a complaint from any channel is saved and handed to the person in charge in one transaction (R128-R145)."""

import secrets
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.days import year_day_words
from accounts.stored_texts import stored_in_chinese
from complaints.access import access_list
from complaints.acts.audit_log import append_act
from complaints.appointments import in_charge
from complaints.clocks import deadlines as clocks
from complaints.clocks import notices
from complaints.files import enclosures
from complaints.models import AccessRole, Accused, ActKind, Complaint, ExcludedPerson, State
from relations.files.attachments import atomic_with_files
from reminders.calendar.workdays import Calendar
from reminders.models import Parameter

NUMBER_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # without look-alike characters
NUMBER_LENGTH = 6


@dataclass(frozen=True)
class IntakeDetails:
    """Details given with a new complaint: the people complained about, and the people who must not be informed.

    `accused` and `not_told` are users, `not_told_words` is free text.
    """

    accused: list = field(default_factory=list)
    not_told: list = field(default_factory=list)
    not_told_words: str = ""


def new_number(day):
    """2026-K7F3MQ: the year and random characters, so that a number does not reveal how many complaints there are."""
    return f"{day.year}-" + "".join(secrets.choice(NUMBER_ALPHABET) for _place in range(NUMBER_LENGTH))


def is_not_processed(complaint):
    """Whether a complaint is anonymous and about personnel: registered, not processed (R155-R156, R453)."""
    return complaint.is_anonymous and complaint.is_personnel


@atomic_with_files()
def register(complaint, *, by, today, told=None, files=()):
    """Saves `complaint` (unsaved, with its intake_key) and hands it to the person in charge. Returns it.

    `by` is the registrar, None at the public portal; `told` are the IntakeDetails; `files` are pairs (file, content
    type). When a form is submitted twice, the complaint of the first time is returned. Raises in_charge.NobodyInCharge.
    """
    try:
        with transaction.atomic():
            return create_complaint(complaint, by, today, told or IntakeDetails(), files)
    except IntegrityError:
        existing = Complaint.objects.filter(intake_key=complaint.intake_key).first()
        if existing is None:
            raise
        return existing


def create_complaint(complaint, by, today, told, files):
    closed_to = {user.pk for user in (*told.accused, *told.not_told)}
    complaint.head = in_charge.head_for(closed_to)
    complaint.number = new_number(complaint.received_on)
    complaint.entered_by, complaint.entered_at = by, timezone.now()
    complaint.handed_over_at = complaint.entered_at
    complaint.counted_from = complaint.received_on
    if is_not_processed(complaint):
        complaint.state = State.NOT_PROCESSED
    else:
        clocks.recalculate(complaint, Parameter.objects.values_on(complaint.received_on), Calendar.load())
    complaint.save(force_insert=True)
    Accused.objects.bulk_create(
        Accused(complaint=complaint, user=user) for user in dict.fromkeys(told.accused)
    )
    store_excluded_people(complaint, told)
    access_list.add_person(complaint, complaint.head, AccessRole.HEAD, by=by)
    write_first_acts(complaint, by, today, files)
    notices.remind_head(complaint, today)
    return complaint


def store_excluded_people(complaint, told):
    rows = [ExcludedPerson(complaint=complaint, user=user) for user in dict.fromkeys(told.not_told)]
    if told.not_told_words:
        rows.append(ExcludedPerson(complaint=complaint, words=told.not_told_words))
    ExcludedPerson.objects.bulk_create(rows)


@stored_in_chinese()
def write_first_acts(complaint, by, today, files):
    first = append_act(
        complaint, ActKind.REGISTERED, by=by, on=today, to_state=complaint.state, is_public=True
    )
    enclosures.attach_files(first, files)
    append_act(complaint, ActKind.HANDED_OVER, by=None, on=today, is_public=True)
    if complaint.state == State.NOT_PROCESSED:
        text = _("匿名的人事投诉，按规定登记，不予处理。")
        append_act(complaint, ActKind.NOTE, by=None, on=today, text=text, is_public=True)
    elif by is None:
        record_receipt_notice(complaint, today)


@stored_in_chinese()
def record_receipt_notice(complaint, today):
    """Records that the receipt of the public portal states the procedure and the due date (R160)."""
    text = _("回执已告知：最晚%s前回应。") % year_day_words(complaint.response_due_on)
    append_act(complaint, ActKind.TOLD, by=None, on=today, text=text, due_on=complaint.response_due_on)
    complaint.told_on = today
    Complaint.objects.filter(pk=complaint.pk).update(told_on=today)
