"""Excel exports of lists: their contents, and values that a spreadsheet must not run as formulas."""

import logging
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from relations.lists.workbook import (
    ESCAPED,
    MAX_CELL_CHARACTERS,
    escape_formula,
    export,
    fit_to_cell,
    from_cell,
    to_cell,
    utf16_length,
)
from tests.factories.accounts import UserFactory


@pytest.fixture
def today(at):
    return at("2026-10-12")


def sheet_of(answer):
    """The worksheet of a response."""
    return load_workbook(BytesIO(b"".join(answer.streaming_content))).active


def written(*values):
    """The cells of one row with these values, written and read again."""
    columns = [(f"列{place}", lambda row, place=place: row[place]) for place in range(len(values))]
    return next(iter(sheet_of(export([values], columns, "测试")).iter_rows(min_row=2)))


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+86 137",
        "-1+1",
        "@SUM(A1)",
        "＝1+1",
        "＋1",
        "－1",
        "＠SUM",
        "\t=1",
        "\r=1",
        "\n=1",
        "\t文字",
        "  =1",
        "　=1",
        "\u200b=1",
        "\ufeff=1",
        '=HYPERLINK("http://x","y")',
        "=cmd|' /C calc'!A0",
    ],
)
def test_text_that_starts_like_a_formula_is_neutralised(text):
    assert escape_formula(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "文字", "10-09", "a=b", "梁晓东 局长", "“=”", "'文字", "''", "1-2"])
def test_other_text_stays_as_it_is(text):
    assert escape_formula(text) == text


@pytest.mark.parametrize("text", ["=1+1", "＝1", " =1"])
def test_workbook_holds_no_live_formula(today, text):
    cell = written(text)[0]
    assert (cell.value, cell.data_type) == (f"'{text}", "s")


def test_heading_is_neutralised_too(today):
    answer = export([], [("=1+1", lambda row: row)], "测试")
    assert sheet_of(answer)["A1"].value == "'=1+1"


@pytest.mark.parametrize("text", ["空\x00字符", "铃\x07声", "半\ud800个", "非\uffff字"])
def test_signs_the_format_cannot_hold_are_left_out(today, text):
    assert written(text)[0].value == text[0] + text[2:]


@pytest.mark.parametrize("sign", ["字", "𠮷", "_x003D_"])
def test_long_text_is_cut_to_what_a_cell_holds_and_says_how_much_is_missing(today, sign):
    text = sign * 40000
    value = written(text)[0].value
    start, note = from_cell(value).split("……（")
    assert MAX_CELL_CHARACTERS // 3 < utf16_length(value) <= MAX_CELL_CHARACTERS
    assert text.startswith(start)
    assert note == f"后面还有{len(text) - len(start)}个字，一格放不下，没有导出）"


def test_text_that_just_fits_is_whole(today):
    assert written("字" * MAX_CELL_CHARACTERS)[0].value == "字" * MAX_CELL_CHARACTERS


NASTY = [
    *("=1+1", "+86 137", "-1", "@SUM(A1)", "＝1", "＋1", "－1", "＠1", "﹦1"),
    *("'=1", "''=1", "'", "''", "'文字", "'\t=", "'\u200b=1", "\u200b'=1"),
    *("\t=1", "\n文字", " =1", "　文字　", "\ufeff=1", "\u202e=1"),
    *("007", "13700004521", "4.41900E+17", "441900199001011234", "12.50%", "2026-01-05", "1/2", "TRUE"),
    *("#N/A", "#REF!", "_x003D_1+1", "_x000D_", "_x005F_", "_x0041_x0042_", "__x0041_", "_X0041_"),
    *("", " ", "行一\n行二", "<b>&amp;", "]]>", "𠮷", "e\u0301"),
]


@pytest.mark.parametrize("text", NASTY, ids=ascii)
def test_text_comes_back_as_it_was(today, text):
    assert from_cell(written(text)[0].value or "") == text


@given(st.text(alphabet=st.sampled_from("'=+@＝\t\n \u200b_x0D3aé字𠮷"), max_size=12) | st.text(max_size=30))
def test_every_text_comes_back_as_far_as_a_cell_can_hold_it(text):
    assert from_cell(to_cell(text)) == fit_to_cell(text)


@given(st.text(alphabet=st.sampled_from("'=_x03D\u200b"), max_size=10))
def test_no_text_becomes_a_formula_in_excel(text):
    seen = ESCAPED.sub(lambda found: chr(int(found[1], 16)), to_cell(text)).replace("\u200b", "")
    assert not seen.startswith("=")


def test_error_text_is_written_as_text(today):
    cell = written("#N/A")[0]
    assert (cell.value, cell.data_type) == ("#N/A", "s")


def test_values_keep_their_kind(today):
    moment = datetime(2026, 10, 12, 9, 30, tzinfo=ZoneInfo("UTC"))
    day, time, number, amount, nothing, lines = written(
        date(2026, 10, 9), moment, 3, Decimal("12.50"), None, "一\n二"
    )
    assert (day.value.date(), day.number_format) == (date(2026, 10, 9), "yyyy-mm-dd")
    assert (time.value, time.number_format) == (datetime(2026, 10, 12, 17, 30), "yyyy-mm-dd hh:mm")
    assert (number.value, amount.value, nothing.value) == (3, 12.5, None)
    assert lines.value == "一\n二"
    assert lines.alignment.wrap_text


def test_workbook_has_a_name_headings_and_widths(today):
    answer = export([("青岚镇社会事务局",)], [("单位", lambda row: row[0])], "用人单位")
    assert unquote(answer["Content-Disposition"]) == "attachment; filename*=utf-8''用人单位2026-10-12.xlsx"
    assert answer["Cache-Control"] == "private, no-store"
    sheet = sheet_of(answer)
    assert (sheet.title, sheet["A1"].value, sheet["A1"].font.bold) == ("用人单位", "单位", True)
    assert sheet.freeze_panes == "A2"
    assert sheet.column_dimensions["A"].width == 18


@pytest.mark.parametrize("title", ["坏:名/字?*[]\\", "很长的名字" * 10])
def test_title_that_excel_refuses_is_mended(today, title):
    assert 0 < len(sheet_of(export([], [("列", str)], title)).title) <= 31


@pytest.mark.django_db
def test_export_is_told_to_the_log(today, caplog):
    user = UserFactory()
    with caplog.at_level(logging.INFO, logger="relations.lists.workbook"):
        export([1, 2, 3], [("列", str)], "用人单位", by=user).close()
    assert caplog.messages == [f"export 用人单位: 3 rows by user {user.pk}"]


def test_many_rows_come_through(today):
    rows = ({"n": place} for place in range(2500))
    answer = export(rows, [("数", lambda row: row["n"])], "多", count=2500)
    assert [row[0] for row in sheet_of(answer).iter_rows(min_row=2, values_only=True)] == list(range(2500))
