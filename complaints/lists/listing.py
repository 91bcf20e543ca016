"""The list of complaints: its rows with both clocks, its views with their counts, its filters as links. No names."""

from datetime import date

from django.db.models import Case, DateField, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from complaints.lists import filters
from complaints.models import Channel, ComplaintKind, Finding, PersonClass, State, Subject
from complaints.models.case import ENDED
from employers.listing import CURSORS, address, few, without
from relations.lists.paging import Order, capped_counts

NO_DAY = date(9999, 12, 31)
YEARS_OFFERED = 4
ORDERS = {
    "due": Order("due_key", date.fromisoformat),
    "-due": Order("due_key", date.fromisoformat, descending=True),
    "received": Order("received_on", date.fromisoformat),
    "-received": Order("received_on", date.fromisoformat, descending=True),
}
UNREAD = ("statement", "opinion", "name", "contact", "code_hash", "intake_key")  # a row shows none of these
ALARMING = ("overdue",)
BY_FIGURE_ONLY = ("personnel", "response", "result", "repeated")  # in the bar only when a figure led there


def order_name(query):
    """Open ones show what is due next, others the newest first, unless the address says otherwise."""
    asked = query.get("sort", "")
    if asked in ORDERS:
        return asked
    return "due" if query.get("show", "") in filters.OPEN_SHOWS else "-received"


def with_due_key(rows):
    """Adds `due_key`: the next date that waits for an answer; the last of all days where nothing runs."""
    rows = rows.with_next_due()
    runs = When(paused_on=None, then=Coalesce("next_due_on", Value(NO_DAY, output_field=DateField())))
    stands = When(state__in=ENDED, then=Value(NO_DAY, output_field=DateField()))
    key = Case(stands, runs, default=Value(NO_DAY, output_field=DateField()), output_field=DateField())
    return rows.annotate(due_key=key)


class Clock:
    """One clock of a row, as the chip shows it; nothing to show for what has none."""

    def __init__(self, case, name, today, calendar):
        self.words = {"response": _("初步回复"), "result": _("处理结果")}[name]
        self.due_on, self.met_on = getattr(case, f"{name}_due_on"), getattr(case, f"{name}_met_on")
        self.is_shown = bool(self.met_on or (self.due_on and case.is_open))
        self.left = calendar.working_days_between(today, self.due_on) if self.due_on else None
        self.is_provisional = bool(self.due_on) and calendar.is_provisional(self.due_on)
        self.is_paused = case.paused_on is not None
        self.was_late = bool(self.met_on and self.due_on and self.met_on > self.due_on)


class Row:
    """One complaint as the list shows it."""

    def __init__(self, case, today, calendar):
        self.case = case
        self.response, self.result = (Clock(case, name, today, calendar) for name in ("response", "result"))

    @property
    def next(self):
        """The clock that runs out next, None when nothing runs."""
        running = [one for one in (self.response, self.result) if one.is_shown and not one.met_on]
        return min(running, key=lambda one: one.due_on, default=None)


def rows_of(cases, today, calendar):
    return [Row(case, today, calendar) for case in cases]


def views_and_counts(user, visible, query, today):
    """The tabs with their counts, and how many the list shows and the person sees, in one statement."""
    counted = {show: filters.narrowed_to(show, visible, user, today) for show in filters.SHOWS}
    counted["shown"] = filters.narrowed(visible, query, user, today)
    counts = capped_counts(counted)
    current = address(without(query, *CURSORS, "sort"))
    views = [
        {
            "label": label,
            "href": f"?{own}" if own else "?",
            "count": counts[show],
            "over": show in ALARMING,
            "current": own == current,
        }
        for show, label in filters.SHOWS.items()
        for own in [address({"show": show} if show else {})]
    ]
    return views, {name: few(counts[name]) for name in ("shown", "all")}


def choices(today):
    """What each filter offers: {name: (its label, [(value, words)])}."""
    years = range(today.year, today.year - YEARS_OFFERED, -1)
    return {
        "kind": (_("种类"), ComplaintKind.choices),
        "subject": (_("方面"), Subject.choices),
        "channel": (_("途径"), Channel.choices),
        "person": (_("反映人身份"), PersonClass.choices),
        "state": (_("状态"), State.choices),
        "year": (_("年份"), [(str(year), _("%(year)s年收到") % {"year": year}) for year in years]),
        "satisfied": (_("是否满意"), filters.SATISFIED),
        "finding": (_("是否属实"), Finding.choices),
        "personnel": (_("人事"), filters.PERSONNEL),
        "secret": (_("保密"), filters.SECRET),
        "response": (_("回应期限"), clock_choices(_("已回应"), _("初步回复"))),
        "result": (_("结果期限"), clock_choices(_("已答复结果"), _("处理结果"))),
        "repeated": (_("同类"), filters.REPEATED),
    }


def clock_choices(met, what):
    words = {"what": what}
    return [
        (filters.ANSWERED, met),
        ("in_time", _("%(what)s按时") % words),
        ("late", _("%(what)s晚了") % words),
        ("waiting", _("%(what)s还没到期") % words),
    ]


def bar(query, today):
    """The filters as the bar shows them: each with its options, or with its value and the link that clears it."""
    shown = [one_filter(name, *offered, query) for name, offered in choices(today).items()]
    return [
        *(one for one in shown if one["value"] or one["name"] not in BY_FIGURE_ONLY),
        *period_filter(query),
    ]


def one_filter(name, label, offered, query):
    bare = without(query, *CURSORS, name)
    options = [
        {"label": words, "href": f"?{address(bare | {name: value})}", "count": None}
        for value, words in offered
    ]
    chosen = {str(value): words for value, words in offered}.get(query.get(name, ""))
    return {"name": name, "label": label, "value": chosen, "clear": f"?{address(bare)}", "options": options}


def period_filter(query):
    """The days of receipt that a figure led to; only shown to be taken away."""
    first, last = query.get("since", ""), query.get("until", "")
    if not (first or last):
        return []
    words = _("%(first)s至%(last)s收到") % {"first": first[:10], "last": last[:10]}
    clear = f"?{address(without(query, *CURSORS, 'since', 'until'))}"
    return [{"name": "period", "label": _("收到"), "value": words, "clear": clear, "options": []}]


def condition_words(query, today):
    """The filters of an address in words: 投诉、服务程序."""
    named = [found["value"] for found in bar(query, today) if found["value"]]
    named += [_("“%s”") % query["q"][: filters.LONGEST]] if query.get("q") else []
    return _("、").join(str(words) for words in named)


def conditions(query):
    """What narrows the list beyond its view: the part of the address that 清除筛选 takes away."""
    return without(query, *CURSORS, "sort", "show")


def list_address(**values):
    """The query part of an address of the list, for the figures that lead there."""
    return address({name: value for name, value in values.items() if value})
