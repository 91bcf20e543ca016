"""Crafted workbooks are refused or harmless, and cost little memory; each is read in a process of its own."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MORE = 300 * 1024  # kilobytes of additional memory allowed
READ = """
import json, resource, sys
from django.conf import settings
settings.configure(USE_I18N=False)
from relations.imports import workbook_reader
from relations.imports.faults import Unreadable
said, count, texts = "", 0, ""
try:
    with workbook_reader.open_workbook(sys.argv[1]) as sheets:
        for sheet in sheets:
            sheet.merges
            for _number, values in sheet.rows:
                count += 1
                texts = (texts + str(values))[:2000]
except Unreadable as problem:
    said = str(problem)
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"said": said, "rows": count, "texts": texts, "memory": memory}))
"""
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
LAUGHS = "<!DOCTYPE l [<!ENTITY a '哈'>" + "".join(
    f"<!ENTITY {name} '{f'&{before};' * 10}'>" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
PASSWD = '<!DOCTYPE l [<!ENTITY i SYSTEM "file:///etc/passwd">'


def text_cell(text="&i;", place="A1"):
    """Returns the XML of a cell with an inline text."""
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


NAMED = f'<row r="1">{text_cell("单位名称")}</row>'


def sheet(inside=NAMED, before="", dimension="A1:A1"):
    """Returns the XML of a worksheet with these rows; `before` stands ahead of its root element."""
    head = f'<?xml version="1.0"?>{before}<worksheet xmlns="{MAIN}"><dimension ref="{dimension}"/><sheetData>'
    return f"{head}{inside}</sheetData></worksheet>"


def package(
    path, part, name="xl/worksheets/sheet1.xml", strings=None, strings_name="xl/sharedStrings.xml", **more
):
    """Writes a workbook to `path` and returns it; its sheet is `part` (text, bytes or iterator of bytes)."""
    kinds = {f"/{name}": "worksheet", "/xl/workbook.xml": "sheet.main"}
    kinds |= {f"/{strings_name}": "sharedStrings"} if strings else {}
    types = "".join(
        f'<Override PartName="{where}" ContentType="{OFFICE}.{kind}+xml"/>' for where, kind in kinds.items()
    )
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f"{types}</Types>",
        "_rels/.rels": relations(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATION}"><sheets>'
        '<sheet name="表" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations(("worksheet", name.removeprefix("xl/"))),
        name: part,
    }
    parts |= {strings_name: strings} if strings else {}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as found:
        for where, content in (parts | more).items():
            with found.open(where, "w") as stream:
                for piece in [content] if isinstance(content, (str, bytes)) else content:
                    stream.write(piece.encode() if isinstance(piece, str) else piece)
    return path


def relations(*targets):
    """Returns the XML of relationships with these (type, target) pairs."""
    rows = "".join(
        f'<Relationship Id="rId{number}" Type="{RELATION}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{rows}</Relationships>'


def shared_strings(count):
    """Yields a table of `count` shared strings, which compresses to less than the largest file allowed."""
    some = "".join(f"<si><t>甲{number * 2654435761 % 2**32:x}</t></si>" for number in range(5000))
    yield f'<sst xmlns="{MAIN}">'
    for _time in range(count // 5000):
        yield some
    yield "</sst>"


def zeros(megabytes):
    """Yields this many megabytes of zero bytes."""
    for _megabyte in range(megabytes):
        yield b"\0" * (1 << 20)


def rows(count, cells=1):
    """Yields a sheet of `count` rows with different texts."""
    yield sheet("").partition("</sheetData>")[0]
    for row in range(1, count + 1):
        texts = "".join(
            f'<c t="inlineStr"><is><t>{row * 2654435761 % 2**32:x}</t></is></c>' for _cell in range(cells)
        )
        yield f'<row r="{row}">{texts}</row>'
    yield "</sheetData></worksheet>"


HARMFUL = {
    "two hundred megabytes of nothing": lambda path: package(path, zeros(200)),
    "billion laughs": lambda path: package(path, sheet(text_cell(), LAUGHS + "]>")),
    "billion laughs under another name": lambda path: package(
        path, sheet(text_cell(), LAUGHS + "]>"), name="xl/worksheets/sheet1.dat"
    ),
    "a file of the server": lambda path: package(path, sheet(text_cell(), PASSWD + "]>")),
    "a file of the server under another name": lambda path: package(
        path, sheet(text_cell(), PASSWD + "]>"), name="xl/worksheets/sheet1.png"
    ),
    "three million strings": lambda path: package(path, sheet(), strings=shared_strings(3_000_000)),
    "three million strings under another name": lambda path: package(
        path, sheet(), strings=shared_strings(3_000_000), strings_name="xl/media/strings.png"
    ),
    "a file of the server behind blanks": lambda path: package(
        path,
        " " * 5000 + sheet(text_cell(), PASSWD + "]>").partition("?>")[2],
        name="xl/worksheets/sheet1.bin",
    ),
    "two million strings in another part": lambda path: package(
        path, sheet(), strings=shared_strings(1_900_000), strings_name="xl/styles2.xml"
    ),
    "a hundred thousand rows": lambda path: package(path, rows(100_000)),
    "one row with half a million cells": lambda path: package(path, rows(1, 500_000)),
}
HARMLESS = {
    "a plain one": lambda path: package(path, sheet()),
    "a lying dimension": lambda path: package(path, sheet(dimension="A1:XFD1048576")),
    "a cell far out": lambda path: package(path, sheet(f'<row r="1">{text_cell("x", "XFD1")}</row>')),
    "twenty parts with the names of others": lambda path: package(
        path, sheet(), **{f"../../etc/cron.d/{number}": "x" for number in range(20)}
    ),
}


def read(path):
    """Returns the result of reading the workbook at `path`: {said (error), rows, texts, memory in kilobytes}."""
    done = subprocess.run(
        [sys.executable, "-c", READ, str(path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """Control: the result of reading the plain workbook."""
    found = read(HARMLESS["a plain one"](tmp_path_factory.mktemp("plain") / "a.xlsx"))
    assert (found["said"], found["rows"]) == ("", 1)
    return found


@pytest.mark.parametrize("kind", sorted(HARMFUL))
def test_harmful_workbook_is_refused_for_little_memory(plain, tmp_path, kind):
    found = read(HARMFUL[kind](tmp_path / "crafted.xlsx"))
    assert found["memory"] - plain["memory"] < MORE
    assert "root:" not in found["texts"]
    assert "哈哈" not in found["texts"]
    assert found["said"] or "cells" in kind  # of a very long row only the first columns are read


@pytest.mark.parametrize("kind", sorted(HARMLESS))
def test_odd_workbook_is_read_for_little_memory(plain, tmp_path, kind):
    found = read(HARMLESS[kind](tmp_path / "odd.xlsx"))
    assert found["said"] == ""
    assert found["rows"] <= 1
    assert found["memory"] - plain["memory"] < MORE
