"""Known employers that a register changes, in a fixed number of statements for each portion and each new worker.

Every row that is written asks for the version that was compared: what somebody else has saved meanwhile is never
overwritten (bulk.Moved).
"""

from django.utils import timezone

from employers.importing import children
from employers.importing.children import REASON
from employers.importing.kept import FIELDS
from employers.models import Contract, Employer
from employers.renewals import settle_tasks
from relations import bulk
from relations.models import ContactPerson, Stakeholder, Task, Term
from relations.parties import actions as register
from relations.parties import standing
from relations.search import index as search


def write(plans, by, today):
    """Raises bulk.Moved when one of them has been changed since the file was compared."""
    change_employers(plans, by)
    owned = [(made, made.employer.pk) for made in plans]
    children.add_people(owned, by)
    change_people(plans, by)
    children.add_contracts(owned, by)
    change_contracts(plans, by)
    respell(plans)
    follow_contracts(plans, today)
    hand_over(plans, by, today)


def change_employers(plans, by):
    now = timezone.now()
    bulk.change(
        Stakeholder,
        ["version", "updated_at"],
        [(made.employer.pk, made.employer.version, now) for made in plans],
    )
    rename(plans)
    rows = [(made.employer.pk, *(fields_of(made)[name] for name in FIELDS)) for made in plans if made.fields]
    bulk.change(Employer, FIELDS, rows)
    bulk.record(Employer, [made.employer.pk for made in plans], kind="~", by=by, reason=REASON)


def rename(plans):
    rows = [(made.employer.pk, made.fields["name"]) for made in plans if "name" in made.fields]
    bulk.change(Stakeholder, ["name"], rows)
    if rows:
        search.index(list(Employer.objects.filter(pk__in=[pk for pk, _name in rows])))


def fields_of(made):
    """The fields of the employer as they will be."""
    return {name: getattr(made.employer, name) for name in FIELDS} | made.fields


def change_people(plans, by):
    changed = [pair for made in plans for pair in made.changed_people]
    rows = [
        (
            before.pk,
            before.version,
            person.title or before.title,
            person.phone or before.phone,
            person.level if person.title else before.level,
        )
        for before, person in changed
    ]
    bulk.change(ContactPerson, ["version", "title", "phone", "level"], rows)
    bulk.record(ContactPerson, [before.pk for before, _person in changed], kind="~", by=by, reason=REASON)


def change_contracts(plans, by):
    changed = [(made.changed_contract, made.candidate) for made in plans if made.changed_contract]
    bulk.change(Contract, ["version"], [(contract.pk, contract.version) for contract, _found in changed])
    rows = [
        (contract.pk, found.starts_on, found.ends_on, contract.ended_on or found.ends_on)
        for contract, found in changed
    ]
    bulk.change(Term, ["starts_on", "ends_on", "last_day"], rows)
    bulk.record(Contract, [contract.pk for contract, _found in changed], kind="~", by=by, reason=REASON)


def respell(plans):
    """The search follows the people."""
    pks = [made.employer.pk for made in plans if made.new_people or made.changed_people]
    if pks:
        people = list(ContactPerson.objects.current().filter(stakeholder__in=pks))
        search.index_people_anew(pks, people)


def follow_contracts(plans, today):
    pks = [made.employer.pk for made in plans if made.new_contract or made.changed_contract]
    if pks:
        standing.follow_terms(pks, today)
        settle_tasks(Task.objects.filter(stakeholder__in=pks))


def hand_over(plans, by, today):
    """A row that names another worker hands the employer over, with its tasks, duties and reminders."""
    given = {}
    for made in plans:
        if made.is_another_workers:
            given.setdefault(made.worker, []).append(made.employer.pk)
    for worker, pks in given.items():
        register.hand_over(Employer.objects.filter(pk__in=pks), to=worker, by=by, today=today)
