"""The board as texts and links: every figure links to the list that it counts."""

import textwrap
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from accounts.days import month_words
from complaints.models import RESPONSE, RESULT, Channel, ComplaintKind, Finding, PersonClass, Subject
from complaints.reports import figures as board
from lists.paging import format_count
from lists.query import encode
from relations.duties.periods import start_of_month

MONTHS_SHOWN = 12
MAX_CHARACTERS, MAX_LETTERS = 3, 12  # at most per line of a label under a bar: Chinese characters, letters


def format_number(number):
    return format_count(number)


def tile(label, value, href, note="", unit="", over=False):
    return {"label": label, "value": value, "unit": unit, "href": href, "note": note, "over": over}


def split_label(label):
    """A label in short lines, without the part in brackets."""
    words = str(label).partition("（")[0]
    if not words.isascii():
        in_line = ceil(len(words) / ceil(len(words) / MAX_CHARACTERS))
        return "\n".join(words[first : first + in_line] for first in range(0, len(words), in_line))
    return textwrap.fill(words, MAX_LETTERS)


@dataclass
class Page:
    """The data of the template; `year` None means all years."""

    figures: board.Figures
    today: date
    year: int | None

    def link(self, **values):
        """The URL of the list that a figure counts, limited to the year shown."""
        values = {"show": "all", "year": self.year and str(self.year)} | values
        return f"{reverse('complaints:list')}?{encode(values)}"

    def now(self, show):
        return f"{reverse('complaints:list')}?{encode({'show': show})}"

    @property
    def segments(self):
        years = {"": self.today.year, str(self.today.year - 1): self.today.year - 1, "all": None}
        words = {None: _("全部")}
        return [
            {
                "words": words.get(year) or _("%(year)s年") % {"year": year},
                "href": f"?{encode({'year': value})}",
                "on": year == self.year,
            }
            for value, year in years.items()
        ]

    @property
    def tiles(self):
        figures, piece = self.figures, _("件")
        return [
            tile(_("办理中"), format_number(figures.now["open"]), self.now("open"), unit=piece),
            tile(_("本周到期"), format_number(figures.now["week"]), self.now("week"), unit=piece),
            tile(
                _("逾期"),
                format_number(figures.now["overdue"]),
                self.now("overdue"),
                unit=piece,
                over=bool(figures.now["overdue"]),
            ),
            self.duration_tile(_("初步回复用时"), figures.response, RESPONSE),
            self.duration_tile(_("处理结果用时"), figures.result, RESULT),
            self.satisfied_tile,
            self.finding_tile,
            tile(
                _("同类再次发生"),
                format_number(figures.repeated),
                self.link(repeated="yes"),
                _("同一方面、同一种类"),
                piece,
            ),
            self.duration_tile(_("收到到转交"), figures.handed_over),
        ]

    def duration_tile(self, label, taken, clock=""):
        href = self.link(**({clock: "met"} if clock else {}))
        if not taken.count:
            return tile(label, "—", href, _("还没有"))
        words = {"longest": taken.longest, "count": taken.count}
        note = _("中位数；最长%(longest)d个工作日，共%(count)d件") % words
        return tile(label, taken.median, href, note, _("个工作日"))

    @property
    def satisfied_tile(self):
        by = self.figures.by["is_satisfied"]
        note = _("不满意%(count)d件") % {"count": by[False]}
        return tile(_("对回复满意"), format_number(by[True]), self.link(satisfied="yes"), note, _("件"))

    @property
    def finding_tile(self):
        by = self.figures.by["finding"]
        words = {"partly": by[Finding.PARTLY], "untrue": by[Finding.UNTRUE]}
        note = _("部分属实%(partly)d件，不属实%(untrue)d件") % words
        return tile(_("属实"), format_number(by[Finding.TRUE]), self.link(finding="true"), note, _("件"))

    @cached_property
    def months(self):
        """The first days of the months shown: those of the year, or the last twelve months."""
        if self.year:
            return [date(self.year, month, 1) for month in range(1, 13)]
        return [start_of_month(self.today, place) for place in range(1 - MONTHS_SHOWN, 1)]

    @property
    def months_chart(self):
        series = [
            ("in_time", _("按时回应"), "met"),
            ("waiting", _("还没到期"), "none"),
            ("late", _("晚了"), "over"),
        ]
        return {
            "categories": [month_words(day) for day in self.months],
            "series": [
                {
                    "name": name,
                    "tone": tone,
                    "labels": True,
                    "values": [self.month_bar(day, stands) for day in self.months],
                }
                for stands, name, tone in series
            ],
        }

    def month_bar(self, day, stands):
        number = self.figures.months.get((day.year, day.month), {}).get(stands, 0)
        last = start_of_month(day, 1) - timedelta(days=1)
        days = {"since": day.isoformat(), "until": last.isoformat()}
        return {"value": number, "href": self.link(year=None, response=stands, **days)}

    def bars(self, name, choices, filter_name, label):
        by = self.figures.by[name]
        values = [
            {"value": by[value], "href": self.link(**{filter_name: value})} for value, _words in choices
        ]
        return {
            "categories": [split_label(words) for _value, words in choices],
            "series": [{"name": label, "tone": "count", "labels": True, "values": values}],
        }

    @property
    def charts(self):
        """`id`, `heading`, `data` and `told`, the text for screen readers, of each small chart."""
        message = _("%(what)s各有几件。下面有数据表。")
        rows = [
            ("c-subject", _("反映的方面"), "subject", Subject, "subject"),
            ("c-channel", _("从哪个途径来"), "channel", Channel, "channel"),
            ("c-person", _("反映人身份"), "person_class", PersonClass, "person"),
            ("c-kind", _("种类"), "kind", ComplaintKind, "kind"),
        ]
        return [
            {
                "id": id_,
                "heading": heading,
                "data": self.bars(name, values.choices, filter_name, heading),
                "told": message % {"what": heading},
            }
            for id_, heading, name, values, filter_name in rows
        ]
