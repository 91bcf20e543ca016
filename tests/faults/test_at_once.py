"""Many users, or many taps of one user, at the same moment over HTTP: nothing is lost, nothing is doubled."""

import contextlib
from collections import Counter
from functools import partial
from uuid import uuid4

import pytest

from tests.faults.visitor import Visitor, at_once

MANY = 20
CONTACT = "1_contact"
REFERRAL = {
    "course": "refer",
    "justification": "对照预估，由别的机构做更合适。",
    "referral_form": "formal",
    "referred_to": "康复中心",
}


class Desk:
    """Users of one department, and the rows of one new employer of theirs, in stage 1."""

    def __init__(self, site):
        self.number = site.number
        self.worker, self.supervisor = Visitor(site, "worker00"), Visitor(site, "supervisor0")
        self.director = Visitor(site, "director")
        self.name = f"白鹭{uuid4().hex[:8]}办事处"
        self.employer = int(self.worker.register(self.name).location.strip("/").rpartition("/")[2])
        self.cycle = self.number(f"SELECT id FROM relations_cycle WHERE stakeholder_id = {self.employer}")

    def count(self, table, **fields):
        """Returns the number of rows of `table` with these values."""
        conditions = " AND ".join(f"{name} = '{value}'" for name, value in fields.items())
        return self.number(f"SELECT COUNT(*) FROM {table} WHERE {conditions}")


@pytest.fixture(scope="module")
def site(make_site, tmp_path_factory):
    """One site for all tests of this file; each test uses its own employer."""
    with contextlib.closing(make_site(tmp_path_factory.mktemp("site"))) as made:
        made.start_web()
        yield made


@pytest.fixture
def desk(site):
    return Desk(site)


def statuses(answers):
    """Counts the responses by status."""
    return Counter(getattr(answer, "status", answer) for answer in answers)


def test_quick_log_with_one_token_makes_one_contact(site, desk):
    own = site.number(f"SELECT MIN(id) FROM relations_stakeholder WHERE responsible_id = {desk.worker.pk}")
    token = uuid4()
    answers = at_once([lambda: desk.worker.log(own, token=token, follow_up_on="2026-11-02")] * MANY)
    assert statuses(answers) == {302: MANY}
    assert len({answer.location for answer in answers}) == 1
    assert desk.count("relations_interaction", stakeholder_id=own) == 1
    assert desk.count("relations_task", stakeholder_id=own) == 1
    assert desk.count("relations_duty", stakeholder_id=own, due_on="2026-10-31", met=1) == 1


def test_decision_is_proposed_and_answered_once(desk):
    """Twenty propose at once; then ten approve while ten return it."""
    decide = f"/relations/cycles/{desk.cycle}/decide/"
    proposals = at_once([lambda: desk.worker.post(decide, **REFERRAL)] * MANY)
    assert statuses(proposals) == {302: 1, 200: MANY - 1}
    decision = desk.number(f"SELECT id FROM relations_decision WHERE cycle_id = {desk.cycle}")
    address = f"/relations/decisions/{decision}"
    answers = [lambda: desk.supervisor.post(f"{address}/approve/", note="同意")] * (MANY // 2)
    answers += [lambda: desk.director.post(f"{address}/return/", note="再想想")] * (MANY // 2)
    assert statuses(at_once(answers)) == {302: 1, 200: MANY - 1}
    assert desk.count("relations_decision", cycle_id=desk.cycle, state="proposed") == 0
    assert desk.count("reminders_reminder", subject=f"decision:{decision}:answer") == 1
    sheet = desk.number(f"SELECT sheet_id FROM relations_decision WHERE id = {decision}")
    assert desk.count("accounts_step", sheet_id=sheet) == 1
    assert desk.count("accounts_step", sheet_id=sheet, state="asked") == 0


def test_stage_moves_once(desk):
    path = f"/relations/cycles/{desk.cycle}/move/assess/"
    answers = at_once([lambda: desk.worker.post(path, stage=CONTACT)] * MANY)
    assert statuses(answers) == {302: MANY}
    assert desk.count("relations_stagechange", cycle_id=desk.cycle, move="assess") == 1


def test_round_is_closed_once(desk):
    assert desk.director.post(f"/relations/cycles/{desk.cycle}/decide/", **REFERRAL).status == 302
    decision = desk.number(f"SELECT id FROM relations_decision WHERE cycle_id = {desk.cycle}")
    assert desk.director.post(f"/relations/decisions/{decision}/approve/", note="自己同意").status == 403
    assert desk.supervisor.post(f"/relations/decisions/{decision}/approve/", note="同意").status == 302
    path = f"/relations/cycles/{desk.cycle}/move/refer/"
    answers = at_once([lambda: desk.director.post(path, stage=CONTACT)] * MANY)
    assert statuses(answers) == {302: MANY}
    assert desk.count("relations_stagechange", cycle_id=desk.cycle, move="refer") == 1
    assert desk.count("relations_cycle", id=desk.cycle, ending="referred") == 1


def test_contract_is_signed_once(desk):
    answers = at_once([lambda: desk.director.sign(desk.employer, f"BL-{desk.employer}")] * MANY)
    assert statuses(answers) == {302: 1, 200: MANY - 1}
    assert desk.count("employers_contract", number=f"BL-{desk.employer}") == 1
    assert desk.count("relations_standingspan", stakeholder_id=desk.employer) == 1


def test_two_editors_lose_nothing(desk):
    path = f"/employers/{desk.employer}/edit/"
    shown = {"name": desk.name, "body_type": "government", "relation": "both", "supervision": "direct"}
    version = desk.number(f"SELECT version FROM relations_stakeholder WHERE id = {desk.employer}")
    shown |= {"source": "they_came", "version": version}
    typed = ["甲路一号", "乙路二号"]
    editors = zip([desk.worker, desk.director], typed, strict=True)
    answers = at_once([partial(by.post, path, **shown, address=address) for by, address in editors])
    assert statuses(answers) == {302: 1, 409: 1}
    conflict = next(answer for answer in answers if answer.status == 409)
    assert all(address in conflict.text for address in typed)
    assert (
        sum(
            desk.count("employers_employer", stakeholder_ptr_id=desk.employer, address=each) for each in typed
        )
        == 1
    )
