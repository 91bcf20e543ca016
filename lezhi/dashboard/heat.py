"""The heat table of the dashboard (departments by rules), the data table below it, and the exported workbook."""

from dataclasses import dataclass, replace
from datetime import date

from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from lezhi.dashboard import figures as dashboards

MAX_RULES_IN_TABLE = 12  # a number of departments; the workbook contains all
TONES_BY_PERCENT = ((95, "hm4"), (80, "hm3"), (60, "hm2"), (0, "hm1"))


@dataclass
class HeatCell:
    """One cell of the heat table."""

    sum: dashboards.Sum
    href: str

    @property
    def tone(self):
        percent = self.sum.percent
        return (
            "hm0" if percent is None else next(name for least, name in TONES_BY_PERCENT if percent >= least)
        )


class HeatTableMixin:
    """Part of lezhi.dashboard.page.Page; uses its `tally`, `rules`, `choice` and `wanted`."""

    @cached_property
    def columns(self):
        """The rules with duties in the period, in the order of the tier table."""
        owed = {cell.rule for cell in self.tally.in_period()}
        return [rule for code, rule in self.rules.items() if code in owed]

    @cached_property
    def heat(self):
        """Rows of (name, cells), one for each department, and one for the total when there are several."""
        by_both = self.tally.by(lambda cell: (cell.department, cell.rule))
        by_rule = self.tally.by(lambda cell: cell.rule)
        departments = {pk for pk, _rule in by_both}
        rows = [
            (
                name or _("没有部门"),
                [self.share(by_both.get((pk, rule.code)), rule, pk) for rule in self.columns],
            )
            for pk, name in self.tally.departments.items()
            if pk in departments
        ]
        if len(rows) > 1:
            whole = [
                self.share(by_rule.get(rule.code), rule, self.choice.department) for rule in self.columns
            ]
            rows.insert(0 if len(rows) > MAX_RULES_IN_TABLE else len(rows), (_("合计"), whole))
        return rows

    def share(self, found, rule, department):
        href = self.wanted.link(state="counted", rule=rule.code, department=department)
        return HeatCell(found or dashboards.Sum(), href)

    @property
    def heat_rows(self):
        """The data table below the heat table: one row for each department and rule; empty for many departments."""
        if len(self.tally.departments) > MAX_RULES_IN_TABLE:
            return []
        by_both = self.tally.by(lambda cell: (cell.department, cell.rule))
        return [
            self.heat_row(pk, name, rule, by_both[pk, rule.code])
            for pk, name in self.tally.departments.items()
            for rule in self.columns
            if (pk, rule.code) in by_both
        ]

    def heat_row(self, pk, name, rule, found):
        filters = replace(self.wanted, department=pk, rule=rule.code)
        return {
            "department": name or _("没有部门"),
            "rule": rule.name,
            "sum": found,
            "met_href": filters.link(state="met"),
            "missed_href": filters.link(state="overdue"),
            "open_href": filters.link(state="open"),
        }


@dataclass(frozen=True)
class Line:
    """One line of the exported table."""

    department: str
    rule: str
    sum: dashboards.Sum
    first: date
    last: date


def sheet(tally, rules):
    """The lines and columns of the exported table of departments and rules, for relations.lists.workbook."""
    span, by_both = tally.choice.span, tally.by(lambda cell: (cell.department, cell.rule))
    lines = [
        Line(name or _("没有部门"), rule.name, by_both[pk, code], span.starts_on, span.ends_on)
        for pk, name in tally.departments.items()
        for code, rule in rules.items()
        if (pk, code) in by_both
    ]
    columns = [
        (_("部门"), lambda line: line.department),
        (_("事项"), lambda line: line.rule),
        (_("从"), lambda line: line.first),
        (_("到"), lambda line: line.last),
        (_("应尽"), lambda line: line.sum.owed),
        (_("已完成"), lambda line: line.sum.met),
        (_("没按期完成"), lambda line: line.sum.missed),
        (_("未到期"), lambda line: line.sum.open),
        (_("完成率（%）"), lambda line: line.sum.percent),
    ]
    return lines, columns
