"""记一笔, from picking somebody to what stands on My work afterwards."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from relations.models import ContactPerson, Duty, Interaction, Outcome, Task
from tests.factories.accounts import UserFactory
from tests.factories.employers import EmployerFactory
from tests.factories.relations import (
    ContactPersonFactory,
    InteractionFactory,
    StakeholderFactory,
    TaskFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def today(at):
    return at("2026-10-12")


@pytest.fixture
def worker(today):
    return UserFactory(resident=True, name="郑雅婷")


@pytest.fixture
def unit(worker):
    return EmployerFactory(
        active=True, with_person=True, person__name="梁晓东", responsible=worker, name="青岚镇社会事务局"
    )


@pytest.fixture
def desk(client, worker):
    client.force_login(worker)
    return client


def typed(unit, **fields):
    """What the form sends for an ordinary talk with the main contact person today."""
    people = [str(person.pk) for person in unit.contacts.all()]
    return {
        "token": str(uuid4()),
        "people": people,
        "channel": "face",
        "purpose": "ordinary",
        "day": "today",
        "content": "谈了走访名单。",
        "mate": ["", "", ""],
        "mate_role": ["with", "with", "with"],
    } | fields


def test_pick_form_save_my_work(desk, unit, worker):
    assert "青岚镇社会事务局" in desk.get("/log/").content.decode()
    form = desk.get(f"/log/{unit.pk}/").content.decode()
    assert "保存后完成" in form
    assert "10月驻点沟通" in form
    answer = desk.post(f"/log/{unit.pk}/", typed(unit))
    assert answer.status_code == 302
    saved = Interaction.objects.get()
    assert answer.url == f"/?done={saved.pk}"
    page = desk.get(answer.url).content.decode()
    assert "已完成 10月驻点沟通" in page
    assert "已记下，完成了“10月驻点沟通”" in page
    assert list(saved.our_people.values_list("user", flat=True)) == [worker.pk]
