"""What the dashboard shows of its figures: tiles, heat table, bars and people, each with the link to what it counts."""

from dataclasses import dataclass, replace
from datetime import date

from django.urls import NoReverseMatch, reverse
from django.utils import dateformat
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, npgettext, pgettext

from employers.filters import narrowed
from employers.models import Employer
from lezhi import dashboards, duty_list, ending, wording
from lezhi.dashboards import NOBODY
from relations.models import Period
from relations.periods import label, period_of

MOST_IN_TABLE = 12  # departments; the workbook holds all
SOON_MONTHS = 2  # bars of contracts in amber
TONES = ((95, "hm4"), (80, "hm3"), (60, "hm2"), (0, "hm1"))


def counted(user, choice):
    """The querysets behind the tiles that are not about duties, by name."""
    employers = Employer.objects.visible_to(user)
    return {
        standing: narrowed(employers, standing_query(standing, choice), choice.today)
        for standing in ("active", "prospective")
    } | {"urgent": dashboards.urgent(user, choice.span, choice.department)}


def standing_query(standing, choice):
    return {"standing": standing} | ({"department": choice.department} if choice.department else {})


@dataclass
class Share:
    """One cell of the heat table."""

    sum: dashboards.Sum
    href: str

    @property
    def tone(self):
        percent = self.sum.percent
        return "hm0" if percent is None else next(name for least, name in TONES if percent >= least)


@dataclass
class Page:
    """The dashboard in words and links. `counts` are those of `counted`."""

    tally: dashboards.Tally
    rules: dict
    people: list
    ending: ending.Ending
    counts: dict
    notice_days: int

    @property
    def choice(self):
        return self.tally.choice

    @cached_property
    def wanted(self):
        """The duties of the period and the department, without any state."""
        span = self.choice.span
        return duty_list.Wanted(first=span.starts_on, last=span.ends_on, department=self.choice.department)

    @cached_property
    def all_overdue(self):
        return duty_list.Wanted(state="overdue", department=self.choice.department)

    @cached_property
    def period(self):
        """The sum of the period."""
        return self.tally.sum(self.tally.in_period())

    @cached_property
    def overdue(self):
        return self.tally.sum(self.tally.chosen()).missed

    @property
    def period_words(self):
        return self.words_of(self.choice.span)

    def words_of(self, span):
        words = label(span.kind, span.starts_on)
        return _("%(year)s至今") % {"year": words} if span.kind == Period.YEAR else words

    @property
    def segments(self):
        """The switch of the period: (words, address, whether it is on)."""
        spans = [period_of(kind, self.choice.today) for kind in (Period.MONTH, Period.QUARTER, Period.YEAR)]
        return [
            {
                "words": self.words_of(span),
                "href": f"?{self.query(period=span.kind)}",
                "on": span.kind == self.choice.span.kind,
            }
            for span in spans
        ]

    @property
    def departments(self):
        """The menu of departments: the chosen one's name, and the others as acts."""
        found = {"": _("全部部门")} | {
            pk: name or _("没有部门") for pk, name in self.tally.departments.items()
        }
        acts = [
            {"label": name, "href": f"?{self.query(department=pk)}", "post": False}
            for pk, name in found.items()
        ]
        chosen = "" if self.choice.department is None else self.choice.department
        return {"label": found.get(chosen, found[""]), "acts": acts}

    def query(self, **changes):
        choice = self.choice
        values = {"period": str(choice.span.kind), "department": choice.department} | changes
        written = {name: duty_list.text_of(name, value) for name, value in values.items()}
        return urlencode({name: text for name, text in written.items() if text})

    @property
    def tiles(self):
        return [tile for tile in self.all_tiles() if tile["href"]]

    def all_tiles(self):
        yield figure(
            _("显在用人单位"),
            self.counts["active"],
            npgettext("unit", "家", "家", self.counts["active"]),
            self.employers("active"),
            _("合同在履行期内"),
        )
        yield figure(
            _("潜在用人单位"),
            self.counts["prospective"],
            npgettext("unit", "家", "家", self.counts["prospective"]),
            self.employers("prospective"),
            _("没有在履行的合同"),
        )
        yield self.met_tile()
        late = self.who_is_late()
        yield figure(
            _("逾期的应尽事项"),
            self.overdue,
            npgettext("unit", "项", "项", self.overdue),
            self.all_overdue.link(),
            late,
            bool(self.overdue),
        )
        yield self.ending_tile()
        words = _("%(period)s紧急沟通") % {"period": self.short_period}
        times = npgettext("unit", "次", "次", self.counts["urgent"])
        yield figure(words, self.counts["urgent"], times, self.urgent_link(), _("供复盘"))

    @property
    def short_period(self):
        return label(self.choice.span.kind, self.choice.span.starts_on)

    def met_tile(self):
        share = {"owed": f"{self.period.owed:,}", "percent": self.period.percent_of_all or 0}
        return figure(
            _("%(period)s应尽已完成") % {"period": self.short_period},
            self.period.met,
            npgettext("unit", "项", "项", self.period.met),
            self.wanted.link(state="met"),
            _("共%(owed)s项，完成%(percent)d%%") % share,
        )

    def ending_tile(self):
        first, last = ending.soon(self.choice.today, self.notice_days)
        days = [day for day in sorted(self.ending.by_day) if day <= last]
        note = _("没有接续合同的")
        if days:
            note = _("最近：%(day)s") % {"day": wording.month_day(days[0], self.choice.today)}
        number = self.ending.between(first, last)
        return figure(
            _("%(days)d天内合同到期") % {"days": self.notice_days},
            number,
            npgettext("unit", "份", "份", number),
            ending.Wanted(first, last, self.choice.department).link(),
            note,
        )

    def who_is_late(self):
        number = self.tally.people_overdue
        return (
            ngettext("%(number)d位同事", "%(number)d位同事", number) % {"number": number}
            if number
            else _("没有逾期")
        )

    def employers(self, standing):
        query = standing_query(standing, self.choice)
        return f"{reverse('employers:list')}?{urlencode(query)}" if self.choice.department != NOBODY else ""

    def urgent_link(self):
        span = self.choice.span
        if self.choice.department == NOBODY:
            return ""
        query = {"purpose": "urgent", "since": span.starts_on, "until": span.ends_on}
        if self.choice.department is not None:
            query["department"] = self.choice.department
        try:
            return f"{reverse('interactions:list')}?{urlencode(query)}"
        except NoReverseMatch:
            return ""

    @cached_property
    def columns(self):
        """The rules with duties in the period, in the order of the tier table."""
        owed = {cell.rule for cell in self.tally.in_period()}
        return [rule for code, rule in self.rules.items() if code in owed]

    @cached_property
    def heat(self):
        """Rows of (name, shares), one for each department, and one for all together when there are several."""
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
            rows.insert(0 if len(rows) > MOST_IN_TABLE else len(rows), (_("合计"), whole))
        return rows

    def share(self, found, rule, department):
        href = self.wanted.link(state="counted", rule=rule.code, department=department)
        return Share(found or dashboards.Sum(), href)

    @property
    def heat_rows(self):
        """The table of data under the heat table: one row for each department and rule, while they are few."""
        if len(self.tally.departments) > MOST_IN_TABLE:
            return []
        by_both = self.tally.by(lambda cell: (cell.department, cell.rule))
        return [
            self.heat_row(pk, name, rule, by_both[pk, rule.code])
            for pk, name in self.tally.departments.items()
            for rule in self.columns
            if (pk, rule.code) in by_both
        ]

    def heat_row(self, pk, name, rule, found):
        wanted = replace(self.wanted, department=pk, rule=rule.code)
        return {
            "department": name or _("没有部门"),
            "rule": rule.name,
            "sum": found,
            "met_href": wanted.link(state="met"),
            "missed_href": wanted.link(state="overdue"),
            "open_href": wanted.link(state="open"),
        }

    @property
    def months_chart(self):
        """Met, not due and missed in each of the last twelve months."""
        months = self.tally.months()
        series = [
            ("met", _("已完成"), "met"),
            ("open", _("未到期"), "none"),
            ("missed", _("没按期完成"), "over"),
        ]
        states = {"met": "met", "open": "open", "missed": "overdue"}
        return {
            "categories": [month_words(span, months[0][0]) for span, _sum in months],
            "series": [
                {
                    "name": name,
                    "tone": tone,
                    "labels": tone == "over",
                    "values": [
                        self.month_bar(span, getattr(found, part), states[part]) for span, found in months
                    ],
                }
                for part, name, tone in series
            ],
        }

    def month_bar(self, span, number, state):
        link = self.wanted.link(state=state, first=span.starts_on, last=span.ends_on)
        return {"value": number, "href": link}

    @property
    def ending_chart(self):
        months = self.ending.months
        return {
            "categories": [month_words(span, months[0][0]) for span, _number in months],
            "series": [
                {
                    "name": _("到期合同"),
                    "tone": "count",
                    "labels": True,
                    "values": [self.ending_bar(place, *month) for place, month in enumerate(months)],
                }
            ],
        }

    def ending_bar(self, place, span, number):
        first = max(span.starts_on, self.choice.today)
        link = ending.Wanted(first, span.ends_on, self.choice.department).link()
        return {"value": number, "href": link, "tone": "due" if place < SOON_MONTHS else "count"}

    @property
    def ending_link(self):
        last = ending.next_months(self.choice.today)[-1].ends_on
        return ending.Wanted(self.choice.today, last, self.choice.department).link()

    @property
    def nearest(self):
        """The contracts that end first: employer, its address, days left."""
        return [
            {
                "name": name,
                "href": reverse("employers:detail", args=[pk]),
                "days": (day - self.choice.today).days,
            }
            for day, pk, name in self.ending.nearest
        ]

    @property
    def workers(self):
        return [
            {
                "person": person,
                "met_href": self.wanted.link(worker=person.pk, state="met"),
                "owed_href": self.wanted.link(worker=person.pk),
                "overdue_href": self.all_overdue.link(worker=person.pk),
            }
            for person in self.people
        ]

    @property
    def all_people_query(self):
        """The address that shows everybody, or empty when everybody is shown."""
        return "" if self.tally.people_in_all <= len(self.people) else self.query(people="all")


def figure(label, value, unit, href, note, over=False):
    return {"label": label, "value": f"{value:,}", "unit": unit, "href": href, "note": note, "over": over}


def month_words(span, first):
    """11月; with the year at the first month and in each January."""
    words = dateformat.format(span.starts_on, pgettext("short", "n月"))
    return f"{span.starts_on.year}\n{words}" if span == first or span.starts_on.month == 1 else words


@dataclass(frozen=True)
class Line:
    """One line of the exported table."""

    department: str
    rule: str
    sum: dashboards.Sum
    first: date
    last: date


def sheet(tally, rules):
    """The lines of the table of departments and duties, and its columns, for relations.exchange."""
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
