"""Opening a workbook that a stranger may have made: sizes are checked before anything is unpacked."""

import re
import zipfile
from dataclasses import dataclass

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries

from employers.importing.faults import Unreadable

LARGEST_FILE = 20 * 1024 * 1024
LARGEST_UNPACKED = 300 * 1024 * 1024
LARGEST_RATIO = 200
MOST_ROWS = 60_000
MOST_COLUMNS = 60
MOST_MERGES = 20_000
MOST_PARTS = 500
MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3}\d+:[A-Z]{1,3}\d+)"')
MERGED_CELLS = re.compile(rb"<(?:\w+:)?mergeCells[\s>]")
CHUNK = 1 << 20


@dataclass(frozen=True)
class Sheet:
    """The visible values of one sheet: `rows` yields (row number from 1, list of values)."""

    title: str
    rows: list
    merges: list


def read(path):
    """Returns the sheets of the workbook at `path` that hold anything, as a list of Sheet.

    Raises Unreadable when it is no .xlsx workbook, too large, or made to do harm.
    """
    parts = checked_parts(path)
    try:
        book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
        sheets = [sheet_of(path, book, ws, parts) for ws in book.worksheets if ws.sheet_state == "visible"]
        book.close()
    except Unreadable:
        raise
    except Exception as problem:  # a broken workbook fails in many ways inside the library
        raise Unreadable(_("这个文件打不开。请用Excel另存为“Excel工作簿（.xlsx）”再上传。")) from problem
    return [sheet for sheet in sheets if sheet.rows]


def checked_parts(path):
    """The names of the parts of the package, after its sizes were found harmless."""
    try:
        with zipfile.ZipFile(path) as package:
            parts = package.infolist()
            check_sizes(parts)
            refuse_entities(package, parts)
            return [part.filename for part in parts]
    except zipfile.BadZipFile as problem:
        raise Unreadable(_("这不是.xlsx文件。旧的.xls文件请用Excel另存为.xlsx再上传。")) from problem


def check_sizes(parts):
    packed = sum(part.compress_size for part in parts) or 1
    unpacked = sum(part.file_size for part in parts)
    if packed > LARGEST_FILE or unpacked > LARGEST_UNPACKED or unpacked / packed > LARGEST_RATIO:
        raise Unreadable(_("这个文件太大，或者是不正常的压缩文件，没有打开。"))
    if len(parts) > MOST_PARTS:
        raise Unreadable(_("这个文件的结构不正常，没有打开。"))


def refuse_entities(package, parts):
    """A document type declaration has no place in a workbook; it is the way of entity bombs."""
    for part in parts:
        if part.filename.endswith((".xml", ".rels")):
            with package.open(part) as stream:
                if b"<!DOCTYPE" in stream.read(4096).upper():
                    raise Unreadable(_("这个文件的结构不正常，没有打开。"))


def sheet_of(path, book, ws, parts):
    ws.reset_dimensions()  # the size a workbook claims may be a lie
    rows = []
    for number, values in enumerate(ws.iter_rows(values_only=True, max_col=MOST_COLUMNS), start=1):
        if number > MOST_ROWS:
            raise Unreadable(_("超过%s行，请分成几个文件。") % MOST_ROWS)
        if kept := without_empty_end(values):
            rows.append((number, kept))
    return Sheet(ws.title, rows, merges_of(path, ws))


def without_empty_end(values):
    """The values of a row up to the last that is not empty."""
    last = max((place for place, value in enumerate(values) if value is not None), default=-1)
    return list(values[: last + 1])


def merges_of(path, ws):
    """The merged ranges as (first column, first row, last column, last row), read past the rows as a stream."""
    found, tail, inside = [], b"", False
    with zipfile.ZipFile(path) as package, package.open(ws._worksheet_path) as stream:
        while chunk := stream.read(CHUNK):
            tail += chunk
            inside = inside or bool(MERGED_CELLS.search(tail))
            if inside:
                found += [match.decode() for match in MERGE.findall(tail)]
                if len(found) > MOST_MERGES:
                    raise Unreadable(_("合并单元格太多，请先取消合并再上传。"))
            cut = tail.rfind(b"<")
            tail = tail[cut:] if cut > 0 else tail[-200:]
    return [range_boundaries(ref) for ref in dict.fromkeys(found)]
