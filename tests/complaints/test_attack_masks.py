"""The name and contact of the complainant appear nowhere that a reader may look."""

import io
import time
from datetime import timedelta

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from accounts.roles import Role
from complaints.access import masks
from complaints.models import Complaint
from tests.factories.accounts import UserFactory
from tests.factories.complaints import ComplaintFactory, take_step

NAME, PHONE, TITLE = "陈小满", "13700006021", "陈小满的探访没有按约定时间来"


@pytest.mark.parametrize(
    ("contact", "masked"),
    [
        ("chenxiaoman88 / 13700006021", "c** / 137****6021"),
        ("微信chenxiaoman88，电话13700006021", "微信c**，电话137****6021"),
        ("13700006021陈小满妈妈", "137****6021陈**"),
        ("137 0000 6021，0769-80001234", "1** 0** 6**，0769-8***4"),
        ("1371 234 6021 li.wei@example.com", "1** 2** 6** l***@example.com"),
        ("Chen Xiaoman lizi@example.com", "C** X** l***@example.com"),
        ("wx13700006021", "w**"),
    ],
)
def test_what_stands_beside_a_number_is_masked_too(contact, masked):
    assert masks.masked_contact(contact) == masked


@pytest.mark.parametrize(
    "contact", ["a" * 5000, "1" * 5000, "a@" * 2500, "1 " * 2500, "电话" * 2500, "号x" * 2500]
)
def test_masking_a_large_text_takes_no_seconds(contact):
    """In processor time: a pattern that tries every part of a text against every other takes far longer."""
    began = time.process_time()
    masks.masked_contact(contact)
    assert time.process_time() - began < 1


@pytest.fixture
def case(head):
    """A complaint whose texts repeat the name and number of the complainant."""
    text = f"我是{NAME}，电话{PHONE}"
    registered = ComplaintFactory(title=TITLE, statement=text)
    return take_step(registered, "note", head, text=f"已致电{NAME}（{PHONE}）")


def shows(answer):
    """Returns the secrets (name, number) that the response contains."""
    text = answer.content.decode()
    return [words for words in (NAME, PHONE) if words in text]


def test_workbook_masks_a_name_in_the_title(case, client):
    reader = UserFactory(roles=[Role.HEAD])
    take_step(case, "list", case.head, user=reader, text="请知悉")
    client.force_login(reader)
    answer = client.get(reverse("complaints:export"), {"show": "all"})
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    cells = " ".join(str(cell) for row in sheet.values for cell in row)
    assert "陈**的探访" in cells
    assert NAME not in cells
    assert PHONE not in cells


def test_reader_never_gets_the_name(case, client):
    reader = UserFactory()
    take_step(case, "list", case.head, user=reader, text="请知悉")
    client.force_login(reader)
    for name in ("case", "people", "paper"):
        answer = client.get(reverse(f"complaints:{name}", args=[case.number]))
        assert (answer.status_code, shows(answer)) == (200, [])
    assert client.post(reverse("complaints:identity", args=[case.number])).status_code == 403
    assert client.post(reverse("complaints:paper", args=[case.number])).status_code == 403


@pytest.fixture
def reader(case):
    """A colleague on the list who is neither head nor handler."""
    reader = UserFactory(name="知情人")
    take_step(case, "list", case.head, user=reader, text=f"{NAME}同意")
    return reader


def test_list_and_search_mask_the_title_for_a_reader(case, reader, head, client):
    """R153: whoever is only to know of it reads the title masked; the head reads it in full."""
    pages = [(reverse("complaints:list"), {"show": "all"}), (reverse("search"), {"q": case.number})]
    client.force_login(reader)
    for url, query in pages:
        page = client.get(url, query)
        assert "陈**的探访" in page.content.decode().replace("<mark>", "").replace("</mark>", "")
        assert shows(page) == []
    client.force_login(head)
    for url, query in pages:
        assert TITLE in client.get(url, query).content.decode()


def test_similar_complaints_are_masked_on_a_case_and_on_a_measure(case, reader, head, client):
    other = ComplaintFactory(title="另一件", statement="没有来", name="李四", contact="")
    take_step(other, "list", head, user=reader, text="请知悉")
    measure = other.improvements.create(
        measure="排班", owner=head, due_on=case.received_on, check_on=case.received_on
    )
    type(measure).objects.filter(pk=measure.pk).update(done_on=case.received_on - timedelta(1))
    client.force_login(reader)
    for url in (other.get_absolute_url(), measure.get_absolute_url()):
        page = client.get(url)
        assert case.number in page.content.decode()
        assert shows(page) == []
    client.force_login(head)
    assert NAME in client.get(other.get_absolute_url()).content.decode()


@pytest.mark.parametrize("found", ["1370000", "小满", "探访", "我是"])
def test_reader_finds_by_the_number_only_what_names_somebody(case, reader, head, client, found):
    """Otherwise a search for one digit after another tells the whole telephone number."""
    client.force_login(reader)
    for url, query in ((reverse("complaints:list"), {"show": "all"}), (reverse("search"), {})):
        assert case.number not in client.get(url, query | {"q": found}).content.decode()
        assert case.number in client.get(url, query | {"q": case.number[-6:]}).content.decode()
    client.force_login(head)
    assert case.number in client.get(reverse("complaints:list"), {"show": "all", "q": found}).content.decode()


def test_reader_finds_an_anonymous_one_by_its_text(case, reader, head, client):
    anonymous = ComplaintFactory(anonymous=True, title="门口的灯坏了")
    take_step(anonymous, "list", head, user=reader, text="请知悉")
    client.force_login(reader)
    page = client.get(reverse("complaints:list"), {"show": "all", "q": "的灯"}).content.decode()
    assert anonymous.number in page


def test_other_words_on_the_case_page_are_masked_for_a_reader(case, reader, head, client):
    Complaint.objects.filter(pk=case.pk).update(
        next_step=f"再联系{NAME}", opinion=f"已向{NAME}道歉", opinion_by=head, opinion_on=case.received_on
    )
    client.force_login(reader)
    for name in ("case", "people"):
        page = client.get(reverse(f"complaints:{name}", args=[case.number]))
        assert "陈**同意" in page.content.decode()
        assert shows(page) == []
    client.force_login(head)
    page = client.get(case.get_absolute_url()).content.decode()
    assert f"再联系{NAME}" in page
    assert f"已向{NAME}道歉" in page


@pytest.mark.parametrize(
    ("contact", "text", "masked"),
    [
        (f"{PHONE}{NAME}妈妈", f"请打{PHONE}{NAME}妈妈", "请打137****6021陈**"),
        (f"电话{PHONE}", f"我的号码是{PHONE}", "我的号码是137****6021"),
        ("微信：chenxm88", "加我，chenxm88", "加我，c**"),
        ("0769-80001234 转2", "转2号线，1楼，电话80001234", "转2号线，1楼，电话8***4"),
    ],
)
def test_text_that_repeats_a_part_of_the_contact_details_is_masked(contact, text, masked):
    assert masks.masker_for(Complaint(name=NAME, contact=contact))(text) == masked
