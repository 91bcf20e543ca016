"""Harmful workbooks are refused before they are read; the limits leave room for every real register."""

import zipfile

import pytest
from openpyxl import Workbook

from accounts.roles import Role
from employers.importing.spec import EMPLOYERS
from relations.imports import package_checks, workbook_reader
from relations.imports.faults import Unreadable
from relations.imports.reading import read_workbook
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db
HEADINGS = ["单位名称", "对接人", "联系电话"]
SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture
def by():
    return UserFactory(roles=[Role.DIRECTOR])


@pytest.fixture
def crafted(tmp_path):
    """A function that writes a workbook of one employer, with `parts` ({name: text or bytes}) added or replaced.

    Returns its path.

    """

    def write(parts, merges=()):
        book = Workbook()
        book.active.append(HEADINGS)
        book.active.append(["青岚镇司法分局", "陈志远", "0769-80001234"])
        plain, path = tmp_path / "plain.xlsx", tmp_path / "crafted.xlsx"
        book.save(plain)
        with zipfile.ZipFile(plain) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
            contents = {name: source.read(name) for name in source.namelist()}
            ranges = "".join(f'<mergeCell ref="{merge}"/>' for merge in merges)
            contents[SHEET] = contents[SHEET].replace(
                b"</sheetData>", f"</sheetData><mergeCells>{ranges}</mergeCells>".encode()
            )
            for name, content in (contents | parts).items():
                package.writestr(name, content)
        return path

    return write


def test_plain_workbook_is_read(by, crafted):
    assert read_workbook(EMPLOYERS, crafted({}), by=by).counts["new"] == 1


@pytest.mark.parametrize(
    "part",
    [
        b"<!--" + b"<>" * 40_000 + b"--><!DOCTYPE x><x/>",
        b"<!--" + b"<>" * 40_000 + b"--><!doctype x><x/>",
        "<!DOCTYPE x><x/>".encode("utf-16"),
        b"<x>" + b"a" * (3 * package_checks.BLOCK) + b"</x>",
        b'<x a="' + b"a" * (3 * package_checks.BLOCK) + b'"/>',
    ],
    ids=["late doctype", "small doctype", "other encoding", "endless text", "endless attribute"],
)
@pytest.mark.parametrize("name", [SHEET, "xl/sharedStrings.xml", "xl/extra.rels"])
def test_part_no_program_writes_is_refused(by, crafted, name, part):
    noise = bytes(range(256)) * 400  # incompressible, so that the package is not refused as a ZIP bomb
    with pytest.raises(Unreadable, match="不正常"):
        read_workbook(EMPLOYERS, crafted({name: part, "xl/media/image1.png": noise}), by=by)


ICON = b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>'
DRAWN = b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'


@pytest.mark.parametrize(
    "drawing",
    [ICON, b'<?xml version="1.0"?>' + DRAWN + ICON, b'<svg><image href="' + b"Qk1a" * 200_000 + b'"/></svg>'],
    ids=["icon", "with its document type", "with a picture"],
)
def test_drawing_beside_the_register_does_no_harm(by, crafted, drawing):
    noise = bytes(range(256)) * 400
    path = crafted({"xl/media/image1.svg": drawing, "xl/media/image2.png": noise})
    assert read_workbook(EMPLOYERS, path, by=by).counts["new"] == 1


@pytest.mark.parametrize(
    "drawing",
    [
        b'<!DOCTYPE svg [<!ENTITY a "b">]>' + ICON,
        b'<!DOCTYPE svg [<!entity % a SYSTEM "file:///etc/passwd">]>' + ICON,
        b"<svg>" + b"a" * package_checks.MAX_DRAWING_BYTES + b"</svg>",
    ],
    ids=["entity", "file of the server", "endless"],
)
def test_worksheet_named_as_drawing_is_refused(by, crafted, drawing):
    noise = bytes(range(256)) * 400
    with pytest.raises(Unreadable, match="不正常"):
        read_workbook(
            EMPLOYERS, crafted({"xl/media/image1.svg": drawing, "xl/media/image2.png": noise}), by=by
        )


def test_tags_of_drawings_are_counted(by, crafted, monkeypatch):
    path = crafted({"xl/media/image1.svg": b"<svg>" + b"<a/>" * 200 + b"</svg>"})
    read_workbook(EMPLOYERS, path, by=by)
    monkeypatch.setattr(package_checks, "MAX_TAGS", 200)
    with pytest.raises(Unreadable, match="格子太多"):
        read_workbook(EMPLOYERS, path, by=by)


def test_doctype_across_two_blocks_is_seen(by, crafted):
    part = b"<!--" + b"<" * (package_checks.BLOCK - 9) + b"--><!DOCTYPE x><x/>"
    assert part[: package_checks.BLOCK].endswith(b"<!")
    with pytest.raises(Unreadable):
        package_checks.check_package(crafted({SHEET: part}))


def test_too_many_cells_are_refused(by, crafted, monkeypatch):
    monkeypatch.setattr(package_checks, "MAX_TAGS", 100)
    with pytest.raises(Unreadable, match="格子太多"):
        read_workbook(EMPLOYERS, crafted({}), by=by)


def test_bounds_leave_room_for_sixty_thousand_rows_of_twenty_cells():
    assert workbook_reader.MAX_ROWS * (20 * 4 + 2) < package_checks.MAX_TAGS


def test_rows_of_all_sheets_are_counted_together(by, tmp_path, monkeypatch):
    monkeypatch.setattr(workbook_reader, "MAX_ROWS", 15)
    book = Workbook()
    for ws in (book.active, book.create_sheet("二")):
        ws.append(HEADINGS)
        for place in range(10):
            ws.append([f"{ws.title}第{place}家", "陈志远", "0769-80001234"])
    path = tmp_path / "two.xlsx"
    book.save(path)
    with pytest.raises(Unreadable, match="超过15行"):
        read_workbook(EMPLOYERS, path, by=by)


def test_merged_cells_over_more_rows_than_a_register_has_are_refused(by, crafted):
    merges = [f"{column}3:{column}1048576" for column in "ABC"]
    with pytest.raises(Unreadable, match="合并单元格太多"):
        read_workbook(EMPLOYERS, crafted({}, merges=merges), by=by)


def test_cell_with_too_many_people_is_a_fault(by, tmp_path):
    book = Workbook()
    book.active.append(HEADINGS)
    book.active.append(["青岚镇司法分局", "、".join(f"陈{n}" for n in range(5_000)), None])
    path = tmp_path / "crowd.xlsx"
    book.save(path)
    reading = read_workbook(EMPLOYERS, path, by=by)
    assert [(fault.column, fault.value) for fault in reading.faults] == [("对接人", "陈0")]
    assert reading.plans[0].entry.people == []
