"""The filters of the list, read from the query string; every figure of the board links to the list with filters."""

from datetime import timedelta

import django_filters
from django.db.models import Case, CharField, F, Q, Value, When
from django.utils.translation import gettext_lazy

from accounts.keys import parse_key
from complaints.lists.waiting import held_condition, waiting_for
from complaints.models import CLOCKS, Channel, Complaint, ComplaintKind, Finding, PersonClass, State, Subject
from complaints.models.case import ENDED
from complaints.reports.repeats import repeats
from reminders.models import Parameter

VIEWS = {
    "": gettext_lazy("待办"),
    "overdue": gettext_lazy("逾期"),
    "week": gettext_lazy("本周到期"),
    "new": gettext_lazy("待我受理"),
    "open": gettext_lazy("办理中"),
    "closed": gettext_lazy("已办结"),
    "all": gettext_lazy("全部"),
}
OPEN_VIEWS = ("", "overdue", "week", "new", "open")
SATISFIED = [
    ("yes", gettext_lazy("满意")),
    ("no", gettext_lazy("不满意")),
    ("none", gettext_lazy("没有表态")),
]
PERSONNEL = [("yes", gettext_lazy("人事投诉")), ("no", gettext_lazy("不是人事投诉"))]
SECRET = [("yes", gettext_lazy("严格保密")), ("no", gettext_lazy("没有要求严格保密"))]
CLOCK_STATES = [
    ("in_time", gettext_lazy("按时")),
    ("late", gettext_lazy("晚了")),
    ("waiting", gettext_lazy("还没到期")),
]
ANSWERED = "met"
REPEATED = [("yes", gettext_lazy("同类再次发生"))]
MAX_QUERY_LENGTH = 60
YEARS = range(2000, 3000)
IS = {"yes": True, "no": False, "none": None}


def sunday_of(today):
    """The last day of the week of `today`."""
    return today + timedelta(days=6 - today.weekday())


def due_between(rows, first, last):
    """Complaints with a clock that is not met and due between both days (inclusive)."""
    ends = [
        Q(**{f"{clock}_met_on": None, f"{clock}_due_on__gte": first, f"{clock}_due_on__lte": last})
        for clock in CLOCKS
    ]
    return rows.running().filter(ends[0] | ends[1])


def filter_view(show, rows, user, today):
    """`rows` limited to one of VIEWS."""
    if show == "all":
        return rows
    if show == "open":
        return rows.open()
    if show == "overdue":
        return rows.overdue_on(today)
    if show == "week":
        return due_between(rows, today, sunday_of(today))
    if show == "new":
        return rows.filter(head=user.pk, state=State.WITH_HEAD)
    if show == "closed":
        return rows.filter(state=State.CLOSED)
    return rows.filter(pk__in=waiting_for(user).values("pk"))


class ComplaintFilter(django_filters.FilterSet):
    """The filters of the list; without `show` it lists what waits for the user."""

    q = django_filters.CharFilter(method="by_words")
    kind = django_filters.ChoiceFilter(choices=ComplaintKind.choices)
    subject = django_filters.ChoiceFilter(choices=Subject.choices)
    channel = django_filters.ChoiceFilter(choices=Channel.choices)
    person = django_filters.ChoiceFilter(choices=PersonClass.choices, field_name="person_class")
    state = django_filters.ChoiceFilter(choices=State.choices)
    year = django_filters.CharFilter(method="by_year")
    since = django_filters.DateFilter(field_name="received_on", lookup_expr="gte")
    until = django_filters.DateFilter(field_name="received_on", lookup_expr="lte")
    satisfied = django_filters.ChoiceFilter(choices=SATISFIED, method="by_satisfied")
    finding = django_filters.ChoiceFilter(choices=Finding.choices)
    personnel = django_filters.ChoiceFilter(choices=PERSONNEL, method="by_personnel")
    secret = django_filters.ChoiceFilter(choices=SECRET, method="by_secret")
    response = django_filters.ChoiceFilter(
        choices=[(ANSWERED, gettext_lazy("已回应")), *CLOCK_STATES], method="by_clock"
    )
    result = django_filters.ChoiceFilter(
        choices=[(ANSWERED, gettext_lazy("已答复结果")), *CLOCK_STATES], method="by_clock"
    )
    of = django_filters.CharFilter(method="by_stakeholder")
    repeated = django_filters.ChoiceFilter(choices=REPEATED, method="by_repeated")

    class Meta:
        model = Complaint
        fields = []

    def __init__(self, data, queryset, *, user, today):
        self.user, self.today = user, today
        super().__init__(data, queryset)

    def filter_queryset(self, queryset):
        show = self.data.get("show", "")
        rows = filter_view(show if show in VIEWS else "", queryset, self.user, self.today)
        return super().filter_queryset(rows)

    def by_words(self, rows, name, value):
        return filter_words(rows, value, self.user)

    def by_year(self, rows, name, value):
        year = parse_key(value)
        return rows.filter(received_on__year=year) if year in YEARS else rows

    def by_stakeholder(self, rows, name, value):
        """Only for head and handler: to other readers, the stakeholder would reveal the complainant (R153)."""
        key = parse_key(value)
        return rows.filter(held_condition(self.user), stakeholder=key) if key else rows

    def by_satisfied(self, rows, name, value):
        """`none` selects complaints that were answered, but whose complainant gave no feedback."""
        if value == "none":
            return rows.filter(is_satisfied=None, response_met_on__isnull=False)
        return rows.filter(is_satisfied=IS[value])

    def by_personnel(self, rows, name, value):
        return rows.filter(is_personnel=IS[value])

    def by_secret(self, rows, name, value):
        return rows.filter(is_strictly_confidential=IS[value])

    def by_clock(self, rows, name, value):
        if value == ANSWERED:
            return rows.filter(**{f"{name}_met_on__isnull": False})
        return rows.alias(**{f"{name}_standing": clock_state(name, self.today)}).filter(
            **{f"{name}_standing": value}
        )

    def by_repeated(self, rows, name, value):
        months = Parameter.objects.value_on("complaint_repeat_months", self.today)
        return rows.filter(pk__in=repeats(self.user, months))


def clock_state(clock, today):
    """The state of a clock (response, result) on `today`, as an expression: in_time, late, waiting, or "" without one.

    Late means met after the due date, or not met and past it; a paused clock is waiting.
    """
    met, due = f"{clock}_met_on", f"{clock}_due_on"
    return Case(
        When(Q(**{due: None}), then=Value("")),
        When(Q(**{f"{met}__lte": F(due)}), then=Value("in_time")),
        When(Q(**{f"{met}__isnull": False}), then=Value("late")),
        When(state__in=ENDED, then=Value("")),
        When(Q(paused_on=None, **{f"{due}__lt": today}), then=Value("late")),
        default=Value("waiting"),
        output_field=CharField(),
    )


def filter_words(rows, words, user):
    """Complaints that contain each of `words` in the number, the title or the statement.

    For users to whom the complainant is masked, the number only: otherwise they could find out a name or a telephone
    number by searching for one character after another (R153).
    """
    has_readable_texts = held_condition(user) | Q(name="", contact="")
    for word in words[:MAX_QUERY_LENGTH].split():
        texts = Q(title__icontains=word) | Q(statement__icontains=word)
        rows = rows.filter(Q(number__icontains=word) | (has_readable_texts & texts))
    return rows


def apply_filters(rows, data, user, today):
    """Filters `rows` (already limited to what `user` may see) by `data`, a QueryDict or dict."""
    return ComplaintFilter(data, rows, user=user, today=today).qs
