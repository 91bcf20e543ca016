"""The public form: what it shows before it is submitted, what it refuses, and the complaint it creates."""

from datetime import date

import pytest
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from complaints.models import Act, Attempt, Complaint, ExcludedPerson, PublicText, State
from complaints.portal import codes, pages
from complaints.portal.forms import SubmitForm
from tests.complaints.portal import door
from tests.complaints.portal.door import FORM, RECEIPT, page, send, sent, typed
from tests.factories.accounts import UserFactory
from tests.html import packed

pytestmark = pytest.mark.usefixtures("head")


@pytest.mark.parametrize("missing", ["kind", "person_class", "subject", "title", "statement"])
def test_each_field_that_is_needed_is_asked_for_and_the_rest_stays(client, missing):
    answer = send(client, **{missing: ""})
    text = packed(answer.content.decode())
    assert f'<a href="#id_{missing}' in text
    assert [word for word in ("没有按约定", "12号和19号") if word not in text] == [
        word for word, name in (("没有按约定", "title"), ("12号和19号", "statement")) if name == missing
    ]
    assert not Complaint.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"kind": "revenge"}, {"subject": "x"}, {"title": "长" * 61}, {"title": "a\0b"}, {"title": "  "}]
)
def test_what_the_form_does_not_know_is_refused(client, wrong):
    assert send(client, **wrong).status_code == 200
    assert not Complaint.objects.exists()


def test_dates_are_told_before_sending_with_their_days(client):
    """R124, R139, R148."""
    text = page(client, FORM)
    assert "最晚2026年10月13日 周二收到初步回复" in text
    assert "最晚2026年10月22日 周四收到处理结果" in text
    assert "10月10日周六调休上班，算1天" in text
    assert (text.count('<ol class="strip"'), text.count("，到期日")) == (1, 2)


def test_what_is_not_processed_is_said_before_sending(client):
    """R156."""
    assert "匿名的人事投诉只登记，不办理。" in page(client, FORM)


def test_sent_is_with_the_head_and_holds_no_trace_of_the_sender(head, today):
    case, _code, _client = sent(is_strict="on", kept_from="来家里探访的社工")
    assert (case.state, case.head, case.entered_by) == (State.WITH_HEAD, head, None)
    assert (case.channel, case.method, case.is_anonymous, case.received_on) == (
        "form",
        "written",
        True,
        today,
    )
    assert (case.response_due_on, case.result_due_on) == (date(2026, 10, 13), date(2026, 10, 22))
    assert case.is_strictly_confidential
    assert ExcludedPerson.objects.get().words == "来家里探访的社工"
    assert [act.kind for act in case.acts.all()] == ["registered", "handed_over", "told"]
    assert [user for user in User.objects.all() if Complaint.objects.visible_to(user).exists()] == [head]


def test_name_makes_it_one_with_a_name():
    case, _code, _client = sent(name=" 陈小满 ", contact="13700006021")
    assert (case.is_anonymous, case.name, case.contact) == (False, "陈小满", "13700006021")


def test_about_the_head_goes_to_the_alternate(head, council):
    case, _code, _client = sent(is_about_head="on")
    assert case.head == council
    assert not Complaint.objects.visible_to(head).exists()


def test_nobody_in_charge_is_said_and_what_was_typed_stays(client, head, council, director):
    User.objects.update(is_active=False)
    text = send(client).content.decode()
    assert "现在暂时收不了" in text
    assert "没有按约定" in text
    assert not Complaint.objects.exists()


def test_the_record_is_in_chinese_whatever_language_the_person_reads(client):
    client.cookies["portal_django_language"] = "en"
    send(client)
    assert "回执已告知" in Act.objects.get(kind="told").text


def test_staff_who_is_logged_in_leaves_no_name_either(client):
    client.force_login(UserFactory(), backend="accounts.backends.RoleBackend")
    send(client)
    case = Complaint.objects.get()
    assert case.entered_by is None
    assert set(case.acts.values_list("by", flat=True)) == {None}


class TestAnonymousPersonnel:
    def test_anonymous_personnel_complaint_asks_for_confirmation_and_keeps_input(self, client):
        text = send(client, is_personnel="on", contact="wx-chun", kept_from="人事主管").content.decode()
        assert not Complaint.objects.exists()
        expected = ("没有按约定", "12号和19号", 'value="wx-chun"', 'value="人事主管"', "还没有提交")
        assert [word for word in expected if word not in text] == []

    def test_is_registered_when_it_is_wanted_so(self):
        case, _code, client = sent(is_personnel="on", anyway="1")
        assert (case.state, case.response_due_on) == (State.NOT_PROCESSED, None)
        text = page(client, RECEIPT)
        assert "已登记，不办理。" in text
        assert "最晚" not in text

    def test_with_a_name_is_not_asked_about(self):
        case, _code, _client = sent(is_personnel="on", name="林小春")
        assert case.state == State.WITH_HEAD


class TestSentAgain:
    def test_the_same_form_is_one_complaint_with_the_same_receipt(self, client):
        token = door.TOKEN.search(page(client, FORM))[1]
        shown = []
        for _time in range(3):
            client.post(FORM, typed(token=token))
            shown.append(door.code_on(client))
        assert len(set(shown)) == 1
        assert Complaint.objects.get().code_hash == codes.code_hash(shown[0])

    def test_another_form_is_another(self, client):
        send(client)
        send(client)
        assert Complaint.objects.count() == 2

    def test_token_that_is_not_ours_is_replaced(self, client):
        client.post(FORM, typed(token="a" * 40))
        assert Complaint.objects.get().code_hash != codes.code_hash(codes.code_of(codes.seed_of("a" * 40)))

    def test_token_of_a_sent_form_stays_when_it_has_errors(self, client):
        token = codes.new_token()
        text = client.post(FORM, typed(token=token, title="")).content.decode()
        assert door.TOKEN.search(text)[1] == token


def test_receipt_is_for_the_browser_that_sent_it_and_for_some_minutes(at):
    _case, _code, client = sent()
    assert Client().get(RECEIPT).url == door.FOLLOW
    at("2026-09-28", 10, 19)
    assert client.get(RECEIPT).status_code == 200
    at("2026-09-28", 10, 20)
    assert client.get(RECEIPT).url == door.FOLLOW


def test_receipt_is_forgotten_on_leaving():
    _case, _code, client = sent()
    assert client.post("/portal/leave/").url == "/portal/"
    assert client.get(RECEIPT).url == door.FOLLOW


def test_receipt_tells_the_dates_and_draws_the_address_of_the_page_only(settings):
    """R160."""
    settings.SITE_URL = "https://example.org"
    case, _code, client = sent()
    text = page(client, RECEIPT)
    assert "最晚2026年10月13日 周二" in text
    assert '<svg viewBox="' in text
    assert "style=" not in text
    assert case.number not in text


def test_qr_holds_no_code(settings, monkeypatch):
    drawn = []
    real = pages.segno.make
    monkeypatch.setattr(pages.segno, "make", lambda text, **more: drawn.append(text) or real(text, **more))
    settings.SITE_URL = "https://example.org"
    sent()
    assert drawn == ["https://example.org/portal/follow/"]


def test_no_address_and_no_browser_is_kept(client):
    client.post(
        FORM,
        typed(token=codes.new_token()),
        REMOTE_ADDR="203.0.113.77",
        HTTP_USER_AGENT="Curious/9",
    )
    rows = [*Complaint.objects.values(), *Act.objects.values(), *Attempt.objects.values()]
    stored = str([rows, door.held_by(client)])
    assert [trace for trace in ("203.0.113", "Curious") if trace in stored] == []


def test_form_has_every_choice_of_the_documents():
    """R121, R136-R138, R168."""
    form = SubmitForm(today=date(2026, 9, 28))
    assert [len(form.fields[name].choices) for name in ("kind", "person_class", "subject")] == [3, 6, 7]


def test_start_shows_the_default_texts_and_the_ways_that_are_set(client):
    """R123-R124; how to reach the centre is a setting (R131-R134)."""
    text = page(client, "/portal/")
    assert [
        words for words in ("您的权利", "提出的途径", "我们会怎么做", "7个工作日内回应") if words not in text
    ] == []
    assert "也可以这样告诉我们" not in text
    PublicText.objects.create(key="phone", text="0769-80000123", written_by=UserFactory(roles=[Role.HEAD]))
    assert "0769-80000123" in page(client, "/portal/")
