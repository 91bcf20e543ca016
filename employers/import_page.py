"""What the check page shows of an import: figures, faults, and one page of rows."""

from functools import cached_property
from zlib import crc32

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from employers import import_progress, import_report
from employers.importing.columns import EXPORTED, LABELS
from employers.models import Import

ROWS_A_PAGE = 50
SHOWN_FAULTS = 30
RESULTS = {"new": _("新增"), "changed": _("有变化"), "same": _("无变化"), "faulty": _("有错")}
BLANKS = {"changed": _("不变"), "same": ""}  # what an empty cell of a register says of an employer we know
CHIPS = {"new": "on", "changed": "soon", "same": "", "faulty": "over"}
COLUMNS = (
    "name",
    "body_type",
    "town",
    "people",
    "phones",
    "contract_number",
    "starts_on",
    "ends_on",
    "worker",
)
FIELD_OF_COLUMN = {"name": ("name", "number"), "people": ("contacts", "titles"), "phones": ("phones",)}
HEADS = {"people": _("对接人、职务")}
TIDIED = {
    "full_width": _("全角数字%s处"),
    "dates": _("日期写法%s处"),
    "phones": _("电话存成数字的%s处"),
    "spaces": _("首尾空格%s处"),
    "people": _("一格几位对接人拆开%s处"),
    "empty": _("空行%s处"),
    "totals": _("合计行%s处已略过"),
}


class Page:
    """One page of one import, limited to one kind of result when asked."""

    def __init__(self, made, only, number):
        self.made, self.report = made, made.report or {}
        self.progress = import_progress.of(made.pk)
        self.only = only if only in RESULTS else ""
        self.number = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 1

    @property
    def counts(self):
        return self.report.get("counts", {})

    @property
    def busy(self):
        return is_busy(self.made)

    @property
    def can_commit(self):
        return self.made.state == "read" and (self.counts["new"] or self.counts["changed"])

    @property
    def step(self):
        return 3 if self.made.state in {"writing", "done"} else 2

    @property
    def tidied(self):
        counts = self.report.get("tidied", {})
        return [str(words) % counts[key] for key, words in TIDIED.items() if counts.get(key)]

    @property
    def faults(self):
        """The first faults in words, each with a link to its row."""
        place_of = {}
        for place, row in enumerate(self.faulty_rows):
            place_of[row["sheet"], row["row"]] = place
        return [
            {**fault, "where": self.where(fault), "link": link_to(fault, place_of)}
            for fault in self.first_faults
        ]

    @cached_property
    def first_faults(self):
        return import_report.faults_of(self.report, SHOWN_FAULTS)

    @cached_property
    def faulty_rows(self):
        """The rows of the first faults, which are at most as many."""
        wanted = import_report.places(self.report, "faulty")[:SHOWN_FAULTS] if self.first_faults else []
        return import_report.rows_at(self.report, wanted)

    @property
    def sheets(self):
        """The sheets that were read; none while nothing is."""
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
        return max(self.report.get("fault_count", 0) - SHOWN_FAULTS, 0)

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
        """The places of the rows that are asked for."""
        return import_report.places(self.report, self.only or None)

    @property
    def rows(self):
        start = (self.number - 1) * ROWS_A_PAGE
        return [
            shown(row) for row in import_report.rows_at(self.report, self.chosen[start : start + ROWS_A_PAGE])
        ]

    @property
    def heads(self):
        return [HEADS.get(column, LABELS.get(column)) for column in COLUMNS]

    @property
    def older(self):
        return self.number + 1 if self.number * ROWS_A_PAGE < len(self.chosen) else None

    @property
    def newer(self):
        return self.number - 1 if self.number > 1 else None


def is_busy(made):
    return made.state in {Import.State.READING, Import.State.WRITING}


def link_to(fault, place_of):
    """The address, within the check page, of the row with a fault."""
    place = place_of.get((fault["sheet"], fault["row"]))
    page = 1 if place is None else place // ROWS_A_PAGE + 1
    return f"?only=faulty&page={page}#{anchor(fault)}"


def anchor(where):
    """An id for a row; sheets have names that no address could hold, so a number stands for them."""
    return f"r{crc32(where['sheet'].encode()) % 10_000}-{where['row']}"


def shown(row):
    """A row as the table draws it: each cell with its text, the old text, or what is wrong."""
    return {
        "sheet": row["sheet"],
        "row": row["row"],
        "anchor": anchor(row),
        "label": RESULTS[row["result"]],
        "chip": CHIPS[row["result"]],
        "is_faulty": row["result"] == "faulty",
        "cells": [cell(row, column) for column in COLUMNS],
        "further": further(row),
    }


def further(row):
    """What would change of fields that have no column in this table: [(heading, old, new)]."""
    columns = {field for column in COLUMNS for field in FIELD_OF_COLUMN.get(column, (column,))}
    changes = [(field, *words) for field, words in row["changes"].items() if field not in columns]
    return [(EXPORTED.get(field, LABELS[field]), old, new) for field, old, new in changes]


def cell(row, column):
    fields = FIELD_OF_COLUMN.get(column, (column,))
    value = row[column]
    lines = value if isinstance(value, list) else [value]
    fault = next((row["faults"][field] for field in fields if field in row["faults"]), None)
    change = next((row["changes"][field] for field in fields if field in row["changes"]), None)
    return {
        "lines": [line for line in lines if line],
        "bad": {"value": fault[0], "problem": fault[1]} if fault else None,
        "old": change[0] if change and not fault else None,
        "new": change[1] if change and not fault else None,
        "changed": bool(change) and not fault,
        "blank": BLANKS.get(row["result"], "—"),
    }
