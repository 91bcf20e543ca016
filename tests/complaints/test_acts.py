"""The form of every step: who may use it, its fields, what it refuses, and that typed values stay."""

import re
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from complaints.acts.forms import FIELDS, fields_of
from complaints.acts.wording import CONSEQUENCES
from complaints.models import Access, Complaint, State
from complaints.workflow.lifecycle import STEPS, ActInput
from tests.complaints.cases import PDF, address
from tests.factories.accounts import UserFactory
from tests.factories.complaints import ComplaintFactory, take_step


def send(client, by, case, name, /, **data):
    """Submits the form of a step as `by`. Returns the response."""
    client.force_login(by)
    case.refresh_from_db()
    return client.post(address("act", case, name), {"version": case.version, **data})


def done(client, by, case, name, /, **data):
    """Submits the form of a step, which must succeed. Returns the complaint."""
    answer = send(client, by, case, name, **data)
    assert answer.status_code == 302, answer.content.decode()
    case.refresh_from_db()
    return case


@pytest.mark.parametrize("name", STEPS)
def test_outsider_finds_no_step(name, client, case, registrar):
    client.force_login(registrar)
    assert client.get(address("act", case, name)).status_code == 404
    assert client.post(address("act", case, name), {"version": 1}).status_code == 404


@pytest.mark.parametrize("name", STEPS)
def test_reader_takes_no_step(name, client, case, head, director):
    take_step(case, "list", head, user=director, text="督促")
    before = case.acts.count()
    client.force_login(director)
    assert client.get(address("act", case, name)).status_code == 403
    assert send(client, director, case, name, text="x").status_code == 403
    assert case.acts.count() == before


@pytest.mark.parametrize("name", [name for name, step in STEPS.items() if "handler" not in step.roles])
def test_handler_takes_no_step_of_the_head(name, client, case, head, handler):
    take_step(case, "appoint", head, user=handler)
    client.force_login(handler)
    assert client.get(address("act", case, name)).status_code == 403
    assert send(client, handler, case, name, text="x").status_code == 403


def test_unknown_step_is_absent(client, case, head):
    client.force_login(head)
    assert client.get(address("act", case, "delete")).status_code == 404


@pytest.mark.parametrize(
    "name", [name for name, step in STEPS.items() if State.WITH_HEAD not in step.sources]
)
def test_step_of_another_state_leads_back_with_the_reason(name, client, case, head):
    client.force_login(head)
    answer = client.get(address("act", case, name), follow=True)
    assert answer.redirect_chain == [(case.get_absolute_url(), 302)]
    assert "现在是“已交负责人”，不能" in answer.content.decode()


@pytest.mark.parametrize("name", [name for name, step in STEPS.items() if State.WITH_HEAD in step.sources])
def test_every_open_step_has_its_form(name, client, case, head):
    client.force_login(head)
    answer = client.get(address("act", case, name))
    assert answer.status_code == 200
    assert set(answer.context["form"].fields) == {"version", *fields_of(STEPS[name], case)}
    assert str(CONSEQUENCES[name]) in answer.content.decode()


def test_forms_know_every_field_that_can_be_given():
    assert set(FIELDS) == set(ActInput.__dataclass_fields__)


@pytest.mark.parametrize("name", STEPS)
def test_what_a_step_needs_is_asked_for(name, case):
    assert set(STEPS[name].needs) <= set(fields_of(STEPS[name], case))


@pytest.mark.parametrize("name", [name for name, step in STEPS.items() if step.needs and name != "delist"])
def test_empty_form_is_refused(name, client, case, head, today):
    state = STEPS[name].sources[0]
    closed_on = today if state == State.CLOSED else None
    Complaint.objects.filter(pk=case.pk).update(state=state, closed_on=closed_on)
    before = case.acts.count()
    answer = send(client, head, case, name)
    assert answer.status_code == 200
    assert "还没有保存" in answer.content.decode()
    assert case.acts.count() == before


def test_whole_course_by_the_forms(client, case, head, handler, today):
    done(client, head, case, "appoint", user=handler.pk, text="请尽快联系")
    assert (case.handler, case.state) == (handler, State.HANDLING)
    done(client, handler, case, "tell", on="2026-09-28", form_of_reply="phone", text="最晚10月13日回复您")
    assert case.told_on == today
    proof = SimpleUploadedFile("通话.pdf", PDF)
    reply = {"on": "2026-09-28", "form_of_reply": "phone", "text": "向您道歉"}
    done(client, handler, case, "reply", **reply, files=proof)
    assert (case.state, case.response_met_on) == (State.REPLIED, today)
    assert [file.name for file in case.enclosures.all()] == ["通话.pdf"]
    done(client, handler, case, "unsatisfied", on="2026-09-28", text="想换一位社工")
    done(client, head, case, "plan", **reply, due_on="2026-10-20")
    done(client, handler, case, "answer", **reply)
    done(client, handler, case, "satisfied", on="2026-09-28")
    done(client, head, case, "sign", finding="partly", text="同意")
    assert (case.finding, case.opinion, case.opinion_by) == ("partly", "同意", head)
    assert "改善措施" in send(client, head, case, "close").content.decode()
    measure = {"measure": "改期提前一天告知", "owner": handler.pk, "due_on": "2026-10-31"}
    client.post(reverse("complaints:measure_new", args=[case.number]), {"version": case.version, **measure})
    done(client, head, case, "close")
    assert (case.state, case.closed_on) == (State.CLOSED, today)
    done(client, head, case, "reopen", text="又来电话", due_on="2026-10-09")
    assert case.state == State.HANDLING


def test_refused_keeps_what_was_typed(client, case, head):
    answer = send(
        client, head, case, "reply", on="2026-09-29", form_of_reply="interview", text="一段很长的回复"
    )
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "还没到这一天，请检查日期。" in page
    assert "一段很长的回复" in page
    assert re.search(r'value="interview"[^>]* checked', page)
    assert case.acts.filter(kind="reply").count() == 0


def test_second_of_two_is_told_and_may_send_again(client, case, head):
    seen = case.version
    take_step(case, "note", head, text="同事刚记的")
    client.force_login(head)
    answer = client.post(address("act", case, "note"), {"version": seen, "text": "我写的一段"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "刚才有人也办理了这件事" in page
    assert "我写的一段" in page
    assert f"{case.get_absolute_url()}#acts" in page
    assert f'name="version" value="{case.version}"' in page
    done(client, head, case, "note", text="我写的一段")
    assert list(case.acts.filter(kind="note").values_list("text", flat=True)) == ["同事刚记的", "我写的一段"]


def test_sent_twice_is_one_act(client, case, head):
    client.force_login(head)
    data = {"version": case.version, "text": "查了签到"}
    answers = [client.post(address("act", case, "note"), data).status_code for _ in range(3)]
    assert answers == [302, 409, 409]
    assert case.acts.filter(kind="note").count() == 1


@pytest.mark.parametrize("version", ["", "x", "0", "-1", "99999999999999999999"])
def test_form_without_the_version_is_refused(version, client, case, head):
    client.force_login(head)
    answer = client.post(address("act", case, "note"), {"version": version, "text": "查了"})
    assert answer.status_code == 200
    assert case.acts.filter(kind="note").count() == 0


def test_accused_and_not_told_are_not_offered(client, registrar, head, handler):
    other = UserFactory(name="被提到的人")
    case = ComplaintFactory(by=registrar, accused=[handler], not_told=[other])
    client.force_login(head)
    for name in ("appoint", "list"):
        offered = set(client.get(address("act", case, name)).context["form"].fields["user"].queryset)
        assert {handler, other} & offered == set()
        assert registrar in offered
    answer = send(client, head, case, "appoint", user=handler.pk)
    assert answer.status_code == 200
    assert not Access.objects.filter(user=handler).exists()


@pytest.mark.parametrize("key", ["9" * 18, "9" * 30, "x", "-1", "²"])
@pytest.mark.parametrize(("name", "field"), [("appoint", "user"), ("accuse", "users")])
def test_keys_of_nobody_are_refused(name, field, key, client, case, head):
    answer = send(client, head, case, name, **{field: key})
    assert answer.status_code == 200
    assert case.acts.count() == 2


def test_headship_goes_to_those_who_may_be_in_charge(client, case, head, council, handler, registrar):
    client.force_login(head)
    offered = set(client.get(address("act", case, "pass_headship")).context["form"].fields["user"].queryset)
    assert registrar not in offered
    assert head not in offered
    assert {council, handler} <= offered
    answer = send(client, head, case, "pass_headship", user=council.pk, text="出差")
    assert answer["Location"] == reverse("complaints:list")
    client.force_login(head)
    assert client.get(case.get_absolute_url()).status_code == 404


def test_ways_of_reply_fit_the_person(client, head, registrar):
    """R141, R149."""

    def ways(case):
        client.force_login(head)
        field = client.get(address("act", case, "reply")).context["form"].fields["form_of_reply"]
        return {value for value, _label in field.choices}

    assert {"code", "notice"} & ways(ComplaintFactory(by=registrar)) == set()
    assert {"code", "notice"} & ways(ComplaintFactory(by=None, with_code=True)) == {"code"}
    assert {"code", "notice"} & ways(ComplaintFactory(by=registrar, anonymous=True)) == {"notice"}


def test_suggestion_has_no_finding(client, head, registrar):
    """R150: only a complaint can be true or not."""
    case = ComplaintFactory(by=registrar, suggestion=True)
    assert "finding" not in fields_of(STEPS["sign"], case)


def test_later_promise_needs_its_reason(client, case, head, handler):
    """R147-R148."""
    take_step(case, "appoint", head, user=handler)
    plan = {"on": "2026-09-28", "form_of_reply": "phone", "text": "要等外聘专家", "due_on": "2026-11-02"}
    answer = send(client, head, case, "plan", **plan)
    assert "答应的日期比2026-10-22晚，请写明原因。" in answer.content.decode()
    done(client, head, case, "plan", **plan, words="专家10月底才到")
    assert case.result_due_on == date(2026, 11, 2)


def test_extending_pausing_and_resuming(client, case, head):
    done(client, head, case, "extend", clock="response", due_on="2026-10-20", text="对方出差")
    assert case.response_due_on == date(2026, 10, 20)
    done(client, head, case, "pause", text="等对方回来")
    assert case.paused_on == date(2026, 9, 28)
    done(client, head, case, "resume")
    assert case.paused_on is None


def test_reclassing_as_anonymous_personnel_ends_it(client, head, registrar):
    """R155-R156, R453."""
    case = ComplaintFactory(by=registrar, anonymous=True)
    form_data = {"kind": "complaint", "subject": "conduct", "is_personnel": "on", "text": "是人事问题"}
    done(client, head, case, "reclass", **form_data)
    assert (case.state, case.response_due_on) == (State.NOT_PROCESSED, None)


@pytest.mark.parametrize(("name", "stay"), [("void", "先不标"), ("pass_on", "先不转交")])
def test_what_cannot_be_undone_is_asked_about(name, stay, client, case, head):
    client.force_login(head)
    page = client.get(address("act", case, name)).content.decode()
    assert str(CONSEQUENCES[name]) in page.split("</h1>")[1].split("</form>")[0]
    assert stay in page
    assert "btn-danger-q" in page


def test_openings_stand_beside_a_reply(client, case, head):
    """R162: ready opening sentences, in plain words."""
    client.force_login(head)
    assert "常用开头" in client.get(address("act", case, "reply")).content.decode()
    assert "常用开头" not in client.get(address("act", case, "note")).content.decode()


def test_only_the_investigation_is_noted_from_the_form_of_the_reply(client, case, head, handler):
    take_step(case, "appoint", head, user=handler)
    form_data = {"on": "2026-09-28", "form_of_reply": "phone", "text": "查了电话记录"}
    done(client, handler, case, "note", **form_data)
    assert (case.state, case.acts.last().kind, case.acts.last().form_of_reply) == ("handling", "note", "")


@pytest.mark.parametrize(("name", "reason"), [("plan", "words"), ("extend", "text")])
def test_why_a_date_is_another_one_is_asked_right_after_it(name, reason, case):
    names = fields_of(STEPS[name], case)
    assert names[names.index("due_on") + 1] == reason
