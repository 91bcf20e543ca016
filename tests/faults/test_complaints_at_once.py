"""Complaints at the same moment over HTTP: one form makes one complaint, one act makes one transition."""

import contextlib
import re
from collections import Counter
from functools import partial
from uuid import uuid4

import pytest

from tests.faults.centre import DAY
from tests.faults.visitor import TOKEN, Visitor, at_once

MANY = 20
RAISED = {
    "kind": "complaint",
    "channel": "phone",
    "method": "phone",
    "person_class": "client",
    "name": "陈小满",
    "contact": "13700006021",
    "subject": "conduct",
    "title": "探访没有按约定时间来",
    "statement": "说好每周六上午来，都没来。",
}


class Passer(Visitor):
    """A visitor of the public portal, without an account."""

    def __init__(self, site):
        self.site, self.cookies = site, f"portal_csrftoken={TOKEN}"


class Desk:
    """The director, who is in charge of complaints here, a worker, and the rows of one complaint."""

    def __init__(self, site):
        self.number, self.column = site.number, site.column
        self.worker, self.head = Visitor(site, "worker00"), Visitor(site, "director")
        self.key = str(uuid4())

    def register(self):
        return self.worker.post("/complaints/new/", **RAISED, received_on=DAY, intake_key=self.key)

    @property
    def case(self):
        return self.number(f"SELECT id FROM complaints_complaint WHERE intake_key = '{self.key}'")

    @property
    def version(self):
        return self.number(f"SELECT version FROM complaints_complaint WHERE id = {self.case}")

    @property
    def address(self):
        [number] = self.column(f"SELECT number FROM complaints_complaint WHERE id = {self.case}")
        return f"/complaints/{number}"

    def act(self, name, by=None, version=None, **told):
        """Submits the form of a step; returns the response."""
        told = {"version": version or self.version} | told
        return (by or self.head).post(f"{self.address}/act/{name}/", **told)

    def count(self, kind):
        """Returns the number of acts of this kind."""
        return self.number(
            f"SELECT COUNT(*) FROM complaints_act WHERE complaint_id = {self.case} AND kind = '{kind}'"
        )


@pytest.fixture(scope="module")
def site(make_site, tmp_path_factory):
    """One site for all tests of this file; each test uses its own complaint."""
    with contextlib.closing(make_site(tmp_path_factory.mktemp("site"))) as made:
        made.start_web()
        yield made


@pytest.fixture
def desk(site):
    return Desk(site)


@pytest.fixture
def registered(desk):
    assert desk.register().status == 302
    return desk


def statuses(answers):
    """Counts the responses by status."""
    return Counter(getattr(answer, "status", answer) for answer in answers)


def test_one_form_sent_twenty_times_is_one_complaint(site, desk):
    before = site.number("SELECT COUNT(*) FROM complaints_complaint")
    assert statuses(at_once([desk.register] * MANY)) == {302: MANY}
    assert site.number("SELECT COUNT(*) FROM complaints_complaint") == before + 1
    assert desk.count("registered") == desk.count("handed_over") == 1
    reminders = f"SELECT COUNT(*) FROM reminders_reminder WHERE subject = 'complaint:{desk.case}:new'"
    assert site.number(reminders) == 1


def test_one_public_form_sent_twenty_times_is_one_complaint(site):
    passer = Passer(site)
    token = re.search(r'name="token" value="([^"]+)"', passer.get("/portal/form/").text)[1]
    before = site.number("SELECT COUNT(*) FROM complaints_complaint")
    answers = at_once([lambda: passer.post("/portal/form/", **RAISED, token=token)] * MANY)
    assert set(statuses(answers)) <= {302, 429}
    assert statuses(answers)[302] >= 1
    assert site.number("SELECT COUNT(*) FROM complaints_complaint") == before + 1


def settled(desk):
    """Brings the complaint to the point where it can be closed."""
    on = {"on": DAY, "form_of_reply": "phone", "text": "已道歉"}
    assert desk.act("reply", **on).status == 302
    assert desk.act("satisfied", on=DAY).status == 302
    measure = {"measure": "提前一天告知", "owner": desk.head.pk, "due_on": DAY, "version": desk.version}
    assert desk.head.post(f"{desk.address}/measures/new/", **measure).status == 302
    assert desk.act("sign", text="属实，同意", finding="true").status == 302


def test_closed_twenty_times_is_one_transition(registered):
    desk = registered
    settled(desk)
    version = desk.version
    answers = at_once([lambda: desk.act("close", version=version)] * MANY)
    assert statuses(answers) == {302: 1, 409: MANY - 1}
    assert desk.count("closed") == 1
    assert desk.version == version + 1


def test_two_editors_lose_nothing(registered):
    """Both submit from the same page: one reply is stored, the other comes back with everything that was typed."""
    desk = registered
    assert desk.act("appoint", user=desk.worker.pk).status == 302
    version, typed = desk.version, ["甲的回复", "乙的回复"]
    on = {"on": DAY, "form_of_reply": "phone"}
    editors = zip([desk.head, desk.worker], typed, strict=True)
    answers = at_once(
        [partial(desk.act, "reply", by=by, version=version, text=text, **on) for by, text in editors]
    )
    assert statuses(answers) == {302: 1, 409: 1}
    assert desk.count("reply") == 1
    [stored] = desk.column(
        f"SELECT text FROM complaints_act WHERE complaint_id = {desk.case} AND kind = 'reply'"
    )
    lost = next(text for text in typed if text != stored)
    assert lost in next(answer for answer in answers if answer.status == 409).text


def test_appointed_and_accused_at_once_is_never_the_handler(registered):
    """In either order, a user complained about does not become or stay the handler."""
    desk = registered
    version = desk.version
    acts = [
        partial(desk.act, "appoint", version=version, user=desk.worker.pk),
        partial(desk.act, "accuse", version=version, users=[desk.worker.pk]),
    ]
    answers = at_once(acts * 5)
    assert statuses(answers)[302] == 1
    handlers = desk.column(f"SELECT handler_id FROM complaints_complaint WHERE id = {desk.case}")
    accused = desk.column(f"SELECT user_id FROM complaints_accused WHERE complaint_id = {desk.case}")
    assert not set(handlers) & set(accused)
