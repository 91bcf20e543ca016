"""Possible duplicates of employers: found by a task, shown to users who may view both, settled or dropped."""

import pytest

from employers import duplicates
from employers.models import PossibleDuplicate
from relations.parties import actions as register
from relations.search.index import index
from reminders.models import Reminder
from tests.employers.desk import asking
from tests.factories.employers import EmployerFactory

pytestmark = pytest.mark.django_db
LIST = "/employers/duplicates/"
NAME = "青岚镇（东）社会事务局"


def counted(today):
    """Searches for duplicates. Returns (number of new pairs, number of new reminders)."""
    before = Reminder.objects.filter(subject="duplicates").count()
    return duplicates.find_duplicates(today), Reminder.objects.filter(subject="duplicates").count() - before


def open_reminders():
    """Returns (recipient, title) of each open reminder about duplicates."""
    return list(Reminder.objects.open().filter(subject="duplicates").values_list("recipient", "title"))


def pair(place, **traits):
    """Creates a confidential employer of a stranger, and one of the same name in the department; returns both."""
    hidden = EmployerFactory(name=NAME, responsible=place.stranger, confidential=True, **traits)
    return hidden, EmployerFactory(name="青岚镇(东) 社会事务局", responsible=place.worker)


def test_same_name_is_told_once_to_those_who_see_both(place, today):
    pair(place)
    assert [counted(today), counted(today)] == [(1, 1), (0, 0)]
    assert open_reminders() == [(place.director.pk, "有1对单位可能是同一家，请核对")]


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


def test_pair_that_is_two_is_settled_for_good(place, today):
    pair(place)
    counted(today)
    duplicate = PossibleDuplicate.objects.get()
    assert asking(place.head).post(f"{LIST}{duplicate.pk}/settle/").status_code == 404
    assert open_reminders()
    assert asking(place.director).post(f"{LIST}{duplicate.pk}/settle/").status_code == 302
    duplicate.refresh_from_db()
    assert duplicate.settled_by == place.director
    assert (counted(today), open_reminders()) == ((0, 0), [])
    assert "没有可能重复的单位" in asking(place.director).get(LIST).content.decode()


@pytest.mark.parametrize("mended", ["void", "renamed"])
def test_pair_that_is_none_any_more_is_forgotten(place, today, mended):
    _hidden, own = pair(place)
    counted(today)
    if mended == "void":
        register.void_record(own, by=place.director, reason="重复", today=today)
    else:
        own.name = "荷塘街道总工会"
        own.save()
        index([own])
    assert (counted(today), open_reminders()) == ((0, 0), [])
    assert not PossibleDuplicate.objects.exists()


def test_another_pair_is_told_anew(place, today):
    pair(place)
    counted(today)
    for _each in range(2):
        EmployerFactory(name="荷塘街道总工会")
    assert counted(today) == (1, 1)
    assert open_reminders() == [(place.director.pk, "有2对单位可能是同一家，请核对")]


def test_names_without_a_word_and_void_ones_are_no_pair(place, today):
    for name in ("——", "……"):
        EmployerFactory(name=name)
    register.void_record(EmployerFactory(name=NAME), by=place.director, reason="错", today=today)
    EmployerFactory(name=NAME)
    assert counted(today) == (0, 0)
