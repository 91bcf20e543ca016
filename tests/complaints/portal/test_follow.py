"""Following a complaint by its receipt code: who gets in, what is shown, and that no colleague is named."""

from datetime import date

import pytest
from django.test import Client

from complaints.models import Act, Complaint, PortalSession, ShownReceipt, State
from complaints.portal import codes
from reminders.models import Parameter, Reminder
from tests.complaints.portal import door
from tests.complaints.portal.door import CASE, FOLLOW, following, page, sent, upload
from tests.factories.accounts import UserFactory
from tests.factories.complaints import take_step

pytestmark = pytest.mark.usefixtures("head")


@pytest.mark.parametrize("typed", ["", "7MXD", "'; drop", "a" * 200, "\0", "🙂"])
def test_wrong_code_gets_one_plain_sentence(client, typed):
    sent()
    answer = client.post(FOLLOW, {"code": typed})
    assert answer.status_code == 200
    assert "没有打开" in answer.content.decode()
    assert client.get(CASE).url == FOLLOW


def test_code_in_an_address_opens_nothing(client):
    _case, code, _sender = sent()
    assert "没有" not in page(client, f"{FOLLOW}?code={code}")
    assert client.get(f"{CASE}?code={code}").url == FOLLOW


def test_code_opens_however_it_is_typed(client):
    case, code, _sender = sent()
    assert client.post(FOLLOW, {"code": code.lower().replace("-", " ")}).url == CASE
    assert case.title in page(client, CASE)


def test_code_opens_its_own_case_only():
    _first, code, _sender = sent(title="第一件")
    sent(title="第二件")
    text = page(following(code), CASE)
    assert ("第一件" in text, "第二件" in text) == (True, False)


def test_code_is_in_no_table():
    case, code, sender = sent()
    follower = following(code)
    plain = code.replace("-", "")
    sessions = [door.held_by(client) for client in (sender, follower)]
    rows = [*PortalSession.objects.values(), *ShownReceipt.objects.values()]
    stored = str([sessions, rows, list(Complaint.objects.values()), list(Act.objects.values())])
    assert [set(each) - {"ends"} for each in sessions] == [{"receipt", "handed"}, {"case"}]
    assert [each for each in (code, plain, plain.lower()) if each in stored] == []
    assert case.code_hash not in str(sessions)


def test_what_a_session_holds_brings_no_receipt():
    """Reading the table of sessions, without the secret key of the site, reveals no receipt code."""
    _case, _code, client = sent()
    seed, _until = door.held_by(client)["receipt"]
    assert not codes.is_valid_token(seed)
    thief = Client()
    thief.post(door.FORM, door.typed(token=seed))
    assert door.code_on(thief) != door.code_on(client)


def test_code_is_in_no_log_and_no_address(caplog):
    caplog.set_level("DEBUG")
    _case, code, client = sent()
    answers = [client.post(FOLLOW, {"code": code}, follow=True), client.post(FOLLOW, {"code": code + "X"})]
    addresses = [str(step) for answer in answers for step in getattr(answer, "redirect_chain", [])]
    assert addresses
    assert [text for text in (*addresses, caplog.text) if code in text or code.replace("-", "") in text] == []


def test_minutes_are_counted_from_the_last_look(at):
    _case, code, _sender = sent()
    client = following(code)
    at("2026-09-28", 10, 15)
    assert client.get(CASE).status_code == 200
    at("2026-09-28", 10, 34)
    assert client.get(CASE).status_code == 200
    at("2026-09-28", 10, 54)
    assert client.get(CASE).url == FOLLOW


def test_leaving_shuts_it_for_the_next_person():
    _case, code, _sender = sent()
    client = following(code)
    assert client.get("/portal/leave/").status_code == 405
    client.post("/portal/leave/")
    assert client.get(CASE).url == FOLLOW


def test_page_tells_state_dates_and_the_next_steps():
    _case, code, _sender = sent()
    text = page(following(code), CASE)
    assert "<h1>已交中心负责人</h1>" in text
    assert "初步回复，最晚" in text
    assert "10月10日周六调休上班，算1天" in text
    for label in ("已收到", "指定跟进人", "调查", "初步回复", "处理结果", "办结"):
        assert f"<b>{label}</b>" in text


def test_course_is_told_without_a_name(head, handler, today):
    case, code, _sender = sent()
    take_step(case, "appoint", head, user=handler, text="请高副总跟进")
    take_step(case, "note", handler, text="查了签到记录")
    take_step(case, "ask", handler, text="12号那天有人打过电话吗？")
    take_step(case, "reply", handler, on=today, form_of_reply="code", text="向您道歉，已经改期。")
    take_step(case, "unsatisfied", handler, on=today, text="嫌慢")
    take_step(
        case, "plan", head, on=today, form_of_reply="code", text="换一位社工", due_on=case.result_due_on
    )
    take_step(case, "answer", handler, on=today, form_of_reply="code", text="10月起由新的社工探访。")
    text = page(following(code), CASE)
    shown = (
        "打过电话吗",
        "向您道歉",
        "换一位社工",
        "10月起由新的社工",
        "已答复处理结果",
        "我对这次答复满意。",
    )
    assert [words for words in shown if words not in text] == []
    hidden = (head.name, handler.name, "签到记录", "嫌慢", "高副总", case.number)
    assert [words for words in hidden if words in text] == []


def test_dates_that_are_met_are_told_no_more(head, today):
    case, code, _sender = sent()
    take_step(case, "reply", head, on=today, form_of_reply="code", text="已经改期。")
    text = page(following(code), CASE)
    assert "初步回复，最晚</span>" not in text
    assert "处理结果，最晚</span>" in text


def test_pause_is_told(head):
    case, code, _sender = sent()
    take_step(case, "pause", head, text="等对方提供材料，张先生出差")
    text = page(following(code), CASE)
    assert "暂停计时" in text
    assert "张先生" not in text


def test_case_registered_in_error_offers_nothing(head):
    case, code, _sender = sent()
    take_step(case, "void", head, text="重复")
    text = page(following(code), CASE)
    assert "<h1>登记有误，不再办理</h1>" in text
    assert 'name="text"' not in text


class TestMessages:
    def test_message_is_an_act_of_nobody_and_reminds_head_and_handler(self, head, handler):
        """R125: the complainant can write again at any time."""
        case, code, _sender = sent()
        take_step(case, "appoint", head, user=handler)
        client = following(code)
        assert client.post(CASE, {"text": "没有人打过电话。"}).url == CASE
        act = case.acts.get(kind="message")
        assert (act.by, act.is_public, act.text) == (None, True, "没有人打过电话。")
        assert "没有人打过电话。" in page(client, CASE)
        about = Reminder.objects.open().filter(subject=f"complaint:{case.pk}:message")
        assert {reminder.recipient for reminder in about} == {head, handler}
        assert "电话" not in "".join(reminder.title for reminder in about)

    def test_each_message_reminds_again(self, head):
        case, code, _sender = sent()
        client = following(code)
        for text in ("一", "二"):
            client.post(CASE, {"text": text})
        assert Reminder.objects.filter(subject=f"complaint:{case.pk}:message").count() == 2

    def test_same_message_from_the_same_page_is_one(self):
        case, code, _sender = sent()
        client = following(code)
        for _time in range(3):
            client.post(CASE, {"text": "再说一次", "seen": "3"})
        assert case.acts.filter(kind="message").count() == 1
        client.post(CASE, {"text": "再说一次", "seen": "4"})
        assert case.acts.filter(kind="message").count() == 2

    @pytest.mark.parametrize("seen", ["", "-1", "²", "9" * 30, "x"])
    def test_invalid_last_act_number_is_ignored(self, seen):
        case, code, _sender = sent()
        assert following(code).post(CASE, {"text": "好", "seen": seen}).url == CASE
        assert case.acts.filter(kind="message").count() == 1

    def test_photo_is_kept_with_the_message_without_its_position(self):
        case, code, _sender = sent()
        client = following(code)
        client.post(CASE, {"text": "见照片", "files": [upload("a.jpg", door.from_camera())]})
        enclosure = case.enclosures.get()
        assert enclosure.act.kind == "message"
        with enclosure.file.open("rb") as file:
            assert b"Exif" not in file.read()
        assert "1个附件" in page(client, CASE)

    @pytest.mark.parametrize("typed", [{"text": " "}, {"text": "长" * 5001}, {"text": "a\0b"}])
    def test_what_cannot_be_kept_is_said(self, typed):
        case, code, _sender = sent()
        assert "还没有发送" in following(code).post(CASE, typed).content.decode()
        assert not case.acts.filter(kind="message").exists()

    def test_ready_sentence_is_a_message_and_changes_no_state(self, head, today):
        case, code, _sender = sent()
        take_step(case, "reply", head, on=today, form_of_reply="code", text="已经改期。")
        following(code).post(CASE, {"ready": "satisfied"})
        case.refresh_from_db()
        assert case.acts.last().text == "我对这次答复满意。"
        assert (case.state, case.is_satisfied) == (State.REPLIED, None)

    def test_what_was_being_written_survives_the_minutes(self, at):
        case, code, _sender = sent()
        client = following(code)
        at("2026-09-28", 11)
        text = client.post(CASE, {"text": "写了很久的话"}).content.decode()
        assert "写了很久的话" in text
        assert not case.acts.filter(kind="message").exists()
        text = client.post(FOLLOW, {"code": code, "text": "写了很久的话"}).content.decode()
        assert "写了很久的话</textarea>" in text
        assert client.get(CASE).status_code == 200

    def test_nobody_without_the_code_writes(self, client):
        case, _code, _sender = sent()
        client.post(CASE, {"text": "假的"})
        assert not case.acts.filter(kind="message").exists()

    def test_closed_case_can_still_be_written_to(self, head, today):
        case, code, _sender = sent(kind="praise")
        take_step(case, "reply", head, on=today, form_of_reply="code", text="谢谢")
        take_step(case, "satisfied", head, on=today)
        take_step(case, "sign", head, text="同意")
        take_step(case, "close", head)
        assert following(code).post(CASE, {"text": "再说一句"}).url == CASE
        assert case.acts.get(kind="message").text == "再说一句"


def test_as_many_statements_for_many_messages_as_for_one(django_assert_max_num_queries):
    _case, code, _sender = sent()
    client = following(code)
    client.post(CASE, {"text": "一"})
    with django_assert_max_num_queries(12):
        client.get(CASE)
    for number in range(12):
        client.post(CASE, {"text": f"第{number}句"})
    with django_assert_max_num_queries(12):
        client.get(CASE)


def test_each_date_has_its_own_days_when_they_are_counted_from_different_days(head, today):
    director = UserFactory(director=True)
    Parameter.objects.create(
        key="complaint_result_from_told", value=1, effective_from=today, reason="试", set_by=director
    )
    case, code, _sender = sent()
    take_step(case, "appoint", head, user=head)
    Complaint.objects.filter(pk=case.pk).update(
        planned_on=date(2026, 9, 30), result_due_on=date(2026, 10, 26)
    )
    assert page(following(code), CASE).count('<ol class="strip"') == 2
