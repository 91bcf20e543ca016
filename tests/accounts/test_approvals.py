"""Approval requests with steps: who may do what in which state; no user approves their own (R58, blueprint 1)."""

from itertools import product
from threading import Barrier, Thread

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.approvals import chains, engine
from accounts.approvals.assignment import resolve_roles, steps_waiting_for
from accounts.approvals.models import Chain, Sheet, Step
from accounts.approvals.registers import MATTERS
from accounts.exceptions import EditConflict
from accounts.models import RefusedAttempt
from accounts.roles import Role
from lezhi.counts import counts
from relations.approvals import decisions
from relations.approvals.matter import CourseDecision
from relations.models import Cycle, Decision, Stage, Stakeholder
from relations.parties.actions import hand_over
from reminders.models import Reminder
from reminders.steps import sweep
from tests.factories.accounts import StandInFactory, UserFactory
from tests.factories.approvals import CONTENT, open_sheet, propose
from tests.factories.relations import CycleFactory, StakeholderFactory

pytestmark = pytest.mark.django_db
YES, NOT_ASKED, TOO_LATE = "yes", "not asked", "too late"


@pytest.fixture(autouse=True)
def today(at):
    return at("2026-12-02")


@pytest.fixture
def director():
    return UserFactory(director=True)


def rule(by, *steps):
    """Sets these steps for decisions; each step is a name or (name, days)."""
    written = [step if isinstance(step, tuple) else (step, None) for step in steps]
    return chains.change_chain("decision", steps=written, by=by, reason="试行")


@pytest.fixture
def people(director):
    """{name: user}: the proposer, the approvers of both steps, their stand-ins, and users who are not asked."""
    worker = UserFactory(resident=True)
    lead = UserFactory(department_head=True, department=worker.department)
    head = UserFactory(head=True)
    users = {
        "proposer": worker,
        "lead": lead,
        "head": head,
        "stand-in of the lead": UserFactory(resident=True, department=worker.department),
        "stand-in of the head": UserFactory(department_staff=True, department=worker.department),
        "colleague": UserFactory(resident=True, department=worker.department),
        "director": director,
        "council": UserFactory(council=True),
        "administrator": UserFactory(administrator=True),
    }
    for absent in ("lead", "head"):
        StandInFactory(absent=users[absent], stand_in=users[f"stand-in of the {absent}"])
    rule(director, "department", "head")
    return users


def waiting_decision(by, course="refer"):
    """A decision of `by` that waits for approval."""
    stakeholder = StakeholderFactory(responsible=by, department=by.department)
    cycle = CycleFactory(stakeholder=stakeholder, stage=Stage.DECISION)
    decision = Decision(cycle=cycle, course=course, justification="对照预估。", **CONTENT[course])
    return decisions.propose(decision, by=by)


def at_first(people, sheet):
    pass


def at_second(people, sheet):
    engine.approve(sheet, by=people["lead"])


def approved(people, sheet):
    at_second(people, sheet)
    engine.approve(sheet, by=people["head"])


def returned(people, sheet):
    engine.send_back(sheet, by=people["lead"], opinion="再想想")


def withdrawn(people, sheet):
    engine.withdraw(sheet, by=people["proposer"])


def void(people, sheet):
    engine.void_sheets(Sheet.objects.filter(pk=sheet.pk), "情况变了")


ACTS = {
    "approve": lambda sheet, by: engine.approve(sheet, by=by, opinion="同意"),
    "send_back": lambda sheet, by: engine.send_back(sheet, by=by, opinion="不同意"),
    "withdraw": lambda sheet, by: engine.withdraw(sheet, by=by),
}
MAY = {
    at_first: {"approve": {"lead", "stand-in of the lead"}, "withdraw": {"proposer"}},
    at_second: {"approve": {"head", "stand-in of the head"}, "withdraw": {"proposer"}},
}
for _asked in MAY.values():
    _asked["send_back"] = _asked["approve"]


def attempt(act, sheet, by):
    """The result of an act by `by`: YES, NOT_ASKED or TOO_LATE."""
    try:
        with transaction.atomic():
            ACTS[act](sheet, by)
    except PermissionDenied:
        return NOT_ASKED
    except ValidationError:
        return TOO_LATE
    return YES


@pytest.mark.parametrize("reach", [at_first, at_second, approved, returned, withdrawn, void])
@pytest.mark.parametrize("act", ACTS)
def test_every_state_and_act_by_everybody(reach, act, people, today):
    """The refused users try first, while the request is still in this state."""
    sheet = waiting_decision(people["proposer"]).sheet
    reach(people, sheet)
    may = MAY.get(reach, {}).get(act, set())
    refused = NOT_ASKED if reach in MAY else TOO_LATE
    before = Sheet.objects.get(pk=sheet.pk).state, sheet.steps.filter(decided_by=None).count()

    answers = {who: attempt(act, sheet, user) for who, user in people.items() if who not in may}

    assert answers == dict.fromkeys(answers, refused)
    assert (Sheet.objects.get(pk=sheet.pk).state, sheet.steps.filter(decided_by=None).count()) == before
    assert {who: attempt(act, sheet, people[who]) for who in sorted(may)[:1]} == dict.fromkeys(
        sorted(may)[:1], YES
    )


@pytest.mark.parametrize("reach", [at_first, at_second])
def test_inbox_and_people_asked_agree(reach, people, today):
    sheet = waiting_decision(people["proposer"]).sheet
    reach(people, sheet)
    asked = {who for who, user in people.items() if steps_waiting_for(user).filter(sheet=sheet).exists()}
    assert asked == MAY[reach]["approve"]
    assert {who for who, user in people.items() if counts(user)["approvals"] == 1} == asked
    assert set(engine.who_decides(sheet)[0]) == {people[who] for who in asked if "stand-in" not in who}


def test_decision_follows_its_sheet(people, today):
    decision = waiting_decision(people["proposer"])
    at_second(people, decision.sheet)
    decision.refresh_from_db()
    assert (decision.state, decision.decided_by) == ("proposed", None)
    engine.approve(decision.sheet, by=people["head"], opinion="可以")
    decision.refresh_from_db()
    assert (decision.state, decision.decided_by, decision.decided_on) == ("approved", people["head"], today)
    assert decision.decision_note == "可以"


def test_stand_in_decides_for_somebody_and_the_step_says_for_whom(client, people, today):
    decision = waiting_decision(people["proposer"])
    client.force_login(people["stand-in of the lead"])
    client.post(f"/relations/decisions/{decision.pk}/approve/", {"note": "同意"})
    step = decision.sheet.steps.first()
    assert (step.decided_by, step.decided_for) == (people["stand-in of the lead"], people["lead"])
    page = client.get(f"/relations/decisions/{decision.pk}/").content.decode()
    assert f"代{people['lead'].name}" in " ".join(page.split())


# No user approves their own request.


@pytest.mark.parametrize("role", Role)
def test_no_role_approves_its_own(role, today):
    """Each role combined with each of the highest, in person and as the stand-in of everyone: none succeeds."""
    others = {each: UserFactory(roles=[each]) for each in Role}
    department = others[Role.DEPARTMENT_HEAD].department
    succeeded = []
    for second in (Role.DIRECTOR, Role.HEAD, Role.COUNCIL, Role.DEPARTMENT_HEAD):
        opener = UserFactory(roles=[role, second], department=department)
        cycle = CycleFactory(stakeholder=StakeholderFactory(responsible=opener, department=department))
        sheet = propose(cycle, opener).sheet
        for asks in ("approver", "department", "supervisor", "business_lead", "head", "director", "council"):
            Step.objects.filter(sheet=sheet).update(asks=asks)
            succeeded += [asks] * (attempt("approve", sheet, opener) == YES)
        assert not steps_waiting_for(opener).filter(sheet=sheet).exists()
    assert succeeded == []


@pytest.mark.parametrize("absent", ["director", "head", "business_lead", "department_head", "council"])
def test_no_stand_in_approves_what_they_opened_or_what_the_absent_one_opened(absent, today):
    department = UserFactory(resident=True).department
    approver = UserFactory(roles=[absent], department=department)
    opener = UserFactory(resident=True, department=department)
    StandInFactory(absent=approver, stand_in=opener)
    helper = UserFactory(resident=True, department=department)
    StandInFactory(absent=opener, stand_in=helper)
    away = UserFactory(department_staff=True, department=department)
    cycles = [
        CycleFactory(stakeholder=StakeholderFactory(responsible=opener, department=department))
        for _each in range(2)
    ]
    own, theirs = propose(cycles[0], opener).sheet, propose(cycles[1], approver).sheet
    tries = product((own,), (opener, helper, away))
    assert [attempt("approve", sheet, user) for sheet, user in tries] == [NOT_ASKED] * 3
    assert [attempt("approve", theirs, user) for user in (approver, opener, helper)] == [NOT_ASKED] * 3


@pytest.mark.parametrize(
    "row",
    [
        {"decided_by": "proposer"},
        {"decided_by": "lead", "decided_for": "proposer"},
        {"decided_by": "lead", "decided_for": "lead"},
        {"decided_by": None},
    ],
)
def test_database_itself_refuses(row, people, today):
    sheet = waiting_decision(people["proposer"]).sheet
    values = {name: people[who] if who else None for name, who in row.items()}
    with pytest.raises(IntegrityError), transaction.atomic():
        sheet.steps.filter(position=1).update(state="approved", decided_at=timezone.now(), **values)


def test_refused_attempt_is_a_403_with_a_row(client, people, today):
    decision = waiting_decision(people["proposer"])
    client.force_login(people["proposer"])
    for address in (f"/relations/decisions/{decision.pk}/approve/", f"/sheets/{decision.sheet_id}/confirm/"):
        answer = client.post(address, {"note": "同意", "opinion": "同意"})
        assert answer.status_code == 403
        assert "要由另一位" in answer.content.decode()
    assert set(RefusedAttempt.objects.values_list("route", "user", "status")) == {
        ("relations:answer", people["proposer"].pk, 403),
        ("sheet_confirm", people["proposer"].pk, 403),
    }


# One user, two steps.


def test_one_person_decides_one_step_of_a_sheet(director, people, today):
    second = UserFactory(head=True)
    rule(director, "head", "head")
    sheet = waiting_decision(people["proposer"]).sheet
    engine.approve(sheet, by=people["head"])
    assert attempt("approve", sheet, people["head"]) == NOT_ASKED
    assert attempt("approve", sheet, people["stand-in of the head"]) == NOT_ASKED
    engine.approve(sheet, by=second)
    assert Sheet.objects.get(pk=sheet.pk).state == "approved"


def test_where_nobody_else_holds_the_role_one_person_decides_both_and_the_sheet_says_so(
    director, people, today
):
    rule(director, "head", "head")
    sheet = waiting_decision(people["proposer"]).sheet
    engine.approve(sheet, by=people["head"])
    engine.approve(sheet, by=people["head"])
    last = sheet.steps.last()
    assert (last.repeats, last.exception) == (True, "没有另外一位中心负责人，所以由同一位同事审批两步。")
    assert Sheet.objects.get(pk=sheet.pk).exception == last.exception


@pytest.mark.django_db(transaction=True)
def test_of_many_approvals_at_once_each_step_is_decided_once(at, director):
    at("2026-12-02")
    worker = UserFactory(resident=True)
    leads = [UserFactory(department_head=True, department=worker.department) for _each in range(3)]
    Chain.objects.filter(matter="decision").delete()
    Chain.objects.create(
        matter="decision", steps=[{"asks": "department", "days": None}, {"asks": "director", "days": None}]
    )
    sheet = waiting_decision(worker).sheet
    start, answers = Barrier(len(leads) * 2), []

    def run(user):
        start.wait()
        try:
            answers.append(attempt("approve", Sheet.objects.get(pk=sheet.pk), user))
        finally:
            connection.close()

    threads = [Thread(target=run, args=[user]) for user in leads * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [NOT_ASKED] * 5 + [YES]
    assert list(sheet.steps.values_list("state", flat=True)) == ["approved", "asked"]
    assert Sheet.objects.get(pk=sheet.pk).is_open


# Rules.


def test_changed_rule_touches_no_open_sheet(director, people, today):
    before = waiting_decision(people["proposer"]).sheet
    now = rule(director, ("approver", 3))
    later = waiting_decision(people["proposer"]).sheet
    assert list(before.steps.values_list("asks", flat=True)) == ["department", "head"]
    assert list(later.steps.values_list("asks", "due_on")) == [("approver", today.replace(day=7))]
    assert (now.version, Chain.objects.filter(matter="decision").count()) == (3, 3)
    assert Chain.objects.in_force().get(matter="decision") == now


@pytest.mark.parametrize(
    ("condition", "facts", "fits"),
    [
        ({"kind": "employer"}, {"kind": "employer"}, True),
        ({"kind": "client"}, {"kind": "employer"}, False),
        ({"funding": "agency"}, {"funding": "agency"}, True),
        ({"funding": "agency"}, {"funding": "sponsor"}, False),
        ({"amount_from": 5000}, {"amount": 5000}, True),
        ({"amount_from": 5000}, {"amount": 4999}, False),
    ],
)
def test_rule_is_chosen_by_kind_funding_and_amount(condition, facts, fits, director):
    special = chains.change_chain("decision", steps=[("head", None)], by=director, reason="大额", **condition)
    assert (chains.chain_for("decision", **facts) == special) == fits


@pytest.mark.parametrize("matter", ["roles", "headship", "stand_in", "in_charge", "name", "nothing"])
def test_who_confirms_rights_is_changed_by_no_rule(matter, director):
    with pytest.raises(ValidationError, match="固定"):
        chains.change_chain(matter, steps=[("director", None)], by=director, reason="方便")


def test_rule_is_changed_on_its_page_by_who_manages_rules(client, director, people):
    chain = Chain.objects.in_force().get(matter="decision")
    address = f"/rules/approvals/{chain.pk}/"
    data = {"asks1": "supervisor", "days1": "2", "asks2": "head", "days2": "", "seen": chain.version}
    client.force_login(people["lead"])
    assert client.get("/rules/approvals/").status_code == 200
    assert client.post(address, data | {"reason": "x"}).status_code == 403
    client.force_login(director)
    shown = client.get(address).context["form"]
    assert [shown[name].value() for name in ("seen", "asks1", "asks2", "asks3")] == [
        chain.version,
        "department",
        "head",
        None,
    ]
    assert "reason" in client.post(address, data).context["form"].errors
    assert client.post(address, data | {"reason": "按督导走"}).url == "/rules/approvals/"
    now = Chain.objects.in_force().get(matter="decision")
    assert now.steps == [{"asks": "supervisor", "days": 2}, {"asks": "head", "days": None}]
    assert (now.set_by, now.reason, now.version) == (director, "按督导走", chain.version + 1)
    page = client.get("/rules/approvals/").content.decode()
    assert "按督导走" in page
    assert "试行" in page
    old = data | {"reason": "又改", "asks1": "head", "days1": "5"}
    stale = client.post(address, old)
    assert stale.status_code == 409
    assert "刚才有人改了这条规则" in stale.content.decode()
    shown = stale.context["form"]
    assert [shown[name].value() for name in ("seen", "asks1", "days1")] == [now.version, "head", "5"]
    assert client.post(address, old | {"seen": shown["seen"].value()}).url == "/rules/approvals/"


NEW_RULE = "/rules/approvals/new/"


def typed(form):
    """What the form shows as typed in its fields."""
    return {name: form[name].value() for name in form.fields if form[name].value() not in (None, "")}


@pytest.mark.parametrize("who", ["lead", "proposer", "council"])
def test_rule_is_added_by_nobody_who_does_not_manage_rules(client, people, who):
    client.force_login(people[who])
    assert NEW_RULE not in client.get("/rules/approvals/").content.decode()
    answers = [client.get(NEW_RULE), client.post(NEW_RULE, {"kind": "client", "asks1": "head"})]
    assert [answer.status_code for answer in answers] == [403, 403]
    with pytest.raises(PermissionDenied):
        chains.add_chain("decision", steps=[("head", None)], by=people[who], reason="x", kind="client")


@pytest.mark.parametrize("matter", ["roles", "in_charge", "nothing"])
def test_no_rule_is_added_to_a_fixed_matter(client, director, matter):
    client.force_login(director)
    assert client.get(NEW_RULE, {"matter": matter}).status_code == 404
    with pytest.raises(ValidationError, match="固定"):
        chains.add_chain(matter, steps=[("director", None)], by=director, reason="方便")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"asks1": ""}, "asks1"),
        ({"asks1": "somebody"}, "asks1"),
        ({"days1": "0"}, "days1"),
        ({"asks3": "director"}, "中间不要留空的一步。"),
        ({"reason": " "}, "reason"),
        ({"kind": "nothing"}, "kind"),
        ({"kind": ""}, "“关系进程的决定（一般情况）”已经有规则了；要改，请在那一条上按“修改”。"),
    ],
)
def test_faulty_rule_is_refused_and_what_was_typed_stays(client, director, changed, said):
    client.force_login(director)
    data = {
        "kind": "client",
        "asks1": "supervisor",
        "days1": "2",
        "asks2": "",
        "reason": "按督导走",
    } | changed
    data["seen"] = str(client.get(NEW_RULE).context["form"]["seen"].value())
    before = Chain.objects.count()

    answer = client.post(NEW_RULE, data)

    form = answer.context["form"]
    assert answer.status_code == 200
    assert said in form.errors or said in form.non_field_errors()
    assert typed(form) == {name: value for name, value in data.items() if value}
    assert Chain.objects.count() == before


@pytest.mark.parametrize("condition", [{"funding": "agency"}, {"amount_from": 5000}, {"kind": "nothing"}])
def test_condition_that_the_matter_does_not_declare_is_refused(director, condition):
    with pytest.raises(ValidationError, match="不按这个条件"):
        chains.add_chain("decision", steps=[("head", None)], by=director, reason="x", **condition)


def test_added_rule_decides_about_its_kind_alone(client, director, people):
    client.force_login(director)
    assert f"{NEW_RULE}?matter=decision" in client.get("/rules/approvals/").content.decode()
    waits = waiting_decision(people["proposer"]).sheet
    data = {"kind": "partner", "asks1": "head", "days1": "2", "asks2": "director", "reason": "都由中心定"}
    data["seen"] = client.get(NEW_RULE).context["form"]["seen"].value()

    assert client.post(NEW_RULE, data).url == "/rules/approvals/"

    added = Chain.objects.in_force().get(kind="partner")
    assert (added.version, added.set_by, added.reason) == (1, director, "都由中心定")
    assert added.title == "关系进程的决定（其他利益相关方）"
    assert chains.chain_for("decision", kind="partner") == added
    assert chains.chain_for("decision", kind="employer").kind == ""
    later = waiting_decision(people["proposer"]).sheet
    assert list(waits.steps.values_list("asks", flat=True)) == ["department", "head"]
    assert list(later.steps.values_list("asks", "days")) == [("head", 2), ("director", None)]
    page = client.get("/rules/approvals/").content.decode()
    assert "都由中心定" in page
    assert f"/rules/approvals/{added.pk}/" in page
    changed = {"asks1": "director", "seen": 1, "reason": "改"}
    assert client.post(f"/rules/approvals/{added.pk}/", changed).status_code == 302
    assert list(Chain.objects.filter(kind="partner").values_list("version", flat=True)) == [2, 1]


def test_rule_that_somebody_added_meanwhile_is_a_conflict(client, director, people):
    client.force_login(director)
    data = {"kind": "client", "asks1": "supervisor", "reason": "按督导走"}
    data["seen"] = client.get(NEW_RULE).context["form"]["seen"].value()
    first = chains.add_chain("decision", steps=[("head", 3)], by=director, reason="先定", kind="client")

    stale = client.post(NEW_RULE, data)

    assert stale.status_code == 409
    page = stale.content.decode()
    assert "刚才有人给“关系进程的决定（服务对象）”定了规则" in page
    assert f"/rules/approvals/{first.pk}/" in page
    assert "先定" in page
    shown = typed(stale.context["form"])
    assert shown == data | {"seen": first.pk}
    again = client.post(NEW_RULE, shown)
    assert again.status_code == 200
    assert "已经有规则了" in again.content.decode()
    assert client.post(NEW_RULE, shown | {"kind": "employer"}).status_code == 302
    assert Chain.objects.in_force().filter(kind="client").get() == first


class CostlyMatter(CourseDecision):
    """A matter whose rules differ by funding and amount, as another app would declare it."""

    conditions = ("funding", "amount")
    funding_choices = (("agency", "中心自筹"), ("project", "项目经费"))


def test_matter_that_declares_funding_and_amount_has_rules_for_them(client, director, monkeypatch):
    monkeypatch.setitem(MATTERS._entries, "costly", CostlyMatter())
    client.force_login(director)
    form = client.get(NEW_RULE, {"matter": "costly"}).context["form"]
    assert list(form.fields)[:3] == ["funding", "amount_from", "seen"]
    address = f"{NEW_RULE}?matter=costly"
    data = {"funding": "agency", "amount_from": "5000", "asks1": "finance", "reason": "大额", "seen": 0}
    assert "amount_from" in client.post(address, data | {"amount_from": "-1"}).context["form"].errors
    assert "funding" in client.post(address, data | {"funding": "luck"}).context["form"].errors
    assert client.post(address, data).status_code == 302
    added = Chain.objects.in_force().get(matter="costly")
    assert added.condition_words == ["中心自筹", "5000元以上（含）"]
    facts = [("agency", 5000), ("agency", 4999), ("project", 5000)]
    found = [chains.chain_for("costly", funding=funding, amount=amount) for funding, amount in facts]
    assert found == [added, None, None]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_add_the_same_rule_one_succeeds(at, director):
    at("2026-12-02")
    start, answers = Barrier(2), []

    def run():
        start.wait()
        try:
            chains.add_chain(
                "decision", steps=[("head", None)], by=director, reason="x", kind="client", seen=0
            )
            answers.append("added")
        except EditConflict:
            answers.append("conflict")
        finally:
            connection.close()

    threads = [Thread(target=run) for _each in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["added", "conflict"]
    assert Chain.objects.filter(kind="client").count() == 1


# The page of approval requests.


def test_request_follows_the_record_that_is_handed_over(director, today):
    """Without a head of the department the head of the centre is asked; the department that takes over has its own."""
    worker, taker = UserFactory(resident=True), UserFactory(resident=True)
    lead = UserFactory(department_head=True, department=taker.department)
    rule(director, "department", "head")
    sheet = waiting_decision(worker).sheet
    assert not steps_waiting_for(lead).filter(sheet=sheet).exists()
    records = Stakeholder.objects.filter(cycles__decisions__sheet=sheet)
    hand_over(records, to=taker, by=director, today=today)
    assert steps_waiting_for(lead).filter(sheet=sheet).exists()


class TrialMatter(CourseDecision):
    """A second matter that hangs on a record, as another app would declare it."""


def test_request_of_any_matter_follows_its_record(director, today, monkeypatch):
    monkeypatch.setitem(MATTERS._entries, "trial", TrialMatter())
    worker, taker = UserFactory(resident=True), UserFactory(resident=True)
    lead = UserFactory(department_head=True, department=taker.department)
    rule(director, "department", "head")
    sheet = waiting_decision(worker).sheet
    Sheet.objects.filter(pk=sheet.pk).update(matter="trial")
    assert not steps_waiting_for(lead).filter(sheet=sheet).exists()
    hand_over(Stakeholder.objects.filter(cycles__decisions__sheet=sheet), to=taker, by=director, today=today)
    assert steps_waiting_for(lead).filter(sheet=sheet).exists()


def create_open_sheets(number, by):
    """Creates `number` open decisions and as many open requests for a role, all by `by`."""
    made = Stakeholder.objects.bulk_create(
        Stakeholder(
            kind="partner",
            name=f"第{place}队",
            responsible=by,
            department=by.department,
            watched_from=timezone.localdate(),
        )
        for place in range(number)
    )
    cycles = Cycle.objects.bulk_create(
        Cycle(
            stakeholder=one,
            number=1,
            stage=Stage.DECISION,
            stage_since=timezone.localdate(),
            opened_on=timezone.localdate(),
        )
        for one in made
    )
    new = [Sheet(matter="decision", subject=f"cycle:{cycle.pk}", asked_by=by) for cycle in cycles]
    sheets = Sheet.objects.bulk_create(new)
    Decision.objects.bulk_create(
        Decision(
            cycle=cycle, sheet=sheet, course="refer", justification="x", proposed_by=by, **CONTENT["refer"]
        )
        for cycle, sheet in zip(cycles, sheets, strict=True)
    )
    rights = {"roles": ["resident"], "department": None, "active": True}
    change = {"was": rights, "then": {**rights, "roles": ["resident", "finance"]}}
    sheets += Sheet.objects.bulk_create(
        Sheet(matter="roles", subject=f"user:{cycle.pk}", about=by, asked=change) for cycle in cycles
    )
    Step.objects.bulk_create(
        Step(
            sheet=sheet,
            position=1,
            asks="approver" if sheet.matter == "decision" else "second_name",
            state="asked",
            opened_by=sheet.asked_by,
            about=sheet.about,
            asked_on=timezone.localdate(),
        )
        for sheet in sheets
    )
    resolve_roles()


def test_inbox_costs_the_same_for_ten_and_for_a_thousand(client, director):
    worker = UserFactory(resident=True)
    client.force_login(director)
    create_open_sheets(5, worker)
    client.get("/approvals/")
    with CaptureQueriesContext(connection) as few:
        client.get("/approvals/")
    create_open_sheets(495, worker)
    with CaptureQueriesContext(connection) as lots:
        page = client.get("/approvals/")
    assert len(page.context["found"].rows) == 50
    assert len(lots) == len(few)
    assert len(lots) <= 10
    assert counts(director)["approvals"] == steps_waiting_for(director).count() == 1000
    assert {name: number for name, _label, number in page.context["matters"]} == {
        "decision": 500,
        "roles": 500,
    }


def test_inbox_says_since_when_and_until_when(client, director, at):
    at("2026-12-02")
    worker = UserFactory(resident=True)
    rule(director, ("approver", 2))
    decision = waiting_decision(worker)
    at("2026-12-09")
    client.force_login(director)
    [row] = client.get("/approvals/?matter=decision").context["found"].rows
    assert (row.sheet, row.waited, row.due_on.isoformat(), row.is_overdue) == (
        decision.sheet,
        5,
        "2026-12-04",
        True,
    )
    assert client.get("/approvals/?matter=roles").context["found"].rows == []


@pytest.mark.parametrize("role", Role)
def test_count_is_the_length_of_the_inbox_for_every_role(role, client, today):
    worker, administrator = UserFactory(resident=True), UserFactory(administrator=True)
    reader = UserFactory(roles=[role], department=worker.department)
    UserFactory(director=True)
    cycle = CycleFactory(stakeholder=StakeholderFactory(responsible=worker, department=worker.department))
    propose(cycle, worker)
    rights = {"roles": ["resident"], "department": None, "active": True}
    change = {"was": rights, "then": rights}
    open_sheet(Sheet(matter="roles", subject="user:1", about=worker, asked=change, asked_by=administrator))
    client.force_login(reader)
    shown = client.get("/approvals/")
    assert counts(reader)["approvals"] == len(shown.context["found"].rows)
    entries = [item for _group, items in shown.context["nav"].groups for item in items]
    entry = [item.count for item in entries if item.href == "/approvals/"]
    assert sum(entry) == counts(reader)["approvals"]


def test_old_address_of_the_sheets_leads_to_the_inbox(client, director):
    client.force_login(director)
    assert client.get("/sheets/").url == "/approvals/"


# Reminders.


def test_what_waits_too_long_is_told_to_the_next_one_up_once(at):
    at("2026-12-02")
    worker = UserFactory(resident=True)
    lead = UserFactory(department_head=True, department=worker.department)
    business = UserFactory(roles=[Role.BUSINESS_LEAD])
    decision = waiting_decision(worker)
    about = Reminder.objects.open().filter(subject=f"decision:{decision.pk}")
    sweep(at("2026-12-04"))
    assert [row.recipient for row in about.all()] == [lead]
    for day in ("2026-12-07", "2026-12-08"):
        sweep(at(day))
    assert {row.recipient for row in about.all()} == {lead, business}
    assert "已等了3个工作日" in about.get(recipient=business).title
    decisions.approve(decision, by=business)
    assert not about.exists()


def test_second_step_asks_when_the_first_is_decided(people, today):
    decision = waiting_decision(people["proposer"])
    about = Reminder.objects.open().filter(subject=f"decision:{decision.pk}")
    assert [row.recipient for row in about.all()] == [people["lead"]]
    at_second(people, decision.sheet)
    assert [row.recipient for row in about.all()] == [people["head"]]
    engine.send_back(decision.sheet, by=people["head"], opinion="不妥")
    assert not about.exists()
    answer = Reminder.objects.open().get(subject=f"decision:{decision.pk}:answer")
    assert answer.recipient == people["proposer"]
