"""What an act stores is Chinese, whoever acts: walked through by somebody whose pages are English."""

import re
from datetime import date, timedelta

import pytest
from django.apps import apps
from django.db import models
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from accounts import rights
from accounts.models import Supervision
from accounts.rights import account_changes
from accounts.roles import Role
from accounts.stored_texts import stored_in_chinese
from complaints.measures import actions as measures
from employers.models import Contract
from relations.approvals import decisions
from relations.cycle import lifecycle
from relations.cycle.lifecycle import MOVES_BY_NAME
from relations.imports import life_cycle
from relations.interactions import monthly
from relations.log import actions as log
from relations.meetings import actions as meetings
from relations.models import Decision, Import, Interaction, Meeting, Stage
from relations.parties import actions as register
from relations.shares import emergencies
from reminders import numbers
from reminders.models import Reminder
from reminders.steps import sweep
from tests.employers.test_form_views import edited
from tests.factories.accounts import DepartmentFactory, UserFactory
from tests.factories.complaints import ComplaintFactory, take_step
from tests.factories.employers import ContractFactory, EmployerFactory
from tests.factories.relations import (
    ContactPersonFactory,
    CycleFactory,
    InteractionFactory,
    StakeholderFactory,
    TaskFactory,
)
from tests.relations.test_lifecycle import ready

pytestmark = pytest.mark.django_db
TODAY = date(2026, 10, 12)
# Fields that hold sentences; what is typed into them in this file is Chinese.
SENTENCES = {
    "title",
    "reason",
    "drop_reason",
    "withdraw_reason",
    "void_reason",
    "history_change_reason",
    "content",
    "text",
    "exception",
    "opinion",
}
ENGLISH = re.compile(r"[A-Za-z]{3,}")
NUMBER = re.compile(r"\d{4}-[0-9A-Z]+")  # of a complaint


def stored_texts():
    """Every sentence that the database holds, with the table and the field."""
    return {
        (model._meta.db_table, field.name, value)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.name in SENTENCES and isinstance(field, (models.CharField, models.TextField))
        for text in model._base_manager.exclude(**{field.name: None}).values_list(field.name, flat=True)
        if (value := NUMBER.sub("", text or ""))
    }


class Walk:
    """A department with its people, all of whom read English pages."""

    def __init__(self):
        self.department = DepartmentFactory(name="社会服务部")
        own = {"department": self.department, "language": "en"}
        self.worker = UserFactory(name="郑雅婷", **own)
        self.colleague = UserFactory(name="韦晓彤", **own)
        self.lead = UserFactory(name="程思敏", department_head=True, **own)
        self.director = UserFactory(name="何婉清", director=True, language="en")
        self.head = UserFactory(name="周主任", head=True, language="en")
        self.council = UserFactory(name="何理事", council=True, language="en")
        self.administrator = UserFactory(name="管理员", administrator=True, language="en")

    def employer(self, **fields):
        return EmployerFactory(responsible=self.worker, **fields)

    def post(self, user, url, **data):
        client = Client()
        client.force_login(user)
        answer = client.post(url, data)
        assert answer.status_code in (200, 302), answer.status_code
        return answer

    def contact_with_promises(self):
        contact = InteractionFactory(
            stakeholder=self.employer(),
            content="谈了名单。",
            follow_up_on=TODAY + timedelta(3),
            retry_on=TODAY + timedelta(1),
        )
        assert contact.raised_tasks.count() == 2

    def correction(self):
        contact = InteractionFactory(stakeholder=self.employer(), content="谈了名单。")
        person = ContactPersonFactory(stakeholder=contact.stakeholder, name="梁晓东")
        people = log.Participants([self.worker], [self.colleague], [person])
        log.correct_interaction(contact, before=TODAY, company=people, version=contact.version)

    def undone_contact(self):
        contact = InteractionFactory(stakeholder=self.employer(), content="谈了名单。", follow_up_on=TODAY)
        self.post(self.worker, reverse("interactions:undo", args=[contact.pk]))
        assert Interaction.objects.get().withdrawn_at

    def sheet_check(self):
        employer = self.employer()
        self.post(self.worker, reverse("sheet_check", args=[employer.pk]))
        typed = edited(employer, address="和风路20号", town="白鹭街道")
        self.post(self.worker, f"/employers/{employer.pk}/edit/?sheet=1", **typed)
        assert Interaction.objects.count() == 2

    def hand_over(self):
        employer = self.employer()
        TaskFactory(stakeholder=employer)
        rows = type(employer).objects.filter(pk=employer.pk)
        assert register.hand_over(rows, to=self.colleague, by=self.lead, today=TODAY) == 1

    def revisits(self):
        cycle = ready(Stage.EVALUATION, self.director, MOVES_BY_NAME["close"])
        for name in ("close", "back_to_evaluation", "close", "new_need"):
            lifecycle.move(cycle, name, by=self.director, today=TODAY, reason="情况有变")
            cycle.refresh_from_db()

    def urgent_meeting(self):
        cycle = CycleFactory(stakeholder=self.employer())
        planned = Meeting(
            stakeholder=cycle.stakeholder, cycle=cycle, lead=self.worker, planned_on=TODAY, form="face"
        )
        meeting = meetings.plan_meeting(planned, by=self.worker)
        meeting.needs, meeting.needs_urgent_help, meeting.urgent_matter = "探访", True, "两位长者失联"
        people = log.Participants([self.worker])
        meetings.record_meeting(meeting, by=self.worker, today=TODAY, held_on=TODAY, company=people)

    def emergency(self):
        record = StakeholderFactory(kind="client", name="黄伯", responsible=self.colleague)
        emergencies.open_in_emergency(record, self.worker, reason="病倒了", today=TODAY)

    def nudge(self):
        self.employer(active=True, watched_from=date(2026, 9, 1))
        sweep(TODAY)
        self.post(self.lead, reverse("dashboard_nudge", args=[self.worker.pk]))

    def renewal(self):
        employer = self.employer(active=True, contract__ends_on=date(2026, 11, 1))
        sweep(TODAY)
        ContractFactory(stakeholder=employer, starts_on=date(2026, 11, 2), ends_on=date(2027, 11, 1))
        assert Contract.objects.count() == 2

    def monthly_sheet(self):
        monthly.mark_filed(self.employer(), date(2026, 9, 1), by=self.worker, today=TODAY)

    def big_import(self):
        upload = Import.objects.create(kind="employer", by=self.lead, name="名册")
        life_cycle.notify(upload, Import.State.FAILED, {}, TODAY)

    def number(self):
        for value in (4, 5):
            numbers.set_parameter(
                "escalate_after", value, by=self.director, today=TODAY, effective_from=TODAY, reason="试行"
            )

    def fallback(self):
        """A decision that the council takes, because nobody else is left."""
        cycle = CycleFactory(stakeholder=self.employer(), stage=Stage.DECISION)
        type(self.worker).objects.filter(pk__in=[self.lead.pk, self.director.pk, self.head.pk]).update(
            is_active=False
        )
        content = {"referral_form": "formal", "referred_to": "康复中心", "justification": "对照预估。"}
        decision = decisions.propose(Decision(cycle=cycle, course="refer", **content), by=self.worker)
        decisions.approve(decision, by=self.council)
        assert decision.sheet.steps.get().exception

    def accounts(self):
        account_changes.close_account(self.colleague, by=self.administrator, today=TODAY)
        self.colleague.refresh_from_db()
        account_changes.reopen_account(self.colleague, by=self.administrator)
        self.lead.name = "程思"
        account_changes.change_account(self.lead, by=self.administrator)

    def supervisions_that_end(self):
        for worker, lead in ((self.worker, self.lead), (self.colleague, self.head)):
            rights.arrange_supervision(
                worker, lead, by=self.head if lead == self.lead else self.lead, starts_on=TODAY
            )
        account_changes.close_account(self.lead, by=self.administrator, today=TODAY)
        self.head.roles = [Role.RESIDENT]
        account_changes.change_account(self.head, by=self.administrator)
        assert not Supervision.objects.exists()

    def emergencies_without_anybody_to_review(self):
        record = StakeholderFactory(kind="client", name="黄伯", responsible=self.colleague)
        type(self.worker).objects.filter(pk__in=[self.lead.pk, self.head.pk]).update(is_active=False)
        emergencies.open_in_emergency(record, self.worker, reason="病倒了", today=TODAY)
        for _turn in range(4):
            emergencies.try_emergency("没有", self.worker, reason="急", today=TODAY)
        told = Reminder.objects.filter(recipient=self.director, subject__startswith="emergency-")
        assert told.count() == 2

    def complaint(self):
        case = ComplaintFactory(by=self.worker, personnel=True, anonymous=True)
        case = ComplaintFactory(by=self.worker)
        take_step(case, "appoint", case.head, user=self.lead, text="请办")
        take_step(case, "accuse", case.head, users=(self.colleague,))
        take_step(case, "list", case.head, user=self.director, text="要知道")
        due = TODAY + timedelta(9)
        measure = measures.add_measure(
            case,
            measure="排班改好",
            owner=self.director,
            due_on=due,
            check_on=due,
            by=case.head,
            today=TODAY,
        )
        assert measure.pk
        take_step(case, "pass_headship", case.head, user=self.council, text="出差")


ACTS = [
    name
    for name, made in vars(Walk).items()
    if callable(made) and name not in ("__init__", "employer", "post")
]


@pytest.mark.parametrize("act", ACTS)
def test_what_an_english_reader_stores_is_chinese(at, act):
    at(TODAY)
    walk, before = Walk(), stored_texts()
    with translation.override("en"):
        getattr(walk, act)()
    after = stored_texts() - before
    assert after
    assert [row for row in sorted(after) if ENGLISH.search(row[2])] == []


def test_what_the_actor_is_told_stays_in_their_language():
    with translation.override("en"):
        assert gettext("转交") != "转交"
        with stored_in_chinese():
            assert gettext("转交") == "转交"
        assert gettext("转交") != "转交"


def test_english_sentence_in_the_database_is_noticed(at):
    at(TODAY)
    TaskFactory(stakeholder=EmployerFactory(), title="Call again")
    found = {value for _table, field, value in stored_texts() if field == "title" and ENGLISH.search(value)}
    assert found == {"Call again"}
