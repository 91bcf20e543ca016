"""Updates existing stakeholders from a register, in a fixed number of SQL statements per batch and new worker.

Every update requires the version that was compared: values saved by others in the meantime are never overwritten
(EditConflict).
"""

from django.utils import timezone

from accounts.exceptions import EditConflict
from relations import bulk
from relations.imports.stakeholders import children
from relations.imports.stakeholders.write_new import write_history
from relations.models import ContactPerson, Stakeholder, Term
from relations.parties import actions, own_right, standing
from relations.search import index as search


def write(spec, plans, by, today):
    """Writes the changes of `plans`. Raises EditConflict when a record was changed since it was compared."""
    change_stakeholders(spec, plans, by)
    owned = [(plan, plan.existing.pk) for plan in plans]
    children.add_people(spec, owned, by)
    change_people(spec, plans, by)
    children.add_terms(spec, owned, by)
    change_terms(spec, plans, by)
    index_people(plans)
    follow_terms(spec, plans, today)
    hand_over(spec, plans, by, today)


def change_stakeholders(spec, plans, by):
    now = timezone.now()
    bulk.update_rows(
        Stakeholder,
        ["version", "updated_at"],
        [(plan.existing.pk, plan.existing.version, now) for plan in plans],
    )
    rename_stakeholders(spec, plans)
    change_own_fields(spec, plans)
    write_history(spec, [plan.existing.pk for plan in plans], kind="~", by=by)


def rename_stakeholders(spec, plans):
    rows = [(plan.existing.pk, plan.fields["name"]) for plan in plans if "name" in plan.fields]
    bulk.update_rows(Stakeholder, ["name"], rows)
    if rows:
        search.index(list(spec.model.objects.filter(pk__in=[pk for pk, _name in rows])))


def change_own_fields(spec, plans):
    fields = [column.field for column in spec.own_columns]
    rows = [
        (plan.existing.pk, *({**plan.existing.values, **plan.fields}[field] for field in fields))
        for plan in plans
        if plan.fields
    ]
    bulk.update_rows(spec.model, fields, rows if fields else [])


def change_people(spec, plans, by):
    changed = [pair for plan in plans for pair in plan.changed_people]
    rows = [
        (
            before.pk,
            before.version,
            person.title or before.title,
            person.phone or before.phone,
            spec.level_of(person.title) if person.title else before.level,
        )
        for before, person in changed
    ]
    bulk.update_rows(ContactPerson, ["version", "title", "phone", "level"], rows)
    pks = [before.pk for before, _person in changed]
    bulk.write_history(ContactPerson, pks, kind="~", by=by, reason=spec.reason)


def change_terms(spec, plans, by):
    if not spec.term:
        return
    model = spec.term.model
    changed = [(plan.changed_term, plan.entry) for plan in plans if plan.changed_term]
    bulk.update_rows(model, ["version"], [(term.pk, term.version) for term, _entry in changed])
    rows = [
        (term.pk, entry.starts_on, entry.ends_on, term.ended_on or entry.ends_on) for term, entry in changed
    ]
    bulk.update_rows(Term, ["starts_on", "ends_on", "last_day"], rows)
    bulk.write_history(model, [term.pk for term, _entry in changed], kind="~", by=by, reason=spec.reason)


def index_people(plans):
    """Updates the search index of stakeholders whose contact persons have changed."""
    pks = [plan.existing.pk for plan in plans if plan.new_people or plan.changed_people]
    if pks:
        people = list(ContactPerson.objects.current().filter(stakeholder__in=pks))
        search.reindex_people(pks, people)


def follow_terms(spec, plans, today):
    pks = [plan.existing.pk for plan in plans if plan.new_term or plan.changed_term]
    if pks:
        standing.update_standing(pks, today)
        spec.term.follow(pks)


def hand_over(spec, plans, by, today):
    """Hands records over to the workers named in their rows, with tasks, duties and reminders."""
    by_worker = {}
    for plan in plans:
        if plan.is_another_workers:
            by_worker.setdefault(plan.worker, []).append(plan.existing.pk)
    for worker, pks in by_worker.items():
        records = own_right.seen_in_own_right_by(Stakeholder.objects.filter(pk__in=pks), by)
        if records.count() != len(set(pks)):
            raise EditConflict
        actions.hand_over(records, to=worker, by=by, today=today)
