"""Stakeholders and related records, created by the actions that the site uses.

`today` (default: the clock's date) and `by` (default: the responsible worker) are passed to the actions.
"""

from datetime import date

import factory
from factory.django import DjangoModelFactory

from relations.cycle import lifecycle
from relations.log import actions as log
from relations.models import (
    Channel,
    ContactPerson,
    Cycle,
    Interaction,
    Kind,
    Level,
    Outcome,
    Purpose,
    Stage,
    Stakeholder,
    Task,
)
from relations.parties import actions as register
from reminders import clock
from tests.factories.accounts import UserFactory


class RegisteredFactory(DjangoModelFactory):
    """Stakeholders created by `register_stakeholder`, with number, search tokens and first cycle."""

    class Meta:
        abstract = True

    @classmethod
    def _create(cls, model, *args, by=None, today=None, first_contact=None, **fields):
        today = today or clock.today()
        fields.setdefault("watched_from", date(today.year, 1, 1))
        stakeholder = model(**fields)
        by = by or stakeholder.responsible or UserFactory(department=None)
        return register.register_stakeholder(stakeholder, by=by, today=today, **(first_contact or {}))


class StakeholderFactory(RegisteredFactory):
    """A stakeholder of a kind without its own app; for employers use EmployerFactory."""

    kind = Kind.PARTNER
    name = factory.Sequence("青岚镇第{}志愿服务队".format)
    responsible = factory.SubFactory(UserFactory)

    class Meta:
        model = Stakeholder
        skip_postgeneration_save = True


class ContactPersonFactory(DjangoModelFactory):
    """A contact person. Traits: `main`, `director` (局长), `left`. Requires `stakeholder`."""

    name = factory.Sequence("梁晓{}".format)
    title = "办事员"
    level = Level.CLERK
    phone = factory.Sequence("1370000{:04d}".format)

    class Meta:
        model = ContactPerson

    class Params:
        main = factory.Trait(is_main=True)
        director = factory.Trait(title="局长", level=Level.BUREAU_DIRECTOR)
        left = factory.Trait(left_on=factory.LazyFunction(clock.today))


class InteractionFactory(DjangoModelFactory):
    """A contact logged by relations.log, which settles duties. Requires `stakeholder`.

    Traits: `attempted`, `report`, `check`. `ours`, `accompanying` and `theirs` are the participants (default of ours:
    the responsible worker); `done_tasks`, `follow_up_on` and `retry_on` are passed to `log`.
    """

    contact_on = factory.LazyFunction(clock.today)
    channel = Channel.FACE
    purpose = Purpose.ORDINARY
    content = "谈了走访名单。"

    class Meta:
        model = Interaction

    class Params:
        attempted = factory.Trait(outcome=Outcome.ATTEMPTED, channel=Channel.PHONE)
        report = factory.Trait(purpose=Purpose.WORK_REPORT)
        check = factory.Trait(purpose=Purpose.SHEET_CHECK, channel=Channel.DESK)

    @classmethod
    def _create(cls, model, *args, by=None, ours=None, accompanying=(), theirs=(), **fields):
        options = {
            key: fields.pop(key) for key in ("done_tasks", "follow_up_on", "retry_on") if key in fields
        }
        worker = fields["stakeholder"].responsible
        by = by or (ours[0] if ours else worker) or UserFactory()
        company = log.Participants([by] if ours is None else list(ours), list(accompanying), list(theirs))
        return log.log_interaction(model(**fields), by=by, company=company, **options)


class TaskFactory(DjangoModelFactory):
    """A task: by default a follow-up of the responsible worker, due today. Requires `stakeholder`."""

    key = factory.Sequence("task:test:{}".format)
    origin = Task.Origin.FOLLOW_UP
    title = "把培训安排回复对方"
    due_on = factory.LazyFunction(clock.today)
    owner = factory.SelfAttribute("stakeholder.responsible")

    class Meta:
        model = Task


class CycleFactory(DjangoModelFactory):
    """The running cycle of `stakeholder`, set to `stage`, with the particulars that stage 1 requires."""

    stage = Stage.CONTACT

    class Meta:
        model = Cycle

    @classmethod
    def _create(cls, model, *args, stakeholder, stage, by=None, today=None, **fields):
        today, by = today or clock.today(), by or stakeholder.responsible or UserFactory()
        cycle = model.objects.running().filter(stakeholder=stakeholder).first()
        cycle = cycle or lifecycle.start_cycle(stakeholder, by=by, today=today)
        first_contact = {
            "class_confirmed": True,
            "preliminary_needs": "希望开展长者服务。",
            "first_contact_on": today,
            "received_by": by,
        }
        model.objects.filter(pk=cycle.pk).update(stage=stage, stage_since=today, **(first_contact | fields))
        cycle.refresh_from_db()
        return cycle
