"""Writing a checked register: everything in one transaction, in bulk, with history; or nothing."""

from django.db import transaction
from django.utils import timezone

from employers.importing.compare import CHANGED, NEW
from employers.models import BodyType, Contract, Employer
from relations import register, search, standing
from relations.models import ContactPerson, Cycle, Kind, Source, Stage, StageChange, Stakeholder, Term

AT_ONCE = 500
REASON = "导入用人单位登记表"


@transaction.atomic
def write(plans, *, by, today, progress=lambda done: None):
    """Writes what `plans` (without any fault) say. `progress` is called with the number of rows done.

    Employers, contact persons, contracts, first cycles, search tokens, standing and duties all follow.
    """
    for start in range(0, len(plans), AT_ONCE):
        some = plans[start : start + AT_ONCE]
        touched = write_new([p for p in some if p.result == NEW], by, today)
        touched += write_changed([p for p in some if p.result == CHANGED], by, today)
        search.index(touched)
        standing.follow_terms([employer.pk for employer in touched], today)
        progress(start + len(some))


def write_new(plans, by, today):
    employers = [new_employer(made, by, today) for made in plans]
    save_children(Stakeholder, employers)
    number_them(employers)
    for made, employer in zip(plans, employers, strict=True):
        made.employer = employer
    record(Employer, employers, by, "+")
    add_people(plans, by)
    add_contracts(plans, by)
    begin_cycles(employers, by, today)
    return employers


def new_employer(made, by, today):
    found = made.candidate
    worker = made.worker
    return Employer(
        kind=Kind.EMPLOYER,
        name=found.name,
        source=Source.OTHER,
        source_detail=REASON,
        responsible=worker,
        department=worker.department if worker else by.department,
        watched_from=today,
        created_by=by,
        created_at=timezone.now(),
        updated_at=timezone.now(),
        **({"body_type": BodyType.GOVERNMENT} | made.fields),
    )


def save_children(parent, children):
    """Saves rows of a table that extends `parent`: the parents in bulk, then each child by one INSERT."""
    columns = [field.attname for field in parent._meta.concrete_fields if not field.primary_key]
    parents = parent.objects.bulk_create(
        parent(**{name: getattr(child, name) for name in columns}) for child in children
    )
    link = children[0]._meta.pk.attname if children else ""
    for child, saved in zip(children, parents, strict=True):
        child.pk = saved.pk
        child.id = saved.pk
        setattr(child, link, saved.pk)
        child.save_base(raw=True, force_insert=True)


def number_them(employers):
    for employer in employers:
        employer.number = f"{register.PREFIXES[Kind.EMPLOYER]}-{employer.pk:04d}"
    Stakeholder.objects.bulk_update([Stakeholder(pk=e.pk, number=e.number) for e in employers], ["number"])


def record(model, rows, by, kind):
    """The history of rows that were written in bulk."""
    model.history.bulk_history_create(rows, update=kind == "~", default_user=by, default_change_reason=REASON)


def add_people(plans, by):
    people = [
        ContactPerson(
            stakeholder_id=made.employer.pk,
            name=person.name,
            title=person.title,
            phone=person.phone,
            level=person.level,
            is_main=place == 0 and not made.has_main,
            position=place,
        )
        for made in plans
        for place, person in enumerate(made.new_people)
    ]
    saved = ContactPerson.objects.bulk_create(people)
    record(ContactPerson, saved, by, "+")


def add_contracts(plans, by):
    contracts = [
        Contract(
            stakeholder_id=made.employer.pk,
            number=made.candidate.contract_number,
            starts_on=made.candidate.starts_on,
            ends_on=made.candidate.ends_on,
            last_day=made.candidate.ends_on,
            created_by=by,
            created_at=timezone.now(),
        )
        for made in plans
        if made.new_contract
    ]
    if contracts:
        save_children(Term, contracts)
        record(Contract, contracts, by, "+")


def begin_cycles(employers, by, today):
    cycles = Cycle.objects.bulk_create(
        Cycle(stakeholder_id=employer.pk, number=1, opened_on=today, stage_since=today)
        for employer in employers
    )
    StageChange.objects.bulk_create(
        StageChange(cycle=cycle, move="begin", target=Stage.CONTACT, on=today, by=by) for cycle in cycles
    )


def write_changed(plans, by, today):
    for made in plans:
        change_employer(made, by)
        change_people(made)
        change_contract(made)
    add_people(plans, by)
    add_contracts(plans, by)
    hand_over(plans, by, today)
    return [made.employer for made in plans]


def change_employer(made, by):
    employer = made.employer
    for name, value in made.fields.items():
        setattr(employer, name, value)
    employer.version += 1
    employer._change_reason = REASON
    employer._history_user = by
    employer.save()


def hand_over(plans, by, today):
    """A row that names another worker hands the employer over, with its tasks, duties and reminders."""
    given = {}
    for made in plans:
        if made.worker and made.employer.responsible_id != made.worker.pk:
            given.setdefault(made.worker, []).append(made.employer.pk)
    for worker, pks in given.items():
        register.hand_over(Employer.objects.filter(pk__in=pks), to=worker, by=by, today=today)


def change_people(made):
    for before, person in made.changed_people:
        before.title = person.title or before.title
        before.phone = person.phone or before.phone
        before.level = person.level if person.title else before.level
        before.version += 1
        before._change_reason = REASON
        before.save()


def change_contract(made):
    contract = made.changed_contract
    if contract:
        contract.starts_on, contract.ends_on = made.candidate.starts_on, made.candidate.ends_on
        contract.version += 1
        contract._change_reason = REASON
        contract.save()
