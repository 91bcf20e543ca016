"""Complaints for the benchmarks: rows of one head, and forms as the public submits them."""

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
DAYS = 730  # period of receipt
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
    """One of many IP addresses of this machine, so that the limit for one address is not reached."""
    return f"127.{1 + number // 65025 % 200}.{1 + number // 255 % 255}.{number % 255}"


def form(_number):
    """A form of the public portal, with its own token, as on each opened page."""
    return urlencode(RAISED | {"csrfmiddlewaretoken": CSRF, "token": codes.new_token()})


@transaction.atomic
def fill(head):
    """Creates MANY complaints of `head` in the last two years, one in ten open, unless they exist already."""
    today = clock.today()
    if Complaint.objects.filter(head=head).count() >= MANY:
        return
    calendar, numbers = Calendar.load(), Parameter.objects.values_on(today)
    codes_in_order = ("".join(letters) for letters in product(NUMBER_ALPHABET, repeat=NUMBER_LENGTH))
    cases = [
        create_complaint(head, next(codes_in_order), place, today, calendar, numbers) for place in range(MANY)
    ]
    stored = Complaint.objects.bulk_create(cases, batch_size=500)
    rows = (Access(complaint=case, user=head, role=AccessRole.HEAD) for case in stored)
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
