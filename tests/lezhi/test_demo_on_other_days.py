"""The stories of the demo on a day off, in a holiday and in a year without a calendar; the complaints of the city."""

import pytest

from complaints.acts.audit_log import broken_chains
from complaints.clocks import deadlines as clocks
from complaints.models import Act, Complaint
from lezhi.demo import city_complaints, complaints
from lezhi.demo.people import create_people
from tests.factories.employers import EmployerFactory

pytestmark = pytest.mark.django_db
SUNDAY, MONDAY, IN_THE_HOLIDAY, UNANNOUNCED = "2026-11-22", "2026-11-23", "2026-10-04", "2028-01-04"


@pytest.mark.parametrize("day", [SUNDAY, IN_THE_HOLIDAY, UNANNOUNCED])
def test_nothing_lies_in_the_future_and_no_seal_is_broken(at, day):
    today = at(day)
    people = create_people()
    EmployerFactory()
    complaints.write(people, today)
    assert Complaint.objects.count() == len(complaints.STORIES) >= 25
    assert not Complaint.objects.filter(received_on__gt=today).exists()
    assert not Act.objects.filter(on__gt=today).exists()
    assert broken_chains() == set()
    assert clocks.recalculate_open(today) == 0


def test_city_has_what_its_size_says_and_its_clocks_and_seals_are_right(at):
    today = at(MONDAY)
    people = create_people()
    handlers = [people[name].pk for name in ("luo", "wu", "su")]
    city_complaints.write(today, 150, handlers)
    city_complaints.write(today, 0, handlers)
    assert Complaint.objects.count() == 150
    assert Complaint.objects.visible_to(people["head"]).count() == 150
    assert clocks.recalculate_open(today) == 0
    assert broken_chains() == set()
    assert not Complaint.objects.filter(received_on__gt=today).exists()
    assert not Complaint.objects.filter(closed_on__gt=today).exists()
    assert Complaint.objects.open().count() in range(1, 40)
    assert not Complaint.objects.visible_to(people["admin"]).exists()
