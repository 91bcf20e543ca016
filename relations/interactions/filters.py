"""The filters of the list of contacts, all in the address; a value nobody can read is passed over."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import CharField, F, Value
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.keys import key_in
from accounts.models import Department, User
from accounts.roles import Scope
from relations.duties.periods import period_of
from relations.models import Channel, Interaction, Outcome, Purpose, SavedView, Stakeholder
from relations.search.index import matching

PAGE = "interactions"
CURSORS = ("after", "before")
FEW = 1000
NAMES = (
    "q",
    "since",
    "until",
    "period",
    "purpose",
    "channel",
    "outcome",
    "urgent",
    "worker",
    "entered_by",
    "department",
)


def conditions_in(query):
    """The filters of an address (a QueryDict) as a plain dict, without the place on the list."""
    return {name: query[name][:100] for name in NAMES if query.get(name)}


def address(conditions, **changed):
    """`?...` with some filters changed; None takes one out."""
    merged = {name: value for name, value in (conditions | changed).items() if value not in (None, "")}
    return f"?{urlencode(merged)}"


@dataclass(frozen=True)
class Span:
    """The days asked for, both included; either may be None."""

    since: date | None
    until: date | None


def periods():
    return [
        ("today", _("今天")),
        ("week", _("本周")),
        ("month", _("本月")),
        ("last_month", _("上月")),
        ("quarter", _("本季度")),
        ("year", _("今年")),
    ]


def span_in(conditions, today):
    """The days that the filters name: a period in words, or since and until."""
    match conditions.get("period"):
        case "today":
            return Span(today, today)
        case "week":
            monday = today - timedelta(days=today.weekday())
            return Span(monday, monday + timedelta(days=6))
        case "last_month":
            span = period_of("month", today.replace(day=1) - timedelta(days=1))
            return Span(span.starts_on, span.ends_on)
        case "month" | "quarter" | "year" as kind:
            span = period_of(kind, today)
            return Span(span.starts_on, span.ends_on)
    return Span(day_in(conditions.get("since")), day_in(conditions.get("until")))


def day_in(text):
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def narrowed(user, conditions, today):
    """The contacts `user` may see, narrowed by the filters.

    Where the records in question are few, they are looked up first: the contacts of a few records are then found by
    their index, however many contacts there are.
    """
    rows = within(Interaction.objects.visible_to(user), user, conditions.get("q", ""))
    span = span_in(conditions, today)
    if span.since:
        rows = rows.filter(contact_on__gte=span.since)
    if span.until:
        rows = rows.filter(contact_on__lte=span.until)
    for name, allowed in (("purpose", Purpose), ("channel", Channel), ("outcome", Outcome)):
        if conditions.get(name) in allowed.values:
            rows = rows.filter(**{name: conditions[name]})
    if conditions.get("urgent"):
        rows = rows.filter(purpose=Purpose.URGENT)
    if worker := key_in(conditions.get("worker")):
        rows = rows.filter(our_people__user=worker)
    if clerk := key_in(conditions.get("entered_by")):
        rows = rows.filter(entered_by=clerk)
    if department := key_in(conditions.get("department")):
        rows = rows.filter(stakeholder__department=department)
    return rows


def within(rows, user, q):
    """`rows` limited to the records that `q` finds, and for those who see only their own, to these."""
    if not q and user.scope != Scope.OWN:
        return rows
    records = Stakeholder.objects.visible_to(user)
    if q:
        records = matching(records, q)
    pks = list(records.order_by().values_list("pk", flat=True)[: FEW + 1])
    return rows.filter(stakeholder__in=pks if len(pks) <= FEW else records.values("pk"))


def offered(user, conditions):
    """Departments, kept views and the names of the people asked for, in one statement: {kind: [(pk, name, query)]}."""
    text = CharField()

    def part(kind, rows, name, extra=None):
        marks = {
            "kind": Value(kind, output_field=text),
            "extra": extra or Value("", output_field=text),
        }
        return rows.order_by().annotate(**marks).values_list("kind", "pk", name, "extra")

    named = [key_in(conditions.get(name)) for name in ("worker", "entered_by")]
    people = User.objects.visible_to(user).filter(pk__in=[pk for pk in named if pk])
    views = SavedView.objects.filter(owner=user, page=PAGE)
    departments = Department.objects.all() if user.scope == Scope.ALL else Department.objects.none()
    parts = [part("view", views, "name", F("query")), part("person", people, "name")]
    parts.append(part("department", departments, "name"))
    found = {"view": [], "person": [], "department": []}
    for kind, pk, name, extra in parts[0].union(*parts[1:], all=True):
        found[kind].append((pk, name, extra))
    return found


def bar(conditions, offers, user):
    """The filters as the bar draws them: in force with the way to take them out, the others with their choices."""
    departments = [(str(pk), name) for pk, name, _query in offers["department"]]
    people = {str(pk): name for pk, name, _query in offers["person"]}
    filters = [
        one(conditions, "period", _("日期"), periods()),
        one(conditions, "purpose", _("事由"), Purpose.choices),
        one(conditions, "channel", _("方式"), Channel.choices),
        one(conditions, "outcome", _("结果"), Outcome.choices),
        one(conditions, "urgent", _("紧急"), [("1", _("只看紧急沟通"))]),
    ]
    if departments:
        filters.append(one(conditions, "department", _("部门"), departments))
    own = [(str(user.pk), _("我参加的"))]
    filters.append(one(conditions, "worker", _("我方参加"), own, people, _("%s参加的")))
    filters.append(
        one(conditions, "entered_by", _("登记人"), [(str(user.pk), _("我登记的"))], people, _("%s登记的"))
    )
    return filters + dates(conditions)


def one(conditions, name, label, choices, people=None, words="%s"):
    value = conditions.get(name, "")
    shown = dict(choices).get(value) or (words % people[value] if people and value in people else "")
    options = (
        []
        if shown
        else [
            {"label": text, "href": address(conditions, **{name: key}), "count": None}
            for key, text in choices
        ]
    )
    return {
        "label": label,
        "value": shown,
        "clear": address(conditions, **{name: None}),
        "options": options,
    }


def dates(conditions):
    """Days typed by hand stand among the filters that are in force."""
    words = {"since": _("%s起"), "until": _("到%s")}
    return [
        {
            "label": _("日期"),
            "value": words[name] % conditions[name],
            "clear": address(conditions, **{name: None}),
            "options": [],
        }
        for name in ("since", "until")
        if day_in(conditions.get(name))
    ]


def words_of(filters, conditions):
    """The filters in force as one line, for an empty list."""
    found = [str(found["value"]) for found in filters if found["value"]]
    if conditions.get("q"):
        found.append(_("“%s”") % conditions["q"])
    return _("、").join(found)
