"""Two records that may be one employer: found beside the request, told to whoever sees both, settled or taken back."""

import pytest

from employers import duplicates
from employers.models import PossibleDuplicate
from relations import register
from relations.search import index
from reminders.models import Reminder
from reminders.steps import sweep
from tests.employers.desk import asking, centre
from tests.factories.accounts import UserFactory
from tests.factories.employers import EmployerFactory

pytestmark = pytest.mark.django_db
LIST = "/employers/duplicates/"
NAME = "青岚镇（东）社会事务局"


@pytest.fixture
def today(at):
    return at("2026-10-12")


@pytest.fixture
def place(today):
    return centre()


def counted(today):
    counts, failed = sweep(today)
    assert failed == []
    return counts["duplicates"], counts["duplicates_told"]


@pytest.fixture
def tomorrow(at, today):
    """What the sweep of the next day counts; of the same day it is done already."""
    return lambda: counted(at(today + today.resolution))


def told():
    return list(Reminder.objects.open().filter(subject="duplicates").values_list("recipient", "title"))


def pair(place, **traits):
    """One that is confidential, of a stranger; and one of the same name of the department."""
    hidden = EmployerFactory(name=NAME, responsible=place.stranger, confidential=True, **traits)
    return hidden, EmployerFactory(name="青岚镇(东) 社会事务局", responsible=place.worker)


def test_same_name_is_told_once_to_those_who_see_both(place, today, tomorrow):
    pair(place)
    assert [counted(today), tomorrow()] == [(1, 1), (0, 0)]
    assert told() == [(place.director.pk, "有1对单位可能是同一家，请核对")]


def test_same_contract_number_is_told_in_any_case(place, today):
    EmployerFactory(active=True, contract__number="YR-ht-1", responsible=place.worker)
    EmployerFactory(active=True, contract__number="yr-HT-1", responsible=place.worker)
    assert counted(today) == (1, 1)


def test_three_of_a_name_are_two_pairs(place, today):
    for _each in range(3):
        EmployerFactory(name=NAME)
    assert counted(today) == (2, 1)


@pytest.mark.parametrize("who", ["director", "head", "worker", "supervisor"])
def test_list_shows_a_pair_only_to_whoever_sees_both(place, today, who):
    hidden, own = pair(place)
    counted(today)
    answer = asking(getattr(place, who)).get(LIST)
    if who == "worker":
        assert answer.status_code == 403
    elif who == "director":
        assert all(f'href="/employers/{each.pk}/"' in answer.content.decode() for each in (hidden, own))
    else:
        assert "没有可能重复的单位" in answer.content.decode()


def test_head_sees_pairs_of_the_own_department(place, today):
    for _each in range(2):
        EmployerFactory(name=NAME, responsible=place.worker)
    counted(today)
    assert NAME in asking(place.head).get(LIST).content.decode()


def test_names_are_compared_once_a_day(place, today, tomorrow, monkeypatch):
    asked = []
    found = duplicates.alike
    monkeypatch.setattr(duplicates, "alike", lambda: asked.append("names") or found())
    assert (counted(today), counted(today), len(asked)) == ((0, 0), (0, 0), 1)
    pair(place)
    assert (counted(today), tomorrow(), len(asked)) == ((0, 0), (1, 1), 2)


def test_settling_the_newest_pair_leaves_one_notice(place, today, tomorrow):
    for _each in range(3):
        EmployerFactory(name=NAME)
    counted(today)
    newest = PossibleDuplicate.objects.open().first()
    assert asking(place.director).post(f"{LIST}{newest.pk}/settle/").status_code == 302
    assert (tomorrow(), len(told())) == ((0, 0), 1)


def test_new_director_is_told_of_what_waits(place, today, tomorrow):
    pair(place)
    counted(today)
    late = UserFactory(director=True)
    assert tomorrow() == (0, 1)
    assert {reader for reader, _title in told()} == {place.director.pk, late.pk}


def test_pair_that_is_two_is_settled_for_good(place, today, tomorrow):
    pair(place)
    counted(today)
    found = PossibleDuplicate.objects.get()
    assert asking(place.head).post(f"{LIST}{found.pk}/settle/").status_code == 404
    assert told()
    assert asking(place.director).post(f"{LIST}{found.pk}/settle/").status_code == 302
    found.refresh_from_db()
    assert found.settled_by == place.director
    assert (tomorrow(), told()) == ((0, 0), [])
    assert "没有可能重复的单位" in asking(place.director).get(LIST).content.decode()


@pytest.mark.parametrize("mended", ["void", "renamed"])
def test_pair_that_is_none_any_more_is_forgotten(place, today, tomorrow, mended):
    _hidden, own = pair(place)
    counted(today)
    if mended == "void":
        register.void(own, by=place.director, reason="重复", today=today)
    else:
        own.name = "荷塘街道总工会"
        own.save()
        index([own])
    assert (tomorrow(), told()) == ((0, 0), [])
    assert not PossibleDuplicate.objects.exists()


def test_another_pair_is_told_anew(place, today, tomorrow):
    pair(place)
    counted(today)
    for _each in range(2):
        EmployerFactory(name="荷塘街道总工会")
    assert tomorrow() == (1, 1)
    assert told() == [(place.director.pk, "有2对单位可能是同一家，请核对")]


def test_names_without_a_word_and_void_ones_are_no_pair(place, today):
    for name in ("——", "……"):
        EmployerFactory(name=name)
    register.void(EmployerFactory(name=NAME), by=place.director, reason="错", today=today)
    EmployerFactory(name=NAME)
    assert counted(today) == (0, 0)
