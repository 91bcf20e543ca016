"""The charts of the dashboard: the duties of each month by state, and the contracts that end."""

from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lezhi.dashboard import expiring_contracts

SOON_MONTHS = 2  # bars of contracts in amber


class ChartsMixin:
    """Part of lezhi.dashboard.page.Page; uses its `tally`, `ending`, `choice` and `wanted`."""

    @property
    def months_chart(self):
        """The data of the chart: duties met, not yet due and missed in each of the last twelve months."""
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
                        self.month_bar(span, getattr(total, part), states[part]) for span, total in months
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
        link = expiring_contracts.ContractFilters(first, span.ends_on, self.choice.department).link()
        return {"value": number, "href": link, "tone": "due" if place < SOON_MONTHS else "count"}

    @property
    def ending_link(self):
        last = expiring_contracts.next_months(self.choice.today)[-1].ends_on
        return expiring_contracts.ContractFilters(self.choice.today, last, self.choice.department).link()


def month_words(span, first):
    """The label of a month, e.g. 11月; with the year for the first month and for each January."""
    words = dateformat.format(span.starts_on, pgettext("short", "n月"))
    return f"{span.starts_on.year}\n{words}" if span == first or span.starts_on.month == 1 else words
