"""The contents of the record form, blank and filled, and the continuation of long texts (R168-R181)."""

from datetime import date, timedelta

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from complaints.measures import actions as measures
from complaints.models import Complaint
from complaints.paper import content as papers
from complaints.paper import layout as paper_layout
from complaints.paper.layout import Paragraph, allocate_lines, continuation_pages, lay_out, split_paragraphs
from tests.factories.complaints import ComplaintFactory, take_step

pytestmark = pytest.mark.django_db
PHONED = {"form_of_reply": "phone"}


def sheet(case, by, full=False):
    """Returns the contents of the form of `case`, printed by `by`."""
    found = papers.with_paper_fields(Complaint.objects.filter(pk=case.pk)).get()
    return papers.form_of(found, by=by, full=full)


def all_words(value):
    """Returns all texts in a form, joined."""
    if isinstance(value, dict):
        return "\n".join(all_words(each) for each in value.values())
    if isinstance(value, list | tuple):
        return "\n".join(all_words(each) for each in value)
    return str(value)


def text_of_box(box):
    """Returns the text of a box of the form."""
    return "\n".join(each["text"] for each in box["paragraphs"])


def test_name_and_contact_are_masked_in_every_text(head):
    statement = "我是陈小满，电话13700006021，请回电。"
    case = ComplaintFactory(statement=statement, title="陈小满来信")
    replied = take_step(case, "reply", head, on=case.received_on, text="已回复陈小满。", **PHONED)
    printed = all_words(sheet(replied, head))
    assert "陈小满" not in printed
    assert "13700006021" not in printed
    assert "主题：陈**来信" in printed
    assert "137****6021" in printed


def test_name_and_contact_are_printed_in_full_when_asked_for(head):
    printed = all_words(sheet(ComplaintFactory(), head, full=True))
    assert "陈小满" in printed
    assert "13700006021" in printed


def test_name_of_one_sign_does_not_mask_every_word_with_that_sign(head):
    case = ComplaintFactory(name="陈", statement="陈列架倒了。")
    found = sheet(case, head)
    assert found["name"] == "陈**"
    assert "陈列架倒了。" in text_of_box(found["boxes"][0])


def test_blank_form_holds_no_word_of_a_case():
    blank = papers.blank_sheet()
    assert blank["kinds"] == ["□建议表", "□投诉表"]
    assert blank["methods"] == ["□口头", "□书面", "□微信", "□QQ", "□电话", "□意见箱", "□民主会议"]
    assert [box["paragraphs"] for box in blank["boxes"]] == [[], [], [], []]
    assert blank["foot"] == "可撕下投入意见箱，或交给任何一位社工。"
    assert "用人单位／服务对象对回复是否满意" in blank["boxes"][2]["head"]
    assert blank["more"] == []


@pytest.mark.parametrize(
    ("kind", "ticked", "beside"),
    [
        ("complaint", ["□建议表", "☑投诉表"], ""),
        ("suggestion", ["☑建议表", "□投诉表"], ""),
        ("praise", ["☑建议表", "□投诉表"], "（表扬）"),
    ],
)
def test_kind_is_ticked_and_praise_written_beside(head, kind, ticked, beside):
    found = sheet(ComplaintFactory(kind=kind), head)
    assert (found["kinds"], found["beside"]) == (ticked, beside)


@pytest.mark.parametrize(
    ("person_class", "who"),
    [
        ("employer", "用人单位"),
        ("client", "服务对象"),
        ("family", "服务对象"),
        ("partner", "合作方"),
        ("staff", "员工"),
        ("other", "反映人"),
    ],
)
def test_line_of_the_result_asks_whoever_raised_it(head, person_class, who):
    """R178, R449."""
    found = sheet(ComplaintFactory(person_class=person_class), head)
    assert f"（{who}对回复是否满意，" in found["boxes"][2]["head"]


def test_form_is_chinese_for_a_reader_of_english(head):
    case = ComplaintFactory(method="box")
    case = take_step(case, "reply", head, on=case.received_on, text="已回复。", **PHONED)
    with translation.override("en"):
        found = sheet(case, head)
    assert "☑意见箱" in found["methods"]
    assert text_of_box(found["boxes"][1]) == "9月28日电话：已回复。"


def test_anonymous_form_says_so_and_keeps_what_contact_there_is(head):
    found = sheet(ComplaintFactory(is_anonymous=True, name="", contact="13700006021"), head)
    assert (found["name"], found["contact"]) == ("匿名", "137****6021")


def test_dates_are_those_of_the_matter_not_of_its_entry(head, today):
    case = ComplaintFactory(stated_on=date(2026, 9, 21), received_on=date(2026, 9, 24))
    found = sheet(case, head)
    assert "".join(part for pair in found["filled_on"] for part in pair) == "2026年9月21日"
    assert "".join(part for pair in found["received_on"] for part in pair) == "2026年9月24日"
    assert found["boxes"][0]["on"] == found["filled_on"]


def test_foot_says_which_who_when_and_how_many_pages(head):
    case = ComplaintFactory()
    foot = f"{case.number}　打印：周主任　2026年9月28日 周一 10:00　第1页，共1页"
    assert sheet(case, head)["foot"] == foot


@pytest.fixture
def ended(head, handler, registrar, today):
    """A complaint through the whole course: reply, not satisfied, plan, answer, satisfied, measure, opinion."""
    case = take_step(ComplaintFactory(by=registrar), "appoint", head, user=handler)
    case = take_step(case, "reply", handler, on=today, text="原因：临时有急事。", **PHONED)
    case = take_step(case, "unsatisfied", handler, on=today, text="希望有办法。")
    due = {"on": today, "due_on": today + timedelta(days=3)}
    case = take_step(case, "plan", head, text="改期提前一天说。", **due, **PHONED)
    case = take_step(case, "answer", handler, on=today, text="已按新办法做了。", form_of_reply="interview")
    case = take_step(case, "satisfied", handler, on=today, text="家属来过。")
    measures.add_measure(
        case, by=head, today=today, measure="改期提前一天告知", owner=handler,
        due_on=date(2026, 10, 9), check_on=date(2027, 1, 9),
    )  # fmt: skip
    case.refresh_from_db()
    return take_step(case, "sign", head, text="同意处理意见。", finding="true")


def test_filled_form_holds_reply_result_and_opinion(ended, head):
    _statement, reply, result, opinion = sheet(ended, head)["boxes"]
    lines = [
        "9月28日电话：原因：临时有急事。",
        "9月28日电话：改期提前一天说。",
        "9月28日面谈：已按新办法做了。",
    ]
    assert text_of_box(reply).split("\n") == lines
    assert text_of_box(result).split("\n") == ["9月28日：服务对象对回复满意。家属来过。", "无需进一步跟进。"]
    measure = "改善措施：改期提前一天告知（高副总，10月9日前完成）"
    assert text_of_box(opinion).split("\n") == ["属实。同意处理意见。", measure]
    assert opinion["on"][2] == ("28", "日")
    assert sheet(ended, head)["signed_by"] == "周主任"


def test_next_step_that_is_open_is_on_the_form(head, today):
    case = take_step(ComplaintFactory(), "reply", head, on=today, text="已回复。", **PHONED)
    case = take_step(case, "follow_up", head, text="下周再看一次", due_on=date(2026, 10, 9))
    assert text_of_box(sheet(case, head)["boxes"][2]) == "需要进一步跟进：下周再看一次（10月9日前）"


def test_what_was_passed_on_names_the_body(head, today):
    """R164."""
    case = take_step(ComplaintFactory(), "pass_on", head, on=today, words="青岚镇环卫所", text="已去函。")
    assert text_of_box(sheet(case, head)["boxes"][2]) == "9月28日转交青岚镇环卫所。已去函。"


def test_anonymous_personnel_matter_says_why_it_is_not_processed(head):
    case = ComplaintFactory(anonymous=True, personnel=True)
    assert "不予处理" in text_of_box(sheet(case, head)["boxes"][2])


def test_matter_registered_in_error_says_so(head):
    case = take_step(ComplaintFactory(), "void", head, text="登记了两次")
    assert text_of_box(sheet(case, head)["boxes"][2]) == "登记有误：登记了两次"


def test_long_statement_goes_on_with_every_word_and_its_number(head):
    statement = "\n".join(f"第{n}段" + "说了很多话。" * 40 for n in range(20))
    found = sheet(ComplaintFactory(statement=statement), head)
    shown = found["boxes"][0]["paragraphs"] + [
        one for page in found["more"] for section in page["sections"] for one in section["paragraphs"]
    ]
    assert found["boxes"][0]["goes_on"]
    assert "".join(one["text"] for one in shown[1:]) == statement.replace("\n", "")
    pages = 1 + len(found["more"])
    assert pages > 2
    for number, page in enumerate(found["more"], 2):
        assert found["number"] in page["foot"]
        assert page["foot"].endswith(f"第{number}页，共{pages}页")


def test_short_texts_need_no_other_page(ended, head):
    assert sheet(ended, head)["more"] == []


def test_room_that_one_box_leaves_goes_to_another(head):
    case = ComplaintFactory(statement="短。")
    case = take_step(case, "reply", head, on=case.received_on, text="说明原因。" * 38, **PHONED)
    found = sheet(case, head)
    assert not found["boxes"][1]["goes_on"]
    assert found["boxes"][1]["height"] == 2 + 6
    assert found["boxes"][0]["height"] == 2 + 3


def test_empty_box_keeps_its_room_for_the_pen():
    assert allocate_lines([9, 0, 0, 0], [5, 4, 3, 2]) == [5, 4, 3, 2]


def test_height_of_the_form_is_always_that_of_one_page():
    for needs in ([1, 1, 1, 1], [2, 9, 1, 0], [30, 30, 30, 30], [0, 0, 0, 0], [6, 3, 2, 2]):
        assert sum(allocate_lines(needs, [5, 4, 3, 2])) == 14


TEXTS = st.lists(st.text(alphabet="中，。a1 ", min_size=1, max_size=300), max_size=6)


@given(TEXTS, st.integers(0, 20))
def test_nothing_is_lost_where_a_text_is_cut(texts, lines):
    paragraphs = [Paragraph(text) for text in texts]
    shown, rest = split_paragraphs(paragraphs, lines)
    assert "".join(each.text for each in shown + rest) == "".join(texts)


@given(TEXTS, TEXTS)
def test_continuation_pages_hold_all_that_is_left_and_are_never_too_long(first, second):
    rests = [("甲", [Paragraph(text) for text in first]), ("乙", [Paragraph(text) for text in second])]
    pages = continuation_pages(rests)
    held = "".join(one.text for page in pages for _name, text in page for one in text)
    assert held == "".join(first + second)
    for page in pages:
        lines = sum(paper_layout.SECTION_LINES + paper_layout.total_lines(text) for _name, text in page)
        assert lines <= paper_layout.CONTINUATION_LINES + len(page)


@given(TEXTS)
def test_box_never_shows_more_than_it_is_high(texts):
    laid = lay_out([[Paragraph(text) for text in texts]], [5])[0]
    room = laid.lines - (1 if laid.rest else 0)
    assert paper_layout.total_lines(laid.paragraphs) <= room + 1


def test_line_does_not_begin_with_a_full_stop():
    fits, over = Paragraph("中" * 35 + "。" + "中", False).cut(1)
    assert (fits.text, over.text) == ("中" * 35 + "。", "中")
