"""Keys of other users' records in URLs, forms and filters: forbidden is like absent, and nothing is written."""

import uuid

import pytest
from django.urls import reverse

from accounts.models import StandIn
from accounts.roles import Role
from accounts.stamps import stamp_of
from complaints.models import Complaint
from employers.models import Employer
from relations.models import ContactPerson, Interaction, MeetingItem, PlanGoal, Stakeholder, Task
from tests.attack.answers import ask, asking
from tests.attack.declared import EXPECTED, NOBODY
from tests.attack.resolver import by_name
from tests.attack.world import FAR, HIDDEN, MARKS, OWN

pytestmark = pytest.mark.django_db
SITE = by_name()
OF_A_RECORD = sorted(name for name, line in EXPECTED.items() if line.of)
ASKING = (Role.RESIDENT, Role.DEPARTMENT_HEAD, Role.DIRECTOR, Role.ADMINISTRATOR)
ABSENT_PK = 987_654
ABSENT = {"pk": ABSENT_PK, "number": "2026-AAAAAA"}
INNER = {"person": ContactPerson, "term": None, "contact": None}


def status_and_length(response):
    """Returns what a comparison of responses could reveal: status and length."""
    return response.status_code, len(response.content)


def methods_of(name):
    """Returns the methods that the page supports."""
    return [method for method in ("get", "post") if EXPECTED[name].for_method(method) != NOBODY]


@pytest.mark.parametrize("name", OF_A_RECORD)
def test_foreign_id_is_answered_like_an_absent_one(world, name):
    of, found = EXPECTED[name].of, []
    for role in ASKING:
        for kin in (FAR, HIDDEN):
            if world.sees(role, of, kin):
                continue
            values = world.values(of, kin)
            foreign, absent = SITE[name].url(values), SITE[name].url(values | ABSENT)
            for method in methods_of(name):
                first, second = (
                    status_and_length(ask(world.sessions[role], method, url)) for url in (foreign, absent)
                )
                if first != second:
                    found.append(f"{method} {kin} as {role}: {first}, absent: {second}")
    assert found == []


@pytest.mark.parametrize("inner", sorted(INNER))
def test_inner_id_of_another_record_is_answered_like_an_absent_one(world, inner):
    role, found = Role.DIRECTOR, []
    for name in [name for name, address in SITE.items() if inner in address.parameters]:
        own = world.values(EXPECTED[name].of, OWN)
        foreign = SITE[name].url(own | {inner: world.values(EXPECTED[name].of, FAR)[inner]})
        absent = SITE[name].url(own | {inner: ABSENT_PK})
        for method in methods_of(name):
            first, second = (
                status_and_length(ask(world.sessions[role], method, url)) for url in (foreign, absent)
            )
            if first != second or first[0] != 404:
                found.append(f"{method} {name}: {first}, absent: {second}")
    assert found == []


# Foreign keys in submitted forms.


@pytest.fixture
def resident(world):
    """A client of the resident, to whom the family `own` belongs."""
    world.belongs_to(world.people[Role.RESIDENT])
    return asking(world.sessions[Role.RESIDENT])


@pytest.fixture
def head(world):
    """A client of the department head of the family `own`."""
    world.belongs_to(world.people[Role.RESIDENT])
    return asking(world.sessions[Role.DEPARTMENT_HEAD])


def contact(**more):
    """Returns the data of the form for a contact."""
    data = {"channel": "phone", "purpose": "ordinary", "content": "谈了名单", "day": "today"}
    return data | {"token": str(uuid.uuid4())} | more


@pytest.mark.parametrize("field", ["people", "tasks"])
def test_contact_with_a_foreign_person_or_task_is_refused(world, resident, field):
    own, far = world.families[OWN].rows, world.families[FAR].rows
    before = Interaction.objects.count()
    foreign = {"people": far["person"].pk, "tasks": far["task"].pk}[field]
    response = resident.post(
        reverse("quick_log_for", args=[own["employer"].pk]), contact(**{field: [foreign]})
    )
    assert (response.status_code, list(response.context["form"].errors)) == (200, [field])
    assert Interaction.objects.count() == before
    assert Task.objects.get(pk=far["task"].pk).done_at is None
    assert MARKS[FAR] not in response.content.decode()


def test_contact_for_a_foreign_plan_action_is_refused(world, resident):
    own, far = world.families[OWN].rows, world.families[FAR].rows
    own["cycle"].__class__.objects.filter(pk=own["cycle"].pk).update(stage="5_execution")
    url = reverse("quick_log_for", args=[own["employer"].pk])
    response = resident.post(url, contact(plan_action=far["action"].pk))
    assert list(response.context["form"].errors) == ["plan_action"]


def test_contact_with_the_token_of_a_foreign_one_tells_nothing(world, resident):
    own, far = world.families[OWN].rows, world.families[FAR].rows
    token = uuid.uuid4()
    Interaction.objects.filter(pk=far["interaction"].pk).update(token=token)
    url = reverse("quick_log_for", args=[own["employer"].pk])
    response = resident.post(url, contact(token=str(token)), follow=True)
    assert MARKS[FAR] not in response.content.decode()
    stored = Interaction.objects.get(token=token)
    assert (stored.pk, stored.stakeholder_id) == (far["interaction"].pk, far["employer"].pk)


def test_correction_with_a_foreign_person_is_refused(world, head):
    own, far = world.families[OWN].rows, world.families[FAR].rows
    url = reverse("interactions:correct", args=[own["interaction"].pk])
    response = head.post(
        url,
        {
            "people": [far["person"].pk],
            "contact_on": "2026-10-12",
            "channel": "phone",
            "purpose": "ordinary",
            "outcome": "reached",
            "started_by": "us",
            "content": "改",
            "version": own["interaction"].version,
            "mate": [world.colleague.username],
            "mate_role": ["with"],
        },
    )
    assert "people" in response.context["form"].errors
    assert not own["interaction"].their_people.filter(person=far["person"].pk).exists()


def test_meeting_record_with_a_foreign_person_is_refused(world, resident):
    own, far = world.families[OWN].rows, world.families[FAR].rows
    response = resident.post(
        reverse("relations:record_meeting", args=[own["meeting"].pk]),
        {
            "held_on": "2026-10-12",
            "ours": [world.colleague.pk],
            "theirs": [far["person"].pk],
            "needs": "谈了",
            "version": own["meeting"].version,
        },
    )
    assert list(response.context["form"].errors) == ["theirs"]


def test_lines_of_a_foreign_meeting_stay(world, resident):
    own, far = world.families[OWN].rows, world.families[FAR].rows
    prefix = far["item"].kind
    lines = {
        f"{kind}-{name}": value
        for kind in {item.kind for item in MeetingItem.objects.all()} | set(world_kinds())
        for name, value in (("TOTAL_FORMS", 0), ("INITIAL_FORMS", 0))
    }
    lines |= {
        f"{prefix}-TOTAL_FORMS": 1,
        f"{prefix}-INITIAL_FORMS": 1,
        f"{prefix}-0-id": far["item"].pk,
        f"{prefix}-0-text": "偷改",
        f"{prefix}-0-DELETE": "on",
        "version": own["meeting"].version,
    }
    response = resident.post(reverse("relations:prepare_meeting", args=[own["meeting"].pk]), lines)
    assert response.status_code in (200, 302)
    assert MeetingItem.objects.get(pk=far["item"].pk).text == f"{MARKS[FAR]}提纲"


def world_kinds():
    """Returns the kinds of lines a meeting has."""
    from relations.models import ItemKind

    return ItemKind.values


@pytest.mark.parametrize("erase", ["", "on"])
def test_goals_and_actions_of_a_foreign_plan_stay(world, resident, erase):
    own, far = world.families[OWN].rows, world.families[FAR].rows
    own["cycle"].__class__.objects.filter(pk=own["cycle"].pk).update(stage="4_plan")
    response = resident.post(
        reverse("relations:plan", args=[own["cycle"].pk]),
        {
            "goals-TOTAL_FORMS": 1,
            "goals-INITIAL_FORMS": 1,
            "goals-0-id": far["goal"].pk,
            "goals-0-text": "偷改",
            "goals-0-DELETE": erase,
            "goals-0-actions-TOTAL_FORMS": 1,
            "goals-0-actions-INITIAL_FORMS": 1,
            "goals-0-actions-0-id": far["action"].pk,
            "goals-0-actions-0-text": "偷改",
            "goals-0-actions-0-DELETE": erase,
            "version": own["cycle"].version,
        },
    )
    assert response.status_code in (200, 302)
    stored = PlanGoal.objects.get(pk=far["goal"].pk)
    assert (stored.text, stored.cycle_id) == (f"{MARKS[FAR]}目标", far["cycle"].pk)
    assert [action.text for action in stored.actions.all()] == [f"{MARKS[FAR]}行动"]


@pytest.mark.parametrize("erase", ["", "on"])
def test_foreign_action_below_an_own_goal_stays(world, resident, erase):
    own, far = world.families[OWN].rows, world.families[FAR].rows
    own["cycle"].__class__.objects.filter(pk=own["cycle"].pk).update(stage="4_plan")
    response = resident.post(
        reverse("relations:plan", args=[own["cycle"].pk]),
        {
            "goals-TOTAL_FORMS": 1,
            "goals-INITIAL_FORMS": 1,
            "goals-0-id": own["goal"].pk,
            "goals-0-text": "改了",
            "goals-0-DELETE": erase,
            "goals-0-actions-TOTAL_FORMS": 1,
            "goals-0-actions-INITIAL_FORMS": 1,
            "goals-0-actions-0-id": far["action"].pk,
            "goals-0-actions-0-text": "偷改",
            "goals-0-actions-0-DELETE": erase,
            "version": own["cycle"].version,
        },
    )
    assert response.status_code in (200, 302)
    stored = far["goal"].actions.get()
    assert stored.text == f"{MARKS[FAR]}行动"


def hand_over(client, query, to):
    """Submits the form for a hand-over as the page showed it; without a page, with the stamp of no record."""
    url = reverse("employers:hand_over") + query
    page = client.get(url)
    seen = page.context["form"]["seen"].value() if page.context else stamp_of()
    return client.post(url, {"to": to.pk, "seen": seen})


@pytest.mark.parametrize("kin", [FAR, HIDDEN])
def test_foreign_employer_among_the_picked_is_left_alone(world, head, kin):
    foreign, own = world.families[kin].employer, world.families[OWN].employer
    query = f"?pick={own.pk}&pick={foreign.pk}"
    to = world.people[Role.DEPARTMENT_STAFF]
    assert hand_over(head, query, to).status_code == 302
    assert Stakeholder.objects.get(pk=own.pk).responsible == to
    assert Stakeholder.objects.get(pk=foreign.pk).responsible == world.worker
    data = {"title": "请尽快联系", "due_on": "2026-10-20"}
    assert head.post(reverse("employers:nudge") + query, data).status_code == 302
    assert not Task.objects.filter(stakeholder=foreign.pk, origin="nudge").exists()
    for name in ("employers:hand_over", "employers:sheets"):
        assert MARKS[kin] not in head.get(reverse(name) + query).content.decode()


def test_selection_of_a_hidden_employer_is_empty(world, head):
    pk = world.families[FAR].employer.pk
    assert head.get(f"{reverse('employers:sheets')}?pick={pk}").status_code == 404
    before = Employer.objects.get(pk=pk).responsible_id
    hand_over(head, f"?pick={pk}", world.people[Role.DEPARTMENT_STAFF])
    assert Employer.objects.get(pk=pk).responsible_id == before


def test_renewal_takes_nothing_from_a_foreign_contract(world, head):
    own, far = world.families[OWN].rows, world.families[FAR].rows
    type(far["contract"]).objects.filter(pk=far["contract"].pk).update(goals="远处目标", parties="远处一方")
    url = reverse("employers:contract_add", args=[own["employer"].pk])
    assert MARKS[FAR] not in head.get(f"{url}?renew={far['contract'].pk}").content.decode()


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("my_work", "done={interaction}"),
        ("my_work", "of={account}"),
        ("quick_log", "q=远处"),
        ("quick_log_drafts", "pk={employer}&pk=1"),
        ("quick_log_for", "again={interaction}&task={task}"),
        ("search", "q=远处"),
        ("search", "q=远处人&kind=employer"),
        ("employers:list", "q=远处"),
        ("employers:list", "worker={account}"),
        ("interactions:list", "q=远处"),
        ("interactions:list", "worker={account}&entered_by={account}"),
        ("timeline", "q=远处"),
    ],
)
def test_question_about_a_foreign_record_finds_nothing(world, resident, name, query):
    far = {what: row.pk for what, row in world.families[FAR].rows.items()}
    values = world.values("employer", OWN)
    query_string = query.format(**far)
    response = resident.get(f"{SITE[name].url(values)}?{query_string}")
    text = response.content.decode()
    echoed = query_string.partition("q=")[2].partition("&")[0]
    assert f"{MARKS[FAR]}镇" not in text
    assert f"{MARKS[FAR]}密谈" not in text
    assert f"{MARKS[FAR]}待办" not in text
    assert echoed or MARKS[FAR] not in text


def test_resident_arranges_no_stand_in_for_another(world, resident):
    director, me = world.people[Role.DIRECTOR], world.people[Role.RESIDENT]
    data = {
        "absent": director.pk,
        "stand_in": world.colleague.pk,
        "starts_on": "2026-11-02",
        "ends_on": "2026-11-03",
    }
    resident.post(reverse("stand_ins"), data)
    assert not StandIn.objects.filter(absent=director).exists()
    assert StandIn.objects.filter(absent=me, stand_in=world.colleague).exists()


def test_new_employer_with_the_token_of_a_foreign_one_tells_nothing(world, resident):
    token = uuid.uuid4()
    Employer.objects.filter(pk=world.families[FAR].employer.pk).update(token=token)
    me = world.people[Role.RESIDENT]
    response = resident.post(
        reverse("employers:create"),
        {
            "kind": "employer",
            "name": "青岚镇社会事务局",
            "body_type": "government",
            "relation": "both",
            "supervision": "direct",
            "source": "they_came",
            "responsible": me.pk,
            "first_contact_on": "2026-10-09",
            "received_by": me.pk,
            "person_level": "clerk",
            "token": str(token),
        },
        follow=True,
    )
    assert response.status_code < 500
    assert f"/employers/{world.families[FAR].employer.pk}/" not in str(response.redirect_chain)
    assert MARKS[FAR] not in response.content.decode()


# Complaints.


def test_file_of_another_complaint_is_answered_like_an_absent_one(world, resident):
    own, far = world.families[OWN].rows, world.families[FAR].rows
    urls = [
        reverse("complaints:enclosure", args=[own["complaint"].number, pk])
        for pk in (far["enclosure"].pk, ABSENT_PK)
    ]
    assert len({status_and_length(resident.get(url)) for url in urls}) == 1
    assert resident.get(urls[0]).status_code == 404


def test_complaint_about_a_foreign_record_is_refused(world, resident):
    data = {
        "kind": "complaint",
        "channel": "phone",
        "person_class": "client",
        "name": "陈",
        "subject": "rules",
        "title": "主题",
        "statement": "陈述",
        "received_on": "2026-10-12",
    }
    wrong = [world.families[FAR].employer.pk, world.families[HIDDEN].employer.pk, ABSENT_PK]
    before = Complaint.objects.count()
    answers = [resident.post(reverse("complaints:new"), data | {"stakeholder": pk}) for pk in wrong]
    assert [list(answer.context["form"].errors) for answer in answers] == [["stakeholder"]] * 3
    assert [MARKS[FAR] in answer.content.decode() for answer in answers] == [False] * 3
    assert Complaint.objects.count() == before
