"""Printing the record form: who may, what is recorded, and the Word file (R153, R181)."""

import pytest

from complaints.models import Complaint, Viewing
from tests.employers.desk import asking
from tests.factories.accounts import UserFactory
from tests.factories.complaints import ComplaintFactory, take_step
from tests.word import text_of_word

pytestmark = pytest.mark.django_db
BLANK = "/complaints/paper/blank/"


def paper(case):
    """Returns the URL of the form."""
    return f"/complaints/{case.number}/paper/"


def viewings(case, user):
    """Returns the kinds of the recorded views of `user`, sorted."""
    return sorted(Viewing.objects.filter(complaint=case, user=user).values_list("what", flat=True))


@pytest.mark.parametrize("page", [BLANK, f"{BLANK}word/", "/complaints/paper/file/"])
def test_paper_asks_for_the_log_in(client, head, page):
    assert client.get(page).status_code == 302


def test_form_of_a_case_out_of_sight_is_not_found(case, registrar):
    absent = Complaint(number="2026-ZZZZZZ")
    for one in (case, absent):
        for page in (paper(one), f"{paper(one)}word/"):
            assert asking(registrar).get(page).status_code == 404, page
            assert asking(registrar).post(page).status_code == 404, page
    assert not Viewing.objects.exists()


def test_form_in_full_is_forbidden_to_who_only_reads(case, head, registrar):
    take_step(case, "list", head, user=registrar, text="要知道结果")
    client = asking(registrar)
    for page in (paper(case), f"{paper(case)}word/"):
        assert client.post(page).status_code == 403
    assert viewings(case, registrar) == []
    page = client.get(paper(case)).content.decode()
    assert "陈**" in page
    assert "用完整姓名和联系方式" not in page


def test_right_ends_with_the_place_on_the_list(case, head, registrar):
    take_step(case, "list", head, user=registrar, text="要知道结果")
    client = asking(registrar)
    assert client.get(paper(case)).status_code == 200
    take_step(case, "delist", head, user=registrar)
    assert client.get(paper(case)).status_code == 404


def test_each_printing_is_written_down(case, head):
    client = asking(head)
    client.get(paper(case))
    assert viewings(case, head) == ["paper"]
    client.get(f"{paper(case)}word/")
    assert viewings(case, head) == ["paper", "paper"]


def test_form_is_masked_until_head_or_handler_asks(case, head):
    client = asking(head)
    for page in (paper(case), f"{paper(case)}word/"):
        masked, full = client.get(page), client.post(page)
        texts = [text_of_word(each) if "word" in page else each.content.decode() for each in (masked, full)]
        assert "陈小满" not in texts[0]
        assert "13700006021" not in texts[0]
        assert "陈小满" in texts[1]
        assert "13700006021" in texts[1]
    assert viewings(case, head) == ["identity", "identity"] + ["paper"] * 4


def test_full_form_is_no_address_that_can_be_sent_on(case, head):
    assert "陈小满" not in asking(head).get(f"{paper(case)}?full=1").content.decode()


def test_mark_of_secrecy_is_on_every_page(head):
    case = ComplaintFactory(is_strictly_confidential=True, statement="说了很多话。" * 100)
    client = asking(head)
    printed = client.get(paper(case)).content.decode()
    assert printed.count('class="secmark"') == printed.count('<article class="a4') == 2
    assert text_of_word(client.get(f"{paper(case)}word/")).count("严格保密") == 2


def test_form_without_the_mark_says_nothing_of_secrecy(case, head):
    client = asking(head)
    assert "严格保密" not in client.get(paper(case)).content.decode()
    assert "严格保密" not in text_of_word(client.get(f"{paper(case)}word/"))


def test_page_and_word_file_say_the_same(case, head):
    client = asking(head)
    case = take_step(
        case, "reply", head, on=case.received_on, form_of_reply="phone", text="<b>原因</b> {{ 7*7 }}\x0b完"
    )
    page = client.get(paper(case)).content.decode()
    word = text_of_word(client.get(f"{paper(case)}word/"))
    for words in (
        "意见\\投诉收集及处理记录表",
        "☑投诉表",
        "☑电话",
        "探访没有按约定时间来",
        "负责人意见：",
        case.number,
    ):
        assert words in page, words
        assert words in word, words
    assert "&lt;b&gt;原因&lt;/b&gt; {{ 7*7 }}" in page
    assert "<b>原因</b> {{ 7*7 }}" in word


def test_continuation_is_in_the_word_file_too(head):
    case = ComplaintFactory(statement="说了很多话。" * 100)
    word = text_of_word(asking(head).get(f"{paper(case)}word/"))
    assert "意见\\投诉收集及处理记录表（续页）" in word
    assert "意见/投诉陈述（续）：" in word
    assert word.count("说了很多话。") > 90
    assert "第2页，共2页" in word


def test_blank_form_is_open_to_everybody_who_works_here(case):
    """R129, R181."""
    client = asking(UserFactory(volunteer=True))
    printed, word = client.get(BLANK).content.decode(), text_of_word(client.get(f"{BLANK}word/"))
    for text in (printed, word):
        assert "□建议表" in text
        assert "可撕下投入意见箱" in text
        assert case.number not in text
        assert "陈**" not in text


def test_name_of_the_word_file_holds_the_number_alone(case, head):
    name = asking(head).get(f"{paper(case)}word/")["Content-Disposition"]
    assert case.number in name
    assert "%E9%99%88" not in name
