"""The stored duties equal those of the documents after any history (R29-R32, R69-R88; design §3)."""

import os

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from relations.models import Duty
from tests.relations import histories
from tests.relations.slow_duties import expected

pytestmark = pytest.mark.django_db
THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
EXAMPLES, STEPS = (1000, 60) if THOROUGH else (5, 25)
PHASES = list(Phase) if THOROUGH else [Phase.explicit, Phase.reuse, Phase.generate]  # shrinking takes minutes


def test_kept_duties_are_those_of_the_documents_after_any_history():
    histories.found_world()
    chosen = settings(max_examples=EXAMPLES, stateful_step_count=STEPS, phases=PHASES)
    run_state_machine_as_test(histories.Histories, settings=chosen)


@pytest.fixture
def centre(at):
    at(histories.START)
    histories.found_world()


def judge(centre):
    """Runs the check of the histories once."""
    machine = histories.Histories()
    machine.today, machine.frozen = histories.START, {}
    machine.kept_is_expected()


@pytest.mark.parametrize(
    "damage",
    [{"owed": 3}, {"met": 1}, {"owner": None}, {"department": None}, {"due_on": histories.START}],
)
def test_changed_duty_row_is_detected(centre, damage):
    """Control of the histories."""
    judge(centre)
    duty = Duty.objects.filter(met_on=None, owed=2).first() if "met" in damage else Duty.objects.first()
    Duty.objects.filter(pk=duty.pk).update(**damage)
    with pytest.raises(AssertionError):
        judge(centre)


def test_row_too_many_or_too_few_is_seen(centre):
    one = Duty.objects.order_by("pk").first()
    one.delete()
    with pytest.raises(AssertionError):
        judge(centre)
    assert one.key in expected(histories.START)
