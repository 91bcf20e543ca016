"""Opinions and complaints, registered by the action that the site uses."""

from uuid import uuid4

import factory
from factory.django import DjangoModelFactory

from complaints.intake import actions as intake
from complaints.models import Channel, Complaint, ComplaintKind, Method, PersonClass, Subject
from complaints.workflow.lifecycle import ActInput, perform
from reminders import clock


class ComplaintFactory(DjangoModelFactory):
    """A complaint of a client by telephone, received today and registered by `by` (None: through the public portal).

    Traits: `anonymous`, `personnel`, `with_code` (has a receipt code), `suggestion`, `praise`. Optional arguments:
    `accused=[...]`, `not_told=[...]`, `files=[...]`. A person in charge must exist (fixtures `head` and `council`).
    """

    intake_key = factory.LazyFunction(lambda: str(uuid4()))
    kind = ComplaintKind.COMPLAINT
    channel = Channel.PHONE
    method = Method.PHONE
    person_class = PersonClass.CLIENT
    name = "陈小满"
    contact = "13700006021"
    subject = Subject.CONDUCT
    title = "探访没有按约定时间来"
    statement = "说好每周六上午来，12号和19号都没来。"
    received_on = factory.LazyFunction(clock.today)
    stated_on = factory.SelfAttribute("received_on")

    class Meta:
        model = Complaint

    class Params:
        anonymous = factory.Trait(is_anonymous=True, name="", contact="")
        personnel = factory.Trait(is_personnel=True)
        with_code = factory.Trait(code_hash=factory.LazyFunction(lambda: uuid4().hex * 2))
        suggestion = factory.Trait(kind=ComplaintKind.SUGGESTION)
        praise = factory.Trait(kind=ComplaintKind.PRAISE)

    @classmethod
    def _create(cls, model, *args, by=None, accused=(), not_told=(), not_told_words="", files=(), **fields):
        details = intake.IntakeDetails(list(accused), list(not_told), not_told_words)
        return intake.register(model(**fields), by=by, today=clock.today(), told=details, files=files)


def take_step(case, name, by, **given):
    """Performs a step today and returns the updated complaint."""
    perform(case, name, by=by, today=clock.today(), act_input=ActInput(**given))
    case.refresh_from_db()
    return case
