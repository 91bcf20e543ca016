"""Improvement measures: written, finished, checked; their owners do not see the complaint."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.exceptions import ActionRefused
from complaints.acts.audit_log import broken_chains
from complaints.measures import actions as measures
from complaints.models import Improvement
from reminders import steps
from reminders.models import Reminder
from tests.factories.accounts import UserFactory
from tests.factories.complaints import ComplaintFactory, take_step
from tests.queries import queries_of_page


@pytest.fixture
def owner():
    return UserFactory(name="陆督导")


@pytest.fixture
def measure(case, head, owner, today):
    return written(case, head, owner)


def written(case, by, owner, **changed):
    """Adds a measure on 28 September 2026 and returns it."""
    day = date(2026, 10, 9)
    fields = {"measure": "改期提前一天告知", "due_on": day, "check_on": date(2027, 1, 7), **changed}
    return measures.add_measure(case, by=by, today=date(2026, 9, 28), owner=owner, **fields)


def new(case):
    """Returns the URL of the form of a new measure."""
    return reverse("complaints:measure_new", args=[case.number])


def send(client, user, case, **data):
    """Submits the form of a new measure as `user`. Returns the response."""
    client.force_login(user)
    case.refresh_from_db()
    form_data = {"measure": "改期提前一天告知", "due_on": "2026-10-09", "version": case.version}
    return client.post(new(case), form_data | data)


def test_outsider_and_reader_write_none(client, case, head, owner, director):
    take_step(case, "list", head, user=director, text="督促")
    for user, status in ((owner, 404), (director, 403)):
        client.force_login(user)
        assert client.get(new(case)).status_code == status
        assert send(client, user, case, owner=owner.pk).status_code == status
    assert not Improvement.objects.exists()
    with pytest.raises(PermissionDenied):
        written(case, director, owner)


def test_written_measure_is_an_act(client, case, head, handler, owner):
    """R151."""
    take_step(case, "appoint", head, user=handler)
    assert send(client, handler, case, owner=owner.pk).status_code == 302
    row = Improvement.objects.get()
    assert (row.owner, row.due_on, row.check_on) == (owner, date(2026, 10, 9), date(2027, 1, 7))
    last = case.acts.last()
    assert (last.kind, last.by, last.is_public) == ("measure", handler, False)
    assert "改期提前一天告知（陆督导，2026年10月9日前）" in last.text
    assert broken_chains() == set()


def test_accused_is_never_the_owner(client, registrar, head, owner):
    case = ComplaintFactory(by=registrar, accused=[owner])
    assert send(client, head, case, owner=owner.pk).status_code == 200
    with pytest.raises(ActionRefused, match="陆督导"):
        written(case, head, owner)
    assert not Improvement.objects.exists()


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"due_on": "2026-09-27"}, "已经过去了"),
        ({"check_on": "2026-10-08"}, "检查日期不能早于完成期限。"),
        ({"measure": ""}, "请写改善措施。"),
        ({"owner": ""}, "请选一位同事。"),
    ],
)
def test_what_does_not_fit_is_said(changed, sentence, client, case, head, owner):
    answer = send(client, head, case, **{"owner": owner.pk, **changed})
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert not Improvement.objects.exists()


def test_sent_twice_is_one_measure(client, case, head, owner):
    version = case.version
    answers = [send(client, head, case, owner=owner.pk, version=version).status_code for _ in range(2)]
    assert answers == [302, 409]
    assert Improvement.objects.count() == 1


def test_ended_complaint_takes_none(client, case, head, owner):
    take_step(case, "void", head, text="登记错了")
    client.force_login(head)
    assert client.get(new(case))["Location"] == case.get_absolute_url()
    with pytest.raises(ActionRefused, match="登记有误"):
        written(case, head, owner)


def test_owner_sees_the_measure_and_nothing_of_the_case(client, case, measure, owner):
    client.force_login(owner)
    pages = [
        client.get(where).content.decode()
        for where in (reverse("complaints:measures"), measure.get_absolute_url())
    ]
    for page in pages:
        assert measure.measure in page
        assert case.number not in page
        assert case.title not in page
        assert "投诉20" not in page
    assert client.get(case.get_absolute_url()).status_code == 404


def test_nobody_else_sees_the_measure(client, measure, registrar):
    client.force_login(registrar)
    assert measure.measure not in client.get(reverse("complaints:measures")).content.decode()
    assert client.get(measure.get_absolute_url()).status_code == 404
    for name in ("measure_done", "measure_check"):
        assert client.post(reverse(f"complaints:{name}", args=[measure.pk])).status_code == 404


def test_reader_and_handler_neither_finish_nor_check(client, case, measure, head, handler, today):
    take_step(case, "appoint", head, user=handler)
    client.force_login(handler)
    assert client.get(measure.get_absolute_url()).status_code == 200
    for name in ("measure_done", "measure_check"):
        assert client.post(reverse(f"complaints:{name}", args=[measure.pk])).status_code == 403
    with pytest.raises(PermissionDenied):
        measures.finish_measure(measure, by=handler, on=today)
    with pytest.raises(PermissionDenied):
        measures.check_measure(measure, by=handler, today=today, has_recurred=False)


def test_owner_finishes_and_the_reminder_closes(client, case, measure, owner, at):
    today = at("2026-10-09")
    steps.sweep(today)
    about = Reminder.objects.open().filter(subject=f"measure:{measure.pk}:due")
    assert [reminder.recipient for reminder in about] == [owner]
    client.force_login(owner)
    finish = reverse("complaints:measure_done", args=[measure.pk])
    late = client.post(finish, {"version": 1, "on": "2026-10-10"})
    assert late.status_code == 200
    assert "2026-10-10" in late.content.decode()
    assert client.post(finish, {"version": 1, "on": "2026-10-09"}).status_code == 302
    measure.refresh_from_db()
    assert (measure.done_on, measure.version) == (today, 2)
    assert (case.acts.last().text, case.acts.last().by) == ("完成：改期提前一天告知", owner)
    assert not about.all().exists()
    assert "刚才已经记为完成了" in client.post(finish, {"version": 1, "on": "2026-10-09"}).content.decode()


def test_head_checks_only_what_is_done(client, measure, head, owner, at):
    today = at("2027-01-07")
    client.force_login(head)
    url = reverse("complaints:measure_check", args=[measure.pk])
    form_data = {"version": 2, "has_recurred": "False", "note": "抽查了三次"}
    assert "还没有完成" in client.post(url, form_data).content.decode()
    measures.finish_measure(measure, by=owner, on=today)
    client.force_login(owner)
    assert client.post(url, form_data).status_code == 403
    client.force_login(head)
    assert client.post(url, form_data | {"has_recurred": ""}).status_code == 200
    assert client.post(url, form_data | {"version": 1}).status_code == 409
    assert client.post(url, form_data).status_code == 302
    measure.refresh_from_db()
    assert (measure.checked_on, measure.has_recurred, measure.check_note) == (today, False, "抽查了三次")


def test_recurrence_is_suggested_from_what_came_since(client, case, measure, head, at):
    """R151: whether the same has happened again."""
    measures.finish_measure(measure, by=measure.owner, on=date(2026, 9, 28))
    at("2026-10-20")
    ComplaintFactory(title="又没来")
    client.force_login(head)
    assert "又没来" in client.get(measure.get_absolute_url()).content.decode()
    measures.check_measure(measure, by=head, today=date(2026, 10, 20), has_recurred=True)
    page = client.get(measure.get_absolute_url()).content.decode()
    assert "又发生了，请再写一条改善措施。" in page
    assert new(case) in page


def test_views_show_what_they_count(client, measure, head, owner, at):
    case = measure.complaint
    done = written(case, head, owner, measure="已经做完的")
    again = written(case, head, owner, measure="又出现的")
    for each in (done, again):
        measures.finish_measure(each, by=owner, on=date(2026, 9, 28))
    day = at("2027-01-07")
    measures.check_measure(again, by=head, today=day, has_recurred=True)
    client.force_login(head)

    def titles(view):
        answer = client.get(reverse("complaints:measures"), {"view": view})
        return {each.measure for each, _left in answer.context["rows"]}

    assert titles("open") == {"改期提前一天告知"}
    assert titles("check") == {"已经做完的"}
    assert titles("again") == {"又出现的"}
    assert len(titles("all")) == 3
    assert titles("nonsense") == titles("open")
    counts = [each["count"] for each in client.get(reverse("complaints:measures")).context["views"]]
    assert counts == [1, 1, 1, 3]


def test_list_goes_page_by_page_at_one_cost(client, case, head, owner):
    client.force_login(head)
    written(case, head, owner)
    once = queries_of_page(client, reverse("complaints:measures"))
    for number in range(30):
        written(case, head, UserFactory(), measure=f"第{number}条")
    assert queries_of_page(client, reverse("complaints:measures")) == once
    page = client.get(reverse("complaints:measures")).context["page"]
    assert len(page.rows) == 25
    rest = client.get(reverse("complaints:measures"), {"after": page.older}).context["page"]
    assert len(rest.rows) == 6
    assert {row.pk for row in rest.rows} & {row.pk for row in page.rows} == set()


def test_owner_who_is_complained_about_loses_it(client, measure, head, owner, at):
    case = measure.complaint
    done = written(case, head, owner, measure="已经做完的")
    measures.finish_measure(done, by=owner, on=date(2026, 9, 28))
    steps.sweep(at("2026-10-09"))
    take_step(case, "accuse", head, users=(owner,))
    measure.refresh_from_db()
    assert measure.owner == head
    assert not Reminder.objects.open().filter(recipient=owner).exists()
    client.force_login(owner)
    for each in (measure, done):
        assert client.get(each.get_absolute_url()).status_code == 404
    assert client.get(reverse("complaints:measures"), {"view": "all"}).context["rows"] == []


def test_measures_of_an_accused_head_fall_to_the_next(case, head, council):
    row = written(case, head, head)
    take_step(case, "accuse", head, users=(head,))
    row.refresh_from_db()
    assert row.owner == council
