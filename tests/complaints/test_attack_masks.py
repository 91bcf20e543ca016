"""The name and contact of the complainant appear nowhere that a reader may look."""

import io
import time

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from accounts.roles import Role
from complaints.access import masks
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
def test_masking_a_large_text_is_fast(contact):
    began = time.monotonic()
    masks.masked_contact(contact)
    assert time.monotonic() - began < 1


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
