"""我的工作台: the open duties and tasks of a user.

Each table is queried once for all groups (overdue, this week, later), with the size of the group in each of its first
rows, so the number of queries does not depend on the number of duties and tasks.
"""

from dataclasses import dataclass, field
from datetime import date
from operator import attrgetter

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
    Window,
)
from django.db.models.functions import Concat, RowNumber

from accounts.approvals import inbox
from accounts.approvals.assignment import Days, steps_waiting_for
from accounts.approvals.matters import with_prefetched_details
from accounts.models import StandIn
from accounts.query_cache import PreparedRows
from relations.duties.periods import period_of, week_of
from relations.models import ContactPerson, Duty, Interaction, Task
from relations.parties import record_urls
from relations.work import wording as work_words

GROUPS = ("over", "week", "later")
HEADINGS = ("unit", "matter", "date")
GROUP_SIZE = 20
WHOLE_GROUP_SIZE = 500
MAX_RECENT = 4
MAX_APPROVALS = 6


@dataclass
class WorkItem:
    """One line: a duty or a task as text, its button, and the number of working days left (negative: overdue)."""

    kind: str
    pk: int
    stakeholder: object
    matter: str
    title: str
    notes: list
    clause: str
    due_on: date
    left: int
    is_provisional: bool
    button: str
    href: str
    person: str
    for_whom: str = ""
    met_on: date | None = None
    is_sheet: bool = False

    @property
    def record(self):
        return record_urls.record_url(self.stakeholder)


@dataclass
class WorkGroup:
    """逾期, 本周, 稍后 or 已完成: the number of duties and tasks, and the first of them, grouped under headings."""

    name: str
    lines: list = field(default_factory=list)
    sizes: dict = field(default_factory=dict)
    by: str = "unit"

    @property
    def total(self):
        return sum(self.sizes.values())

    @property
    def hidden_count(self):
        return self.total - len(self.lines)

    @property
    def headings(self):
        """The lines of each heading, earliest due first: a list of lists."""
        by_heading = {}
        for line in self.lines:
            by_heading.setdefault(HEADING_OF[self.by](line), []).append(line)
        return list(by_heading.values())


HEADING_OF = {
    "unit": lambda line: line.stakeholder.pk,
    "matter": attrgetter("matter"),
    "date": attrgetter("due_on"),
}


@dataclass
class WorkOverview:
    """The groups of open duties and tasks; of the `due` ones due this month, `done` are done."""

    groups: dict
    done: int
    due: int

    @property
    def is_empty(self):
        return not any(group.total for group in self.groups.values())

    @property
    def lines(self):
        return [line for name in GROUPS for line in self.groups[name].lines]


@dataclass(frozen=True)
class WorkQuery:
    """Whose work is listed (`owners`, {pk: name, or "" for the user}), for which `user`, on which day, and how.

    `show` names one group to be listed in full (up to WHOLE_GROUP_SIZE), `by` the headings.
    """

    user: object
    today: date
    calendar: object
    owners: dict
    show: str = ""
    by: str = "unit"


def month_of(today):
    """Returns the first and the last day of the month of `today`."""
    month = period_of("month", today)
    return month.starts_on, month.ends_on


def stand_ins_of(user, today):
    """Returns the absences for which `user` stands in today, with the absent colleague; a list of StandIn."""
    if not StandIn.objects.may_exist_for(user):
        return []
    return list(StandIn.objects.held_by(user).active_on(today).select_related("absent"))


def work_overview(desk):
    """Returns a WorkOverview: the open duties and tasks of the given owners that the user may see."""
    groups = {name: WorkGroup(name, by=desk.by) for name in GROUPS}
    days = {"today": desk.today, "sunday": week_of(desk.today)[1]}
    for first in (FIRST_DUTIES, FIRST_TASKS):
        for row in run_for_owners(first, desk, show=desk.show, **days):
            group = groups[row.group]
            group.sizes[type(row)] = row.total
            if desk.show in ("", row.group):
                group.lines.append(work_item(row, desk))
    for group in groups.values():
        group.lines.sort(key=attrgetter("due_on"))
        del group.lines[WHOLE_GROUP_SIZE if desk.show else GROUP_SIZE :]
    first, last = month_of(desk.today)
    figures = {True: 0, False: 0}
    for is_done, count in run_for_owners(MONTH_FIGURES, desk, first=first, last=last):
        figures[bool(is_done)] += count
    return WorkOverview(groups, figures[True], sum(figures.values()))


def run_for_owners(question, desk, **values):
    """Returns the rows of the prepared query `question`: cached for one owner, built each time for several."""
    if len(desk.owners) == 1:
        return question(desk.user, owner=next(iter(desk.owners)), **values)
    return list(question.build(desk.user, owner=desk.owners, **values))


def done_group(desk):
    """Returns a WorkGroup of the duties and tasks due this month that are done."""
    month = month_of(desk.today)
    duties = with_person(duties_of(desk.user, desk.owners).met().due_between(*month))[:WHOLE_GROUP_SIZE]
    tasks = tasks_of(desk.user, desk.owners).filter(done_at__isnull=False, due_on__range=month)
    tasks = with_person(tasks)[:WHOLE_GROUP_SIZE]
    lines = [work_item(row, desk) for row in (*duties, *tasks)]
    lines.sort(key=lambda line: (line.met_on, line.pk), reverse=True)
    return WorkGroup("done", lines, {"all": len(lines)}, desk.by)


def duties_of(user, owner):
    """Returns the duties visible to `user` of `owner`: a pk or several."""
    return filter_by_owner(Duty.objects.visible_to(user), owner).select_related("rule", "stakeholder")


def tasks_of(user, owner):
    return filter_by_owner(Task.objects.visible_to(user), owner).select_related("stakeholder", "raised_by")


def filter_by_owner(rows, owner):
    return rows.filter(owner=owner) if isinstance(owner, int) else rows.filter(owner__in=owner)


def with_person(rows):
    """Annotates `person`, the main contact person as text."""
    main = ContactPerson.objects.current().filter(stakeholder=OuterRef("stakeholder"), is_main=True)
    words = Concat("name", Value(" "), "title", output_field=CharField())
    return rows.annotate(person=Subquery(main.values(words=words)[:1]))


def first_of_each_group(rows, today, sunday, show):
    """Returns the first rows of each group by due date, annotated with `group` and its `total`, as one query."""
    group = Case(
        When(due_on__lt=today, then=Value("over")),
        When(due_on__lte=sunday, then=Value("week")),
        default=Value("later"),
        output_field=CharField(),
    )
    limit = Value(GROUP_SIZE)
    if show:
        limit = Case(When(group=show, then=WHOLE_GROUP_SIZE), default=1, output_field=IntegerField())
    rows = with_person(rows).annotate(
        group=group,
        total=Window(Count("pk"), partition_by=F("group")),
        place=Window(RowNumber(), partition_by=F("group"), order_by=["due_on", "pk"]),
    )
    return rows.annotate(limit=limit).filter(place__lte=F("limit")).order_by("due_on", "pk")


def first_duties(user, owner, today, sunday, show):
    begun = duties_of(user, owner).open().filter(period_start__lte=today)
    return first_of_each_group(begun, today, sunday, show)


def first_tasks(user, owner, today, sunday, show):
    return first_of_each_group(tasks_of(user, owner).open(), today, sunday, show)


def month_figures(user, owner, first, last):
    """Returns the numbers of duties and tasks due from `first` to `last`, as rows of (is_done, count)."""
    duties, tasks = duties_of(user, owner), tasks_of(user, owner)
    parts = [
        count_by_done(duties.due_between(first, last), Q(met_on__isnull=False)),
        count_by_done(tasks.filter(due_on__range=(first, last), dropped_at=None), Q(done_at__isnull=False)),
    ]
    return parts[0].union(parts[1], all=True)


FIRST_DUTIES, FIRST_TASKS, MONTH_FIGURES = (
    PreparedRows(first_duties),
    PreparedRows(first_tasks),
    PreparedRows(month_figures),
)


def count_by_done(rows, done):
    is_done = ExpressionWrapper(done, output_field=BooleanField())
    counted = rows.select_related(None).order_by().annotate(is_done=is_done).values("is_done")
    return counted.annotate(count=Count("pk")).values_list("is_done", "count")


def work_item(row, desk):
    """Returns the WorkItem of a duty or a task."""
    duty, today, calendar = isinstance(row, Duty), desk.today, desk.calendar
    button, href = (
        work_words.duty_button(row, today) if duty else work_words.task_button(row, row.stakeholder)
    )
    return WorkItem(
        kind="duty" if duty else "task",
        pk=row.pk,
        stakeholder=row.stakeholder,
        matter=row.rule.name if duty else row.get_origin_display(),
        title=work_words.duty_title(row, today) if duty else row.title,
        notes=work_words.duty_note(row, today) if duty else work_words.task_note(row),
        clause=row.rule.clause if duty else row.clause,
        due_on=row.due_on,
        left=calendar.working_days_between(today, row.due_on),
        is_provisional=calendar.is_provisional(row.due_on) if duty else row.is_provisional,
        button=button,
        href=href,
        person=row.person or "",
        for_whom=desk.owners[row.owner_id],
        met_on=row.met_on if duty else row.done_on,
        is_sheet=duty and work_words.is_sheet_check(row.rule),
    )


def recent_contacts(user):
    """Returns the visible contacts that `user` has logged last."""
    return RECENTLY(user)


RECENTLY = PreparedRows(
    lambda user: (
        Interaction.objects.visible_to(user)
        .filter(entered_by=user)
        .select_related("stakeholder")
        .order_by("-contact_on", "-pk")[:MAX_RECENT]
    )
)


WAITING = PreparedRows(
    lambda user, today, established: (
        steps_waiting_for(user, Days(today, established))
        .select_related("sheet", *inbox.related_paths("sheet__"))
        .order_by("asked_on", "pk")[:MAX_APPROVALS]
    )
)


def approvals_of(user, today):
    """Returns the first approval requests that wait for `user`, as rows of the inbox."""
    days = Days.for_day(today)
    steps = WAITING(user, today=days.today, established=days.established)
    with_prefetched_details(step.sheet for step in steps)
    return [inbox.inbox_row(step.sheet, today, step) for step in steps]
