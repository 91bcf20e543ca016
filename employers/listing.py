"""The list of employers: its rows with everything a row shows, its views with their counts, its filters as links.

However many employers there are, a page asks for its rows once, for their duties once, for the counts of all views
once, and once for everything the filters offer.
"""

from datetime import date

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    DateField,
    Exists,
    F,
    FilteredRelation,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Department, User
from accounts.roles import Permission, Scope
from employers.filters import (
    CLOSED,
    CONTACTS,
    ENDS,
    STANDINGS,
    among_active,
    narrowed,
    standing_views,
)
from employers.models import BodyType, Employer
from relations.lists.paging import Order, capped_counts
from relations.lists.rows import ago_words, state_of
from relations.models import Duty, Kind, SavedView, Stage, Stakeholder, Task, Term
from relations.work.workbench import month_of, week_of

PAGE = "employers"
LONG_AGO = 30  # days without a contact after which an active employer's last contact turns amber
CONTRACT_NEAR = 100  # days before its end from which a contract says how long it still runs
ENDS_SOON = 60
NO_DAY = date(1, 1, 1)
NO_END = date(9999, 12, 31)
IN_MENU = 100  # choices; of more, as of a city's workers, the first are offered and every other may be typed
TYPED = {
    "worker": "worker_name",
    "town": "town",
}  # filter -> what the address calls its value when it is typed
CURSORS = ("after", "before")
BY_VIEW_ONLY = ("contact", "duty")  # filters that the views offer; in the bar they show only when they are on

ORDERS = {
    "standing": Order("rank", int),
    "name": Order("pinyin"),
    "-name": Order("pinyin", descending=True),
    "last": Order("last_key", date.fromisoformat),
    "-last": Order("last_key", date.fromisoformat, descending=True),
    "end": Order("end_key", date.fromisoformat),
    "-end": Order("end_key", date.fromisoformat, descending=True),
}
DEFAULT_ORDER = "standing"


def contract_end():
    """The last day of the contract that runs longest."""
    own = Term.objects.valid().filter(stakeholder=OuterRef("pk")).order_by("-last_day")
    return Subquery(own.values("last_day")[:1])


def sort_keys(today):
    """The annotations by which the list may be ordered; active employers come first (R33)."""
    return {
        "rank": Case(When(among_active(today), then=0), default=1, output_field=IntegerField()),
        "last_key": Coalesce("last_contact_on", NO_DAY, output_field=DateField()),
        "end_key": Coalesce(contract_end(), NO_END, output_field=DateField()),
    }


def dressed(pks, order, today):
    """The employers of `pks` (a queryset) with everything a row shows, in one statement."""
    main = FilteredRelation("contacts", condition=Q(contacts__is_main=True, contacts__left_on=None))
    run = FilteredRelation("cycles", condition=Q(cycles__ended_on=None))
    keys = {name: key for name, key in sort_keys(today).items() if name in (order.key, "rank", "end_key")}
    return (
        Employer.objects.filter(pk__in=pks)
        .annotate(main=main, run=run)
        .annotate(
            **keys,
            person=F("main__name"),
            person_title=F("main__title"),
            stage=F("run__stage"),
            has_caution=Case(When(~Q(caution=""), then=True), default=False),
        )
        .select_related("responsible")
        .defer("caution", "past_cooperation", "prospects", "note", "address", "service_area")
    )


class Row:
    """One employer as the list shows it to `user` on `today`."""

    def __init__(self, employer, marks, user, today):
        self.employer, self.marks = employer, marks
        self.is_active = employer.rank == 0
        self.caution = employer.has_caution and employer.may_see_caution(user)
        self.stage = stage_words(employer.stage)
        self.person = f"{employer.person} {employer.person_title}".strip() if employer.person else ""
        self.set_contact(today)
        self.set_end(today)

    def set_contact(self, today):
        last = self.employer.last_contact_on
        days = (today - last).days if last else None
        self.contact_words = ago_words(days, self.employer.last_contact_channel)
        self.is_long_ago = self.is_active and (days is None or days > LONG_AGO)

    def set_end(self, today):
        end = self.employer.end_key
        self.ends_on = None if end == NO_END else end
        self.days_left = (end - today).days if self.ends_on else None
        self.says_left = self.days_left is not None and self.days_left <= CONTRACT_NEAR
        self.ends_soon = self.says_left and 0 <= self.days_left <= ENDS_SOON
        self.end_words = left_words(self.days_left) if self.says_left else ""


def left_words(days):
    """还有63天, 今天到期, 已到期."""
    if days < 0:
        return _("已到期")
    if days == 0:
        return _("今天到期")
    return ngettext("还有%(days)d天", "还有%(days)d天", days) % {"days": days}


def stage_words(stage):
    """5 执行."""
    return f"{stage[0]} {Stage(stage).label}" if stage else "—"


def rows_of(employers, user, today):
    """The Rows of these employers, their marks asked for in one statement."""
    marks = marks_of([employer.pk for employer in employers], today)
    return [Row(employer, marks.get(employer.pk, []), user, today) for employer in employers]


def marks_of(pks, today):
    """pk -> the marks of what is owed this month and of what was missed, in rule order (R69-R77)."""
    (first, last), (_monday, sunday) = month_of(today), week_of(today)
    found = {}
    for pk, place, _rule, due_on, met_on in owed(pks, first, last, today):
        found.setdefault(pk, {}).setdefault((place, _rule, due_on >= first), (due_on, met_on))
    return {
        pk: [{"state": state_of(due, met, today, sunday)} for _key, (due, met) in sorted(marks.items())]
        for pk, marks in found.items()
    }


def owed(pks, first, last, today):
    """Duties and tasks of these employers, newest first: due this month, or missed and still open."""
    now = Q(due_on__gte=first, due_on__lte=last)
    shown = ("stakeholder_id", "place", "what", "due_on", "done")
    duties = Duty.objects.filter(now | Q(met_on=None, due_on__lt=today), stakeholder__in=pks)
    tasks = Task.objects.filter(dropped_at=None, stakeholder__in=pks).filter(
        now | Q(done_at=None, due_on__lt=today)
    )
    return (
        duties.order_by()
        .annotate(place=F("rule__position"), what=F("rule_id"), done=F("met_on"))
        .values_list(*shown)
        .union(
            tasks.order_by().annotate(place=Value(999), what=F("id"), done=F("done_on")).values_list(*shown),
            all=True,
        )
        .order_by("-due_on")
    )


def towns_seen(user):
    """The employers whose towns may be offered; who sees all of them is spared the question which."""
    sees_all = user.scope == Scope.ALL and user.may(Permission.CONFIDENTIAL) and user.may(Permission.VIEW)
    rows = Employer.objects.all() if sees_all else Employer.objects.visible_to(user)
    return rows.exclude(town="")


def offered(user):
    """What the filters offer and the views kept, in one statement: {"department": [(id, name)], ...}."""
    text = CharField()
    none = Value("", output_field=text)

    def part(kind, rows, key, name, extra=none):
        marks = {"offer": Value(kind, output_field=text), "key": key, "label": name, "extra": extra}
        return rows.order_by().annotate(**marks).values_list("offer", "key", "label", "extra")

    number = Cast("pk", BigIntegerField())
    seen = Stakeholder.objects.visible_to(user).of_kind(Kind.EMPLOYER)
    departments = Department.objects.filter(Exists(seen.filter(department=OuterRef("pk"))))
    workers = User.objects.filter(Exists(seen.filter(responsible=OuterRef("pk"))))
    department = Cast("department", text)
    views = SavedView.objects.filter(owner=user, page=PAGE)
    found = part("department", departments, number, Cast("name", text)).union(
        part("worker", workers, number, Cast("name", text), department),
        part(
            "town", towns_seen(user), Value(0, output_field=BigIntegerField()), Cast("town", text)
        ).distinct(),
        part("view", views, number, Cast("name", text), Cast("query", text)),
        all=True,
    )
    sorted_into = {"department": [], "worker": [], "town": [], "view": []}
    for kind, key, label, extra in sorted(
        found, key=lambda row: (row[0], row[1] if row[0] == "view" else row[2])
    ):
        sorted_into[kind].append((key, label, extra))
    if len(sorted_into["worker"]) > IN_MENU:
        sorted_into["worker"].sort(key=lambda row: row[2] != str(user.department_id))
    return sorted_into


def views_and_counts(user, visible, query, kept, today):
    """The tabs with their counts, and the counts of the head and the foot of the list."""
    tabs = [(label, address(own), bad) for label, own, bad in standing_views(user, today)]
    tabs += [(label, own, False) for _pk, label, own in kept]
    counted = {f"tab{n}": narrowed(visible, QueryDict(own), today) for n, (_l, own, _b) in enumerate(tabs)}
    counted["active"] = counted["tab0"].filter(among_active(today))
    counted["shown"] = narrowed(visible, query, today)
    counts = capped_counts(counted)
    current = address(without(query, *CURSORS, "sort"))
    views = [
        {
            "label": label,
            "href": f"?{own}",
            "count": few(counts[f"tab{n}"]),
            "over": bad,
            "current": own == current,
        }
        for n, (label, own, bad) in enumerate(tabs)
    ]
    return views, counts


def few(count):
    """42, or 1,000+ for a count that was cut off."""
    return "1,000+" if count > 1000 else f"{count:,}" if count else 0


def bar(query, offers):
    """The filters as the bar shows them: each with its options, or with its value and the link that clears it."""
    by_pk = {"department": offers["department"], "worker": offers["worker"]}
    choices = {
        "closed": CLOSED,
        "standing": STANDINGS,
        **{name: [(str(pk), label) for pk, label, _x in found] for name, found in by_pk.items()},
        "town": [(label, label) for _pk, label, _x in offers["town"]],
        "stage": [(value, f"{value[0]} {label}") for value, label in Stage.choices],
        "ends": ENDS,
        "type": BodyType.choices,
        "contact": CONTACTS,
        "duty": [("overdue", _("有逾期"))],
    }
    labels = {
        "closed": _("没有关闭的"),
        "standing": _("关系"),
        "department": _("部门"),
        "worker": _("负责社工"),
        "town": _("镇街"),
        "stage": _("阶段"),
        "ends": _("合同到期"),
        "type": _("单位类型"),
        "contact": _("联系"),
        "duty": _("应尽"),
    }
    shown = [one_filter(name, labels[name], found, query) for name, found in choices.items() if found]
    return [
        one for one in shown if one["value"] or (len(one["options"]) > 1 and one["name"] not in BY_VIEW_ONLY)
    ]


def one_filter(name, label, choices, query):
    typed = TYPED.get(name, "")
    chosen = {str(value): words for value, words in choices}.get(query.get(name, "")) or query.get(typed)
    bare = without(query, *CURSORS, name, typed)
    is_long = bool(typed) and len(choices) > IN_MENU
    options = [
        {"label": words, "href": f"?{address(bare | {name: value})}", "count": None}
        for value, words in (choices[:IN_MENU] if is_long else choices)
    ]
    return {
        "name": name,
        "label": label,
        "value": chosen,
        "clear": f"?{address(bare)}",
        "options": options,
        "typed": typed if is_long else "",
        "kept": bare.items(),
    }


def without(query, *names):
    """The address's values as a dict, without `names` and without what is empty."""
    return {name: value for name, value in query.items() if value and name not in names}


def address(values):
    """A dict as the query part of an address, always in the same order."""
    query = QueryDict(mutable=True)
    for name in sorted(values):
        query[name] = values[name]
    return query.urlencode()
