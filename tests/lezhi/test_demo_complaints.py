"""The complaints of the demo and of the city: every course of events occurs, and none is impossible."""

from datetime import datetime, timedelta

import pytest

from complaints.acts.audit_log import broken_chains
from complaints.models import (
    Access,
    Accused,
    Act,
    Channel,
    Complaint,
    ComplaintKind,
    ExcludedPerson,
    Improvement,
    PersonClass,
    State,
)
from complaints.portal.codes import code_hash
from complaints.public_texts import texts
from lezhi.demo import city_complaints, complaints
from lezhi.demo.people import create_people
from lezhi.demo.stories import DEMO_CODE
from reminders import clock
from tests.factories.employers import EmployerFactory
from tests.plugins.databases import once_for_a_module

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 10, tzinfo=clock.SHANGHAI)


@pytest.fixture(scope="module")
def _written(django_db_setup, django_db_blocker):
    """The users and stories of the demo as of MONDAY, created once for all tests of this file."""
    with once_for_a_module(django_db_blocker, MONDAY):
        people = create_people()
        EmployerFactory()
        complaints.write(people, MONDAY.date())
        yield


@pytest.fixture
def today(_written, db, at):
    """The day on which the demo was created."""
    return at(MONDAY.date())


def test_every_kind_way_person_and_state_is_there(today):
    found = Complaint.objects.all()
    assert set(found.values_list("state", flat=True)) == set(State.values)
    assert set(found.values_list("kind", flat=True)) == set(ComplaintKind.values)
    assert set(found.values_list("channel", flat=True)) == set(Channel.values)
    assert set(found.values_list("person_class", flat=True)) == set(PersonClass.values)


def test_some_are_overdue_one_is_due_today_one_is_paused(today):
    assert Complaint.objects.overdue_on(today).count() >= 2
    assert Complaint.objects.running().filter(response_due_on=today, response_met_on=None).exists()
    assert Complaint.objects.exclude(paused_on=None).exists()
    assert Complaint.objects.exclude(next_step="").exists()


def test_measures_are_open_done_to_be_checked_and_have_recurred(today):
    measures = Improvement.objects.all()
    assert measures.unfinished().exists()
    assert measures.to_check_on(today).exists()
    assert set(measures.values_list("has_recurred", flat=True)) == {None, True, False}


def test_matter_about_the_head_lies_with_the_alternate(today):
    case = Complaint.objects.get(accused__user__username="head")
    assert case.head.username == "council"


def test_nobody_complained_about_or_not_to_be_told_is_on_a_list(today):
    assert Accused.objects.exists()
    for shut_out in (*Accused.objects.all(), *ExcludedPerson.objects.exclude(user=None)):
        assert not Access.objects.filter(complaint=shut_out.complaint, user=shut_out.user).exists()


def test_acts_were_written_on_their_days_in_working_hours(today):
    for act in Act.objects.all():
        at = act.at.astimezone(clock.SHANGHAI)
        assert at.date() == act.on
        assert 9 <= at.hour < 18


def test_clock_of_the_process_runs_again_afterwards(today):
    assert clock.today() == today


def test_anonymous_story_can_be_followed_with_the_code_of_the_demo(today):
    case = Complaint.objects.get(code_hash=code_hash(DEMO_CODE))
    assert case.is_anonymous
    assert list(case.acts.public().values_list("kind", flat=True))[-2:] == ["question", "message"]


def test_city_after_the_demo_clashes_with_nothing(today):
    people = create_people()
    city_complaints.write(today, 20, [people["luo"].pk])
    assert Complaint.objects.count() == len(complaints.STORIES) + 20
    assert broken_chains() == set()
    assert Complaint.objects.filter(received_on__gte=today - timedelta(days=730)).exists()


def test_public_finds_how_to_reach_the_centre(today):
    assert [way.icon for way in texts.contact_ways()] == ["telephone", "envelope", "geo-alt"]
