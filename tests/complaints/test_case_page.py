"""The page of a complaint: who may open it, what it shows, which steps it offers, and its number of queries."""

import re
from datetime import date

import pytest
from django.urls import reverse

from accounts.roles import Role
from complaints.cases.page import months_before
from complaints.measures import actions as measures
from complaints.models import Improvement, Viewing
from complaints.models.written_once import AppendOnlyError
from tests.complaints.cases import address, scan
from tests.factories.accounts import UserFactory
from tests.factories.complaints import ComplaintFactory, take_step
from tests.html import packed
from tests.queries import queries_of_page

TOKEN = re.compile(rb'(content|value)="[A-Za-z0-9]{64}"')


def shown(client, user, case, status=200):
    """Requests the page of the complaint as `user`. Returns its HTML."""
    client.force_login(user)
    answer = client.get(address("case", case))
    assert answer.status_code == status
    return packed(answer.content.decode())


def buttons_of(page):
    """Returns the names of the steps to which the page links."""
    return set(re.findall(r'(?:href|action)="[^"]*/act/([a-z_]+)/', page))


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.DIRECTOR, Role.COUNCIL, Role.RESIDENT])
def test_nobody_else_can_tell_that_it_exists(role, client, case):
    client.force_login(UserFactory(roles=[role]))
    theirs = client.get(address("case", case))
    absent = client.get(reverse("complaints:case", args=["2026-ZZZZZZ"]))
    assert (theirs.status_code, absent.status_code) == (404, 404)
    plain = [TOKEN.sub(b"", answer.content) for answer in (theirs, absent)]
    assert plain[0] == plain[1].replace(b"2026-ZZZZZZ", case.number.encode())


def test_registrar_is_out_once_it_is_handed_over(client, case, registrar, head):
    shown(client, registrar, case, status=404)
    page = shown(client, head, case)
    assert "苏社工" in page
    assert "转交后看不到了" in page


def test_a_right_that_is_taken_ends_with_the_next_request(client, case, head, director):
    take_step(case, "list", head, user=director, text="督促")
    shown(client, director, case)
    take_step(case, "delist", head, user=director)
    shown(client, director, case, status=404)


def test_each_look_is_written_down(client, case, head):
    shown(client, head, case)
    assert "谁看过（2次）" in shown(client, head, case)
    assert list(Viewing.objects.values_list("user", "what")) == [(head.pk, "case"), (head.pk, "case")]


def test_name_and_contact_are_masked(client, case, head):
    page = shown(client, head, case)
    assert "陈**" in page
    assert "137****6021" in page
    assert "陈小满" not in page
    assert "13700006021" not in page


def test_full_identity_is_shown_once_and_written_down(client, case, head, handler):
    take_step(case, "appoint", head, user=handler)
    client.force_login(handler)
    page = client.post(address("identity", case)).content.decode()
    assert "陈小满" in page
    assert "13700006021" in page
    assert list(Viewing.objects.values_list("user", "what")) == [(handler.pk, "identity")]
    assert "陈小满" not in shown(client, handler, case)


def test_reader_may_not_see_the_identity(client, case, head, director):
    take_step(case, "list", head, user=director, text="督促")
    assert "显示完整信息</button>" not in shown(client, director, case)
    assert client.post(address("identity", case)).status_code == 403
    assert client.get(address("identity", case)).status_code == 403
    assert not Viewing.objects.filter(what="identity").exists()


def test_identity_cannot_be_opened_by_address(client, case, head):
    client.force_login(head)
    assert client.get(address("identity", case)).status_code == 405


def test_reader_is_offered_no_act(client, case, head, handler, director):
    take_step(case, "list", head, user=director, text="督促")
    page = shown(client, director, case)
    assert buttons_of(page) == set()
    assert 'id="next"' in page
    assert "现在等周主任办理" in page
    assert "谁看过（" not in page


def test_strictly_confidential_says_who_sees_it_and_who_must_not_know(client, case, head, registrar):
    take_step(case, "mark", head, is_strict=True, users=(registrar,), words="驻点单位", text="对方要求")
    bar = shown(client, head, case).split('class="secretbar"')[1].split("</div>")[0]
    assert "严格保密" in bar
    assert "<b>周主任</b>（负责人）" in bar
    assert "<b>苏社工、驻点单位</b>" in bar


def test_ordinary_complaint_has_no_confidential_warning(client, case, head):
    page = shown(client, head, case)
    assert "secretbar--calm" in page
    assert 'class="secret"' not in page


def test_clocks_and_their_days(client, case, head):
    page = shown(client, head, case)
    assert "10月13日 周二" in page
    assert "10月22日 周四" in page
    assert "还有7个工作日" in page
    assert "还有14个工作日" in page
    assert (
        page.count("<li", page.index('class="strip"'), page.index("</ol>", page.index('class="strip"'))) == 25
    )
    assert "其中第7个工作日是10月13日周二。" in page
    assert "国务院办公厅2026年节假日安排" in page


def test_overdue_paused_and_met_clocks_say_so(client, case, head, at, today):
    at("2026-10-15")
    assert "逾期2个工作日" in shown(client, head, case)
    take_step(case, "pause", head, text="对方出差")
    page = shown(client, head, case)
    assert page.count("暂停计时</span>") == 2
    take_step(case, "resume", head)
    take_step(case, "reply", head, on=date(2026, 10, 15), form_of_reply="phone", text="向您道歉")
    assert "已完成 10-15" in shown(client, head, case)


def test_anonymous_personnel_is_only_registered(client, head, registrar, today):
    case = ComplaintFactory(by=registrar, anonymous=True, personnel=True)
    page = shown(client, head, case)
    assert "匿名的人事投诉：只登记，不予处理。" in page
    assert 'class="strip"' not in page
    assert {"reply", "note", "appoint", "tell", "extend", "pause"} & buttons_of(page) == set()
    assert "reclass" in buttons_of(page)


def test_the_next_act_follows_the_state(client, case, head, handler, today):
    def next_of(user):
        """Returns the HTML of the next step on the page, or "" if there is none."""
        page = shown(client, user, case)
        return page.split('id="next"')[1].split("</section>")[0] if 'id="next"' in page else ""

    assert 'action="' + address("act", case, "appoint") in next_of(head)
    take_step(case, "appoint", head, user=handler)
    assert 'action="' + address("act", case, "reply") in next_of(handler)
    assert 'formaction="' + address("act", case, "note") in next_of(handler)
    take_step(case, "reply", handler, on=today, form_of_reply="phone", text="向您道歉")
    assert buttons_of(next_of(handler)) == {"satisfied", "unsatisfied", "no_word", "follow_up"}
    take_step(case, "unsatisfied", handler, on=today, text="还想知道结果")
    assert "现在等周主任办理" in next_of(handler)
    assert 'action="' + address("act", case, "plan") in next_of(head)
    take_step(case, "plan", head, on=today, form_of_reply="phone", text="换人", due_on=date(2026, 10, 20))
    assert 'action="' + address("act", case, "answer") in next_of(handler)
    take_step(case, "answer", handler, on=today, form_of_reply="phone", text="换好了")
    take_step(case, "satisfied", handler, on=today)
    assert 'action="' + address("act", case, "sign") in next_of(head)
    assert 'action="' + address("measure_new", case) in next_of(handler)
    take_step(case, "sign", head, text="同意", finding="true")
    assert 'action="' + address("measure_new", case) in next_of(head)
    measures.add_measure(
        case, by=head, today=today, measure="改期提前告知", owner=handler, due_on=today, check_on=today
    )
    assert 'href="' + address("act", case, "close") in next_of(head)
    take_step(case, "close", head)
    assert next_of(head) == ""
    assert {"reopen"} <= buttons_of(shown(client, head, case))
    assert buttons_of(shown(client, handler, case)) == set()


def test_greyed_acts_say_why(client, case, head, handler, today):
    take_step(case, "appoint", head, user=handler)
    take_step(case, "reply", head, on=today, form_of_reply="phone", text="谢谢")
    take_step(case, "satisfied", head, on=today)
    page = shown(client, head, case)
    assert "<b>办结</b><small>办结前请负责人签署意见。</small>" in page
    assert "<b>询问反映人</b><small>反映人没有查询码，请用其他方式联系。</small>" in page


def test_repeats_are_those_one_may_see(client, case, head, council, registrar, today):
    before = ComplaintFactory(by=registrar, title="上次也没来")
    ComplaintFactory(by=registrar, title="别人的事", accused=[head])
    ComplaintFactory(by=registrar, title="另一方面", subject="rules")
    ComplaintFactory(by=registrar, title="很久以前", received_on=date(2025, 9, 27))
    measures.add_measure(
        before, by=head, today=today, measure="每周抽查签到", owner=council, due_on=today, check_on=today
    )
    page = shown(client, head, case)
    assert "上次也没来" in page
    assert "每周抽查签到" in page
    assert [title for title in ("别人的事", "另一方面", "很久以前") if title in page] == []


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2026, 9, 28), 12, date(2025, 9, 28)),
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2028, 3, 31), 1, date(2028, 2, 29)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
    ],
)
def test_months_before(day, months, before):
    assert months_before(day, months) == before


def test_nothing_of_it_is_drafted_on_the_device(client, case, head):
    client.force_login(head)
    pages = [client.get(address("case", case)), client.get(address("act", case, "note"))]
    assert [page for page in pages if b"data-draft=" in page.content] == []
    assert {page["Cache-Control"] for page in pages} == {"private, no-store"}


def test_no_edit_controls_on_what_was_done(client, case, head):
    acts = shown(client, head, case).split('class="steps"')[1].split("</ol>")[0]
    assert "登记" in acts
    assert "<button" not in acts
    assert "<form" not in acts


def queries(client, user, case):
    """Returns the number of queries of the page."""
    client.force_login(user)
    return queries_of_page(client, address("case", case))


def test_page_costs_the_same_for_one_and_for_many(client, case, head, handler, today):
    take_step(case, "appoint", head, user=handler)
    take_step(case, "note", head, text="查", files=(scan(),))
    ComplaintFactory()
    once = queries(client, head, case)
    for number in range(10):
        take_step(case, "note", handler, text=f"第{number}次", files=(scan(f"{number}.pdf"), scan("b.pdf")))
        take_step(case, "list", head, user=UserFactory(), text="需要知道")
        take_step(case, "accuse", head, users=(UserFactory(),))
        take_step(case, "mark", head, users=(UserFactory(),), words=f"第{number}位", text="要求")
        Improvement.objects.create(
            complaint=ComplaintFactory(),
            measure="抽查",
            owner=head,
            due_on=today,
            check_on=today,
        )
        Improvement.objects.create(
            complaint=case, measure="抽查", owner=UserFactory(), due_on=today, check_on=today
        )
    assert queries(client, head, case) == once
    assert once <= 14


def test_page_in_english_is_english(client, case, head):
    head.language = "en"
    head.save()
    page = shown(client, head, case)
    main = page.split('id="main"')[1].split("</main>")[0]
    main = re.sub(r'<span class="av".*?</span>', "", main)
    for words in (case.title, case.statement, "周主任", "苏社工", "何理事", "林总干事", "陈**"):
        main = main.replace(words, "")
    assert re.findall(r"[\u4e00-\u9fff]+", main) == []


def test_every_state_stays_within_the_queries(client, case, head, handler, today):
    costs = [queries(client, head, case)]
    reply = {"on": today, "form_of_reply": "phone", "text": "向您道歉"}
    for name, details in [
        ("appoint", {"user": handler}),
        ("reply", reply),
        ("satisfied", {"on": today}),
        ("sign", {"text": "同意", "finding": "true"}),
    ]:
        take_step(case, name, head, **details)
        costs.append(queries(client, head, case))
    assert max(costs) <= 14, costs


def test_the_course_says_why_a_promise_is_later(client, case, head, handler):
    take_step(case, "appoint", head, user=handler)
    plan = {
        "on": case.received_on,
        "form_of_reply": "phone",
        "text": "要等外聘专家",
        "due_on": date(2026, 11, 2),
    }
    take_step(case, "plan", head, **plan, words="专家10月底才到")
    assert "比期限晚的原因：专家10月底才到" in shown(client, head, case)


def test_reader_sees_no_name_in_what_was_said(client, head, handler, council):
    """Head and handler read the texts as written; in those of a reader, name and number are masked."""
    case = ComplaintFactory(statement="我是陈小满，请打13700006021。")
    take_step(case, "appoint", head, user=handler)
    take_step(case, "note", head, text="陈小满说星期六有空")
    take_step(case, "list", head, user=council, text="理事会要知道")
    for acting in (head, handler):
        page = shown(client, acting, case)
        assert "我是陈小满，请打13700006021。" in page
        assert "陈小满说星期六有空" in page
    page = shown(client, council, case)
    assert "我是陈**，请打137****6021。" in page
    assert "陈**说星期六有空" in page
    assert "陈小满" not in page
    assert "13700006021" not in page


def test_looks_are_written_once(client, head, case):
    shown(client, head, case)
    with pytest.raises(AppendOnlyError):
        Viewing.objects.filter(complaint=case).delete()
    with pytest.raises(AppendOnlyError):
        Viewing.objects.update(user=head)
