"""The filters of the list of contacts, all in the query string; unreadable values are ignored."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import CharField, F, Value
from django.utils.translation import gettext as _

from accounts.days import parse_day
from accounts.keys import parse_key
from accounts.models import Department, User
from accounts.roles import Scope
from lists.filters import Filter, Pill
from relations.duties.periods import period_of, week_of
from relations.models import Channel, Interaction, Outcome, Purpose, SavedView, Stakeholder
from relations.search.index import matching

PAGE = "interactions"
FEW_RECORDS = 1000
FILTER_NAMES = (
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


def parse_filters(query):
    """Returns the filters in a query string (a QueryDict) as a plain dict, without the position in the list."""
    return {name: query[name][:100] for name in FILTER_NAMES if query.get(name)}


@dataclass(frozen=True)
class Span:
    """A range of days, both included; either may be None."""

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


def filter_days(conditions, today):
    """Returns the Span that the filters name: a named period, or since and until."""
    match conditions.get("period"):
        case "today":
            return Span(today, today)
        case "week":
            return Span(*week_of(today))
        case "last_month":
            span = period_of("month", today.replace(day=1) - timedelta(days=1))
            return Span(span.starts_on, span.ends_on)
        case "month" | "quarter" | "year" as kind:
            span = period_of(kind, today)
            return Span(span.starts_on, span.ends_on)
    return Span(parse_day(conditions.get("since")), parse_day(conditions.get("until")))


def apply_filters(user, conditions, today):
    """Returns a queryset of the contacts visible to `user`, filtered by `conditions`.

    If few records match a search, their pks are queried first, so that their contacts are found by index, however
    many contacts there are.
    """
    rows = limit_to_search(Interaction.objects.visible_to(user), user, conditions.get("q", ""))
    span = filter_days(conditions, today)
    if span.since:
        rows = rows.filter(contact_on__gte=span.since)
    if span.until:
        rows = rows.filter(contact_on__lte=span.until)
    for name, allowed in (("purpose", Purpose), ("channel", Channel), ("outcome", Outcome)):
        if conditions.get(name) in allowed.values:
            rows = rows.filter(**{name: conditions[name]})
    if conditions.get("urgent"):
        rows = rows.filter(purpose=Purpose.URGENT)
    if worker := parse_key(conditions.get("worker")):
        rows = rows.filter(our_people__user=worker)
    if clerk := parse_key(conditions.get("entered_by")):
        rows = rows.filter(entered_by=clerk)
    if department := parse_key(conditions.get("department")):
        rows = rows.filter(stakeholder__department=department)
    return rows


def limit_to_search(rows, user, q):
    """Limits `rows` to the records that `q` finds; for a user with the scope OWN, to that user's records."""
    if not q and user.widest_scope != Scope.OWN:
        return rows
    records = Stakeholder.objects.visible_to(user)
    if q:
        records = matching(records, q)
    pks = list(records.order_by().values_list("pk", flat=True)[: FEW_RECORDS + 1])
    return rows.filter(stakeholder__in=pks if len(pks) <= FEW_RECORDS else records.values("pk"))


def filter_choices(user, conditions):
    """Returns departments, saved views and names of the users in the filters, from one query.

    {"view", "person" or "department": [(pk, name, query string of a view or "")]}
    """
    text = CharField()

    def part(kind, rows, name, extra=None):
        marks = {
            "kind": Value(kind, output_field=text),
            "extra": extra or Value("", output_field=text),
        }
        return rows.order_by().annotate(**marks).values_list("kind", "pk", name, "extra")

    user_pks = [parse_key(conditions.get(name)) for name in ("worker", "entered_by")]
    people = User.objects.visible_to(user).filter(pk__in=[pk for pk in user_pks if pk])
    views = SavedView.objects.filter(owner=user, page=PAGE)
    departments = Department.objects.all() if user.widest_scope == Scope.ALL else Department.objects.none()
    parts = [part("view", views, "name", F("query")), part("person", people, "name")]
    parts.append(part("department", departments, "name"))
    choices = {"view": [], "person": [], "department": []}
    for kind, pk, name, extra in parts[0].union(*parts[1:], all=True):
        choices[kind].append((pk, name, extra))
    return choices


def bar_filters(conditions, offers, user):
    """Returns the filters of the filter bar; `offers` is the result of `filter_choices`."""
    departments = [(str(pk), name) for pk, name, _query in offers["department"]]
    people = {str(pk): name for pk, name, _query in offers["person"]}
    return [
        Filter("period", _("日期"), periods()),
        Filter("purpose", _("事由"), Purpose.choices),
        Filter("channel", _("方式"), Channel.choices),
        Filter("outcome", _("结果"), Outcome.choices),
        Filter("urgent", _("紧急"), [("1", _("只看紧急沟通"))]),
        Filter("department", _("部门"), departments),
        person_filter("worker", _("我方参加"), _("我参加的"), _("%s参加的"), people, user),
        person_filter("entered_by", _("登记人"), _("我登记的"), _("%s登记的"), people, user),
        day_pill("since", _("%s起"), conditions),
        day_pill("until", _("到%s"), conditions),
    ]


def person_filter(name, label, own, words, people, user):
    """Returns a filter by colleague: the bar offers `user` only, a link may name any of `people` ({pk: name})."""
    me = str(user.pk)
    others = {pk: words % named for pk, named in people.items() if pk != me}
    return Filter(name, label, [(me, own)], words=others)


def day_pill(name, words, conditions):
    """Returns the pill that shows a typed day among the active filters."""
    typed = conditions.get(name)
    return Pill(name, _("日期"), words % typed if parse_day(typed) else "", (name,))
