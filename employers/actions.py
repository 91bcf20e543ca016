"""Acts on employers that span records: contracts and the standing that follows them, contact persons."""

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.locking import lock_whole
from accounts.roles import Permission
from employers.models import Contract, Employer
from relations.duties import settlement as duties
from relations.models import ContactPerson, Stakeholder
from relations.parties import actions as register
from relations.parties import standing
from relations.reminding.raising import readdress
from relations.search import index as search


class Refused(Exception):
    """An act that may not be done now; its text is a sentence for the person who tried."""


def enrol(employer, *, by, today, first_contact, person=None):
    """Registers a new employer with its first contact (R15-R16) and its first liaison, who is the main one (R41).

    A `token` that was used before gives the employer registered then: a double submit makes one record.
    """
    try:
        with transaction.atomic():
            register.register(employer, by=by, today=today, **first_contact)
            if person is not None:
                person.stakeholder = employer
                keep_person(person)
    except IntegrityError:
        same = Employer.objects.filter(token=employer.token, token__isnull=False, created_by=by)
        before = same.first()
        if before is None:
            raise
        return before
    return employer


@transaction.atomic
def follow_sight(employer, *, today):
    """After the department or the mark of confidentiality changed: duties and reminders go to those who may see it."""
    duties.rederive([employer.pk], today)
    readdress(today, stakeholders=[employer.pk])


@transaction.atomic
def keep_person(person, *, make_main=False):
    """Saves a contact person; exactly one of those in office is the main one, the first becomes it (R41).

    Raises Refused when somebody has just added the same person.
    """
    Stakeholder.objects.select_for_update(no_key=True).get(pk=person.stakeholder_id)
    in_office = ContactPerson.objects.current().filter(stakeholder=person.stakeholder_id)
    others = list(in_office.exclude(pk=person.pk))
    if person.left_on is None and (make_main or not any(other.is_main for other in others)):
        for other in others:
            step_down(other)
        person.is_main = True
    else:
        person.is_main = False
    save_once(person, others)
    if not person.is_main and not any(other.is_main for other in others):
        promote(others[:1])
    search.index([person.stakeholder])
    return person


def save_once(person, others):
    """Two people in office with one name and title cannot be told apart; the form was checked a moment earlier."""
    twice = any((other.name, other.title) == (person.name, person.title) for other in others)
    if twice and person.left_on is None:
        raise Refused(_("%s刚刚已经添加过了。") % person.name)
    person.save()


def step_down(person):
    if person.is_main:
        person.is_main = False
        person.version += 1
        person.save(update_fields=["is_main", "version"])


def promote(people):
    for person in people:
        person.is_main = True
        person.version += 1
        person.save(update_fields=["is_main", "version"])


@transaction.atomic
def leave(person, *, today):
    """The person has left; the next one in the list becomes the main one. Done twice, the first day stands."""
    Stakeholder.objects.select_for_update(no_key=True).get(pk=person.stakeholder_id)
    person.refresh_from_db()
    if person.left_on:
        return person
    person.left_on = today
    person.version += 1
    return keep_person(person)


def sign(contract, *, by, today):
    """Registers a contract (R67); the standing and the duties follow it (R32).

    Raises Refused when somebody has just registered the same number for this employer.
    """
    contract.created_by = by
    return amend(contract, today=today)


@transaction.atomic
def amend(contract, *, today):
    """Saves a changed contract, and what follows from its dates. Raises Refused as `sign` does."""
    if contract.voided_at is None:
        refuse_same_number(contract)
    contract.save()
    standing.follow_terms([contract.stakeholder_id], today)
    return contract


def refuse_same_number(contract):
    """One employer has a number once; that another has it too is no reason to say so (employers.duplicates)."""
    same = Contract.objects.valid().filter(stakeholder=contract.stakeholder_id, number=contract.number)
    if contract.pk and same.filter(pk=contract.pk).exists():
        return
    Stakeholder.objects.select_for_update(no_key=True).get(pk=contract.stakeholder_id)
    if same.exclude(pk=contract.pk).exists():
        raise Refused(_("编号%s刚刚已经登记过了。") % contract.number)


@transaction.atomic
def end_early(contract, *, ended_on, reason, by, today):
    """Ends a contract before its time: the employer is prospective from the next day on (R30-R32).

    Raises Refused when the day lies outside the contract or the contract has ended.
    """
    contract = lock_whole(Contract.objects.all()).get(pk=contract.pk)
    if contract.ended_on or contract.voided_at:
        raise Refused(_("这份合同已经终止或作废。"))
    if not contract.starts_on <= ended_on <= contract.ends_on:
        words = {"first": contract.starts_on, "last": contract.ends_on}
        raise Refused(_("终止日期要在合同期内（%(first)s至%(last)s）。") % words)
    contract.ended_on, contract.end_reason = ended_on, reason
    contract.version += 1
    contract._change_reason = reason[:100]
    return amend(contract, today=today)


@transaction.atomic
def void_contract(contract, *, reason, by, today):
    """Marks a contract as entered in error; only leaders may, it counts no more and is not deleted.

    Raises PermissionDenied, and Refused when it was marked before: the first reason stands.
    """
    if not (by.may(Permission.CONTRACT) and by.may(Permission.APPROVE)):
        raise PermissionDenied
    contract = lock_whole(Contract.objects.all()).get(pk=contract.pk)
    if contract.voided_at:
        raise Refused(_("这份合同已经作废。"))
    contract.voided_at = timezone.now()
    contract.void_reason = reason
    contract.version += 1
    contract._change_reason = reason[:100]
    return amend(contract, today=today)
