"""记一笔: from choosing a stakeholder to the lines on the workbench afterwards."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from relations.models import (
    ContactPerson,
    Duty,
    GuestRole,
    Interaction,
    Level,
    Outcome,
    PlanAction,
    PlanGoal,
    Purpose,
    Stage,
    Stakeholder,
    Starter,
    Task,
)
from relations.parties import colleagues
from relations.search.index import index
from reminders.calendar import workdays
from tests.factories.accounts import UserFactory
from tests.factories.employers import EmployerFactory
from tests.factories.relations import ContactPersonFactory, CycleFactory, InteractionFactory, TaskFactory
from tests.html import packed

pytestmark = pytest.mark.django_db


@pytest.fixture
def today(at):
    return at("2026-10-12")


@pytest.fixture
def worker(today):
    return UserFactory(resident=True, name="郑雅婷", username="zheng")


@pytest.fixture
def unit(worker):
    employer = EmployerFactory(
        active=True, with_person=True, person__name="梁晓东", responsible=worker, name="青岚镇社会事务局"
    )
    index([employer])
    return employer


@pytest.fixture
def desk(client, worker):
    client.force_login(worker)
    return client


def test_of_many_colleagues_those_of_ones_department_are_offered(monkeypatch):
    monkeypatch.setattr(colleagues, "OFFERED", 2)
    director = UserFactory(director=True, name="一")
    near = UserFactory(name="二")
    far = UserFactory(name="三")
    UserFactory(name="四", department=near.department)
    offered = [sorted(colleagues.colleague_choices(user)) for user in (near, far, director)]
    assert offered == [["四"], [], ["三", "二"]]


def typed(unit, **fields):
    """The form data of an ordinary talk with the main contact person today."""
    people = [str(person.pk) for person in unit.contacts.all()]
    return {
        "token": str(uuid4()),
        "people": people,
        "channel": "face",
        "purpose": "ordinary",
        "day": "today",
        "content": "谈了走访名单。",
        "mate": ["", "", ""],
        "mate_role": ["with", "with", "with"],
    } | fields


def send(desk, unit, **fields):
    """Submits the form with these changes."""
    return desk.post(f"/log/{unit.pk}/", typed(unit, **fields))


def page(answer):
    return packed(answer.content.decode())


def statements(captured):
    """The SQL of the captured queries, without transaction control."""
    marks = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
    return [query["sql"] for query in captured if not query["sql"].startswith(marks)]


def test_quick_log_leads_from_picking_to_my_work(desk, unit, worker):
    assert "青岚镇社会事务局" in page(desk.get("/log/"))
    form = page(desk.get(f"/log/{unit.pk}/"))
    assert "保存后完成：<b>10月驻点沟通</b>" in form
    answer = send(desk, unit)
    saved = Interaction.objects.get()
    assert answer.url == f"/?done={saved.pk}"
    shown = page(desk.get(answer.url))
    assert "已完成 10月驻点沟通" in shown
    assert "已记下，完成了“10月驻点沟通”" in shown
    assert f'action="/interactions/{saved.pk}/undo/"' in shown
    assert f'data-draft-clear="log-{unit.pk}"' in shown
    assert list(saved.our_people.values_list("user", flat=True)) == [worker.pk]


# Refusals.


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"content": ""}, "请写一句说了什么。"),
        ({"content": "   "}, "请写一句说了什么。"),
        ({"content": "字" * 5001}, "最多写5000字，现在有5001字。"),
        ({"channel": ""}, "请选怎么联系的。"),
        ({"channel": "desk"}, "desk"),
        ({"purpose": ""}, "请选为什么事。"),
        ({"purpose": "sheet_check"}, "sheet_check"),
        ({"day": ""}, "请选哪天。"),
        ({"day": "pick", "on": ""}, "请选日期。"),
        ({"day": "pick", "on": "十月三日"}, "日期请写成2026-10-12这样。"),
        ({"day": "pick", "on": "2026-10-13"}, "还没到这一天，请选今天或以前的日期。"),
        ({"day": "pick", "on": "1999-12-31"}, "早于2000年，请检查年份。"),
        ({"people": ["new"]}, "请写新对接人的姓名。"),
        ({"people": ["999999"]}, "999999"),
        ({"mate": ["查无此人"], "mate_role": ["with"]}, "没有找到同事“查无此人”，请从列表里选。"),
        ({"not_me": "on"}, "请在“同去的人”里写上是谁去的。"),
        ({"starter": "查无此人"}, "没有找到同事“查无此人”，请从列表里选。"),
        ({"follow_up_on": "2026-10-11"}, "这一天已经过了，请选今天或以后的日期。"),
        ({"missed": "on", "retry_on": "2026-10-11"}, "这一天已经过了，请选今天或以后的日期。"),
        ({"content": "写了\x00空字符"}, "空字符"),
    ],
)
def test_log_refuses_and_keeps_what_was_typed(desk, unit, fields, sentence):
    answer = send(desk, unit, follow_up="把名单送来", **fields)
    assert answer.status_code == 200
    assert sentence in page(answer)
    assert "把名单送来" in page(answer)
    assert not Interaction.objects.exists()


@pytest.mark.parametrize("day", ["2026-10-12", "2025-12-31", "2000-01-01"])
def test_log_takes_first_and_last_possible_day(desk, unit, day):
    assert send(desk, unit, day="pick", on=day).status_code == 302
    assert Interaction.objects.get().contact_on == date.fromisoformat(day)


def test_contact_typed_in_after_registering_meets_the_period_it_fell_in(desk, unit):
    """A register imported today still accepts the talk of the first day of the month."""
    Stakeholder.objects.filter(pk=unit.pk).update(watched_from=date(2026, 10, 12))
    assert send(desk, unit, day="pick", on="2026-10-01").status_code == 302
    assert Duty.objects.get(rule__code="resident-contact", period_start=date(2026, 10, 1)).met == 1


def test_log_out_of_sight_is_absent(client, unit):
    client.force_login(UserFactory(resident=True))
    for address in (f"/log/{unit.pk}/", f"/log/{unit.pk}/check/", "/log/999999/"):
        assert client.get(address).status_code == 404
    assert send(client, unit).status_code == 404
    assert client.post(f"/log/{unit.pk}/preview/", typed(unit)).status_code == 404
    assert not Interaction.objects.exists()


def test_log_of_voided_record_is_absent(desk, unit, worker, today):
    from relations.parties.actions import void_record

    void_record(unit, by=worker, reason="重复登记", today=today)
    assert desk.get(f"/log/{unit.pk}/").status_code == 404


@pytest.mark.parametrize("role", [Role.FINANCE, Role.VOLUNTEER, Role.ADMINISTRATOR])
def test_log_is_closed_to_those_who_may_not(client, unit, role):
    client.force_login(UserFactory(roles=[role], department=None))
    assert client.get("/log/").status_code == 403
    assert send(client, unit).status_code == 403


def test_log_asks_to_log_in_and_leads_back(client, unit):
    answer = send(client, unit)
    assert answer.status_code == 302
    assert answer.url == f"/login/?next=/log/{unit.pk}/"


# Choosing a stakeholder.


@pytest.mark.parametrize("query", ["青岚", "ql", "梁晓", "qinglan"])
def test_pick_finds_by_letters(desk, unit, query):
    assert f'href="/log/{unit.pk}/"' in page(desk.get("/log/", {"q": query}, headers={"HX-Request": "true"}))


def test_pick_finds_nothing_out_of_sight(client, unit):
    client.force_login(UserFactory(resident=True))
    answer = page(client.get("/log/", {"q": "青岚"}))
    assert "没有找到“青岚”" in answer
    assert unit.name not in answer


def test_pick_works_without_scripts(desk, unit):
    answer = page(desk.get("/log/", {"q": "青岚"}))
    assert "<html" in answer
    assert "找到1个" in answer


def test_names_of_drafts_are_those_in_sight(desk, unit):
    other = EmployerFactory()
    answer = desk.get("/log/drafts/", {"pk": [unit.pk, other.pk, "x", "9" * 30]})
    assert answer.json() == {"names": {str(unit.pk): unit.name}}


# What is stored.


def test_attempt_counts_for_nothing_and_opens_a_retry(desk, unit, worker):
    send(desk, unit, missed="on", content="", retry_on="2026-10-16")
    saved = Interaction.objects.get()
    assert saved.outcome == Outcome.ATTEMPTED
    assert saved.content == "没联系上"
    assert not Duty.objects.filter(stakeholder=unit, met_on__isnull=False).exists()
    task = Task.objects.get()
    assert (task.origin, task.due_on, task.owner) == (Task.Origin.RETRY, date(2026, 10, 16), worker)
    assert task.title == "再联系一次：2026-10-12没联系上"


def test_reached_contact_ignores_retry_date(desk, unit):
    send(desk, unit, retry_on="2026-10-16")
    assert not Task.objects.exists()


def test_follow_up_opens_a_task(desk, unit, worker):
    send(desk, unit, follow_up="收走访名单", follow_up_on="2026-10-19")
    task = Task.objects.get()
    assert (task.title, task.due_on, task.owner) == ("收走访名单", date(2026, 10, 19), worker)


def test_backdated_contact_keeps_both_dates(desk, unit, today):
    send(desk, unit, day="yesterday")
    saved = Interaction.objects.get()
    assert saved.contact_on == today - timedelta(days=1)
    assert saved.entered_at.date() == today
    shown = page(desk.get(f"/interactions/{saved.pk}/"))
    assert "2026年10月11日 周日" in shown
    assert "补记" in shown


def test_new_person_is_kept_found_and_counted(desk, unit):
    send(desk, unit, people=["new"], new_name="温秀珍", new_title="局长", new_level=Level.BUREAU_DIRECTOR)
    person = ContactPerson.objects.get(name="温秀珍")
    saved = Interaction.objects.get()
    assert list(saved.their_people.values_list("person", "level")) == [(person.pk, Level.BUREAU_DIRECTOR)]
    assert f'href="/log/{unit.pk}/"' in page(desk.get("/log/", {"q": "温秀珍"}))


def test_new_person_of_known_name_and_title_is_the_known_one(desk, unit):
    known = unit.contacts.get()
    send(desk, unit, people=["new"], new_name=known.name, new_title=known.title, new_level=Level.OTHER)
    assert list(Interaction.objects.get().their_people.values_list("person", flat=True)) == [known.pk]
    assert unit.contacts.count() == 1


def test_those_who_came_along_are_kept_apart(desk, unit, worker):
    together, above = UserFactory(name="冯子健"), UserFactory(director=True, name="高文彬")
    send(desk, unit, mate=["冯子健", "高文彬", ""], mate_role=["with", "accompanying", "with"])
    people = Interaction.objects.get().our_people.values_list("user", "is_accompanying")
    assert sorted(people) == sorted([(worker.pk, False), (together.pk, False), (above.pk, True)])


def test_colleagues_of_one_name_are_told_apart(desk, unit):
    UserFactory(name="王芳", username="wang1")
    second = UserFactory(name="王芳", username="wang2")
    refused = send(desk, unit, mate=["王芳"], mate_role=["with"])
    assert "有2位“王芳”，请写成其中一位：王芳（wang1）、王芳（wang2）。" in page(refused)
    send(desk, unit, mate=["王芳（wang2）"], mate_role=["with"])
    assert Interaction.objects.get().our_people.filter(user=second).exists()


def test_author_is_not_automatically_a_participant(desk, unit, worker):
    director = UserFactory(director=True, name="何婉清")
    send(desk, unit, not_me="on", mate=["何婉清"], mate_role=["with"])
    saved = Interaction.objects.get()
    assert list(saved.our_people.values_list("user", flat=True)) == [director.pk]
    assert saved.entered_by == worker


def test_urgent_contact_says_who_started_it(desk, unit):
    above = UserFactory(senior_supervisor=True, name="方静宜")
    send(desk, unit, purpose="urgent", started_by="us", starter="方静宜")
    saved = Interaction.objects.get()
    assert (saved.started_by, saved.starter, saved.is_urgent) == (Starter.US, above, True)


def test_urgent_contact_of_ones_own_is_started_by_oneself(desk, unit, worker):
    send(desk, unit, purpose="urgent")
    assert Interaction.objects.get().starter == worker


def test_contact_that_they_started_has_no_starter_of_ours(desk, unit):
    send(desk, unit, purpose="urgent", started_by="them", starter="郑雅婷")
    saved = Interaction.objects.get()
    assert (saved.started_by, saved.starter) == (Starter.THEM, None)


@pytest.mark.parametrize(("purpose", "kept"), [("invitation", GuestRole.VOLUNTEER), ("ordinary", "")])
def test_guest_role_belongs_to_invitations(desk, unit, purpose, kept):
    send(desk, unit, purpose=purpose, guest_role="volunteer")
    assert Interaction.objects.get().guest_role == kept


def test_contact_of_the_execution_stage_points_at_an_action(desk, unit):
    cycle = CycleFactory(stakeholder=unit, stage=Stage.EXECUTION)
    goal = PlanGoal.objects.create(cycle=cycle, text="独居长者探访")
    action = PlanAction.objects.create(goal=goal, text="每月走访两个村")
    assert "每月走访两个村" in page(desk.get(f"/log/{unit.pk}/"))
    send(desk, unit, plan_action=str(action.pk))
    assert Interaction.objects.get().plan_action == action


def test_action_of_another_plan_is_refused(desk, unit, worker):
    other = EmployerFactory(responsible=worker)
    goal = PlanGoal.objects.create(cycle=CycleFactory(stakeholder=other, stage=Stage.EXECUTION), text="目标")
    action = PlanAction.objects.create(goal=goal, text="别家的行动")
    assert send(desk, unit, plan_action=str(action.pk)).status_code == 200
    assert not Interaction.objects.exists()


def test_ticked_task_is_done_by_the_contact(desk, unit, today):
    task = TaskFactory(stakeholder=unit)
    assert "把培训安排回复对方" in page(desk.get(f"/log/{unit.pk}/?task={task.pk}"))
    send(desk, unit, tasks=[str(task.pk)])
    task.refresh_from_db()
    assert (task.done_on, task.done_by) == (today, Interaction.objects.get())


def test_attempt_finishes_no_task(desk, unit):
    task = TaskFactory(stakeholder=unit)
    send(desk, unit, missed="on", tasks=[str(task.pk)])
    task.refresh_from_db()
    assert task.done_at is None


def test_task_of_another_record_cannot_be_ticked(desk, unit, worker):
    task = TaskFactory(stakeholder=EmployerFactory(responsible=worker))
    assert send(desk, unit, tasks=[str(task.pk)]).status_code == 200
    task.refresh_from_db()
    assert task.done_at is None


def test_refused_form_still_offers_the_tasks(desk, unit):
    TaskFactory(stakeholder=unit)
    assert "把培训安排回复对方" in page(send(desk, unit, content=""))


# Prefilled values.


def test_form_opens_with_what_was_used_last(desk, unit, worker):
    InteractionFactory(stakeholder=unit, channel="wechat", purpose=Purpose.PUSH)
    form = desk.get(f"/log/{unit.pk}/").context["form"]
    assert (form.initial["channel"], form.initial["purpose"]) == ("wechat", "push")
    assert next(value for value, _label in form.fields["channel"].choices) == "wechat"


def test_report_purpose_is_not_preselected(desk, unit):
    InteractionFactory(stakeholder=unit, report=True)
    assert desk.get(f"/log/{unit.pk}/").context["form"].initial["purpose"] == "ordinary"


@pytest.mark.parametrize(
    "query", ["purpose=nonsense", "purpose=sheet_check", "on=nonsense", "on=2026-02-30", "task=x", "again=x"]
)
def test_invalid_query_parameters_are_ignored(desk, unit, query):
    form = desk.get(f"/log/{unit.pk}/?{query}").context["form"]
    assert form.initial["purpose"] == "ordinary"
    assert "on" not in form.initial


def test_form_opens_with_day_and_purpose_asked_for(desk, unit):
    form = desk.get(f"/log/{unit.pk}/?purpose=renewal&on=2026-09-30").context["form"]
    assert (form.initial["purpose"], form.initial["day"], form.initial["on"]) == (
        "renewal",
        "pick",
        date(2026, 9, 30),
    )


def test_contact_of_a_past_period_is_asked_its_day(desk, unit):
    answer = desk.get(f"/log/{unit.pk}/?purpose=ordinary&since=2026-09-01&until=2026-09-30")
    form = answer.context["form"]
    assert (form.initial["day"], form.initial.get("on")) == ("pick", None)
    assert "9月1日—9月30日之间" in page(answer)
    assert "选好日期" in page(answer)


def test_what_is_owed_is_logged_as_of_today(desk, unit):
    lines = desk.get("/log/").context["owed"]
    assert lines
    assert not [line.href for line in lines if "since" in line.href]


# The preview of what saving completes agrees with what it completes.


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"purpose": "work_report"},
        {"purpose": "feedback"},
        {"purpose": "push"},
        {"day": "yesterday"},
        {"day": "pick", "on": "2026-09-15"},
        {"people": []},
        {"people": ["new"], "new_name": "温秀珍", "new_level": "bureau_director"},
        {"missed": "on"},
        {"mate": ["高文彬"], "mate_role": ["with"]},
        {"mate": ["高文彬"], "mate_role": ["accompanying"]},
        {"not_me": "on", "mate": ["高文彬"], "mate_role": ["with"]},
        {"purpose": "renewal"},
        {"purpose": "greeting"},
    ],
)
def test_what_would_be_completed_is_completed(desk, unit, fields):
    UserFactory(director=True, name="高文彬")
    ContactPersonFactory(stakeholder=unit, director=True)
    TaskFactory(stakeholder=unit, origin="renewal", title="续签前沟通")
    TaskFactory(stakeholder=unit, origin=Task.Origin.GREETING, title="重阳节慰问")
    sent = typed(unit, **fields)
    foreseen = desk.post(f"/log/{unit.pk}/preview/", sent).context["complete"]
    before = set(Duty.objects.met().values_list("pk", flat=True)), set(Task.objects.exclude(done_at=None))
    saved = Interaction.objects.get(pk=desk.post(f"/log/{unit.pk}/", sent).url.partition("=")[2])
    met = [duty for duty in Duty.objects.met().select_related("rule") if duty.pk not in before[0]]
    done = [task.title for task in Task.objects.exclude(done_at=None) if task not in before[1]]
    from relations.log.preview import duty_words

    assert sorted(foreseen) == sorted([*(duty_words(duty) for duty in met), *done])
    from relations.duties.settlement import completed_by

    assert sorted(completed_by([saved]).get(saved.pk, [])) == sorted(foreseen)


def test_preview_says_how_many_of_several(desk, client, unit):
    director = UserFactory(director=True, name="何婉清")
    client.force_login(director)
    person = ContactPersonFactory(stakeholder=unit, director=True)
    sent = typed(unit, people=[str(person.pk)])
    assert "2026年管理层沟通（1／2）" in page(client.post(f"/log/{unit.pk}/preview/", sent))


def test_preview_of_an_unfinished_form_is_no_error(desk, unit):
    for sent in ({}, {"day": "pick", "on": "x"}, {"purpose": "ordinary", "day": "today", "people": ["new"]}):
        assert desk.post(f"/log/{unit.pk}/preview/", sent).status_code == 200


def test_preview_is_not_for_reading(desk, unit):
    assert desk.get(f"/log/{unit.pk}/preview/").status_code == 405


# Submitted twice.


def test_double_submit_makes_one_record(desk, unit):
    sent = typed(unit, people=["new"], new_name="温秀珍", follow_up="收名单", follow_up_on="2026-10-19")
    addresses = {desk.post(f"/log/{unit.pk}/", sent).url for _try in range(3)}
    assert len(addresses) == 1
    assert (Interaction.objects.count(), Task.objects.count(), unit.contacts.count()) == (1, 1, 2)


def test_form_sent_again_with_other_words_loses_nothing(desk, unit):
    sent = typed(unit)
    desk.post(f"/log/{unit.pk}/", sent)
    answer = desk.post(f"/log/{unit.pk}/", sent | {"content": "另外的一句话"})
    assert "这一条刚才已经保存过了" in page(answer)
    assert "另外的一句话" in page(answer)
    assert Interaction.objects.get().content == "谈了走访名单。"


def test_form_without_token_is_saved(desk, unit):
    sent = typed(unit)
    del sent["token"]
    assert desk.post(f"/log/{unit.pk}/", sent).status_code == 302


# Right after saving.


def test_undo_takes_back_and_opens_the_form_with_the_words(desk, unit):
    send(desk, unit, purpose="push", content="发了义诊方案。")
    saved = Interaction.objects.get()
    answer = desk.post(f"/interactions/{saved.pk}/undo/")
    assert answer.url == f"/log/{unit.pk}/?again={saved.pk}"
    saved.refresh_from_db()
    assert saved.withdrawn_at is not None
    form = desk.get(answer.url).context["form"]
    assert (form.initial["content"], form.initial["purpose"]) == ("发了义诊方案。", "push")
    assert not Duty.objects.met().exists()


def test_undo_of_a_colleague_is_forbidden(client, unit):
    saved = InteractionFactory(stakeholder=unit)
    colleague = UserFactory(department_staff=True, department=unit.department)
    client.force_login(colleague)
    assert client.post(f"/interactions/{saved.pk}/undo/").status_code == 403
    saved.refresh_from_db()
    assert saved.withdrawn_at is None


def test_sheet_check_meets_the_quarter_once(desk, unit):
    assert "核对无变化" in page(desk.get(f"/log/{unit.pk}/check/"))
    desk.post(f"/log/{unit.pk}/check/")
    desk.post(f"/log/{unit.pk}/check/")
    saved = Interaction.objects.get()
    assert (saved.purpose, saved.channel, saved.content) == ("sheet_check", "desk", "核对无变化")
    assert Duty.objects.met().get().rule.code == "sheet-check"
    unit.refresh_from_db()
    assert unit.last_contact_on is None


def test_sheet_check_can_be_done_again_after_it_was_taken_back(desk, unit):
    desk.post(f"/log/{unit.pk}/check/")
    desk.post(f"/interactions/{Interaction.objects.get().pk}/undo/")
    desk.post(f"/log/{unit.pk}/check/")
    assert Interaction.objects.filter(withdrawn_at=None).count() == 1
    assert Duty.objects.met().get().rule.code == "sheet-check"


def test_saved_contact_offers_sheet_check_and_reminder(desk, unit):
    answer = send(desk, unit, content="同意续一年，下周给名单。")
    shown = page(desk.get(answer.url))
    assert "刚见过面，信息有变化吗？" in shown
    assert "下周给名单" in shown
    assert "10月19日 周一提醒我" in shown
    saved = Interaction.objects.get()
    for _twice in range(2):
        assert desk.post(f"/interactions/{saved.pk}/remind/").status_code == 302
    task = Task.objects.get()
    assert (task.title, task.due_on) == ("下周给名单", date(2026, 10, 19))


def test_contact_without_a_promise_has_no_reminder(desk, unit):
    saved = InteractionFactory(stakeholder=unit)
    assert desk.post(f"/interactions/{saved.pk}/remind/").status_code == 404


# The number of queries.


def test_log_costs_twelve_statements(desk, unit, django_assert_max_num_queries):
    from django.db import connection

    workdays.current_calendar()
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert send(desk, unit).status_code == 302
    queries = statements(captured)
    assert len(queries) <= 12, "\n".join(queries)


def test_form_costs_the_same_with_many_tasks_and_people(desk, unit):
    from django.db import connection

    def cost():
        with CaptureQueriesContext(connection) as captured:
            assert desk.get(f"/log/{unit.pk}/").status_code == 200
        return len(statements(captured))

    workdays.current_calendar()
    few = cost()
    for _one in range(15):
        TaskFactory(stakeholder=unit)
        ContactPersonFactory(stakeholder=unit)
        InteractionFactory(stakeholder=unit)
    assert cost() <= few + 1
    assert few <= 12
