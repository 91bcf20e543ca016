"""The stage bar, the buttons that move a cycle, and the pages of its stages (R14-R28, R54-R56, R67, R104)."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.backends import RoleBackend
from accounts.roles import Role
from relations.cycle import lifecycle
from relations.cycle.diagram import diagram
from relations.cycle.panel import cycle_panel
from relations.models import Assessment, Cycle, Evaluation, PlanAction, PlanGoal, Stage, StageChange
from tests.factories.accounts import UserFactory
from tests.factories.approvals import decide, propose
from tests.factories.employers import EmployerFactory
from tests.factories.relations import CycleFactory, InteractionFactory, StakeholderFactory, TaskFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(at):
    return at("2026-10-12")


@pytest.fixture
def worker():
    return UserFactory(resident=True)


@pytest.fixture
def supervisor(worker):
    return UserFactory(supervisor=True, department=worker.department)


@pytest.fixture
def partner(worker):
    return StakeholderFactory(responsible=worker, name="青岚镇志愿服务队")


def at_stage(stakeholder, stage, **fields):
    return CycleFactory(stakeholder=stakeholder, stage=stage, **fields)


def address(name, *args):
    return reverse(f"relations:{name}", args=args)


CYCLE_PAGES = ["cycle", "contact", "assessment", "decide", "decisions", "plan", "evaluation"]
STAKEHOLDER_PAGES = ["record", "plain_record", "process", "meetings", "plan_meeting", "tasks", "add_task"]


@pytest.mark.parametrize("where", CYCLE_PAGES)
def test_page_of_a_round_out_of_sight_is_not_there(where, client, partner):
    cycle = at_stage(partner, Stage.EVALUATION)
    client.force_login(UserFactory(resident=True))

    assert client.get(address(where, cycle.pk)).status_code == 404
    assert client.post(address(where, cycle.pk)).status_code in (404, 405)


@pytest.mark.parametrize("where", STAKEHOLDER_PAGES)
def test_page_of_a_relationship_out_of_sight_is_not_there(where, client, partner):
    client.force_login(UserFactory(resident=True))

    assert client.get(address(where, partner.pk)).status_code == 404


@pytest.mark.parametrize("where", [*CYCLE_PAGES, *STAKEHOLDER_PAGES])
def test_page_asks_for_the_log_in_first(where, client, partner):
    pk = at_stage(partner, Stage.CONTACT).pk if where in CYCLE_PAGES else partner.pk

    assert client.get(address(where, pk)).url.startswith("/login/")


@pytest.mark.parametrize("where", ["contact", "assessment", "decide", "plan", "evaluation"])
@pytest.mark.parametrize("role", [Role.COUNCIL, Role.FINANCE, Role.ADMINISTRATOR])
def test_writing_a_stage_is_refused_to_those_who_may_only_look(where, role, client, partner):
    cycle = at_stage(partner, Stage.EVALUATION)
    client.force_login(UserFactory(roles=[role], department=None))

    assert client.get(address(where, cycle.pk)).status_code == 403
    assert client.post(address(where, cycle.pk)).status_code == 403


@pytest.mark.parametrize("where", ["contact", "assessment", "decide", "plan", "evaluation"])
def test_stage_of_an_ended_round_is_read_only(where, client, partner, worker, today):
    cycle = at_stage(partner, Stage.EVALUATION)
    Cycle.objects.filter(pk=cycle.pk).update(ended_on=today, ending="completed")
    client.force_login(worker)

    answer = client.get(address(where, cycle.pk), follow=True)

    assert answer.redirect_chain == [(address("cycle", cycle.pk), 302)]
    assert "第1轮已经结束，只能查看。" in answer.content.decode()


@pytest.mark.parametrize(
    ("where", "stage"),
    [
        ("assessment", Stage.CONTACT),
        ("plan", Stage.DECISION),
        ("evaluation", Stage.EXECUTION),
    ],
)
def test_stage_is_not_written_before_it_begins(where, stage, client, partner, worker):
    """R20: a plan is written after the decision."""
    cycle = at_stage(partner, stage)
    client.force_login(worker)

    assert client.get(address(where, cycle.pk)).url == address("cycle", cycle.pk)


def test_move_by_address_is_refused_to_those_who_may_not(client, partner, worker):
    cycle = at_stage(partner, Stage.EXECUTION)
    client.force_login(UserFactory(council=True))
    assert client.post(address("move", cycle.pk, "evaluate")).status_code == 403
    client.force_login(worker)
    assert client.post(address("move", cycle.pk, "back_to_plan"), {"reason": "不对"}).status_code == 403
    assert client.post(address("move", cycle.pk, "fly")).status_code == 404
    assert Cycle.objects.get(pk=cycle.pk).stage == Stage.EXECUTION


def test_move_by_button_goes_on_and_says_where_it_stands(client, partner, worker):
    cycle = at_stage(partner, Stage.EXECUTION)
    client.force_login(worker)

    answer = client.post(address("move", cycle.pk, "evaluate"), {"stage": cycle.stage}, follow=True)

    assert "现在在“评估与结案”阶段。" in answer.content.decode()
    assert Cycle.objects.get(pk=cycle.pk).stage == Stage.EVALUATION


def test_move_that_is_not_ready_comes_back_with_the_reason(client, partner, worker):
    cycle = at_stage(partner, Stage.PLAN)
    client.force_login(worker)

    answer = client.post(address("move", cycle.pk, "execute"), {"stage": cycle.stage}, follow=True)

    assert "请先写下计划的目标。" in answer.content.decode()


def test_move_from_a_page_that_is_out_of_date_is_refused_kindly(client, partner, worker, today):
    cycle = at_stage(partner, Stage.EXECUTION)
    client.force_login(worker)

    answer = client.post(address("move", cycle.pk, "evaluate"), {"stage": Stage.PLAN}, follow=True)

    assert "刚才有人把阶段移到了“执行”" in answer.content.decode()


def test_step_back_asks_for_the_reason_and_keeps_what_was_typed(client, partner, supervisor):
    cycle = at_stage(partner, Stage.PLAN)
    client.force_login(supervisor)

    form_page = client.get(address("move", cycle.pk, "back_to_decision"))
    assert "退回到“确认服务提供”" in form_page.content.decode()
    empty = client.post(address("move", cycle.pk, "back_to_decision"), {"stage": cycle.stage, "reason": ""})
    assert "请写明原因。" in empty.content.decode()
    stale = client.post(address("move", cycle.pk, "back_to_decision"), {"stage": "x", "reason": "换了负责人"})
    assert "换了负责人" in stale.content.decode()
    client.post(address("move", cycle.pk, "back_to_decision"), {"stage": cycle.stage, "reason": "换了负责人"})
    assert Cycle.objects.get(pk=cycle.pk).stage == Stage.DECISION


def test_new_need_leads_into_the_next_round(client, partner, worker):
    """R28."""
    cycle = at_stage(partner, Stage.FOLLOW_UP)
    client.force_login(worker)

    answer = client.post(
        address("move", cycle.pk, "new_need"), {"stage": cycle.stage, "reason": "想做青少年服务"}, follow=True
    )

    assert "第2轮开始了" in answer.content.decode()
    assert Cycle.objects.running().get(stakeholder=partner).previous == cycle


def test_begin_again_after_the_end(client, partner, worker):
    cycle = at_stage(partner, Stage.FOLLOW_UP)
    client.force_login(worker)
    refused = client.post(address("begin_again", partner.pk), follow=True)
    assert "第1轮还在进行" in refused.content.decode()
    client.post(address("move", cycle.pk, "finish"), {"stage": cycle.stage})
    assert "开始新一轮" in client.get(address("plain_record", partner.pk)).content.decode()

    answer = client.post(address("begin_again", partner.pk))

    assert answer.url == address("contact", Cycle.objects.running().get(stakeholder=partner).pk)
    client.force_login(UserFactory(council=True))
    assert client.post(address("begin_again", partner.pk)).status_code == 403


def panel_of(user, stakeholder, today):
    return cycle_panel(user, stakeholder, today)


def test_panel_shows_the_present_stage_with_its_date(partner, worker, today):
    cycle = at_stage(partner, Stage.CONTACT)
    lifecycle.move(cycle, "assess", by=worker, today=date(2026, 10, 12))
    StageChange.objects.filter(cycle=cycle, move="begin").update(on=date(2025, 12, 30))

    panel = panel_of(worker, partner, today)

    assert [(stage["state"], stage["date"]) for stage in panel.stages[:3]] == [
        ("done", "2025-12-30"),
        ("now", "10-12 起"),
        ("", ""),
    ]


def test_panel_greys_the_next_step_with_its_reason_and_the_page_that_mends_it(partner, worker, today):
    cycle = at_stage(partner, Stage.PLAN)

    step = panel_of(worker, partner, today).next_step

    assert (step.move.name, step.obstacle) == ("execute", "请先写下计划的目标。")
    assert step.fix_url == address("plan", cycle.pk)


def test_panel_leads_an_employer_without_a_contract_to_where_it_is_registered(worker, today):
    """R67."""
    employer = EmployerFactory(responsible=worker)
    cycle = at_stage(employer, Stage.PLAN)
    PlanAction.objects.create(goal=PlanGoal.objects.create(cycle=cycle, text="每月探访"), text="列出名单")

    message = "还没有在服务期内的合同，请先登记合同。"
    head = UserFactory(department=worker.department, department_head=True)

    steps = [panel_of(user, employer, today).next_step for user in (worker, head)]

    assert [(step.obstacle, step.fix_url) for step in steps] == [
        (message, ""),
        (message, reverse("employers:contract_add", args=[employer.pk])),
    ]


def test_move_that_nothing_guards_asks_before_it_is_made(partner, worker, today):
    at_stage(partner, Stage.EXECUTION)

    step = panel_of(worker, partner, today).next_step

    assert (step.move.name, step.move.asks_first) == ("evaluate", True)


def test_panel_offers_the_agreed_way_out_as_the_next_step(partner, worker, supervisor, today):
    cycle = at_stage(partner, Stage.EXECUTION)
    assert panel_of(worker, partner, today).can_leave
    decision = propose(cycle, worker)
    waiting = panel_of(worker, partner, today)
    assert (waiting.waiting, waiting.can_leave) == ("“转介”的决定等待审批", False)
    decide(decision, "approved", supervisor, today)

    agreed = panel_of(worker, partner, today)

    assert (agreed.next_step.move.name, agreed.next_step.obstacle) == ("refer", "")
    assert [step.move.name for step in agreed.others] == ["evaluate"]


@pytest.mark.parametrize("role", [Role.COUNCIL, Role.FINANCE])
def test_panel_without_the_permission_has_no_buttons(role, partner, today):
    at_stage(partner, Stage.EXECUTION)

    panel = panel_of(UserFactory(roles=[role]), partner, today)

    assert (panel.next_step, panel.others, panel.back, panel.can_leave) == (None, [], None, False)


def test_panel_offers_the_step_back_to_approvers_only(partner, worker, supervisor, today):
    at_stage(partner, Stage.PLAN)

    assert panel_of(worker, partner, today).back is None
    assert panel_of(supervisor, partner, today).back.move.name == "back_to_decision"


@pytest.mark.parametrize("stage", Stage)
def test_panel_costs_three_queries_at_most(stage, worker, today, django_assert_max_num_queries):
    employer = EmployerFactory(responsible=worker, active=True)
    cycle = at_stage(employer, stage)
    goal = PlanGoal.objects.create(cycle=cycle, text="每月探访")
    PlanAction.objects.create(goal=goal, text="列出名单")

    of_a_session = RoleBackend().get_user(worker.pk)
    with django_assert_max_num_queries(3):
        panel_of(of_a_session, employer, today)


def test_record_leads_to_the_page_of_its_kind(client, worker, partner):
    client.force_login(worker)

    assert client.get(address("record", partner.pk)).url == address("plain_record", partner.pk)
    employer = EmployerFactory(responsible=worker)
    assert client.get(address("record", employer.pk)).status_code == 302


def test_diagram_has_every_way_and_marks_the_present_stage(client, partner, worker):
    """R14: the diagram is built from the declared moves."""
    cycle = at_stage(partner, Stage.PLAN)
    boxes = diagram(cycle.stakeholder.kind, cycle)

    assert [box.state for box in boxes] == ["done", "done", "done", "now", "", "", ""]
    assert [str(box.onward) for box in boxes] == [
        move.label_for(partner.kind) for move in lifecycle.FORWARD
    ] + [""]
    assert [str(label) for label in boxes[0].exits] == ["终止关系", "转介"]
    assert (boxes[0].back, boxes[6].back) == ("", "评估与结案")
    client.force_login(worker)
    page = client.get(address("process", partner.pk)).content.decode()
    assert page.count('aria-current="step"') == 1


# ---------- the stages themselves


CONTACT = {
    "first_contact_on": "2026-10-10",
    "first_contact_time": "09:30",
    "preliminary_needs": "希望有人陪伴独居长者。",
    "class_confirmed": "on",
}


def test_first_contact_in_the_future_is_refused_with_a_sentence(client, partner, worker):
    cycle = at_stage(partner, Stage.CONTACT)
    client.force_login(worker)
    sent = CONTACT | {"received_by": worker.pk, "version": cycle.version, "first_contact_on": "2026-10-13"}

    answer = client.post(address("contact", cycle.pk), sent)

    assert "2026-10-13还没有到，请检查日期。" in answer.content.decode()
    assert "希望有人陪伴独居长者。" in answer.content.decode()


def test_first_contact_is_kept(client, partner, worker):
    """R15-R16."""
    cycle = at_stage(partner, Stage.CONTACT)
    client.force_login(worker)

    answer = client.post(
        address("contact", cycle.pk), CONTACT | {"received_by": worker.pk, "version": cycle.version}
    )

    assert answer.url == address("cycle", cycle.pk)
    cycle.refresh_from_db()
    assert (cycle.first_contact_on, cycle.received_by) == (date(2026, 10, 10), worker)
    assert cycle.first_contact_time.isoformat() == "09:30:00"


ASSESSMENT = {
    "material": "走访了三个社区。",
    "need_formation": "外来人口增加。",
    "existing_needs": "独居长者探访。",
    "environment": "社区支持。",
    "can_handle": "True",
    "is_willing": "False",
    "conclusion": "适合派驻社工。",
    "assessed_on": "2026-10-12",
}


def test_assessment_without_need_or_conclusion_is_refused(client, partner, worker):
    cycle = at_stage(partner, Stage.ASSESSMENT)
    client.force_login(worker)

    answer = client.post(
        address("assessment", cycle.pk), ASSESSMENT | {"version": 0, "existing_needs": "", "conclusion": ""}
    )

    assert answer.status_code == 200
    assert not Assessment.objects.exists()
    assert "走访了三个社区。" in answer.content.decode()


def test_assessment_is_written_and_changed(client, partner, worker, supervisor):
    """R17-R18, R54-R56: the first author remains the assessor."""
    cycle = at_stage(partner, Stage.ASSESSMENT)
    client.force_login(worker)
    client.post(address("assessment", cycle.pk), ASSESSMENT | {"version": 0})
    client.force_login(supervisor)
    client.post(address("assessment", cycle.pk), ASSESSMENT | {"version": 1, "conclusion": "先试点。"})

    assessment = Assessment.objects.get()
    assert (assessment.conclusion, assessment.can_handle, assessment.is_willing) == ("先试点。", True, False)
    assert (assessment.assessed_by, assessment.version) == (worker, 2)
    assert assessment.history.count() == 2


@pytest.mark.parametrize("version", [0, 1])
def test_assessment_of_two_people_shows_the_difference(version, client, partner, worker, supervisor):
    cycle = at_stage(partner, Stage.ASSESSMENT)
    client.force_login(supervisor)
    client.post(address("assessment", cycle.pk), ASSESSMENT | {"version": 0})
    if version:
        client.post(address("assessment", cycle.pk), ASSESSMENT | {"version": 1, "conclusion": "先试点。"})
    client.force_login(worker)

    answer = client.post(
        address("assessment", cycle.pk), ASSESSMENT | {"version": version, "conclusion": "派驻两名。"}
    )

    assert answer.status_code == 409
    assert "派驻两名。" in answer.content.decode()
    assert Assessment.objects.get().conclusion != "派驻两名。"


def test_assessment_of_a_round_that_ended_meanwhile_keeps_what_was_typed(client, partner, worker, today):
    cycle = at_stage(partner, Stage.ASSESSMENT)
    client.force_login(worker)
    Cycle.objects.filter(pk=cycle.pk).update(ended_on=today, ending="terminated")

    answer = client.post(address("assessment", cycle.pk), ASSESSMENT | {"version": 0})

    assert "第1轮已经结束，只能查看。" in answer.content.decode()
    assert "走访了三个社区。" in answer.content.decode()
    assert not Assessment.objects.exists()


EVALUATION = {
    "realised": "partly",
    "lessons": "早约时间。",
    "process_reflection": "沟通及时。",
    "result_reflection": "基本达到。",
    "consolidation": "每季度回访。",
    "closing_type": "objective",
    "evaluated_on": "2026-10-12",
    "version": 0,
}


def test_evaluation_that_ends_otherwise_says_how(client, partner, worker):
    """R104."""
    cycle = at_stage(partner, Stage.EVALUATION)
    client.force_login(worker)

    answer = client.post(address("evaluation", cycle.pk), EVALUATION | {"closing_type": "other"})

    assert "选了“其他”，请写明怎样结束。" in answer.content.decode()
    assert not Evaluation.objects.exists()


def test_evaluation_marks_the_goals(client, partner, worker):
    """R24-R26."""
    cycle = at_stage(partner, Stage.EVALUATION)
    done, missed, open_one = (PlanGoal.objects.create(cycle=cycle, text=text) for text in "甲乙丙")
    client.force_login(worker)
    assert "甲" in client.get(address("evaluation", cycle.pk)).content.decode()

    client.post(
        address("evaluation", cycle.pk),
        EVALUATION | {f"goal_{done.pk}": "True", f"goal_{missed.pk}": "False", f"goal_{open_one.pk}": ""},
    )

    assert Evaluation.objects.get().evaluated_by == worker
    assert list(cycle.goals.order_by("pk").values_list("is_achieved", flat=True)) == [True, False, None]


# ---------- the page of one round


def test_round_shows_what_was_recorded_with_as_many_queries_for_many_lines(
    client, partner, worker, django_assert_num_queries
):
    cycle = at_stage(partner, Stage.FOLLOW_UP)
    client.force_login(worker)

    def fill(count):
        for number in range(count):
            goal = PlanGoal.objects.create(cycle=cycle, text=f"目标{number}")
            action = PlanAction.objects.create(goal=goal, text="列出名单")
            InteractionFactory(stakeholder=partner, plan_action=action, by=worker)
            TaskFactory(stakeholder=partner, origin="revisit", title="回访")

    fill(1)
    with CaptureQueriesContext(connection) as few:
        client.get(address("cycle", cycle.pk))
    fill(9)
    with django_assert_num_queries(len(few)):
        page = client.get(address("cycle", cycle.pk)).content.decode()
    assert "目标8" in page
    assert page.count("回访") >= 10
