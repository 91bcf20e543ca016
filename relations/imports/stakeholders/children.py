"""Contact persons and terms that a register adds to new and existing stakeholders.

`owned` are pairs of a StakeholderPlan and the pk of its stakeholder.
"""

from accounts.exceptions import EditConflict
from relations import bulk
from relations.models import ContactPerson


def add_people(spec, owned, by):
    """Saves the new contact persons; returns them."""
    people = [
        ContactPerson(
            stakeholder_id=pk,
            name=person.name,
            title=person.title,
            phone=person.phone,
            level=spec.level_of(person.title),
            is_main=place == 0 and not plan.has_main,
            position=place,
        )
        for plan, pk in owned
        for place, person in enumerate(plan.new_people)
    ]
    bulk.insert(people)
    bulk.write_history(ContactPerson, [person.pk for person in people], kind="+", by=by, reason=spec.reason)
    return people


def add_terms(spec, owned, by):
    """Saves the new terms. Raises EditConflict when one has been registered since the file was compared."""
    if not spec.term:
        return
    model = spec.term.model
    refuse_duplicates(model, owned)
    terms = [
        model(
            stakeholder_id=pk,
            number=plan.entry.term_number,
            starts_on=plan.entry.starts_on,
            ends_on=plan.entry.ends_on,
            last_day=plan.entry.ends_on,
            created_by=by,
        )
        for plan, pk in owned
        if plan.new_term
    ]
    bulk.insert(terms)
    bulk.write_history(model, [term.pk for term in terms], kind="+", by=by, reason=spec.reason)


def refuse_duplicates(model, owned):
    """Raises EditConflict when a term exists by now. The stakeholders are locked, so none can be added afterwards."""
    new_terms = {(pk, plan.entry.term_number.upper()) for plan, pk in owned if plan.new_term}
    existing = model.objects.valid().filter(stakeholder__in={pk for pk, _number in new_terms})
    known = {(pk, number.upper()) for pk, number in existing.values_list("stakeholder", "number")}
    if new_terms & known:
        raise EditConflict
