"""Preparing a meeting and recording its results (R35-R52)."""

from datetime import date

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from accounts.exceptions import EditConflict
from accounts.roles import Role
from employers.models import Contract, Employer
from relations.approvals import decisions
from relations.cycle import lifecycle
from relations.log import actions as log
from relations.meetings import actions as meetings
from relations.models import (
    Decision,
    Interaction,
    Meeting,
    MeetingItem,
    MeetingTemplateItem,
    Stage,
    Task,
)
from reminders.models import Reminder
from tests.factories.accounts import UserFactory
from tests.factories.employers import EmployerFactory
from tests.factories.relations import ContactPersonFactory, CycleFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(at):
    return at("2026-09-30")  # a Wednesday before the holiday of 1-7 October


@pytest.fixture
def worker():
    return UserFactory(resident=True, name="郑雅婷")


@pytest.fixture
def employer(worker):
    return EmployerFactory(responsible=worker, caution="不要提2024年的中标争议。")


@pytest.fixture
def cycle(employer):
    return CycleFactory(stakeholder=employer, stage=Stage.CONTACT)


@pytest.fixture
def meeting(employer, cycle, worker, today):
    return meetings.plan_meeting(
        Meeting(stakeholder=employer, cycle=cycle, lead=worker, planned_on=today, form="phone"), by=worker
    )


def address(name, pk):
    return reverse(f"relations:{name}", args=[pk])


PAGES = ["meeting", "edit_meeting", "prepare_meeting", "meeting_sheet", "record_meeting"]
WRITING = ["edit_meeting", "prepare_meeting", "record_meeting"]


@pytest.mark.parametrize("where", PAGES)
def test_meeting_out_of_sight_is_not_there(where, client, meeting):
    client.force_login(UserFactory(resident=True))

    assert client.get(address(where, meeting.pk)).status_code == 404


@pytest.mark.parametrize("where", WRITING)
@pytest.mark.parametrize("role", [Role.COUNCIL, Role.FINANCE])
def test_writing_a_meeting_is_refused_to_those_who_may_only_look(where, role, client, meeting):
    client.force_login(UserFactory(roles=[role]))

    assert client.get(address("meeting", meeting.pk)).status_code == 200
    assert client.post(address(where, meeting.pk)).status_code == 403
    assert client.get(address("plan_meeting", meeting.stakeholder_id)).status_code == 403


def test_meeting_needs_a_running_round(client, employer, cycle, worker, today):
    CycleFactory(stakeholder=employer, stage=Stage.FOLLOW_UP)
    cycle.refresh_from_db()
    lifecycle.move(cycle, "finish", by=worker, today=today)
    client.force_login(worker)

    answer = client.get(address("plan_meeting", employer.pk), follow=True)

    assert "请先开始新一轮，再安排会谈。" in answer.content.decode()


@pytest.mark.parametrize("missing", ["lead", "planned_on", "form"])
def test_meeting_names_its_lead_its_day_and_its_form(missing, client, employer, cycle, worker):
    """R35, R48."""
    client.force_login(worker)
    sent = {"lead": worker.pk, "planned_on": "2026-10-09", "form": "face", "purpose": "初次会谈"}

    answer = client.post(address("plan_meeting", employer.pk), sent | {missing: ""})

    assert set(answer.context["form"].errors) == {missing}
    assert not Meeting.objects.exists()


def test_meeting_carries_its_own_copy_of_the_lists(client, employer, cycle, worker):
    """R36-R47: the copy leaves out items not in use, and later changes of the template do not reach it."""
    MeetingTemplateItem.objects.filter(text__startswith="其他").update(is_in_use=False)
    client.force_login(worker)

    client.post(
        address("plan_meeting", employer.pk),
        {"lead": worker.pk, "planned_on": "2026-10-09", "form": "face", "purpose": "初次会谈"},
    )

    meeting = Meeting.objects.get()
    MeetingTemplateItem.objects.update(text="改了")
    texts = list(meeting.items.filter(kind="outline").values_list("text", flat=True))
    assert texts[0] == "介绍中心、中心的优势和经验，以及自己"
    assert len(texts) == 5
    assert meeting.items.filter(kind="checklist").count() == 4


def items_data(meeting, **extra):
    """The form data of both lists as they are stored."""
    data = {"version": meeting.version}
    for kind in ("checklist", "outline"):
        lines = list(meeting.items.filter(kind=kind))
        data |= {f"{kind}-TOTAL_FORMS": len(lines), f"{kind}-INITIAL_FORMS": len(lines)}
        for place, line in enumerate(lines):
            data |= {
                f"{kind}-{place}-id": line.pk,
                f"{kind}-{place}-text": line.text,
                f"{kind}-{place}-note": line.note,
                f"{kind}-{place}-position": line.position,
            }
    return data | extra


def test_line_without_words_is_refused_and_nothing_is_lost(client, meeting, worker):
    client.force_login(worker)
    sent = items_data(meeting) | {"outline-0-text": "", "outline-1-note": "先谈人手"}

    answer = client.post(address("prepare_meeting", meeting.pk), sent)

    assert answer.status_code == 200
    assert "先谈人手" in answer.content.decode()
    assert not MeetingItem.objects.filter(note="先谈人手").exists()


def test_lists_are_ticked_changed_shortened_and_moved(client, meeting, worker):
    """R47."""
    client.force_login(worker)
    sent = items_data(meeting) | {
        "checklist-0-is_done": "on",
        "checklist-0-note": "读了去年的总结",
        "checklist-4-DELETE": "on",
        "outline-0-position": 9,
        "outline-1-text": "说明来意",
    }

    answer = client.post(address("prepare_meeting", meeting.pk), sent)

    assert answer.url == address("meeting", meeting.pk)
    checklist, outline = (list(meeting.items.filter(kind=kind)) for kind in ("checklist", "outline"))
    assert (checklist[0].is_done, checklist[0].note, len(checklist)) == (True, "读了去年的总结", 4)
    assert (outline[0].text, outline[-1].text) == ("说明来意", "介绍中心、中心的优势和经验，以及自己")


def test_list_gets_another_line_without_a_script(client, meeting, worker):
    client.force_login(worker)

    longer = client.post(address("prepare_meeting", meeting.pk), items_data(meeting, add="outline"))
    page = longer.content.decode()
    assert 'name="outline-5-text"' in page
    assert "fld--bad" not in page
    sent = items_data(meeting) | {
        "outline-TOTAL_FORMS": 6,
        "outline-5-text": "约下次时间",
        "outline-5-position": "",
    }
    client.post(address("prepare_meeting", meeting.pk), sent)

    assert list(meeting.items.filter(kind="outline"))[-1].text == "约下次时间"


def test_lists_of_two_people(client, meeting, worker):
    client.force_login(worker)
    seen = items_data(meeting)
    client.post(address("prepare_meeting", meeting.pk), seen | {"outline-0-note": "甲"})

    late = client.post(address("prepare_meeting", meeting.pk), seen | {"outline-1-note": "乙"})

    assert late.status_code == 409
    assert "刚才有人也改了这次会谈" in late.content.decode()
    assert not MeetingItem.objects.filter(note="乙").exists()


def test_past_cooperation_is_shown_by_itself(client, employer, cycle, worker, today, meeting):
    """R37: the page lists contracts and earlier cycles automatically."""
    Employer.objects.filter(pk=employer.pk).update(past_cooperation="2021年买过一年。")
    Contract.objects.create(
        stakeholder=employer, number="QL-2023-7", starts_on=date(2023, 1, 1), ends_on=date(2023, 12, 31)
    )
    CycleFactory(stakeholder=employer, stage=Stage.FOLLOW_UP)
    cycle.refresh_from_db()
    lifecycle.move(cycle, "finish", by=worker, today=today)

    past = meetings.past_cooperation(employer)

    assert past[0] == "以前购买社工服务：2021年买过一年。"
    assert any("2023-01-01 至 2023-12-31" in line for line in past)
    assert any("第1轮服务" in line and "回访期满" in line for line in past)
    client.force_login(worker)
    assert "2023-01-01" in client.get(address("meeting", meeting.pk)).content.decode()


@pytest.mark.parametrize("where", ["meeting", "prepare_meeting", "meeting_sheet"])
def test_caution_is_shown_to_those_allowed_only(where, client, meeting, worker):
    """R38: a colleague of the department who may edit the record may not read the caution."""
    colleague = UserFactory(department_staff=True, department=worker.department)
    client.force_login(colleague)
    assert "中标争议" not in client.get(address(where, meeting.pk)).content.decode()
    client.force_login(worker)
    assert "中标争议" in client.get(address(where, meeting.pk)).content.decode()


RECORD = {
    "held_on": "2026-09-30",
    "needs": "独居长者探访。",
    "view_of_centre": "",
    "hoped_goals": "一年跟进20户。",
    "roles": "",
}


def record(client, meeting, **fields):
    """Submits the record of the meeting with these changes."""
    sent = RECORD | {"ours": [meeting.lead_id], "version": Meeting.objects.get(pk=meeting.pk).version}
    return client.post(address("record_meeting", meeting.pk), sent | fields)


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"held_on": "2026-10-01"}, "held_on"),
        ({"ours": []}, "ours"),
        ({"needs_urgent_help": "on"}, "urgent_matter"),
        ({"needs": "", "hoped_goals": ""}, "needs"),
    ],
)
def test_record_that_cannot_be_is_refused(fields, where, client, meeting, worker):
    client.force_login(worker)

    answer = record(client, meeting, **fields)

    assert set(answer.context["form"].errors) == {where}
    assert not Interaction.objects.exists()


def test_person_is_not_there_twice(client, meeting, worker):
    client.force_login(worker)

    answer = record(client, meeting, accompanying=[worker.pk])

    assert answer.context["form"].errors["accompanying"] == ["郑雅婷 已经在参加的人里。"]


def test_contact_person_of_somebody_else_is_refused(client, meeting, worker):
    stranger = ContactPersonFactory(stakeholder=EmployerFactory())
    client.force_login(worker)

    assert "theirs" in record(client, meeting, theirs=[stranger.pk]).context["form"].errors


def test_meeting_whose_lead_has_left_can_still_be_moved(client, meeting, worker, employer):
    supervisor = UserFactory(supervisor=True, department=employer.department)
    get_user_model().objects.filter(pk=worker.pk).update(is_active=False)
    client.force_login(supervisor)

    sent = {"lead": worker.pk, "planned_on": "2026-10-09", "form": "face", "version": meeting.version}
    client.post(address("edit_meeting", meeting.pk), sent)

    meeting.refresh_from_db()
    assert (meeting.lead, meeting.planned_on) == (worker, date(2026, 10, 9))


def test_record_becomes_a_contact(client, meeting, employer, worker):
    """R49-R52: the contact has the form of the meeting and all its participants."""
    person = ContactPersonFactory(stakeholder=employer, director=True)
    director = UserFactory(director=True)
    client.force_login(worker)

    answer = record(client, meeting, theirs=[person.pk], accompanying=[director.pk])

    assert answer.url == address("meeting", meeting.pk)
    contact = Interaction.objects.get()
    assert (contact.meeting, contact.purpose, contact.channel) == (meeting, "interview", "phone")
    assert contact.content == "界定的需求：独居长者探访。\n期望达到的目标：一年跟进20户。"
    assert [(p.user, p.is_accompanying) for p in contact.our_people.all()] == [
        (worker, False),
        (director, True),
    ]
    assert [(p.person, p.level) for p in contact.their_people.all()] == [(person, "bureau_director")]
    employer.refresh_from_db()
    assert employer.last_contact_on == date(2026, 9, 30)


def test_record_again_corrects_the_same_contact(client, meeting, worker):
    client.force_login(worker)
    record(client, meeting)
    record(client, meeting, held_on="2026-09-29", roles="每月一次例会。")

    contact = Interaction.objects.get()
    assert contact.contact_on == date(2026, 9, 29)
    assert contact.content.endswith("澄清的角色期望和责任：每月一次例会。")
    assert contact.version == 2


def test_record_after_its_contact_was_taken_back_is_a_new_contact(client, meeting, worker):
    client.force_login(worker)
    record(client, meeting)
    log.withdraw_interaction(Interaction.objects.get(), by=worker, reason="记错了")

    answer = record(client, meeting, roles="每月一次例会。")

    assert answer.url == address("meeting", meeting.pk)
    again = Interaction.objects.get(withdrawn_at=None)
    meeting.refresh_from_db()
    assert (meeting.interaction, Interaction.objects.count()) == (again, 2)


def test_record_beside_a_correction_of_its_contact_is_refused_kindly(client, meeting, worker, monkeypatch):
    client.force_login(worker)
    record(client, meeting)
    monkeypatch.setattr(meetings.log, "correct_interaction", overtaken)

    answer = record(client, meeting, roles="每月一次例会。")

    assert answer.status_code == 409
    assert "每月一次例会。" in answer.text


def overtaken(interaction, **_given):
    """Stands in for a correction that meets an edit conflict."""
    raise EditConflict(latest=interaction)


def test_record_sent_twice_is_one_contact(client, meeting, worker):
    client.force_login(worker)
    sent = RECORD | {"ours": [worker.pk], "version": meeting.version}
    for _ in range(2):
        client.post(address("record_meeting", meeting.pk), sent)

    assert Interaction.objects.count() == 1


def test_urgent_matter_becomes_a_task_of_the_next_working_day(client, meeting, employer, worker):
    """R46: due after the holiday, owned by the responsible worker; the supervisor is notified once."""
    supervisor = UserFactory(supervisor=True, department=worker.department)
    client.force_login(worker)
    urgent = {"needs_urgent_help": "on", "urgent_matter": "两位长者失联"}

    record(client, meeting, **urgent)
    record(client, meeting, **urgent)

    task = Task.objects.get(origin="urgent")
    assert (task.title, task.due_on, task.owner) == ("两位长者失联", date(2026, 10, 8), worker)
    assert task.raised_by == Interaction.objects.get()
    reminder = Reminder.objects.get()
    assert (reminder.recipient, reminder.due_on) == (supervisor, date(2026, 10, 8))
    assert "两位长者失联" in reminder.title


@pytest.mark.parametrize(
    "traits",
    [
        ("supervisor", "department_head", "director"),
        ("business_lead", "head", "director"),
        ("head", "director"),
        ("director", "council"),
        ("council",),
    ],
)
def test_urgent_matter_goes_to_those_whom_a_request_would_remind(client, meeting, worker, traits):
    """One rule for who approves: those of the department, then the roles that take their place."""
    near = {"supervisor", "department_head"}
    for trait in traits:
        department = {"department": worker.department if trait in near else None}
        if trait == "business_lead":
            UserFactory(roles=[Role.BUSINESS_LEAD], **department)
        else:
            UserFactory(**{trait: True}, **department)
    client.force_login(worker)
    record(client, meeting, needs_urgent_help="on", urgent_matter="两位长者失联")
    told = set(Reminder.objects.filter(kind="nudge").values_list("recipient", flat=True))
    refer = {"referral_form": "formal", "referred_to": "康复中心", "justification": "对照预估。"}
    decisions.propose(Decision(cycle=meeting.cycle, course="refer", **refer), by=worker)
    assert told == set(Reminder.objects.filter(kind="approval").values_list("recipient", flat=True)) != set()


def test_meeting_without_an_urgent_matter_raises_nothing(client, meeting, worker):
    client.force_login(worker)
    record(client, meeting, urgent_matter="")

    assert not Task.objects.filter(origin="urgent").exists()


def test_sheet_has_both_lists(client, meeting, worker):
    client.force_login(worker)

    page = client.get(address("meeting_sheet", meeting.pk)).content.decode()

    assert page.count("□") == 10
    assert "2026-09-30 10:00 打印" in page
