"""The nightly check of the stored duties notifies of a difference and closes the notice after the correction."""

import pytest

from relations.models import Duty
from relations.tasks import check_duties
from reminders.models import Reminder
from tests.factories.accounts import UserFactory
from tests.factories.employers import EmployerFactory

pytestmark = pytest.mark.django_db


def test_difference_is_told_to_those_who_may_correct_and_closed_when_mended(at):
    at("2026-10-12")
    keeper = UserFactory(administrator=True)
    UserFactory(director=True)
    EmployerFactory(active=True)
    assert check_duties() == 0
    duty = Duty.objects.first()
    Duty.objects.filter(pk=duty.pk).update(owed=3)
    assert [check_duties(), check_duties()] == [1, 1]
    notice = Reminder.objects.open().get()
    assert (notice.recipient, notice.title) == (keeper, "夜间核对：有1项应尽事项与沟通记录不一致")
    Duty.objects.filter(pk=duty.pk).update(owed=duty.owed)
    assert check_duties() == 0
    assert Reminder.objects.open().count() == 0
