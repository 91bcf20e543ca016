"""Complaints to measure with: those of one head in the tables, and forms as the public sends them."""

from datetime import timedelta
from itertools import product
from urllib.parse import urlencode
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from benchmarks.people import CSRF
from complaints.clocks import deadlines as clocks
from complaints.intake.actions import NUMBER_ALPHABET, NUMBER_LENGTH
from complaints.models import (
    Access,
    AccessRole,
    Channel,
    Complaint,
    ComplaintKind,
    Method,
    PersonClass,
    State,
    Subject,
)
from complaints.portal import codes
from reminders import clock
from reminders.calendar.workdays import Calendar
from reminders.models import Parameter

MANY = 5000
DAYS = 730  # over which they came in
PATHS = {"list": "/complaints/?show=all", "what is to be done": "/complaints/", "board": "/complaints/board/"}
RAISED = {
    "kind": "complaint",
    "person_class": "client",
    "subject": "conduct",
    "name": "陈小满",
    "contact": "13700006021",
    "title": "探访没有按约定时间来",
    "statement": "说好每周六上午来，12号和19号都没来。",
}


def sender(number):
    """One of 65,000 addresses of this machine, so that no limit of one address is met."""
    return f"127.{1 + number // 65025 % 200}.{1 + number // 255 % 255}.{number % 255}"


def form(_number):
    """A form of the public door; each carries a token of its own, as each opened page does."""
    return urlencode(RAISED | {"csrfmiddlewaretoken": CSRF, "token": codes.new_token()})


@transaction.atomic
def fill(head):
    """Gives `head` MANY complaints of the last two years, one in ten of them open, unless they are there."""
    today = clock.today()
    if Complaint.objects.filter(head=head).count() >= MANY:
        return
    calendar, numbers = Calendar.load(), Parameter.objects.values_on(today)
    drawn = ("".join(letters) for letters in product(NUMBER_ALPHABET, repeat=NUMBER_LENGTH))
    made = [create_complaint(head, next(drawn), place, today, calendar, numbers) for place in range(MANY)]
    kept = Complaint.objects.bulk_create(made, batch_size=500)
    rows = (Access(complaint=case, user=head, role=AccessRole.HEAD) for case in kept)
    Access.objects.bulk_create(rows, batch_size=500)


def create_complaint(head, lots, place, today, calendar, numbers):
    day = today - timedelta(days=place * DAYS // MANY)
    case = Complaint(
        number=f"{day.year}-{lots}",
        intake_key=str(uuid4()),
        kind=ComplaintKind.values[place % 3],
        channel=Channel.values[place % 8],
        method=Method.PHONE,
        person_class=PersonClass.values[place % 6],
        name=RAISED["name"],
        subject=Subject.values[place % 7],
        title=RAISED["title"],
        statement=RAISED["statement"],
        stated_on=day,
        received_on=day,
        counted_from=day,
        entered_at=timezone.now(),
        handed_over_at=timezone.now(),
        head=head,
    )
    clocks.recalculate(case, numbers, calendar)
    if place >= MANY // 10:
        met = {"response_met_on": case.response_due_on, "result_met_on": case.result_due_on}
        for name, value in (met | {"state": State.CLOSED, "closed_on": case.result_due_on}).items():
            setattr(case, name, value)
    return case
