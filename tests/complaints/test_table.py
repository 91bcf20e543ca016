"""Every step in every state by every person: where it leads, who may take it, and that a refusal changes nothing."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.db import transaction

from accounts.exceptions import ActionRefused
from accounts.roles import Role
from complaints.access import access_list
from complaints.models import Access, AccessRole, Act, Complaint, Improvement, State
from complaints.workflow.lifecycle import STEPS, ActInput, open_steps, perform
from reminders.models import Delivery, Reminder
from tests.factories.accounts import UserFactory
from tests.factories.complaints import ComplaintFactory, take_step

TODAY = date(2026, 9, 28)
CODES = {
    "WH": State.WITH_HEAD,
    "HA": State.HANDLING,
    "RE": State.REPLIED,
    "UN": State.UNRESOLVED,
    "PL": State.PLANNED,
    "PA": State.PASSED,
    "AN": State.ANSWERED,
    "SE": State.SETTLED,
    "CL": State.CLOSED,
    "NP": State.NOT_PROCESSED,
    "VO": State.VOID,
}
# Who may take a step (h: only the head, b: the head or the handler), and where it leads from each state (=: the same
# state, .: refused). Written from the rules, not from the code. A date can be extended only while its clock runs.
TABLE = """
                WH HA RE UN PL PA AN SE CL NP VO
appoint       h HA =  =  =  =  =  =  .  .  .  .
tell          b =  =  =  =  =  =  =  .  .  .  .
note          b =  =  =  =  =  =  =  =  .  .  .
ask           b =  =  =  =  =  =  =  =  .  .  .
reply         b RE RE .  .  .  .  .  .  .  .  .
satisfied     b .  .  SE .  .  .  SE .  .  .  .
unsatisfied   b .  .  UN .  .  .  UN .  .  .  .
no_word       b .  .  SE .  .  .  SE .  .  .  .
follow_up     b .  .  HA .  .  .  HA HA .  .  .
plan          h .  PL PL PL PL .  .  .  .  .  .
pass_on       h PA PA .  PA PA .  .  .  .  .  .
answer        b .  AN .  .  AN AN .  .  .  .  .
sign          h .  .  .  .  .  .  .  =  .  .  .
close         h .  .  .  .  .  .  .  CL .  .  .
reopen        h .  .  .  .  .  .  .  .  HA .  .
reclass       h =  =  =  =  =  =  =  =  .  HA .
extend        h =  =  =  =  =  =  .  .  .  .  .
pause         h =  =  =  =  =  =  =  .  .  .  .
resume        h =  =  =  =  =  =  =  =  .  .  .
accuse        b =  =  =  =  =  =  =  =  .  =  .
mark          h =  =  =  =  =  =  =  =  .  =  .
list          h =  =  =  =  =  =  =  =  =  =  .
delist        h =  =  =  =  =  =  =  =  =  =  .
pass_headship h =  =  =  =  =  =  =  =  .  =  .
file          b =  =  =  =  =  =  =  =  .  .  .
void          h VO VO VO VO VO VO VO .  .  VO .
"""
HEADING, *LINES = [line.split() for line in TABLE.strip().splitlines()]
BY = {name: {"h": {"head"}, "b": {"head", "handler"}}[by] for name, by, *_cells in LINES}
LEADS = {name: dict(zip(HEADING, cells, strict=True)) for name, _by, *cells in LINES}
# The required fields of a step; without one of them it is refused.
NEEDS = {
    "appoint": ["user"],
    "tell": ["on", "form_of_reply", "text"],
    "note": ["text"],
    "ask": ["text"],
    "reply": ["on", "form_of_reply", "text"],
    "satisfied": ["on"],
    "unsatisfied": ["on", "text"],
    "no_word": ["text"],
    "follow_up": ["text", "due_on"],
    "plan": ["on", "form_of_reply", "text", "due_on"],
    "pass_on": ["on", "words", "text"],
    "answer": ["on", "form_of_reply", "text"],
    "sign": ["text", "finding"],
    "reopen": ["text", "due_on"],
    "reclass": ["kind", "subject", "text"],
    "extend": ["clock", "due_on", "text"],
    "pause": ["text"],
    "accuse": ["users"],
    "mark": ["text"],
    "list": ["user", "text"],
    "delist": ["user"],
    "pass_headship": ["user", "text"],
    "file": ["files"],
    "void": ["text"],
}
TOLD_TO_THE_PERSON = {"tell", "ask", "reply", "plan", "pass_on", "answer", "close", "reopen"}
ROUTES = {
    "WH": [],
    "HA": ["appoint"],
    "RE": ["appoint", "reply"],
    "UN": ["appoint", "reply", "unsatisfied"],
    "PL": ["appoint", "plan"],
    "PA": ["appoint", "pass_on"],
    "AN": ["appoint", "answer"],
    "SE": ["appoint", "answer", "satisfied"],
    "CL": ["appoint", "answer", "satisfied", "sign", "close"],
    "NP": ["appoint", "not processed"],
    "VO": ["appoint", "void"],
}


@pytest.fixture
def people(head, handler, council):
    """Users by their place on the list, and the other users whom a step names."""
    on_list = {"head": head, "handler": handler}
    on_list |= {place: UserFactory(name=f"知情{place}") for place in ("named", "escalated")}
    return on_list | {
        "nobody": UserFactory(name="别人"),
        "new handler": UserFactory(roles=[Role.DEPUTY], name="另一位"),
        "new head": council,
    }


@pytest.fixture
def valid_input(people):
    """{step: complete and valid input for it}."""
    words = {"on": TODAY, "form_of_reply": "phone", "text": "说明"}
    right = {
        "appoint": {"user": people["new handler"]},
        "follow_up": {"due_on": date(2026, 10, 9)},
        "reopen": {"due_on": date(2026, 10, 9)},
        "plan": {"due_on": date(2026, 10, 20)},
        "pass_on": {"words": "民政局"},
        "sign": {"finding": "true"},
        "reclass": {"kind": "suggestion", "subject": "rules"},
        "not processed": {"kind": "complaint", "subject": "conduct", "is_personnel": True},
        "extend": {"clock": "result", "due_on": date(2026, 11, 20)},
        "accuse": {"users": (people["nobody"],)},
        "list": {"user": people["nobody"]},
        "delist": {"user": people["named"]},
        "pass_headship": {"user": people["new head"]},
        "file": {"files": ((ContentFile(b"proof", name="proof.txt"), "text/plain"),)},
    }
    return {name: words | right.get(name, {}) for name in [*STEPS, "not processed"]}


@pytest.fixture
def brought_to(people, valid_input):
    """A function: brought_to("RE") returns an anonymous complaint with a receipt code, taken to that state."""

    def bring(code):
        case = ComplaintFactory(anonymous=True, with_code=True)
        Improvement.objects.create(
            complaint=case, measure="提前一天告知", owner=people["new head"], due_on=TODAY, check_on=TODAY
        )
        for name in ROUTES[code]:
            user = {"user": people["handler"]} if name == "appoint" else {}
            take_step(
                case,
                "reclass" if name == "not processed" else name,
                people["head"],
                **valid_input[name] | user,
            )
        for place in ("handler", "named", "escalated"):
            access_list.add_person(case, people[place], AccessRole(place), by=None)
        return case

    return bring


def make_possible(case, name, people):
    """Sets what the step requires besides a state: a pause to end, an opinion to close with."""
    rows = Complaint.objects.filter(pk=case.pk)
    if name == "resume":
        rows.update(paused_on=TODAY)
    elif name == "close":
        rows.update(opinion="同意", opinion_by=people["head"], opinion_on=TODAY)


def everything(case):
    """Returns all rows that a refusal must not change."""
    tables = [
        Complaint.objects.filter(pk=case.pk),
        Act.objects.filter(complaint=case),
        Access.objects.filter(complaint=case),
        case.accused,
        case.not_told,
        case.enclosures,
        Reminder.objects.order_by("pk"),
        Delivery.objects.order_by("pk"),
    ]
    return [list(table.values()) for table in tables]


def outcome(case, name, by, fields):
    """Takes the step and rolls it back. Returns the code of the state it leads to, or the class of the refusal."""
    try:
        with transaction.atomic():
            act = perform(case, name, by=by, today=TODAY, act_input=ActInput(**fields))
            after = next(code for code, state in CODES.items() if state == act.to_state)
            transaction.set_rollback(True)
            return after
    except (PermissionDenied, ActionRefused) as refusal:
        return type(refusal)


def expected(name, code, place):
    """Returns the outcome according to the table."""
    if place not in BY[name]:
        return PermissionDenied
    target = LEADS[name][code]
    return {".": ActionRefused, "=": code}.get(target, target)


def test_table_names_every_step_and_state():
    assert sorted(LEADS) == sorted(STEPS)
    assert sorted(CODES[code] for code in HEADING) == sorted(State)


@pytest.mark.parametrize("code", HEADING)
def test_every_step_by_everybody(brought_to, people, valid_input, code):
    case = brought_to(code)
    places = ("head", "handler", "named", "escalated", "nobody")
    wrong = {}
    for name in LEADS:
        with transaction.atomic():
            make_possible(case, name, people)
            before = everything(case)
            found = {place: outcome(case, name, people[place], valid_input[name]) for place in places}
            left_alone = everything(case) == before
            transaction.set_rollback(True)
        right = {place: expected(name, code, place) for place in places}
        if (found, left_alone) != (right, True):
            wrong[name] = {place: (found[place], right[place]) for place in places} | {"same": left_alone}
    assert wrong == {}


@pytest.mark.parametrize("code", HEADING)
def test_buttons_are_those_of_the_table(brought_to, people, code):
    """A page offers the steps that the table allows; `extend` is offered as long as the complaint is open."""
    case = brought_to(code)
    case.refresh_from_db()
    for place in ("head", "handler", "named", "nobody"):
        offered = {step.name for step, _why_not in open_steps(case, people[place])} - {"extend"}
        allowed = {name for name in LEADS if place in BY[name] and LEADS[name][code] != "."} - {"extend"}
        assert offered == allowed, place


@pytest.mark.parametrize("name", sorted(LEADS))
def test_person_behind_the_code_reads_what_was_told_and_no_more(brought_to, people, valid_input, name):
    """Notes of the investigation, opinions, the list and internal dates are not public (R153)."""
    code = next(code for code in HEADING if LEADS[name][code] != ".")
    case = brought_to(code)
    make_possible(case, name, people)
    act = perform(case, name, by=people["head"], today=TODAY, act_input=ActInput(**valid_input[name]))
    assert case.acts.public().filter(pk=act.pk).exists() is (name in TOLD_TO_THE_PERSON)


@pytest.mark.parametrize("name", sorted(NEEDS))
def test_step_is_refused_while_something_is_missing(brought_to, people, valid_input, name):
    code = next(code for code in HEADING if LEADS[name][code] != ".")
    case = brought_to(code)
    before = everything(case)
    for field in NEEDS[name]:
        incomplete = {key: value for key, value in valid_input[name].items() if key != field}
        assert outcome(case, name, people["head"], incomplete) is ActionRefused, field
    assert everything(case) == before


@pytest.mark.parametrize("code", HEADING[:8])
def test_anonymous_matter_found_to_be_personnel_goes_no_further(brought_to, people, valid_input, code):
    case = take_step(brought_to(code), "reclass", people["head"], **valid_input["not processed"])
    assert (case.state, case.response_due_on, case.result_due_on) == (State.NOT_PROCESSED, None, None)
    assert not Reminder.objects.open().filter(subject__contains=":response").exists()


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("reply", {"on": date(2026, 9, 29)}),
        ("reply", {"on": date(2026, 9, 27)}),
        ("reply", {"form_of_reply": "notice"}),
        ("reply", {"form_of_reply": "code"}),
        ("ask", {}),
        ("extend", {"due_on": date(2026, 10, 22)}),
        ("plan", {"due_on": date(2026, 9, 27)}),
        ("plan", {"due_on": date(2026, 10, 23)}),
    ],
)
def test_what_cannot_be_is_refused(case, head, handler, valid_input, name, changed):
    """A future day or one before the receipt, no reachable person, an earlier date, a later promise without reason."""
    take_step(case, "appoint", head, user=handler)
    before = everything(case)
    assert outcome(case, name, head, valid_input[name] | changed) is ActionRefused
    assert everything(case) == before


def test_later_promise_with_a_reason_moves_the_clock_and_keeps_the_old_date(case, head, handler, valid_input):
    take_step(case, "appoint", head, user=handler)
    take_step(
        case,
        "plan",
        head,
        **valid_input["plan"] | {"due_on": date(2026, 10, 23), "words": "要等民政局的材料"},
    )
    assert case.result_due_on == date(2026, 10, 23)
    assert case.acts.last().details == {"result_due_on": "2026-10-22", "reason": "要等民政局的材料"}
