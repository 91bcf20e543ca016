"""The content of the check page of an import: figures, faults, and one page of rows."""

from functools import cached_property
from zlib import crc32

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from relations.imports import progress, report
from relations.imports.specs import spec_of
from relations.imports.stages import COMPARING, READING, WRITING
from relations.models import Import

State = Import.State

ROWS_A_PAGE = 50
MAX_FAULTS_SHOWN = 30
RESULTS = {"new": _("新增"), "changed": _("有变化"), "same": _("无变化"), "faulty": _("有错")}
BLANKS = {"changed": _("不变"), "same": ""}  # text shown for an empty cell of an existing record
CHIPS = {"new": "on", "changed": "soon", "same": "", "faulty": "over"}
CORRECTION_WORDS = {
    "full_width": _("全角数字%s处"),
    "dates": _("日期写法%s处"),
    "phones": _("电话存成数字的%s处"),
    "spaces": _("首尾空格%s处"),
    "people": _("一格几位对接人拆开%s处"),
    "empty": _("空行%s处"),
    "totals": _("合计行%s处已略过"),
}


class ImportUrls:
    """The URLs of the import pages of one kind, and of one Import when it is given."""

    def __init__(self, spec, upload=None):
        self.namespace, self.args = spec.namespace, [upload.pk] if upload else []
        self.start = reverse(f"{spec.namespace}:start")
        self.template = reverse(f"{spec.namespace}:template")
        self.list = reverse(spec.list_view) if spec.list_view else ""

    def url_of(self, name):
        return reverse(f"{self.namespace}:{name}", args=self.args)

    @property
    def check(self):
        return self.url_of("check")

    @property
    def progress(self):
        return self.url_of("progress")

    @property
    def commit(self):
        return self.url_of("commit")

    @property
    def cancel(self):
        return self.url_of("cancel")

    @property
    def annotated_copy(self):
        return self.url_of("annotated_copy")


class ProgressLine:
    """The progress of an import as text and as a bar; the page polls it as long as the import is busy."""

    def __init__(self, upload):
        spec = spec_of(upload.kind)
        self.progress, self.wording = progress.progress_of(upload.pk), spec.wording
        self.busy = is_busy(upload)
        self.address = ImportUrls(spec, upload).progress
        self.percent = self.progress.percent

    @property
    def words(self):
        if self.progress.is_silent:
            return _("处理程序没有动静，几分钟内会自动接着做")
        stages = {
            READING: self.wording.reading,
            COMPARING: self.wording.comparing,
            WRITING: self.wording.writing,
        }
        if self.progress.stage not in stages:
            return _("正在排队，马上开始")
        return stages[self.progress.stage] % {"done": self.progress.done, "of": self.progress.of}


class Page:
    """One page of rows of an import; `only` (a key of RESULTS) limits it to one result."""

    def __init__(self, upload, only, number, user):
        self.upload, self.report = upload, upload.report or {}
        self.spec = spec_of(upload.kind)
        self.wording, self.urls = self.spec.wording, ImportUrls(self.spec, upload)
        self.progress = ProgressLine(upload)
        self.user = user
        self.only = only if only in RESULTS else ""
        self.number = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 1

    @property
    def counts(self):
        return self.report.get("counts", {})

    @property
    def busy(self):
        return is_busy(self.upload)

    @property
    def can_commit(self):
        return self.upload.state == State.READ and (self.counts["new"] or self.counts["changed"])

    @property
    def step(self):
        return 3 if self.upload.state in {State.WRITING, State.DONE} else 2

    @property
    def read_words(self):
        return self.wording.read % {"read": self.counts["read"]} if self.counts else ""

    @property
    def total_words(self):
        return self.wording.total % {"count": len(self.chosen)}

    @property
    def tidied(self):
        counts = self.report.get("tidied", {})
        return [str(words) % counts[key] for key, words in CORRECTION_WORDS.items() if counts.get(key)]

    @property
    def faults(self):
        """The first faults as dicts of a Fault, with their location as text and a link to the row."""
        place_of = {}
        for place, row in enumerate(self.faulty_rows):
            place_of[row["sheet"], row["row"]] = place
        return [
            {**fault, "where": self.where(fault), "link": link_to(fault, place_of)}
            for fault in self.first_faults
        ]

    @cached_property
    def first_faults(self):
        return report.faults_of(self.report, MAX_FAULTS_SHOWN)

    @cached_property
    def faulty_rows(self):
        """The rows of the first faults: at most MAX_FAULTS_SHOWN."""
        places = report.places(self.report, "faulty")[:MAX_FAULTS_SHOWN] if self.first_faults else []
        return report.rows_at(self.report, places)

    @property
    def sheets(self):
        """The sheets that were read; empty before the file is read."""
        return self.report.get("sheets", [])

    @property
    def has_several_sheets(self):
        return len(self.sheets) > 1

    def where(self, fault):
        words = {"sheet": fault["sheet"], "row": fault["row"], "column": fault["column"]}
        if self.has_several_sheets:
            return _("工作表“%(sheet)s”第%(row)s行，“%(column)s”") % words
        return _("第%(row)s行，“%(column)s”") % words

    @property
    def more_faults(self):
        return max(self.report.get("fault_count", 0) - MAX_FAULTS_SHOWN, 0)

    @property
    def fault_title(self):
        rows = self.counts.get("faulty", 0)
        return ngettext("有%s行要改，现在什么都还没有写入", "有%s行要改，现在什么都还没有写入", rows) % rows

    @property
    def tabs(self):
        tabs = [{"label": _("全部"), "count": self.counts.get("read", 0), "only": ""}]
        tabs += [
            {"label": label, "count": self.counts.get(key, 0), "only": key} for key, label in RESULTS.items()
        ]
        return [
            tab | {"current": tab["only"] == self.only} for tab in tabs if tab["count"] or not tab["only"]
        ]

    @cached_property
    def chosen(self):
        """The places (from 0) of the rows with the chosen result."""
        return report.places(self.report, self.only or None)

    @property
    def rows(self):
        start = (self.number - 1) * ROWS_A_PAGE
        rows = report.rows_at(self.report, self.chosen[start : start + ROWS_A_PAGE])
        visible = self.visible_records(rows)
        return [display_row(self.spec, row, row.get("record") in visible) for row in rows]

    def visible_records(self, rows):
        """Returns the keys of those records of `rows` that the user sees now: only their stored values are shown."""
        keys = [row["record"] for row in rows if row["changes"] and row.get("record")]
        return self.spec.visible_keys(keys, self.user) if keys else set()

    @property
    def headings(self):
        return [column.heading for column in self.spec.page_columns]

    @property
    def older(self):
        return self.number + 1 if self.number * ROWS_A_PAGE < len(self.chosen) else None

    @property
    def newer(self):
        return self.number - 1 if self.number > 1 else None


def is_busy(upload):
    return upload.state in {State.READING, State.WRITING}


def link_to(fault, place_of):
    """Returns the URL of the row with a fault, relative to the check page."""
    place = place_of.get((fault["sheet"], fault["row"]))
    page = 1 if place is None else place // ROWS_A_PAGE + 1
    return f"?only=faulty&page={page}#{anchor(fault)}"


def anchor(where):
    """Returns the HTML id of a row. Titles of sheets may not fit into a URL, so a checksum replaces them."""
    return f"r{crc32(where['sheet'].encode()) % 10_000}-{where['row']}"


def display_row(spec, row, is_visible):
    """Returns a row for the template: each cell with its text, its old text, or its fault.

    The old texts are left out unless the record `is_visible`.
    """
    if not is_visible:
        row = {**row, "changes": {name: ["", words[1]] for name, words in row["changes"].items()}}
    return {
        "sheet": row["sheet"],
        "row": row["row"],
        "anchor": anchor(row),
        "label": RESULTS[row["result"]],
        "chip": CHIPS[row["result"]],
        "is_faulty": row["result"] == "faulty",
        "cells": [cell(row, column) for column in spec.page_columns],
        "further": hidden_changes(spec, row),
    }


def hidden_changes(spec, row):
    """Returns the changes of fields that have no column on the page: [(heading, old, new)]."""
    shown = {field for column in spec.page_columns for field in column.fields}
    changes = [(field, *words) for field, words in row["changes"].items() if field not in shown]
    return [(spec.by_field[field].title, old, new) for field, old, new in changes]


def cell(row, column):
    """Returns the content of one PageColumn in a row."""
    value = row[column.name]
    lines = value if isinstance(value, list) else [value]
    fault = next((row["faults"][field] for field in column.fields if field in row["faults"]), None)
    change = next((row["changes"][field] for field in column.fields if field in row["changes"]), None)
    return {
        "lines": [line for line in lines if line],
        "bad": {"value": fault[0], "problem": fault[1]} if fault else None,
        "old": change[0] if change and not fault else None,
        "new": change[1] if change and not fault else None,
        "changed": bool(change) and not fault,
        "blank": BLANKS.get(row["result"], "—"),
    }
