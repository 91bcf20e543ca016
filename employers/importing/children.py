"""Contact persons and contracts that a register adds to employers, new and known."""

from employers.models import Contract
from relations import bulk
from relations.models import ContactPerson

REASON = "导入用人单位登记表"


def add_people(owned, by):
    """The new contact persons of `owned`, pairs of a Plan and the pk of its employer; returns them saved."""
    people = [
        ContactPerson(
            stakeholder_id=pk,
            name=person.name,
            title=person.title,
            phone=person.phone,
            level=person.level,
            is_main=place == 0 and not made.has_main,
            position=place,
        )
        for made, pk in owned
        for place, person in enumerate(made.new_people)
    ]
    bulk.insert(people)
    bulk.record(ContactPerson, [person.pk for person in people], kind="+", by=by, reason=REASON)
    return people


def add_contracts(owned, by):
    """Raises bulk.Moved when one of them has been registered since the file was compared."""
    refuse_doubles(owned)
    contracts = [
        Contract(
            stakeholder_id=pk,
            number=made.candidate.contract_number,
            starts_on=made.candidate.starts_on,
            ends_on=made.candidate.ends_on,
            last_day=made.candidate.ends_on,
            created_by=by,
        )
        for made, pk in owned
        if made.new_contract
    ]
    bulk.insert(contracts)
    bulk.record(Contract, [contract.pk for contract in contracts], kind="+", by=by, reason=REASON)


def refuse_doubles(owned):
    """The employers are locked by now: nobody adds a contract to them before this is done."""
    wanted = {(pk, made.candidate.contract_number) for made, pk in owned if made.new_contract}
    there = Contract.objects.valid().filter(stakeholder__in={pk for pk, _number in wanted})
    if wanted and not wanted.isdisjoint(there.values_list("stakeholder", "number")):
        raise bulk.Moved
