"""The figures of the dashboard, counted in the database from records visible to the user (R78-R88, R99; design §3).

One grouped query over the stored sums of duties supplies the tiles, the heat table, the months and the people. The
conditions of a figure are defined once, in `lezhi.dashboard.duty_list`; the list to which the figure links applies the
same conditions to the duties themselves.
"""

from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, OuterRef, Q, Subquery

from accounts.models import StandIn, User
from accounts.query_cache import NO_ROWS, PreparedSql, database_value, sql_of_pks
from relations.duties.periods import Span, period_of, start_of_month
from relations.duties.settlement import as_date
from relations.models import CadenceRule, Duty, DutySum, Interaction, Purpose

MONTHS_SHOWN = 12
FIRST_PEOPLE, ALL_PEOPLE = 8, 500
NOBODY = 0

# `sums` are rows of relations.models.DutySum. Of duties due before the months shown only the open ones are counted.
TALLY = """
    WITH tally AS MATERIALIZED ({sums}),
    cell AS (
        SELECT due_on, rule_id, department_id,
               CASE WHEN due_on >= {since} THEN SUM(owed) ELSE SUM(owed) - SUM(met) END AS owed,
               CASE WHEN due_on >= {since} THEN SUM(met) ELSE 0 END AS met
        FROM tally GROUP BY due_on, rule_id, department_id
    ),
    person AS (
        SELECT owner_id, MIN(due_on) AS due_on,
               COALESCE(SUM(owed) FILTER (WHERE due_on >= {first} AND due_on <= {last}), 0) AS owed,
               COALESCE(SUM(met) FILTER (WHERE due_on >= {first} AND due_on <= {last}), 0) AS met,
               COALESCE(SUM(owed - met) FILTER (WHERE due_on < {today}), 0) AS overdue
        FROM tally {where} GROUP BY owner_id
    )
    SELECT 'cell' AS part, c.due_on, r.code, c.department_id, d.name, 0 AS owner_id, c.owed, c.met,
           0 AS overdue, 0 AS people, 0 AS late_people
    FROM cell c JOIN relations_cadencerule r ON r.id = c.rule_id
    LEFT JOIN accounts_department d ON d.id = c.department_id
    WHERE c.owed > 0
    UNION ALL
    SELECT * FROM (
        SELECT 'person', due_on, '', 0, '', owner_id, owed, met, overdue, COUNT(*) OVER () AS people,
               SUM(CASE WHEN overdue > 0 THEN 1 ELSE 0 END) OVER () AS late_people
        FROM person WHERE owed + overdue > 0
        ORDER BY overdue DESC, owed - met DESC, owner_id LIMIT %s
    ) people
"""
SUM_COLUMNS = ("due_on", "rule_id", "department_id", "owner_id", "owed", "met")


@dataclass(frozen=True)
class Choice:
    """The filters of the dashboard: a calendar period, and a department (None: all, NOBODY: those without one)."""

    span: Span
    today: date
    department: int | None = None
    people: int = FIRST_PEOPLE

    @property
    def since(self):
        """The first day of the months shown; of duties due earlier only the open ones are counted."""
        return min(
            start_of_month(period_of("month", self.today).starts_on, 1 - MONTHS_SHOWN), self.span.starts_on
        )

    @property
    def until(self):
        return max(self.span.ends_on, period_of("month", self.today).ends_on)


@dataclass(frozen=True)
class Cell:
    """The duties of one rule in one department that are due on one day: their number, and the number met."""

    due_on: date
    rule: str
    department: int
    department_name: str
    owed: int
    met: int


@dataclass(frozen=True)
class Sum:
    """Numbers of duties by state. `counted` leaves out duties that are neither met nor overdue."""

    met: int = 0
    missed: int = 0
    open: int = 0

    @property
    def owed(self):
        return self.met + self.missed + self.open

    @property
    def counted(self):
        return self.met + self.missed

    @property
    def percent(self):
        """The share of met among counted duties in per cent, rounded down so that 100 means all; None for none."""
        return self.met * 100 // self.counted if self.counted else None

    @property
    def percent_of_all(self):
        return self.met * 100 // self.owed if self.owed else None


@dataclass(frozen=True)
class Person:
    """A user with duties: numbers due and met in the period, number overdue, and the last contact they logged."""

    pk: int
    owed: int
    met: int
    overdue: int
    name: str = ""
    department: str = ""
    last_on: date | None = None
    stand_in: str = ""


@dataclass
class Tally:
    """The duties of the dashboard's period, and the people responsible, those with the most overdue first."""

    choice: Choice
    cells: list = field(default_factory=list)
    people: list = field(default_factory=list)
    people_in_all: int = 0
    people_overdue: int = 0

    @property
    def departments(self):
        """{pk: name} of the departments with duties; NOBODY is the key of duties without a department."""
        names = {cell.department: cell.department_name for cell in self.cells}
        return dict(sorted(names.items(), key=lambda pair: (pair[0] == NOBODY, pair[1])))

    def chosen(self):
        """The cells of the chosen department."""
        department = self.choice.department
        return [cell for cell in self.cells if department is None or cell.department == department]

    def in_period(self):
        span = self.choice.span
        return [cell for cell in self.chosen() if span.starts_on <= cell.due_on <= span.ends_on]

    def sum(self, cells):
        """The Sum of `cells` as of `choice.today`."""
        past = [cell for cell in cells if cell.due_on < self.choice.today]
        missed = sum(cell.owed - cell.met for cell in past)
        met, owed = sum(cell.met for cell in cells), sum(cell.owed for cell in cells)
        return Sum(met, missed, owed - met - missed)

    def by(self, key):
        """Groups the cells of the period: {key(cell): Sum}."""
        groups = {}
        for cell in self.in_period():
            groups.setdefault(key(cell), []).append(cell)
        return {value: self.sum(cells) for value, cells in groups.items()}

    def months(self):
        """Pairs of a month (Span) and its Sum, the last twelve, oldest first."""
        this = period_of("month", self.choice.today).starts_on
        spans = [period_of("month", start_of_month(this, place)) for place in range(1 - MONTHS_SHOWN, 1)]
        by_month = {}
        for cell in self.chosen():
            by_month.setdefault((cell.due_on.year, cell.due_on.month), []).append(cell)
        return [(span, self.sum(by_month.get(span.starts_on.timetuple()[:2], []))) for span in spans]


def tally(user, choice):
    """The Tally of the duties visible to `user`, from one query."""
    counted = Tally(choice)
    for part, due_on, rule, department, name, owner, owed, met, overdue, *people in tally_rows(user, choice):
        if part == "cell":
            counted.cells.append(
                Cell(as_date(due_on), rule, department or NOBODY, name or "", int(owed), int(met))
            )
        else:
            counted.people.append(Person(owner or NOBODY, int(owed), int(met), int(overdue)))
            counted.people_in_all, counted.people_overdue = map(int, people)
    return counted


def tally_rows(user, choice):
    return TALLY_ROWS.fetch(
        user,
        since=choice.since,
        until=choice.until,
        first=choice.span.starts_on,
        last=choice.span.ends_on,
        today=choice.today,
        department=choice.department,
        without_department=choice.department == NOBODY,
        people=choice.people,
    )


def tally_sql(user, *, since, until, department, without_department, people, **days):
    """Returns the SQL of `tally_rows` and its parameters; `days` are the days `first`, `last` and `today`."""
    rows = (rows_from_sums(user, since, until), rows_from_duties(user, since, until))
    sources = [source for each in rows if (source := compile_queryset(each))]
    if not sources:  # nothing is visible to `user`
        return NO_ROWS
    where, of_department = department_sql(department, without_department)
    day = "CAST(%s AS date)" if connection.vendor == "postgresql" else "%s"
    sums = " UNION ALL ".join(sql for sql, _params in sources)
    params = [value for _sql, values in sources for value in values]
    first, last, today = days["first"], days["last"], days["today"]
    of_days = [database_value(each) for each in (since, since, first, last, first, last, today)]
    return (
        TALLY.format(sums=sums, where=where, since=day, first=day, last=day, today=day),
        (*params, *of_days, *of_department, people),
    )


# Planned for the days of each request: for any day the sums of a department are read in 52 ms instead of 7.
TALLY_ROWS = PreparedSql(tally_sql, is_planned_once=False)


def rows_from_sums(user, since, until):
    """The stored sums visible to `user`, as rows of SUM_COLUMNS."""
    sums = DutySum.objects.visible_to(user).due_by(until).counting_since(since)
    return sums.order_by().values_list(*SUM_COLUMNS)


def rows_from_duties(user, since, until):
    """Rows of SUM_COLUMNS counted from the duties whose visibility to `user` cannot be read from a sum."""
    duties = Duty.objects.not_in_sums(user).filter(due_on__lte=until)
    duties = duties.filter(Q(due_on__gte=since) | Q(met_on=None)).order_by()
    return duties.values_list(*SUM_COLUMNS[:-2]).annotate(owed=Count("pk"), met=Count("met_on"))


def compile_queryset(rows):
    """(SQL, params) of a queryset, or None when it is known to be empty."""
    try:
        return rows.query.sql_with_params()
    except EmptyResultSet:
        return None


def department_sql(department, without_department):
    if department is None:
        return "", []
    if without_department:
        return "WHERE department_id IS NULL", []
    return "WHERE department_id = %s", [department]


def with_person_details(people, user, today):
    """Returns `people` with their names, departments, stand-ins and the last contact they logged; one query."""
    logged = Interaction.objects.visible_to(user).filter(entered_by=OuterRef("pk"))
    stand_ins = StandIn.objects.active_on(today).filter(absent=OuterRef("pk"))
    known = User.objects.visible_to(user).filter(pk__in=[person.pk for person in people])
    known = known.select_related("department").annotate(
        last_on=Subquery(logged.order_by("-contact_on", "-pk").values("contact_on")[:1]),
        stood_in_by=Subquery(stand_ins.values("stand_in__name")[:1]),
    )
    by_pk = {account.pk: account for account in known}
    return [with_account(person, by_pk.get(person.pk)) for person in people]


def with_account(person, account):
    if account is None:
        return person
    return Person(
        person.pk,
        person.owed,
        person.met,
        person.overdue,
        account.name,
        account.department.name if account.department else "",
        account.last_on,
        account.stood_in_by or "",
    )


def rules_of(cells):
    """{code: its newest version} of the rules in `cells`, in the order of the tier table; one query."""
    versions = CadenceRule.objects.filter(code__in={cell.rule for cell in cells})
    return {rule.code: rule for rule in versions.order_by("position", "effective_from")}


def urgent(user, span, department):
    """The emergency contacts of the period (R99), to be reviewed."""
    rows = Interaction.objects.visible_to(user).filter(
        purpose=Purpose.URGENT, contact_on__gte=span.starts_on, contact_on__lte=span.ends_on
    )
    return in_department(rows, department, "stakeholder__department")


def in_department(rows, department, path="department"):
    """Filters `rows` by department; None does not filter, NOBODY selects rows without a department."""
    if department is None:
        return rows
    return rows.filter(**({f"{path}__isnull": True} if department == NOBODY else {path: department}))


def counts_sql(querysets):
    """Returns (SQL, parameters) of rows with the names of `querysets` (a dict) and the number of rows of each."""
    parts, params = [], []
    for name, rows in querysets.items():
        sql, values = sql_of_pks(rows.values("pk"))
        parts.append(f"SELECT '{name}', COUNT(*) FROM ({sql}) counted")  # noqa: S608
        params += values
    return " UNION ALL ".join(parts), tuple(params)
