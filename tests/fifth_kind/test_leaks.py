"""Users who may view no school find no trace of one on any page; users who may view it find it on the same pages."""

from datetime import date

import pytest
from django.urls import reverse

from relations.models import ContactPerson, Duty, Interaction, Task
from reminders.models import Reminder
from reminders.steps import sweep
from tests.employers.desk import asking
from tests.factories.relations import InteractionFactory, TaskFactory
from tests.fifth_kind.test_schools import LIST, rows_of
from tests.schools.models import School

pytestmark = pytest.mark.django_db
MARK = "天眷"
MARKED = tuple(f"{MARK}{what}" for what in ("学校", "镇", "人", "密谈", "待办", "禁忌"))


@pytest.fixture
def marked(at, place, new_school, rule):
    """A school with MARK in all its texts, with overdue duties and reminders."""
    school = new_school(f"{MARK}学校", town=f"{MARK}镇", caution=f"{MARK}禁忌")
    person = ContactPerson.objects.create(stakeholder=school, name=f"{MARK}人", is_main=True)
    InteractionFactory(
        stakeholder=school, content=f"{MARK}密谈", theirs=[person], contact_on=date(2026, 9, 1)
    )
    TaskFactory(stakeholder=school, title=f"{MARK}待办", due_on=date(2026, 9, 1))
    at("2026-11-27")
    for day in (20, 23, 24, 25, 26, 27):
        assert sweep(date(2026, 11, day))[1] == []
    return school


def pages_with_marks(user, school):
    """Returns the names of the pages that show `user` any text of `school`."""
    desk = asking(user)
    pages = {
        "list": LIST,
        "search": f"{reverse('search')}?q={MARK}",
        "number": f"{reverse('search')}?q={school.number}",
        "contacts": reverse("interactions:list"),
        "duties": reverse("duties"),
        "work": reverse("my_work"),
        "notices": reverse("notices"),
        "log": f"{reverse('quick_log')}?q={MARK}",
        "record": f"{LIST}{school.pk}/",
        "timeline": reverse("timeline", args=[school.pk]),
    }
    texts = {name: desk.get(url).content.decode() for name, url in pages.items()}
    export = desk.get(f"{LIST}export/")
    texts["export"] = str(rows_of(export)) if export.status_code == 200 else ""
    plain = {name: text.replace("<mark>", "").replace("</mark>", "") for name, text in texts.items()}
    return {name for name, text in plain.items() if any(word in text for word in MARKED)}


@pytest.mark.parametrize("who", ["stranger", "finance", "council", "supervisor", "administrator"])
def test_who_sees_no_school_finds_no_trace_of_one(place, marked, who):
    user = getattr(place, who)
    assert pages_with_marks(user, marked) == set()
    assert not Reminder.objects.filter(recipient=user, title__contains=MARK).exists()
    for model in (School, Interaction, Task, Duty):
        assert not model.objects.visible_to(user).exists()


def test_counts_leave_out_what_is_not_seen(place, marked):
    assert asking(place.supervisor).get(LIST).context["shown"] == "0"
    assert asking(place.director).get(LIST).context["shown"] == "1"
    assert School.objects.countable_by(place.council).count() == 0
    assert School.objects.countable_by(place.director).count() == 1


EVERYWHERE = {"list", "search", "number", "contacts", "log", "record", "timeline", "export"}


@pytest.mark.parametrize(
    ("who", "where"),
    [
        ("worker", EVERYWHERE | {"work", "notices"}),
        ("head", EVERYWHERE | {"duties", "notices"}),
        ("director", EVERYWHERE | {"duties"}),
    ],
)
def test_who_may_see_it_finds_it(place, marked, who, where):
    """The control of the tests above: the pages do show the marks."""
    assert where - pages_with_marks(getattr(place, who), marked) == set()
