"""Factories of employers and contracts, with traits named after situations."""

from datetime import date, timedelta

import factory
from factory.django import DjangoModelFactory

from employers.models import Contract, Employer
from relations.parties import standing
from reminders import clock
from tests.factories.accounts import UserFactory
from tests.factories.relations import ContactPersonFactory, RegisteredFactory


class ContractFactory(DjangoModelFactory):
    """A contract of the present calendar year; updates standing and duties. Requires `stakeholder`.

    Traits: `ended` (ran until the end of last year), `ending` (60 days from today).
    """

    number = factory.Sequence("QL-{:03d}".format)
    starts_on = factory.LazyFunction(lambda: date(clock.today().year, 1, 1))
    ends_on = factory.LazyFunction(lambda: date(clock.today().year, 12, 31))

    class Meta:
        model = Contract

    class Params:
        ended = factory.Trait(
            starts_on=factory.LazyFunction(lambda: date(clock.today().year - 1, 1, 1)),
            ends_on=factory.LazyFunction(lambda: date(clock.today().year - 1, 12, 31)),
        )
        ending = factory.Trait(ends_on=factory.LazyFunction(lambda: clock.today() + timedelta(days=60)))

    @classmethod
    def _create(cls, model, *args, today=None, **fields):
        contract = super()._create(model, *args, **fields)
        standing.update_standing([contract.stakeholder_id], today or clock.today())
        return contract


class EmployerFactory(RegisteredFactory):
    """A prospective employer of a resident worker, watched from the first day of the year.

    Traits: `active` (a contract of this year: `active=True, contract__ends_on=...`), `lapsed` (its contract ended last
    year), `with_person` (a main contact person, `person__name=...`), `confidential`.
    """

    name = factory.Sequence("青岚镇第{}社会事务局".format)
    responsible = factory.SubFactory(UserFactory)
    town = "青岚镇"
    address = "和风路12号"

    class Meta:
        model = Employer
        skip_postgeneration_save = True

    class Params:
        active = factory.Trait(contract=factory.RelatedFactory(ContractFactory, "stakeholder"))
        lapsed = factory.Trait(contract=factory.RelatedFactory(ContractFactory, "stakeholder", ended=True))
        with_person = factory.Trait(
            person=factory.RelatedFactory(ContactPersonFactory, "stakeholder", main=True)
        )
        confidential = factory.Trait(is_confidential=True)
