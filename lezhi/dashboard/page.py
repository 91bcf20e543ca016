"""The figures as the dashboard shows them: tiles, heat table, charts and people, each linked to its list."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, npgettext

from accounts.days import month_day
from accounts.query_cache import PreparedSql
from employers.lists import EMPLOYER_LIST
from employers.models import Employer
from lezhi.dashboard import duty_list
from lezhi.dashboard import expiring_contracts as ending
from lezhi.dashboard import figures as dashboards
from lezhi.dashboard.charts import ChartsMixin
from lezhi.dashboard.figures import NOBODY
from lezhi.dashboard.heat import HeatTableMixin
from relations.duties.periods import Span, period_label, period_of
from relations.models import Period
from relations.tiles import TILES, tile


def tile_querysets(user, choice):
    """The querysets of the tiles that do not count duties: {name: queryset}.

    Those in prospect are the employers that are not active, and are not counted again.
    """
    employers = Employer.objects.visible_to(user)
    queries = {"employers": {}, "active": {"standing": "active"}}
    found = {
        name: EMPLOYER_LIST.apply_filters(employers, query, choice.today) for name, query in queries.items()
    }
    return {name: dashboards.in_department(rows, choice.department) for name, rows in found.items()} | {
        "urgent": dashboards.urgent(user, choice.span, choice.department),
        **{name: rows for source in TILES.values() for name, rows in source.counted(user, choice).items()},
    }


def standing_query(standing, choice):
    return {"standing": standing} | ({"department": choice.department} if choice.department else {})


def tile_counts(user, choice):
    """{name: number of rows} of `tile_querysets`, in one query, and of the employers in prospect."""
    rows = TILE_COUNTS.fetch(
        user,
        period=str(choice.span.kind),
        first=choice.span.starts_on,
        last=choice.span.ends_on,
        today=choice.today,
        department=choice.department,
        without_department=choice.department == NOBODY,
    )
    counts = dict(rows)
    return counts | {"prospective": counts["employers"] - counts["active"]}


def tile_counts_sql(user, *, period, first, last, today, department, without_department):
    """Returns the SQL of `tile_counts` and its parameters."""
    choice = dashboards.Choice(Span(period, first, last), today, NOBODY if without_department else department)
    return dashboards.counts_sql(tile_querysets(user, choice))


# Planned for the department of each request: for any department the whole centre counts it in 170 ms instead of 10.
TILE_COUNTS = PreparedSql(tile_counts_sql, is_planned_once=False)


@dataclass
class Page(HeatTableMixin, ChartsMixin):
    """The texts and links of the dashboard. `counts`: those of `tile_counts`."""

    tally: dashboards.Tally
    rules: dict
    people: list
    ending: ending.ExpiringContracts
    counts: dict
    notice_days: int

    @property
    def choice(self):
        return self.tally.choice

    @cached_property
    def wanted(self):
        """The filters of the duties of the period and the department, in any state."""
        span = self.choice.span
        return duty_list.DutyFilters(
            first=span.starts_on, last=span.ends_on, department=self.choice.department
        )

    @cached_property
    def all_overdue(self):
        return duty_list.DutyFilters(state="overdue", department=self.choice.department)

    @cached_property
    def period(self):
        """The Sum of the duties of the period."""
        return self.tally.sum(self.tally.in_period())

    @cached_property
    def overdue(self):
        return self.tally.sum(self.tally.chosen()).missed

    @property
    def period_words(self):
        return self.words_of(self.choice.span)

    def words_of(self, span):
        words = period_label(span.kind, span.starts_on)
        return _("%(year)s至今") % {"year": words} if span.kind == Period.YEAR else words

    @property
    def segments(self):
        """The switch of the period: dicts with text, URL, and whether it is on."""
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
        """The menu of departments: the name of the chosen one, and an action for each."""
        names = {"": _("全部部门")} | {
            pk: name or _("没有部门") for pk, name in self.tally.departments.items()
        }
        acts = [
            {"label": name, "href": f"?{self.query(department=pk)}", "post": False}
            for pk, name in names.items()
        ]
        chosen = "" if self.choice.department is None else self.choice.department
        return {"label": names.get(chosen, names[""]), "acts": acts}

    def query(self, **changes):
        choice = self.choice
        values = {"period": str(choice.span.kind), "department": choice.department} | changes
        written = {name: duty_list.text_of(name, value) for name, value in values.items()}
        return urlencode({name: text for name, text in written.items() if text})

    @property
    def tiles(self):
        return [each for each in self.all_tiles() if each["href"]]

    def all_tiles(self):
        yield tile(
            _("显在用人单位"),
            self.counts["active"],
            npgettext("unit", "家", "家", self.counts["active"]),
            self.employers("active"),
            _("合同在履行期内"),
        )
        yield tile(
            _("潜在用人单位"),
            self.counts["prospective"],
            npgettext("unit", "家", "家", self.counts["prospective"]),
            self.employers("prospective"),
            _("没有在履行的合同"),
        )
        yield self.met_tile()
        late = self.people_overdue()
        yield tile(
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
        yield tile(words, self.counts["urgent"], times, self.urgent_link(), _("供复盘"))
        for source in TILES.values():
            yield from source.tiles(self.counts)

    @property
    def short_period(self):
        return period_label(self.choice.span.kind, self.choice.span.starts_on)

    def met_tile(self):
        share = {"owed": f"{self.period.owed:,}", "percent": self.period.percent_of_all or 0}
        return tile(
            _("%(period)s应尽已完成") % {"period": self.short_period},
            self.period.met,
            npgettext("unit", "项", "项", self.period.met),
            self.wanted.link(state="met"),
            _("共%(owed)s项，完成%(percent)d%%") % share,
        )

    def ending_tile(self):
        first, last = ending.notice_period(self.choice.today, self.notice_days)
        days = [day for day in sorted(self.ending.by_day) if day <= last]
        note = _("没有接续合同的")
        if days:
            note = _("最近：%(day)s") % {"day": month_day(days[0], self.choice.today)}
        number = self.ending.between(first, last)
        return tile(
            _("%(days)d天内合同到期") % {"days": self.notice_days},
            number,
            npgettext("unit", "份", "份", number),
            ending.ContractFilters(first, last, self.choice.department).link(),
            note,
        )

    def people_overdue(self):
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
        return f"{reverse('interactions:list')}?{urlencode(query)}"

    @property
    def nearest(self):
        """The contracts that end first: name and URL of the employer, days left."""
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
        """The query string that shows all people; empty when all are shown already."""
        return "" if self.tally.people_in_all <= len(self.people) else self.query(people="all")
