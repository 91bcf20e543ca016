"""我的工作台: what is due, for whom, the texts of its lines, and the number of queries."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from lezhi.counts import counts
from relations.log.promises import find_promise
from relations.models import Cycle, Duty, Purpose, Task
from relations.work import workbench as work
from reminders.calendar import workdays
from tests.factories.accounts import StandInFactory, UserFactory
from tests.factories.approvals import propose as proposed
from tests.factories.employers import EmployerFactory
from tests.factories.relations import InteractionFactory, TaskFactory
from tests.html import packed
from tests.plugins.where import deep

pytestmark = pytest.mark.django_db


@pytest.fixture
def today(at):
    return at("2026-10-12")


@pytest.fixture
def worker(today):
    return UserFactory(resident=True, name="郑雅婷")


@pytest.fixture
def desk(client, worker):
    client.force_login(worker)
    return client


def unit_of(worker, **fields):
    """An employer with a contract of this year, a contact person and this responsible worker."""
    return EmployerFactory(active=True, with_person=True, responsible=worker, **fields)


def opened(client, address="/"):
    """The response of a page that opens."""
    answer = client.get(address)
    assert answer.status_code == 200
    return answer


def titles(answer, group=None):
    """The titles of the lines shown, in all groups or in `group`."""
    return [
        line.title for shown in answer.context["shown"] if group in (None, shown.name) for line in shown.lines
    ]


def sizes(answer):
    """{group: number of its lines in total}."""
    return {name: group.total for name, group in answer.context["work"].groups.items()}


def test_empty_desk_says_what_to_do(desk):
    shown = opened(desk).content.decode()
    assert "都做完了，没有待办" in shown
    assert 'href="/log/"' in shown


def test_empty_desk_of_a_manager_leads_to_the_overview(client, today):
    client.force_login(UserFactory(director=True))
    shown = opened(client).content.decode()
    assert "您名下没有待办" in shown
    assert 'href="/dashboard/"' in shown


@pytest.mark.parametrize("role", list(Role))
def test_desk_opens_for_every_role(client, today, role):
    client.force_login(UserFactory(roles=[role]))
    assert client.get("/").status_code == 200


# Those who work, approve, are in charge, administer, and see no record.
READERS = (Role.RESIDENT, Role.DEPARTMENT_HEAD, Role.DIRECTOR, Role.HEAD, Role.ADMINISTRATOR, Role.VOLUNTEER)


@pytest.mark.once
@pytest.mark.parametrize("role", [role if role in READERS else deep(role) for role in Role])
def test_every_link_of_the_desk_opens_for_its_reader(client, today, role):
    """Also for volunteers, who see no record and so have no list of contacts behind a link."""
    client.force_login(UserFactory(roles=[role]))
    shown = opened(client).content.decode()
    links = set(re.findall(r'<a[^>]*href="(/[^"#]*)"', shown))
    assert {"/", "/me/"} <= links
    assert [link for link in sorted(links) if client.get(link).status_code >= 400] == []


def test_desk_asks_to_log_in(client):
    assert client.get("/").url == "/login/?next=/"


def test_things_stand_in_three_groups_by_their_day(desk, worker):
    unit = EmployerFactory(responsible=worker)
    days = {
        "早一天": date(2026, 10, 11),
        "今天": date(2026, 10, 12),
        "周日": date(2026, 10, 18),
        "下周一": date(2026, 10, 19),
    }
    for title, day in days.items():
        TaskFactory(stakeholder=unit, title=title, due_on=day)
    answer = opened(desk)
    assert titles(answer, "over") == ["早一天"]
    assert titles(answer, "week") == ["今天", "周日"]
    assert titles(answer, "later") == ["下周一"]
    assert sizes(answer) == {"over": 1, "week": 2, "later": 1}


def test_duty_says_what_is_missing_and_leads_to_the_log(desk, worker):
    unit = unit_of(worker, name="荷塘街道公共服务办公室")
    Duty.objects.filter(due_on__lt=date(2026, 9, 30)).delete()
    answer = opened(desk)
    lines = {line.title: line for line in answer.context["work"].lines}
    month, sheet = lines["9月驻点沟通没有记录"], lines["第三季度信息表没有核对"]
    assert month.notes == ["9月30日到期", "可补记当时的日期"]
    period = "since=2026-09-01&until=2026-09-30"
    assert (month.button, month.href) == ("补记", f"/log/{unit.pk}/?purpose=ordinary&{period}")
    assert month.clause.endswith("每月不少于1次")
    assert sheet.notes == ["9月30日到期", "可选“核对无变化”"]
    assert (sheet.button, sheet.href) == ("核对", f"/log/{unit.pk}/check/")
    assert (month.left, lines["10月驻点沟通"].left) == (-4, 14)
    assert lines["10月驻点沟通"].notes == ["10月31日前"]
    assert (lines["10月驻点沟通"].button, lines["10月驻点沟通"].href) == (
        "记一笔",
        f"/log/{unit.pk}/?purpose=ordinary",
    )
    assert lines["2026年工作汇报"].href == f"/log/{unit.pk}/?purpose=work_report"
    shown = answer.content.decode()
    assert "逾期4个工作日" in shown
    assert "依据：" in shown


def test_task_says_where_it_comes_from(desk, worker, today):
    unit = EmployerFactory(responsible=worker)
    InteractionFactory(
        stakeholder=unit, contact_on=date(2026, 9, 24), follow_up="把安排回复院方", follow_up_on=today
    )
    InteractionFactory(
        stakeholder=unit, attempted=True, contact_on=date(2026, 9, 29), retry_on=date(2026, 10, 16)
    )
    lines = {line.title: line for line in opened(desk).context["work"].lines}
    assert lines["把安排回复院方"].notes == ["9月24日面谈时答应的事"]
    assert lines["再联系一次：2026-09-29没联系上"].notes == ["您定在10月16日前"]


def test_report_task_asks_to_make_an_appointment(desk, worker):
    task = TaskFactory(stakeholder=EmployerFactory(responsible=worker), origin=Task.Origin.REPORT)
    line = opened(desk).context["work"].lines[0]
    assert (line.button, line.href) == ("约时间", f"/log/{task.stakeholder_id}/?task={task.pk}")


def test_day_in_a_year_without_notice_is_provisional(desk, worker):
    TaskFactory(stakeholder=EmployerFactory(responsible=worker), due_on=date(2027, 1, 4), is_provisional=True)
    assert "暂定" in opened(desk).content.decode()


def test_what_has_not_begun_is_not_owed(desk, worker, at):
    unit_of(worker)
    at("2026-09-30")
    assert not [title for title in titles(opened(desk)) if title.startswith(("10月", "第四季度"))]


def test_what_is_done_is_owed_no_more(desk, worker):
    unit = unit_of(worker)
    before = sizes(opened(desk))["later"]
    InteractionFactory(stakeholder=unit)
    answer = opened(desk)
    assert sizes(answer)["later"] == before - 1
    assert (answer.context["work"].done, answer.context["work"].due) == (1, 1)


def test_month_counts_what_is_due_this_month(desk, worker, today):
    unit = EmployerFactory(responsible=worker)
    due = {
        "早": date(2026, 9, 30),
        "月初": date(2026, 10, 1),
        "月底": date(2026, 10, 31),
        "晚": date(2026, 11, 1),
    }
    tasks = {name: TaskFactory(stakeholder=unit, title=name, due_on=day) for name, day in due.items()}
    InteractionFactory(stakeholder=unit, done_tasks=[tasks["早"], tasks["月初"], tasks["晚"]])
    answer = opened(desk)
    assert (answer.context["work"].done, answer.context["work"].due) == (1, 2)
    assert titles(opened(desk, "/?show=done")) == ["月初"]


def test_figures_open_the_list_they_count(desk, worker):
    unit_of(worker)
    InteractionFactory(stakeholder=unit_of(worker))
    answer = opened(desk)
    counted = sizes(answer) | {"done": answer.context["work"].done}
    for name, count in counted.items():
        assert f'href="?show={name}"' in answer.content.decode()
        assert len(titles(opened(desk, f"/?show={name}"))) == count


def test_invalid_query_parameters_are_ignored(desk):
    for address in ("/?show=x&by=y", "/?done=x", "/?done=999999", "/?done=" + "9" * 30):
        assert desk.get(address).status_code == 200


@pytest.mark.parametrize(
    ("by", "heading"), [("unit", "荷塘街道"), ("matter", "驻点沟通"), ("date", "10月31日 周六")]
)
def test_lines_stand_under_headings(desk, worker, by, heading):
    unit_of(worker, name="荷塘街道")
    shown = packed(opened(desk, f"/?by={by}").content.decode())
    assert f"<b>{heading}</b>" in shown or f">{heading}</a><span>" in shown
    assert 'aria-current="true"' in shown


def test_colleagues_things_are_not_listed(desk):
    unit_of(UserFactory(resident=True))
    assert titles(opened(desk)) == []


def test_what_is_mine_but_out_of_sight_is_not_listed(desk, worker):
    TaskFactory(stakeholder=EmployerFactory(name="别人的单位"), owner=worker)
    answer = opened(desk)
    assert titles(answer) == []
    assert "别人的单位" not in answer.content.decode()


def test_stand_in_sees_what_the_absent_owes(desk, worker, today):
    absent = UserFactory(resident=True, name="罗少芬")
    StandInFactory(absent=absent, stand_in=worker, starts_on=today, ends_on=today, reason="培训")
    TaskFactory(stakeholder=EmployerFactory(responsible=absent), title="她的事")
    TaskFactory(stakeholder=EmployerFactory(responsible=worker), title="我的事")
    answer = opened(desk)
    assert sorted(titles(answer)) == sorted(["她的事", "我的事"])
    assert "代理 罗少芬" in answer.content.decode()
    assert "罗少芬10月12日—10月12日外出培训，提醒和审批同时发给您。" in answer.content.decode()
    assert titles(opened(desk, f"/?of={absent.pk}")) == ["她的事"]


@pytest.mark.parametrize("days", [-1, 1])
def test_stand_in_of_another_day_sees_nothing(desk, worker, today, days):
    absent, day = UserFactory(resident=True), today + timedelta(days=days)
    StandInFactory(absent=absent, stand_in=worker, starts_on=day, ends_on=day)
    TaskFactory(stakeholder=EmployerFactory(responsible=absent))
    assert titles(opened(desk)) == []
    assert desk.get(f"/?of={absent.pk}").status_code == 404


def propose(unit, by):
    """A decision of `by` that waits for approval."""
    cycle = Cycle.objects.running().get(stakeholder=unit)
    return proposed(cycle, by, "next")


def test_decisions_of_colleagues_wait_for_those_who_may_approve(client, worker):
    unit = unit_of(worker, name="荷塘街道")
    decision = propose(unit, worker)
    client.force_login(UserFactory(supervisor=True, department=unit.department))
    assert [row.sheet for row in opened(client).context["aside"]["approvals"]] == [decision.sheet]
    client.force_login(worker)
    assert opened(client).context["aside"]["approvals"] == []


def test_decisions_of_ones_own_and_out_of_sight_do_not_wait(client, worker):
    unit = unit_of(worker)
    supervisor = UserFactory(supervisor=True, department=unit.department)
    propose(unit, supervisor)
    client.force_login(supervisor)
    assert opened(client).context["aside"]["approvals"] == []
    client.force_login(UserFactory(supervisor=True))
    assert opened(client).context["aside"]["approvals"] == []


def test_decisions_wait_for_who_stands_in_for_an_approver_too(client, worker, today):
    """R271: the panel and the figure next to the navigation agree with the page of approval requests."""
    unit = unit_of(worker, name="荷塘街道")
    decision = propose(unit, worker)
    colleague, absent = UserFactory(resident=True), UserFactory(supervisor=True, department=unit.department)
    StandInFactory(absent=absent, stand_in=colleague, starts_on=today, ends_on=today)
    client.force_login(colleague)

    assert [row.sheet for row in opened(client).context["aside"]["approvals"]] == [decision.sheet]
    assert counts(colleague)["approvals"] == 1


def test_recent_contacts_say_what_they_completed(desk, worker):
    unit = unit_of(worker)
    InteractionFactory(stakeholder=unit, contact_on=date(2026, 10, 9), content="谈了走访名单。")
    InteractionFactory(stakeholder=unit, attempted=True, contact_on=date(2026, 10, 8))
    shown = opened(desk).content.decode()
    assert "完成了：10月驻点沟通" in shown
    assert "不计数" in shown


def test_recent_contacts_are_those_one_typed(desk, worker):
    InteractionFactory(stakeholder=unit_of(worker), by=UserFactory())
    assert opened(desk).context["aside"]["recent"] == []


def test_role_without_log_permission_has_no_log_button(client, today):
    finance = UserFactory(finance=True)
    TaskFactory(stakeholder=EmployerFactory(), owner=finance)
    client.force_login(finance)
    shown = opened(client).content.decode()
    assert "把培训安排回复对方" in shown
    assert "/log/" not in shown


def cost(client, address="/"):
    """The number of queries of a page, the calendar being cached."""
    workdays.current_calendar()
    with CaptureQueriesContext(connection) as captured:
        opened(client, address)
    return len(captured)


def owing(worker, count):
    """Creates `count` tasks of the worker, due from 1 September on."""
    unit = EmployerFactory(responsible=worker)
    Task.objects.bulk_create(
        Task(
            stakeholder=unit,
            key=f"task:many:{unit.pk}:{place}",
            origin=Task.Origin.FOLLOW_UP,
            title="事",
            due_on=date(2026, 9, 1) + timedelta(days=place % 90),
            owner=worker,
        )
        for place in range(count)
    )


def test_desk_costs_ten_statements_with_ten_and_with_a_thousand(client, worker):
    lead = UserFactory(roles=[Role.SUPERVISOR, Role.RESIDENT], department=worker.department)
    client.force_login(lead)
    unit_of(lead)
    InteractionFactory(stakeholder=unit_of(lead))
    owing(lead, 10)
    few = cost(client)
    owing(lead, 1000)
    assert cost(client) == few
    assert few <= 10


def test_long_group_shows_its_first_and_leads_to_all(desk, worker):
    owing(worker, 180)
    answer = opened(desk)
    over = answer.context["work"].groups["over"]
    assert (len(over.lines), over.total) == (work.GROUP_SIZE, 82)
    assert "看全部82项" in answer.content.decode()
    assert len(titles(opened(desk, "/?show=over"))) == 82


@pytest.mark.parametrize(
    ("content", "text", "due_on"),
    [
        ("谈了续签，下周给名单。", "下周给名单", date(2026, 10, 19)),
        ("下周三再来", "下周三再来", date(2026, 10, 21)),
        ("约好周五答复", "约好周五答复", date(2026, 10, 16)),
        ("周日见", "周日见", date(2026, 10, 18)),
        ("明天送表；后天回电", "明天送表", date(2026, 10, 13)),
        ("10月20日前给答复", "10月20日前给答复", date(2026, 10, 20)),
        ("1月5号开会", "1月5号开会", date(2027, 1, 5)),
    ],
)
def test_promise_is_found(content, text, due_on):
    promise = find_promise(content, date(2026, 10, 12))
    assert (promise.text, promise.due_on) == (text, due_on)


@pytest.mark.parametrize(
    "content", ["谈了走访名单。", "周一见过", "2月30日再说", "", "13月1日", "上周五说的"]
)
def test_text_without_date_gives_no_promise(content):
    assert find_promise(content, date(2026, 10, 12)) is None


def test_purpose_of_a_rule_opens_the_log_with_it(desk, worker):
    unit_of(worker)
    hrefs = {line.matter: line.href for line in opened(desk).context["work"].lines}
    assert hrefs["工作汇报"].endswith(f"purpose={Purpose.WORK_REPORT}")


def test_desk_right_after_saving_costs_twelve_statements(desk, worker):
    unit = unit_of(worker)
    done = InteractionFactory(stakeholder=unit, theirs=[unit.contacts.get()])
    few = cost(desk, f"/?done={done.pk}")
    owing(worker, 300)
    assert cost(desk, f"/?done={done.pk}") == few
    assert few <= 12
