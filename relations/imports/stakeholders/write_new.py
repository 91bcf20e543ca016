"""Creates the new stakeholders of a register with all related rows, in a fixed number of SQL statements."""

from accounts.exceptions import EditConflict
from accounts.roles import is_person
from relations import bulk
from relations.cycle import lifecycle
from relations.imports.stakeholders import children
from relations.imports.stakeholders.compare import names_of
from relations.imports.stakeholders.existing_rows import visible
from relations.models import Source
from relations.parties import standing
from relations.parties.actions import first_department, number_of
from relations.parties.kinds import has_cycle
from relations.search import index as search
from relations.search.pinyin import pinyin_and_initials


def write(spec, plans, by, today):
    """Creates the records. Raises EditConflict when one has been registered since the file was compared."""
    if visible(spec, by).filter(name__in=names_of(plan.entry for plan in plans)).exists():
        raise EditConflict
    pks = bulk.reserve_keys(spec.model, len(plans))
    owned = list(zip(plans, pks, strict=True))
    stakeholders = [new_stakeholder(spec, plan, pk, by, today) for plan, pk in owned]
    bulk.insert(stakeholders, pks)
    write_history(spec, pks, kind="+", by=by)
    people = children.add_people(spec, owned, by)
    children.add_terms(spec, owned, by)
    if has_cycle(spec.kind):
        lifecycle.start_first_cycles(pks, by=by, today=today, reason=spec.reason)
    search.index_new(stakeholders, people)
    standing.update_standing(pks, today)


def write_history(spec, pks, *, kind, by):
    """Writes the history of the stakeholders, if their model has one."""
    if hasattr(spec.model, "history"):
        bulk.write_history(spec.model, pks, kind=kind, by=by, reason=spec.reason)


def new_stakeholder(spec, plan, pk, by, today):
    worker, name = plan.worker, plan.entry.name
    pinyin, initials = pinyin_and_initials(name, is_person(spec.kind))
    return spec.model(
        kind=spec.kind,
        number=number_of(spec.kind, pk),
        name=name,
        pinyin=pinyin[:400],
        initials=initials[:120],
        source=Source.OTHER,
        source_detail=spec.reason,
        responsible=worker,
        department=first_department(worker, by),
        watched_from=today,
        created_by=by,
        **plan.fields,
    )
