"""Reads untrusted workbooks row by row: memory use does not depend on the number of rows.

Texts are unescaped: without the apostrophe that our exports put before a character that starts a formula.
"""

import re
import zipfile
from contextlib import contextmanager
from functools import cached_property

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries

from relations.imports import package_checks
from relations.imports.faults import Unreadable
from relations.lists.workbook import from_cell

MAX_ROWS = 60_000
MAX_COLUMNS = 60
MAX_MERGES = 20_000
MAX_MERGED_ROWS = 500_000
MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3}\d+:[A-Z]{1,3}\d+)"')
MERGED_CELLS = re.compile(rb"<(?:\w+:)?mergeCells[\s>]")
ROW = re.compile(rb"<(?:\w+:)?row[\s>/]")
CHUNK = 1 << 20


class RegisterSheet:
    """The values of one visible sheet; `rows` may be iterated several times and reads the file each time."""

    def __init__(self, path, ws):
        self.path, self.ws, self.title = path, ws, ws.title

    @property
    def rows(self):
        """Yields (row number from 1, list of values) of the rows that are not empty. Raises Unreadable."""
        try:
            yield from rows_of(self.ws)
        except (Unreadable, GeneratorExit):
            raise
        except Exception as problem:  # a broken workbook fails in many ways inside the library
            raise broken_file_error() from problem

    @cached_property
    def merges(self):
        """The merged ranges as (first column, first row, last column, last row)."""
        return merges_of(self.path, self.ws)

    @cached_property
    def size(self):
        """The number of rows in the file, empty ones included; used to show progress."""
        with zipfile.ZipFile(self.path) as package, package.open(self.ws._worksheet_path) as stream:
            return sum(len(ROW.findall(chunk)) for chunk in iter(lambda: stream.read(CHUNK), b""))


def broken_file_error():
    return Unreadable(_("这个文件打不开。请用Excel另存为“Excel工作簿（.xlsx）”再上传。"))


@contextmanager
def open_workbook(path):
    """Context manager: the visible sheets of the workbook at `path`, as a list of RegisterSheet.

    Raises Unreadable when the file is no .xlsx workbook, is too large, or is malicious.
    """
    package_checks.check_package(path)
    try:
        book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
        sheets = [RegisterSheet(path, ws) for ws in book.worksheets if ws.sheet_state == "visible"]
    except Exception as problem:  # a broken workbook fails in many ways inside the library
        raise broken_file_error() from problem
    try:
        yield sheets
    finally:
        book.close()


def rows_of(ws):
    ws.reset_dimensions()  # the size that a workbook declares may be false
    for number, values in enumerate(ws.iter_rows(values_only=True, max_col=MAX_COLUMNS), start=1):
        if number > MAX_ROWS:
            raise Unreadable(_("超过%s行，请分成几个文件。") % MAX_ROWS)
        if filled := without_empty_end(values):
            yield number, [from_cell(value) if isinstance(value, str) else value for value in filled]


def without_empty_end(values):
    """Returns the values of a row up to the last one that is not empty."""
    last = max((place for place, value in enumerate(values) if value is not None), default=-1)
    return list(values[: last + 1])


def merges_of(path, ws):
    """Returns the merged ranges, read from the XML as a stream. Raises Unreadable when there are too many."""
    references, tail, inside = [], b"", False
    with zipfile.ZipFile(path) as package, package.open(ws._worksheet_path) as stream:
        while chunk := stream.read(CHUNK):
            tail += chunk
            inside = inside or bool(MERGED_CELLS.search(tail))
            if inside:
                references += [match.decode() for match in MERGE.findall(tail)]
                if len(references) > MAX_MERGES:
                    raise Unreadable(_("合并单元格太多，请先取消合并再上传。"))
            cut = tail.rfind(b"<")
            tail = tail[cut:] if cut > 0 else tail[-200:]
    try:
        ranges = [range_boundaries(ref) for ref in dict.fromkeys(references)]
    except ValueError as problem:
        raise broken_file_error() from problem
    if sum(bottom - top for _left, top, _right, bottom in ranges) > MAX_MERGED_ROWS:
        raise Unreadable(_("合并单元格太多，请先取消合并再上传。"))
    return ranges
