"""Opinions and complaints of the city: each with its access list, its sealed acts and, when closed, a measure."""

from datetime import UTC, datetime, time, timedelta
from itertools import count as counting

from django.core.management.color import no_style
from django.db import connection

from accounts.models import User
from accounts.roles import Role
from complaints.acts.audit_log import seal_of
from complaints.clocks import deadlines as clocks
from complaints.intake.actions import NUMBER_ALPHABET, NUMBER_LENGTH
from complaints.models import (
    METHOD_OF_CHANNEL,
    Access,
    AccessRole,
    Act,
    ActKind,
    Channel,
    Complaint,
    ComplaintKind,
    Finding,
    Improvement,
    PersonClass,
    State,
    Subject,
)
from relations import bulk
from reminders.calendar.workdays import Calendar
from reminders.clock import SHANGHAI
from reminders.models import Parameter

DAYS = 720
STILL_OPEN = 30  # days after which nearly all are closed
SCATTER_FACTOR = 514_229  # makes consecutive numbers look random
TITLES = (
    "没有按约定时间来",
    "电话打不通",
    "希望周末开放",
    "改期没有通知",
    "谢谢社工",
    "场地太小",
    "回复太慢",
)
STATEMENT = "来过几次，情况都一样，希望早些解决，也请告诉我们结果。"
OPEN_STATES = (
    State.WITH_HEAD,
    State.HANDLING,
    State.REPLIED,
    State.UNRESOLVED,
    State.ANSWERED,
    State.SETTLED,
)
BEFORE_REPLY = (State.WITH_HEAD, State.HANDLING)
WITH_RESULT = (State.ANSWERED, State.SETTLED, State.CLOSED)
CREATED_MODELS = (Complaint, Access, Act, Improvement)


def write(today, count, handlers):
    """Writes `count` complaints of the last two years, handled by the users `handlers` (pks) in turn."""
    head = User.objects.active().with_role(Role.HEAD).first()
    first = next_key(Complaint)
    numbers, calendar = Parameter.objects.history(), Calendar.load()
    cases = [
        build_complaint(
            place, first + place, today - timedelta(days=DAYS - DAYS * place // count), head, handlers
        )
        for place in range(count)
    ]
    for case in cases:
        clocks.recalculate(case, numbers.on(case.received_on), calendar)
        answer(case, today)
    copy_rows(Complaint, cases)
    copy_rows(Access, numbered(next_key(Access), (row for case in cases for row in people_of(case))))
    copy_acts(numbered(next_key(Act), (act for case in cases for act in acts_of(case))))
    measures = (measure_of(case, today) for case in cases if case.closed_on)
    copy_rows(Improvement, numbered(next_key(Improvement), measures))
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(CREATED_MODELS)):
            cursor.execute(statement)


def copy_rows(model, rows):
    bulk.copy_objects(model, model._meta.concrete_fields, rows)


ACT_COLUMNS = (
    "id",
    "complaint_id",
    "place",
    "kind",
    "at",
    "on",
    "by_id",
    "text",
    "is_public",
    "seal",
    "form_of_reply",
    "from_state",
    "to_state",
    "details",
)


def copy_acts(acts):
    """Copies the acts as raw columns: there are eight times as many as complaints, and preparing each field is slow."""
    bulk.copy_rows(Act._meta.db_table, ACT_COLUMNS, map(act_row, acts))


def act_row(act):
    at = act.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    rest = (act.by_id, act.text, False, act.seal, "", "", "", "{}")
    return (act.pk, act.complaint_id, act.place, str(act.kind.value), at, act.on.isoformat(), *rest)


def next_key(model):
    return 1 + (model.objects.order_by("-pk").values_list("pk", flat=True).first() or 0)


def numbered(first, rows):
    """Yields the rows with primary keys from `first` on."""
    for row, row.pk in zip(rows, counting(first), strict=False):
        yield row


def build_complaint(place, pk, received_on, head, handlers):
    channel = Channel.values[place % len(Channel.values)]
    entered_at = datetime.combine(received_on, time(9 + place % 8, place % 60), tzinfo=SHANGHAI)
    return Complaint(
        pk=pk,
        number=f"{received_on.year}-{pseudo_random(place)}",
        intake_key=f"city-{pk}",
        kind=ComplaintKind.values[place % 3],
        channel=channel,
        method=METHOD_OF_CHANNEL[channel],
        person_class=PersonClass.values[place % len(PersonClass.values)],
        is_anonymous=place % 9 == 0,
        name="" if place % 9 == 0 else f"反映人{place}",
        contact="" if place % 4 == 0 else f"1370{place:07d}",
        subject=Subject.values[place % len(Subject.values)],
        title=TITLES[place % len(TITLES)],
        statement=STATEMENT,
        stated_on=received_on,
        received_on=received_on,
        counted_from=received_on,
        entered_at=entered_at,
        handed_over_at=entered_at,
        head=head,
        handler_id=handlers[place % len(handlers)],
        is_strictly_confidential=place % 50 == 0,
    )


def pseudo_random(place):
    number, text = (place + 1) * SCATTER_FACTOR % len(NUMBER_ALPHABET) ** NUMBER_LENGTH, ""
    for _character in range(NUMBER_LENGTH):
        number, left = divmod(number, len(NUMBER_ALPHABET))
        text += NUMBER_ALPHABET[left]
    return text


def answer(case, today):
    """Sets the state and dates: nearly all complaints older than a month are closed, a few are overdue."""
    age = (today - case.received_on).days
    case.state = OPEN_STATES[case.pk % len(OPEN_STATES)]
    if age > STILL_OPEN and case.pk % 600:
        case.state = State.CLOSED
    if case.state == State.WITH_HEAD:
        case.handler_id = None
    if case.state not in BEFORE_REPLY:
        case.response_met_on = min(case.response_due_on, today)
    if case.state in WITH_RESULT:
        case.result_met_on = min(case.result_due_on, today)
        case.is_satisfied = case.pk % 8 > 0
    if case.state == State.CLOSED:
        case.closed_on = case.opinion_on = case.result_met_on
        case.opinion, case.opinion_by = "同意处理意见。", case.head
        is_complaint = case.kind == ComplaintKind.COMPLAINT
        case.finding = Finding.values[case.pk % 3] if is_complaint else ""


def people_of(case):
    rows = [(AccessRole.HEAD, case.head_id), (AccessRole.HANDLER, case.handler_id)]
    for role, user in rows:
        if user:
            yield Access(complaint=case, user_id=user, role=role, given_at=case.entered_at)


def acts_of(case):
    """Yields the acts that led to the state of `case`, each sealed with the seal of the previous one."""
    seal, kinds = "", kinds_of(case)
    for place, kind in enumerate(kinds, 1):
        at = case.entered_at + timedelta(minutes=place)
        by = None if kind == ActKind.HANDED_OVER else case.head_id
        act = Act(
            complaint=case, place=place, kind=kind, at=at, on=case.received_on, by_id=by, text=STATEMENT
        )
        seal = act.seal = seal_of(act, seal)
        yield act


def kinds_of(case):
    kinds = [ActKind.REGISTERED, ActKind.HANDED_OVER]
    if case.handler_id:
        kinds.append(ActKind.APPOINTED)
    if case.response_met_on:
        kinds.append(ActKind.REPLY)
    if case.state == State.CLOSED:
        kinds += [ActKind.SATISFIED, ActKind.MEASURE, ActKind.OPINION, ActKind.CLOSED]
    return kinds


def measure_of(case, today):
    """The improvement measure of a closed complaint: done when it was due before `today`, and later checked."""
    due_on = case.closed_on + timedelta(days=30)
    done_on = due_on if due_on <= today else None
    check_on = due_on + timedelta(days=90)
    checked_on = check_on if check_on <= today else None
    return Improvement(
        complaint=case,
        measure="改期一律提前一天告知",
        owner_id=case.head_id,
        due_on=due_on,
        done_on=done_on,
        check_on=check_on,
        checked_on=checked_on,
        has_recurred=case.pk % 20 == 0 if checked_on else None,
    )
