"""Neither the new head nor the new alternate confirms their own appointment (R145, R450)."""

import pytest
from django.db import IntegrityError, transaction

from accounts.approvals import engine
from accounts.approvals.assignment import steps_waiting_for
from accounts.approvals.engine import NotApprover
from accounts.approvals.models import Step
from accounts.roles import Role
from complaints.appointments import matter
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def director():
    return UserFactory(director=True)


def appoint(head, alternate, by):
    return matter.propose(head=head, alternate=alternate, by=by, reason="换届", seen=matter.current_stamp())


def test_new_alternate_does_not_confirm_an_appointment_of_both(director):
    alternate, other = UserFactory(council=True), UserFactory(council=True)
    sheet = appoint(UserFactory(roles=[Role.HEAD]), alternate, director)
    with pytest.raises(NotApprover):
        engine.approve(sheet, by=alternate)
    assert not steps_waiting_for(alternate).exists()
    assert steps_waiting_for(other).exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        Step.objects.filter(sheet=sheet).update(
            state="approved", decided_by=alternate, decided_at="2026-10-12T00:00Z"
        )
    assert engine.approve(sheet, by=other)


def test_alternate_who_stays_may_confirm_the_new_head(director):
    alternate, other = UserFactory(council=True), UserFactory(council=True)
    engine.approve(appoint(UserFactory(roles=[Role.HEAD]), alternate, director), by=other)
    assert engine.approve(appoint(UserFactory(roles=[Role.HEAD]), alternate, director), by=alternate)
