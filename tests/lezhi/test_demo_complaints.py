"""The opinions and complaints of the demo and of the city: every kind of course, none impossible."""

from datetime import timedelta

import pytest

from complaints.acts.audit_log import broken_chains
from complaints.clocks import deadlines as clocks
from complaints.models import (
    Access,
    Accused,
    Act,
    Channel,
    Complaint,
    ComplaintKind,
    Improvement,
    NotTold,
    PersonClass,
    State,
)
from complaints.portal.codes import hash_of
from complaints.public_texts import texts
from lezhi.demo import city_complaints, complaints
from lezhi.demo.people import create_people
from lezhi.demo.stories import DEMO_CODE
from reminders import clock
from tests.factories.employers import EmployerFactory

pytestmark = pytest.mark.django_db
SUNDAY, MONDAY, IN_THE_HOLIDAY, UNANNOUNCED = "2026-11-22", "2026-11-23", "2026-10-04", "2028-01-04"


@pytest.fixture
def told(at):
    """told(day): the demo's people and their stories as they stand on that day, which is returned."""

    def write(day):
        today = at(day)
        people = create_people()
        EmployerFactory()
        complaints.write(people, today)
        return today

    return write


@pytest.mark.parametrize("day", [SUNDAY, IN_THE_HOLIDAY, UNANNOUNCED])
def test_nothing_lies_in_the_future_and_no_seal_is_broken(told, day):
    today = told(day)
    assert Complaint.objects.count() == len(complaints.STORIES) >= 25
    assert not Complaint.objects.filter(received_on__gt=today).exists()
    assert not Act.objects.filter(on__gt=today).exists()
    assert broken_chains() == set()
    assert clocks.reckon_open(today) == 0


def test_every_kind_way_person_and_state_is_there(told):
    told(MONDAY)
    found = Complaint.objects.all()
    assert set(found.values_list("state", flat=True)) == set(State.values)
    assert set(found.values_list("kind", flat=True)) == set(ComplaintKind.values)
    assert set(found.values_list("channel", flat=True)) == set(Channel.values)
    assert set(found.values_list("person_class", flat=True)) == set(PersonClass.values)


def test_some_are_overdue_one_is_due_today_one_is_paused(told):
    today = told(MONDAY)
    assert Complaint.objects.overdue_on(today).count() >= 2
    assert Complaint.objects.running().filter(response_due_on=today, response_met_on=None).exists()
    assert Complaint.objects.exclude(paused_on=None).exists()
    assert Complaint.objects.exclude(next_step="").exists()


def test_measures_are_open_done_to_be_checked_and_have_recurred(told):
    today = told(MONDAY)
    measures = Improvement.objects.all()
    assert measures.unfinished().exists()
    assert measures.to_check_on(today).exists()
    assert set(measures.values_list("has_recurred", flat=True)) == {None, True, False}


def test_matter_about_the_head_lies_with_the_alternate(told):
    told(MONDAY)
    case = Complaint.objects.get(accused__user__username="head")
    assert case.head.username == "council"


def test_nobody_complained_about_or_not_to_be_told_is_on_a_list(told):
    told(MONDAY)
    assert Accused.objects.exists()
    for shut_out in (*Accused.objects.all(), *NotTold.objects.exclude(user=None)):
        assert not Access.objects.filter(complaint=shut_out.complaint, user=shut_out.user).exists()


def test_acts_were_written_on_their_days_in_working_hours(told):
    told(MONDAY)
    for act in Act.objects.all():
        at = act.at.astimezone(clock.SHANGHAI)
        assert at.date() == act.on
        assert 9 <= at.hour < 18


def test_clock_of_the_process_runs_again_afterwards(told):
    today = told(MONDAY)
    assert clock.today() == today


def test_anonymous_story_can_be_followed_with_the_code_of_the_demo(told):
    told(MONDAY)
    case = Complaint.objects.get(code_hash=hash_of(DEMO_CODE))
    assert case.is_anonymous
    assert list(case.acts.public().values_list("kind", flat=True))[-2:] == ["question", "message"]


def test_city_has_what_its_size_says_and_its_clocks_and_seals_are_right(at):
    today = at(MONDAY)
    people = create_people()
    handlers = [people[name].pk for name in ("luo", "wu", "su")]
    city_complaints.write(today, 150, handlers)
    city_complaints.write(today, 0, handlers)
    assert Complaint.objects.count() == 150
    assert Complaint.objects.visible_to(people["head"]).count() == 150
    assert clocks.reckon_open(today) == 0
    assert broken_chains() == set()
    assert not Complaint.objects.filter(received_on__gt=today).exists()
    assert not Complaint.objects.filter(closed_on__gt=today).exists()
    assert Complaint.objects.open().count() in range(1, 40)
    assert not Complaint.objects.visible_to(people["admin"]).exists()


def test_city_after_the_demo_clashes_with_nothing(told):
    today = told(MONDAY)
    people = create_people()
    city_complaints.write(today, 20, [people["luo"].pk])
    assert Complaint.objects.count() == len(complaints.STORIES) + 20
    assert broken_chains() == set()
    assert Complaint.objects.filter(received_on__gte=today - timedelta(days=730)).exists()


def test_public_finds_how_to_reach_the_centre(told):
    told(MONDAY)
    assert [way.icon for way in texts.ways()] == ["telephone", "envelope", "geo-alt"]
