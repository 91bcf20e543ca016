"""The list of a complaint: who may know of it; and who has viewed it."""

import pytest
from django.urls import reverse

from complaints.models import Access, ExcludedPerson, Viewing
from tests.complaints.cases import address
from tests.factories.accounts import UserFactory
from tests.factories.complaints import take_step
from tests.queries import queries_of_page


def send(client, by, case, name, /, **data):
    """Submits the form of a step from the page of the list. Returns the response."""
    client.force_login(by)
    case.refresh_from_db()
    return client.post(address("act", case, name), {"version": case.version, "back": "people", **data})


@pytest.mark.parametrize("name", ["people", "seen"])
def test_outsider_finds_nothing(name, client, case, registrar):
    client.force_login(registrar)
    assert client.get(address(name, case)).status_code == 404


def test_who_has_looked_is_for_the_head(client, case, head, handler, director):
    take_step(case, "appoint", head, user=handler)
    take_step(case, "list", head, user=director, text="督促")
    for user in (handler, director):
        client.force_login(user)
        assert client.get(address("seen", case)).status_code == 403
    client.force_login(head)
    assert client.get(address("seen", case)).status_code == 200


def test_reader_sees_the_list_and_cannot_change_it(client, case, head, director):
    take_step(case, "list", head, user=director, text="督促")
    client.force_login(director)
    page = client.get(address("people", case)).content.decode()
    assert "周主任" in page
    assert "/act/" not in page
    assert address("seen", case) not in page


def test_added_and_removed_at_once(client, case, head, director):
    answer = send(client, head, case, "list", user=director.pk, text="督促")
    assert answer["Location"] == address("people", case)
    client.force_login(director)
    assert client.get(address("people", case)).status_code == 200
    assert send(client, head, case, "delist", user=director.pk)["Location"] == address("people", case)
    client.force_login(director)
    assert client.get(address("people", case)).status_code == 404
    assert list(Access.objects.filter(user=director).values_list("taken_by", flat=True)) == [head.pk]


def test_head_and_handler_are_not_taken_off(client, case, head, handler):
    take_step(case, "appoint", head, user=handler)
    for user in (head, handler):
        assert send(client, head, case, "delist", user=user.pk).status_code == 200
    assert Access.objects.current().count() == 2


def test_mark_and_those_not_to_be_told(client, case, head, director, registrar):
    take_step(case, "list", head, user=director, text="督促")
    data = {"is_strict": "on", "users": [director.pk, registrar.pk], "words": "驻点单位", "text": "对方要求"}
    assert send(client, head, case, "mark", **data).status_code == 302
    case.refresh_from_db()
    assert case.is_strictly_confidential
    assert ExcludedPerson.objects.count() == 3
    client.force_login(director)
    assert client.get(address("people", case)).status_code == 404


def test_accused_head_is_led_away(client, case, head, council):
    answer = send(client, head, case, "accuse", users=[head.pk])
    assert answer["Location"] == reverse("complaints:list")
    case.refresh_from_db()
    assert case.head == council


def test_looks_are_listed_newest_first_and_page_by_page(client, case, head):
    for _number in range(55):
        Viewing.objects.create(complaint=case, user=head, what="case")
    Viewing.objects.create(complaint=case, user=head, what="identity")
    client.force_login(head)
    answer = client.get(address("seen", case))
    page = answer.context["page"]
    assert (len(page.rows), page.rows[0].what, page.newer) == (50, "identity", None)
    rest = client.get(address("seen", case), {"after": page.older}).context["page"]
    assert (len(rest.rows), rest.older) == (6, None)


@pytest.mark.parametrize("name", ["people", "seen"])
def test_costs_do_not_grow(name, client, case, head):
    client.force_login(head)
    take_step(case, "list", head, user=UserFactory(), text="需要知道")
    once = queries_of_page(client, address(name, case))
    for _number in range(10):
        take_step(case, "list", head, user=UserFactory(), text="需要知道")
        Viewing.objects.create(complaint=case, user=UserFactory(), what="case")
    assert queries_of_page(client, address(name, case)) == once
