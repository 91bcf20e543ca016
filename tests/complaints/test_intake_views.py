"""登记一件: any logged-in user may register a complaint; it is handed over at once.

A form submitted twice is one complaint; a rejected form keeps what was typed.

"""

from datetime import date
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.roles import Role
from complaints.acts import acknowledgement
from complaints.acts.audit_log import broken_chains
from complaints.models import Channel, Complaint, Enclosure, State
from tests.factories.accounts import UserFactory
from tests.factories.complaints import ComplaintFactory, take_step
from tests.factories.employers import EmployerFactory
from tests.html import packed

NEW, DONE = "/complaints/new/", "/complaints/new/done/"
PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
MATTER = "说好每周六来，两次都没来"


@pytest.fixture
def form_data():
    """A function that returns the form data of a complaint by telephone."""

    def fill(**changes):
        return {
            "intake_key": str(uuid4()),
            "kind": "complaint",
            "channel": "phone",
            "person_class": "client",
            "name": "陈小满",
            "contact": "13700006021",
            "subject": "conduct",
            "title": "探访没有按约定时间来",
            "statement": MATTER,
            "received_on": "2026-09-28",
        } | changes

    return fill


@pytest.fixture
def registrar_client(client, head, registrar):
    """A client logged in as the registrar."""
    client.force_login(registrar)
    return client


def errors(answer):
    """Returns the errors of the form in the response."""
    assert answer.status_code == 200
    return answer.context["form"].errors


@pytest.mark.parametrize("role", [Role.VOLUNTEER, Role.FRONT_LINE, Role.FINANCE, Role.ADMINISTRATOR])
def test_log_in_is_enough(client, head, form_data, role):
    """R145: any member of staff may take in a complaint."""
    client.force_login(UserFactory(roles=[role]))
    assert client.get(NEW).status_code == 200
    assert client.post(NEW, form_data()).url == DONE
    assert Complaint.objects.get().head == head


def test_saved_is_handed_over_and_closed_to_the_registrar(registrar_client, form_data, head, registrar):
    """R145, R160: handed over at once; the page shows the dates to announce."""
    assert registrar_client.post(NEW, form_data()).url == DONE
    case = Complaint.objects.get()
    assert (case.head, case.entered_by, case.state, case.method) == (
        head,
        registrar,
        State.WITH_HEAD,
        "phone",
    )
    assert (case.stated_on, case.received_on) == (date(2026, 9, 28), date(2026, 9, 28))
    page = registrar_client.get(DONE).content.decode()
    assert all(words in page for words in (case.number, "周主任", "10月13日", "10月22日", "9月28日 10:00"))
    assert case.get_absolute_url() not in page
    assert MATTER not in page
    assert "陈小满" not in page
    assert registrar_client.get("/complaints/?show=all").context["rows"] == []


def test_head_may_open_what_was_just_registered(client, form_data, head):
    client.force_login(head)
    client.post(NEW, form_data())
    assert Complaint.objects.get().get_absolute_url() in client.get(DONE).content.decode()


def test_page_of_the_receipt_is_empty_before_and_for_others(registrar_client, form_data, client):
    assert registrar_client.get(DONE).url == NEW
    registrar_client.post(NEW, form_data())
    client.force_login(UserFactory())
    assert client.get(DONE).url == NEW


def test_sent_twenty_times_is_one(registrar_client, form_data):
    form = form_data()
    assert {registrar_client.post(NEW, form).url for _time in range(20)} == {DONE}
    assert Complaint.objects.count() == 1


def test_key_of_somebody_else_shows_nothing(registrar_client, form_data, head):
    theirs = ComplaintFactory(by=head)
    answer = registrar_client.post(NEW, form_data(intake_key=theirs.intake_key))
    assert "已经用过" in answer.content.decode()
    assert theirs.number not in answer.content.decode()
    assert "complaint_handed" not in registrar_client.session


@pytest.mark.parametrize(
    ("channel", "method"),
    [
        ("meeting", "meeting"),
        ("form", "written"),
        ("oral", "oral"),
        ("phone", "phone"),
        ("post", "written"),
        ("email", "written"),
        ("wechat", "wechat"),
        ("other", "written"),
    ],
)
def test_box_of_the_form_follows_the_channel(registrar_client, form_data, channel, method):
    """R128-R135, R171."""
    registrar_client.post(NEW, form_data(channel=channel))
    assert Complaint.objects.get().method == method


def test_every_channel_has_its_box():
    assert set(Channel.values) == {"meeting", "form", "oral", "phone", "post", "email", "wechat", "other"}


def test_box_that_was_chosen_stays(registrar_client, form_data):
    registrar_client.post(NEW, form_data(channel="other", method="qq"))
    assert Complaint.objects.get().method == "qq"


def test_received_earlier_is_not_entered_earlier(registrar_client, form_data, today):
    """R182: a paper form is entered later, and its dates count from its receipt."""
    registrar_client.post(NEW, form_data(received_on="2026-09-21", stated_on="2026-09-20"))
    case = Complaint.objects.get()
    assert (case.received_on, case.stated_on, case.counted_from) == (
        date(2026, 9, 21),
        date(2026, 9, 20),
        date(2026, 9, 21),
    )
    assert case.entered_at.date() == today


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"received_on": "2026-09-29"}, "received_on"),
        ({"received_on": "0026-09-28"}, "received_on"),
        ({"received_on": ""}, "received_on"),
        ({"stated_on": "2026-09-29"}, "stated_on"),
        ({"stated_on": "1999-09-29"}, "stated_on"),
        ({"kind": ""}, "kind"),
        ({"kind": "war"}, "kind"),
        ({"channel": "smoke"}, "channel"),
        ({"subject": ""}, "subject"),
        ({"person_class": ""}, "person_class"),
        ({"title": " "}, "title"),
        ({"title": "长" * 61}, "title"),
        ({"statement": ""}, "statement"),
        ({"statement": "长" * 5001}, "statement"),
        ({"name": ""}, "name"),
        ({"is_anonymous": "on"}, "name"),
        ({"accused": ["没有这个人"]}, "accused"),
        ({"stakeholder": "999999"}, "stakeholder"),
        ({"find": "没有这一家"}, "find"),
        ({"title": "a\x00b"}, "title"),
    ],
)
def test_rejected_form_says_where_and_keeps_what_was_typed(registrar_client, form_data, changes, field):
    answer = registrar_client.post(NEW, form_data(**changes))
    assert field in errors(answer)
    if field != "statement":
        assert MATTER in answer.content.decode()
    assert not Complaint.objects.exists()


def test_rejected_form_keeps_its_key(registrar_client, form_data):
    form = form_data(title="")
    answer = registrar_client.post(NEW, form)
    assert form["intake_key"] in answer.content.decode()


def test_form_is_never_kept_on_the_device(registrar_client):
    page = packed(registrar_client.get(NEW).content.decode())
    assert "data-draft" not in page.partition('<form method="post"')[2].partition("</form>")[0]
    assert 'autocomplete="off"' in page


def test_anonymous_is_worked_on(registrar_client, form_data):
    """R157."""
    registrar_client.post(NEW, form_data(is_anonymous="on", name="", contact=""))
    case = Complaint.objects.get()
    assert (case.is_anonymous, case.name, case.state) == (True, "", State.WITH_HEAD)
    assert "没有留联系方式" in registrar_client.get(DONE).content.decode()


def test_anonymous_personnel_is_registered_and_the_page_says_so(registrar_client, form_data):
    """R155-R156."""
    assert "匿名的人事投诉只登记，不予处理" in registrar_client.get(NEW).content.decode()
    registrar_client.post(NEW, form_data(is_anonymous="on", name="", is_personnel="on"))
    assert Complaint.objects.get().state == State.NOT_PROCESSED
    page = registrar_client.get(DONE).content.decode()
    assert "只登记，不予处理" in page
    assert "最晚" not in page


def test_accused_head_never_receives_it(registrar_client, form_data, head, council):
    """R143, R450."""
    registrar_client.post(NEW, form_data(accused=["周主任", ""]))
    case = Complaint.objects.get()
    assert (case.head, [row.user for row in case.accused.all()]) == (council, [head])
    assert not Complaint.objects.visible_to(head).exists()


def test_whoever_must_not_be_told_never_receives_it(registrar_client, form_data, head, council):
    """R158."""
    registrar_client.post(NEW, form_data(not_told=["周主任"], not_told_words="驻点单位的人"))
    case = Complaint.objects.get()
    assert case.head == council
    assert [(row.user, row.words) for row in case.not_told.all()] == [(head, ""), (None, "驻点单位的人")]


def test_volunteer_may_name_a_colleague_without_being_shown_any(client, form_data, head, council):
    client.force_login(UserFactory(volunteer=True))
    page = client.get(NEW).content.decode()
    assert "周主任" not in page
    assert 'name="find"' not in page
    client.post(NEW, form_data(accused=["周主任"]))
    assert Complaint.objects.get().head == council


def test_nobody_in_charge_is_told_kindly(client, db, today, form_data):
    client.force_login(UserFactory())
    answer = client.post(NEW, form_data())
    assert "还没有可以受理的负责人" in answer.content.decode()
    assert MATTER in answer.content.decode()


def test_scan_is_kept_with_the_first_act(registrar_client, form_data):
    """R182."""
    scan = SimpleUploadedFile("意见表.pdf", PDF, "application/pdf")
    assert registrar_client.post(NEW, form_data(files=[scan])).status_code == 302
    assert [(row.name, row.act.kind) for row in Enclosure.objects.all()] == [("意见表.pdf", "registered")]


def test_file_of_another_kind_is_refused_and_the_page_asks_for_files_again(registrar_client, form_data):
    answer = registrar_client.post(NEW, form_data(files=[SimpleUploadedFile("a.pdf", b"MZ\x90\x00")]))
    assert "files" in errors(answer)
    answer = registrar_client.post(NEW, form_data(title="", files=[SimpleUploadedFile("意见表.pdf", PDF)]))
    assert "请再选一次" in answer.content.decode()


def test_stakeholder_is_found_and_kept(registrar_client, form_data, registrar):
    mine = EmployerFactory(name="青岚镇社会事务局", responsible=registrar)
    found = registrar_client.get(NEW, {"find": "青岚"}, headers={"HX-Request": "true"}).content.decode()
    assert f'value="{mine.pk}"' in found
    assert "<html" not in found
    registrar_client.post(NEW, form_data(stakeholder=mine.pk, person_class="employer"))
    assert Complaint.objects.get().stakeholder_id == mine.pk


def test_stakeholder_out_of_sight_is_like_one_that_is_not_there(registrar_client, form_data):
    other = EmployerFactory(name="荷塘街道办事处", is_confidential=True)
    found = registrar_client.get(NEW, {"find": "荷塘"}, headers={"HX-Request": "true"})
    assert found.content.decode().count("value=") == 0
    away, absent = (
        str(errors(registrar_client.post(NEW, form_data(stakeholder=pk)))["stakeholder"])
        for pk in (other.pk, 999999)
    )
    assert away == absent


def test_typed_words_are_enough_without_a_script(registrar_client, form_data, registrar):
    mine = EmployerFactory(name="青岚镇社会事务局", responsible=registrar)
    registrar_client.post(NEW, form_data(find="青岚镇"))
    assert Complaint.objects.get().stakeholder_id == mine.pk


def test_several_that_are_meant_are_offered(registrar_client, form_data, registrar):
    for name in ("青岚镇社会事务局", "青岚镇民政所"):
        EmployerFactory(name=name, responsible=registrar)
    answer = registrar_client.post(NEW, form_data(find="青岚镇"))
    assert "find" in errors(answer)
    assert {"青岚镇社会事务局", "青岚镇民政所"} <= {row.name for row in answer.context["offered"]}
    assert not Complaint.objects.exists()


def test_strictly_confidential_is_marked(registrar_client, form_data):
    """R154."""
    registrar_client.post(NEW, form_data(is_strictly_confidential="on"))
    assert Complaint.objects.get().is_strictly_confidential


def test_guidance_stands_beside_the_form(registrar_client):
    """R159-R160, R162."""
    page = registrar_client.get(NEW).content.decode()
    assert "虚心有礼" in page
    assert "大白话" in page
    assert "7个工作日内给初步回复" in page


def test_registrar_writes_down_once_that_the_person_was_told(registrar_client, form_data, registrar, today):
    """R160."""
    registrar_client.post(NEW, form_data())
    for _time in range(2):
        assert registrar_client.post(DONE).url == DONE
    case = Complaint.objects.get()
    acts = case.acts.filter(kind="told")
    assert [(act.by, act.form_of_reply, act.due_on) for act in acts] == [
        (registrar, "phone", date(2026, 10, 13))
    ]
    assert (case.told_on, case.response_met_on) == (today, None)
    assert "已记下" in registrar_client.get(DONE).content.decode()
    assert broken_chains() == set()


def test_telling_without_a_form_that_was_saved_writes_nothing(registrar_client, case):
    assert registrar_client.post(DONE).url == DONE
    assert not case.acts.filter(kind="told").exists()


def test_what_is_over_or_told_by_then_stays_and_the_page_says_nothing_of_it(
    registrar_client, form_data, head, today
):
    registrar_client.post(NEW, form_data())
    case = Complaint.objects.get()
    take_step(case, "tell", head, on=today, form_of_reply="phone", text="最晚10月13日前")
    registrar_client.post(DONE)
    assert case.acts.filter(kind="told").count() == 1
    registrar_client.post(NEW, form_data())
    void = Complaint.objects.exclude(pk=case.pk).get()
    take_step(void, "void", head, text="登记错了")
    registrar_client.post(DONE)
    assert not void.acts.filter(kind="told").exists()
    assert "登记有误" not in registrar_client.get(DONE).content.decode()


def test_nobody_tells_of_a_complaint_that_somebody_else_entered(case, head, today):
    acknowledgement.record_told_in_person(case.number, by=head, today=today)
    assert not case.acts.filter(kind="told").exists()


def test_anonymous_personnel_has_no_date_to_tell(registrar_client, form_data):
    registrar_client.post(NEW, form_data(is_anonymous="on", name="", is_personnel="on"))
    registrar_client.post(DONE)
    assert not Complaint.objects.get().acts.filter(kind="told").exists()
