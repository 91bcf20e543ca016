"""The page 通知: the user's own reminders and those of absent colleagues (R271), marked as read when opened; nudges."""

from datetime import timedelta

import pytest
from django.urls import reverse

from reminders import notices
from reminders.models import Delivery, Reminder
from reminders.raising import close_reminders
from tests.factories.accounts import StandInFactory, UserFactory
from tests.queries import queries_of_page
from tests.reminders.samples import make_reminder

pytestmark = pytest.mark.django_db

BACKEND = "accounts.backends.RoleBackend"


@pytest.fixture
def today(at):
    return at("2026-10-12")


@pytest.fixture
def reader(today, client):
    reader = UserFactory(name="周慧敏")
    client.force_login(reader, backend=BACKEND)
    return reader


def shown(client):
    """Returns {heading: titles} of the page."""
    page = client.get(reverse("notices"))
    return {str(heading): [row.title for row in rows] for heading, rows in page.context["groups"]}


def test_notices_stand_under_today_and_earlier_newest_first(client, reader, today):
    make_reminder(reader, 1, today=today - timedelta(days=1))
    make_reminder(reader, 2)
    make_reminder(reader, 3)
    assert shown(client) == {"今天": ["第3件事", "第2件事"], "更早": ["第1件事"]}


@pytest.mark.parametrize(("days", "words"), [(1, "将到期"), (0, "今天到期"), (-1, "逾期"), (None, "将到期")])
def test_notice_says_whether_its_day_has_come(client, reader, today, days, words):
    notice = make_reminder(reader)
    due_on = None if days is None else today + timedelta(days=days)
    Reminder.objects.filter(pk=notice.pk).update(due_on=due_on)
    [[row], _earlier] = [rows for _heading, rows in client.get(reverse("notices")).context["groups"]]
    assert row.words == words


def test_closed_ones_and_those_of_others_are_not_shown(client, reader):
    make_reminder(UserFactory(), 1)
    make_reminder(reader, 2)
    close_reminders(["duty:2"])
    assert shown(client) == {"今天": [], "更早": []}


def test_opening_marks_as_read_and_leads_to_the_thing(client, reader):
    notice = make_reminder(reader, link="/rules/")
    make_reminder(reader, 2)
    answer = client.post(reverse("notice", args=[notice.pk]))
    assert (answer.status_code, answer.url) == (302, "/rules/")
    assert notices.unread(reader).count() == 1


def test_looking_leads_to_the_thing_and_marks_nothing(client, reader):
    notice = make_reminder(reader, link="/rules/")
    answer = client.get(reverse("notice", args=[notice.pk]))
    assert (answer.status_code, answer.url, notices.unread(reader).count()) == (302, "/rules/", 1)


def test_unread_notice_is_opened_by_a_button_and_a_read_one_by_a_link(client, reader):
    unread, read = make_reminder(reader, 1), make_reminder(reader, 2)
    notices.mark_read(reader, Reminder.objects.filter(pk=read.pk))
    page = client.get(reverse("notices")).content.decode()
    assert f'formaction="{reverse("notice", args=[unread.pk])}"' in page
    assert f'href="{reverse("notice", args=[read.pk])}"' in page


@pytest.mark.parametrize("pk", [0, 999_999])
def test_notice_of_somebody_else_is_not_found(client, reader, pk):
    theirs = make_reminder(UserFactory())
    answers = [client.get(reverse("notice", args=[number])) for number in (theirs.pk, pk)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert Delivery.objects.get(reminder=theirs).read_at is None


def test_all_read(client, reader):
    theirs = UserFactory()
    make_reminder(theirs, 1)
    for number in (2, 3):
        make_reminder(reader, number)
    assert client.post(reverse("notices_read")).status_code == 302
    assert (notices.unread(reader).count(), notices.unread(theirs).count()) == (0, 1)
    assert client.get(reverse("notices_read")).status_code == 405


def test_stand_in_reads_the_notices_of_the_absent_on_those_days_only(client, reader, today, at):
    absent = UserFactory(name="罗少芬")
    StandInFactory(absent=absent, stand_in=reader, starts_on=today, ends_on=today)
    make_reminder(absent)
    assert shown(client)["今天"] == ["第1件事"]
    assert "代罗少芬收到" in client.get(reverse("notices")).content.decode()
    assert notices.unread(reader).count() == 1
    at("2026-10-13")
    client.force_login(reader, backend=BACKEND)
    assert shown(client) == {"今天": [], "更早": []}
    assert notices.unread(type(reader).objects.get(pk=reader.pk)).count() == 0


def test_pages_follow_each_other_without_gaps(client, reader):
    for number in range(65):
        make_reminder(reader, number)
    titles, url = [], reverse("notices")
    while url:
        page = client.get(url)
        titles += [row.title for _heading, rows in page.context["groups"] for row in rows]
        before = page.context["next_before"]
        url = before and f"{reverse('notices')}?before={before}"
    assert titles == [f"第{number}件事" for number in reversed(range(65))]


@pytest.mark.parametrize("before", ["x", "-1", "９", "99999999999999999999", ""])
def test_address_nobody_can_read_gives_the_first_page(client, reader, before):
    make_reminder(reader)
    assert len(client.get(reverse("notices"), {"before": before}).context["groups"][0][1]) == 1


def test_as_many_statements_for_one_notice_as_for_thirty(client, reader):
    make_reminder(reader, 1)
    few = queries_of_page(client, reverse("notices"))
    for number in range(2, 30):
        make_reminder(reader, number)
    assert queries_of_page(client, reverse("notices")) == few


def test_bell_counts_what_is_unread(client, reader):
    for number in range(3):
        make_reminder(reader, number)
    assert "通知，3条未读" in client.get(reverse("notices")).content.decode()
