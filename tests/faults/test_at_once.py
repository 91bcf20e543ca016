"""Many people, or one person's many taps, at the very same moment, over HTTP: nothing lost, nothing doubled."""

from collections import Counter
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
    """The people of one department, and what the tables say."""

    def __init__(self, site):
        self.site = site
        self.worker, self.supervisor = Visitor(site, "worker00"), Visitor(site, "supervisor0")
        self.director = Visitor(site, "director")

    def employer(self):
        """A new employer at stage 1, ready to be moved; its pk."""
        return int(self.worker.register("白鹭街道办事处").location.strip("/").rpartition("/")[2])

    def cycle(self, employer):
        return self.site.number(f"SELECT id FROM relations_cycle WHERE stakeholder_id = {employer}")

    def moves(self, name):
        return self.site.number(f"SELECT COUNT(*) FROM relations_stagechange WHERE move = '{name}'")

    def decided(self, state):
        return self.site.number(f"SELECT COUNT(*) FROM relations_decision WHERE state = '{state}'")


@pytest.fixture
def desk(site):
    site.start_web()
    return Desk(site)


def statuses(answers):
    return Counter(getattr(answer, "status", answer) for answer in answers)


def test_quick_log_with_one_token_makes_one_contact(site, desk):
    own = site.number(f"SELECT MIN(id) FROM relations_stakeholder WHERE responsible_id = {desk.worker.pk}")
    token = uuid4()
    answers = at_once([lambda: desk.worker.log(own, token=token, follow_up_on="2026-11-02")] * MANY)
    assert statuses(answers) == {302: MANY}
    assert len({answer.location for answer in answers}) == 1
    assert site.number("SELECT COUNT(*) FROM relations_interaction WHERE channel = 'phone'") == 1
    assert site.number("SELECT COUNT(*) FROM relations_task") == 1
    met = f"SELECT met FROM relations_duty WHERE stakeholder_id = {own} AND due_on = '2026-10-31'"
    assert site.column(met) == [1]


def test_each_transition_happens_once(site, desk):
    """A round proposed, approved and closed, each by twenty at once; then moved on, which is too late for all."""
    cycle = desk.cycle(desk.employer())
    proposals = at_once([lambda: desk.worker.post(f"/relations/cycles/{cycle}/decide/", **REFERRAL)] * MANY)
    assert statuses(proposals) == {302: 1, 200: MANY - 1}
    [(decision,)] = site.rows("SELECT id FROM relations_decision")
    answers = [lambda: desk.supervisor.post(f"/relations/decisions/{decision}/approve/", note="同意")] * (
        MANY // 2
    )
    answers += [lambda: desk.director.post(f"/relations/decisions/{decision}/return/", note="再想想")] * (
        MANY // 2
    )
    assert statuses(at_once(answers)) == {302: 1, 200: MANY - 1}
    assert desk.decided("approved") + desk.decided("returned") == 1
    told = f"SELECT COUNT(*) FROM reminders_reminder WHERE key = 'approval:{decision}:answer'"
    assert site.number(told) == 1


def test_stage_moves_once(site, desk):
    cycle = desk.cycle(desk.employer())
    path = f"/relations/cycles/{cycle}/move/assess/"
    answers = at_once([lambda: desk.worker.post(path, stage=CONTACT)] * MANY)
    assert statuses(answers) == {302: MANY}
    assert desk.moves("assess") == 1


def test_round_is_closed_once(site, desk):
    cycle = desk.cycle(desk.employer())
    assert desk.director.post(f"/relations/cycles/{cycle}/decide/", **REFERRAL).status == 302
    answers = at_once(
        [lambda: desk.director.post(f"/relations/cycles/{cycle}/move/refer/", stage=CONTACT)] * MANY
    )
    assert statuses(answers) == {302: MANY}
    assert desk.moves("refer") == 1
    assert site.column(f"SELECT ending FROM relations_cycle WHERE id = {cycle}") == ["referred"]


def test_contract_is_signed_once(site, desk):
    employer = desk.employer()
    answers = at_once([lambda: desk.director.sign(employer, "BL-2026-1")] * MANY)
    assert statuses(answers) == {302: 1, 200: MANY - 1}
    assert site.number("SELECT COUNT(*) FROM employers_contract WHERE number = 'BL-2026-1'") == 1
    assert site.number(f"SELECT COUNT(*) FROM relations_standingspan WHERE stakeholder_id = {employer}") == 1


def test_two_editors_lose_nothing(site, desk):
    employer = desk.employer()
    path = f"/employers/{employer}/edit/"
    columns = (
        "SELECT {} FROM relations_stakeholder s LEFT JOIN employers_employer e ON e.stakeholder_ptr_id = s.id"
    )
    of_employer = f"{columns} WHERE s.id = {employer}"
    kept = {"name": "白鹭街道办事处", "body_type": "government", "relation": "both", "supervision": "direct"}
    kept |= {"source": "they_came", "version": site.number(of_employer.format("s.version"))}
    typed = ["甲路一号", "乙路二号"]
    editors = [desk.worker, desk.director]
    answers = at_once(
        [
            lambda by=by, address=address: by.post(path, **kept, address=address)
            for by, address in zip(editors, typed, strict=True)
        ]
    )
    assert statuses(answers) == {302: 1, 409: 1}
    conflict = next(answer for answer in answers if answer.status == 409)
    assert all(address in conflict.text for address in typed)
    assert site.number(of_employer.format("e.address")) in typed
