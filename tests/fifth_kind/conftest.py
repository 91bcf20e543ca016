"""Fixtures for a kind of stakeholder that consists of a specification only (tests/schools).

tests/test_fifth_kind.py runs the tests of this folder, with settings of their own.

"""

from datetime import date
from types import SimpleNamespace

import pytest
from django.conf import settings

from relations.models import CadenceRule
from relations.parties import actions
from relations.search.index import index
from reminders import clock
from tests.employers.desk import asking
from tests.factories.accounts import DepartmentFactory, UserFactory
from tests.factories.relations import ContactPersonFactory

if "tests.schools" in settings.INSTALLED_APPS:
    from tests.schools.models import School
else:
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture
def place(at):
    """Users: a worker, the head of their department, the director, and five who may not view the worker's schools."""
    at("2026-10-12")
    department = DepartmentFactory(name="社会服务部")
    people = {
        "worker": UserFactory(name="郑雅婷", department=department),
        "head": UserFactory(name="程思敏", department=department, department_head=True),
        "director": UserFactory(name="何婉清", director=True),
        "stranger": UserFactory(name="罗少芬"),
        "finance": UserFactory(finance=True),
        "council": UserFactory(council=True),
        "supervisor": UserFactory(department=department, supervisor=True),
        "administrator": UserFactory(administrator=True),
    }
    department.head = people["head"]
    department.save()
    return SimpleNamespace(**people)


@pytest.fixture
def desk(place):
    """A client with the worker logged in."""
    return asking(place.worker)


@pytest.fixture
def new_school(place):
    """A function that registers a school of the worker: new_school("青岚小学", town="青岚镇")."""

    def make(name, responsible=None, **fields):
        school = School(
            name=name, responsible=responsible or place.worker, watched_from=date(2026, 1, 1), **fields
        )
        return actions.register_stakeholder(school, by=place.worker, today=clock.today())

    return make


@pytest.fixture
def school(new_school):
    """A school with one contact person, findable by search."""
    school = new_school("青岚镇中心小学", town="青岚镇", pupils=320)
    ContactPersonFactory(stakeholder=school, name="梁晓东", title="校长", main=True)
    index([school])
    return school


@pytest.fixture
def rule(place):
    """A rule that a school is visited once a month."""
    return CadenceRule.objects.create(
        code="school-visit",
        name="走访学校",
        kind="school",
        standing="any",
        tier="resident",
        period="month",
        effective_from=date(2026, 1, 1),
    )
