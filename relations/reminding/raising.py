"""Creates reminders of duties and tasks, and escalates overdue ones: one SQL query per step, not per duty or task.

A step first claims its rows (`notified` is the number of steps taken), which locks them, and then creates the reminders
of the claimed rows, each once by its key: subject, due date and step. Code that moves a due date sets `notified` to 0
and retires the reminders of the former date. Step 0 notifies the carrier: of a duty the first of owner and head of
department who may see the record, of a task the first of owner, responsible worker and head of department. Step n
notifies the n-th person above, as `escalation` says. Users who may not see the record are skipped, so that no title
says more than its reader may know.
"""

from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.roles import kinds
from relations.bulk import MOMENT_PARAMETER, date_text
from relations.models import CadenceRule, Duty, Task
from relations.reminding.escalation import ESCALATION_STEPS, Escalation
from relations.reminding.kinds import ReminderKind
from relations.reminding.stale_reminders import close_stale_reminders, make_personal
from relations.reminding.wording import carrier_words, duty_words, task_words
from relations.shares.sight_sql import in_list_sql, kind_group_sql, people_sql, sees_sql, sql_literal
from reminders import raising
from reminders.models import Reminder

TASK_STEPS = 1  # an overdue task is escalated to the next person above only

CLAIM = """
    WITH wanted({columns}, words) AS (VALUES {rows})
    UPDATE {table} SET notified = {step} + 1
    WHERE notified = {step} AND {is_open} AND EXISTS (SELECT 1 FROM wanted w WHERE {matches})
"""

# The carrier of each open row, and the four people above. Inner joins would return the same rows, but for inner joins
# on several columns PostgreSQL estimates hardly any rows, and then uses slow nested loops.
WITH_RECIPIENTS = """
    escalation(kind_group, department_id, secret, tier, c1, c2, c3, c4, last_resort) AS (VALUES {escalation}),
    person AS ({people}),
    carried AS (
        SELECT d.key, d.due_on, s.id AS stakeholder_id, s.kind, s.name,
               s.is_confidential, s.responsible_id, {what} AS what, {people_above},
               CASE {carriers} ELSE NULLIF(escalation.last_resort, 0) END AS carrier_id
        FROM {table} d
        LEFT JOIN relations_stakeholder s ON s.id = d.stakeholder_id
        LEFT JOIN accounts_department dep ON dep.id = s.department_id
        {joins}
        LEFT JOIN escalation ON escalation.kind_group = {kind_group}
             AND escalation.department_id = COALESCE(s.department_id, 0)
             AND escalation.secret = s.is_confidential AND escalation.tier = {tier}
        LEFT JOIN ({supervisors}) sup ON sup.worker_id = s.responsible_id AND {tier} = 'resident' AND {supervised}
        WHERE {is_open} AND {which}
    )
"""
# Directly above the worker comes the worker's present supervisor, if the kind has supervision; the others move up.
FIRST_ABOVE_SUPERVISOR = """
    CASE WHEN COALESCE(sup.supervisor_id, escalation.c1) = escalation.c1 THEN escalation.{here} ELSE {below} END
    AS {here}"""
SUPERVISORS = """
    SELECT v.worker_id, v.supervisor_id FROM accounts_supervision v JOIN accounts_user u ON u.id = v.supervisor_id
    WHERE u.is_active AND v.starts_on <= '{day}' AND (v.ends_on IS NULL OR v.ends_on >= '{day}')
"""
ONE_HIGHER = {
    "c1": "sup.supervisor_id",
    "c2": "escalation.c1",
    "c3": "escalation.c2",
    "c4": "escalation.c3",
}
PERSONS = {
    "o": "LEFT JOIN person o ON o.id = d.owner_id",
    "k": "LEFT JOIN person k ON k.id = s.responsible_id",
    "h": "LEFT JOIN person h ON h.id = dep.head_id",
}

# The person `step` places above the carrier; NULL above the last of them.
PICK_RECIPIENT = """NULLIF(
    CASE {step} + CASE c.carrier_id WHEN c.c1 THEN 1 WHEN c.c2 THEN 2 WHEN c.c3 THEN 3 WHEN c.c4 THEN 4 ELSE 0 END
    WHEN 1 THEN c.c1 WHEN 2 THEN c.c2 WHEN 3 THEN c.c3 WHEN 4 THEN c.c4 ELSE 0 END, 0)"""

# An open row has an open reminder: one that was closed while the row was not open is reopened for its former recipient;
# `reassign_reminders` then gives it to the present recipient, with new deliveries.
INSERT_REMINDERS = """
    INSERT INTO reminders_reminder
        (key, subject, kind, recipient_id, title, link, record_kind, is_personal, due_on, step, raised_on, raised_at)
    SELECT {key}, c.key, '{kind}', {recipient}, {title},
           {before} || CAST(c.stakeholder_id AS TEXT) || {after}, c.kind, {personal}, c.due_on, {step}, {date}, {moment}
    FROM carried c LEFT JOIN accounts_user carrier ON carrier.id = c.carrier_id
    WHERE {recipient} IS NOT NULL
    ON CONFLICT (key) DO UPDATE SET closed_at = NULL WHERE reminders_reminder.closed_at IS NOT NULL
    RETURNING id
"""

# ABS(...) < 1 keeps PostgreSQL from estimating hardly any rows: its statistics are older than the claim.
JUST_CLAIMED = """
    ABS(d.notified - {step} - 1) < 1 AND d.due_on >= {date} AND d.due_on <= {date} AND COALESCE(w.words, '') <> ''
"""

RELEASE_CLAIM = """
    UPDATE {table} SET notified = 0
    WHERE notified = 1 AND {is_open}
      AND stakeholder_id IN (SELECT s.id FROM relations_stakeholder s WHERE {unseen})
      AND NOT EXISTS (SELECT 1 FROM reminders_reminder m WHERE m.key = {key})
"""

# The key of a reminder; the due date is a part of it.
REMINDER_KEY = "{of}.key || ':' || {date} || ':{step}'"

WRONG_RECIPIENTS = """
    SELECT m.id, c.rightly FROM (
        SELECT m.id,
               CASE m.kind WHEN 'escalated' THEN COALESCE({pick}, c.carrier_id) ELSE c.carrier_id END AS rightly
        FROM carried c
        JOIN reminders_reminder m ON m.subject = c.key AND m.closed_at IS NULL AND m.kind IN ('due', 'escalated')
    ) c JOIN reminders_reminder m ON m.id = c.id
    WHERE m.recipient_id <> c.rightly OR c.rightly IS NULL
"""

DATE = {"postgresql": "CAST(%s AS date)", "sqlite": "%s"}


@dataclass(frozen=True)
class DueTable:
    """Duties or tasks: the table, with SQL for its columns and conditions.

    `columns` group rows that have the same text. `carriers` are aliases in PERSONS: the first who may see the record is
    the carrier.
    """

    model: type
    columns: tuple
    is_open: str
    what: str
    tier: str
    carriers: tuple
    rule: str = ""

    @property
    def table(self):
        return self.model._meta.db_table


DUTIES = DueTable(
    Duty,
    (
        "rule_id",
        "period_start",
        "due_on",
    ),  # a rule changed in place may leave two due dates
    "met_on IS NULL AND frozen_at IS NULL",
    "w.words",
    "r.tier",
    ("o", "h"),
    "LEFT JOIN relations_cadencerule r ON r.id = d.rule_id",
)
TASKS = DueTable(
    Task,
    ("due_on",),
    "done_at IS NULL AND dropped_at IS NULL",
    "SUBSTR(d.title, 1, 120) || w.words",
    "'resident'",
    ("o", "k", "h"),
)


def remind_of_duties(day):
    leads = CadenceRule.objects.order_by().values_list("lead_days", flat=True).distinct()
    near = Q(pk__in=[])
    for lead in leads:
        near |= Q(rule__lead_days=lead, due_on__lte=day.reminded_until(lead))
    return {"reminders_raised": ReminderRun(DUTIES, 0, day.today).run(duty_groups(near, 0, day.today))}


def escalate_duties(day):
    raised = 0
    for step in range(1, ESCALATION_STEPS + 1):
        late = Q(due_on__lte=day.overdue_since(step * day.numbers["escalate_after"]))
        raised += ReminderRun(DUTIES, step, day.today).run(duty_groups(late, step, day.today))
    return {"escalated": raised}


def remind_of_tasks(day):
    near = Q(due_on__lte=day.reminded_until(day.numbers["task_lead_days"]))
    return {"reminders_raised": ReminderRun(TASKS, 0, day.today).run(task_groups(near, 0, day.today))}


def escalate_tasks(day):
    late = Q(due_on__lte=day.overdue_since(day.numbers["escalate_after"]))
    return {
        "escalated": ReminderRun(TASKS, TASK_STEPS, day.today).run(task_groups(late, TASK_STEPS, day.today))
    }


@dataclass(frozen=True)
class ReminderGroup:
    """Rows that share a text: the values of the source's columns, the due date, and the text."""

    values: tuple
    due_on: date
    words: str


def duty_groups(which, step, today):
    """Returns the rules and periods of open duties whose next step is `step`; a list of ReminderGroup."""
    waiting = Duty.objects.open().filter(which, frozen_at=None, notified=step).order_by()
    groups = waiting.values_list("rule_id", "period_start", "due_on", "rule__name", "rule__period").distinct()
    return [
        ReminderGroup((rule, start, due_on), due_on, duty_words(name, period, start, due_on, today))
        for rule, start, due_on, name, period in groups
    ]


def task_groups(which, step, today):
    """Returns the due dates of open tasks whose next step is `step`; a list of ReminderGroup."""
    waiting = Task.objects.open().filter(which, notified=step).order_by()
    days = waiting.values_list("due_on", flat=True).distinct()
    return [ReminderGroup((due_on,), due_on, task_words(due_on, today)) for due_on in days]


class ReminderRun:
    """One step of reminders about one DueTable on one day."""

    def __init__(self, source, step, today: date):
        self.source, self.step, self.today = source, step, today
        self.escalation = None

    def run(self, wanted):
        """Claims the rows of `wanted` (a list of ReminderGroup), creates their reminders and deliveries.

        Returns the number of reminders.
        """
        if not wanted:
            return 0
        self.escalation = Escalation()
        with transaction.atomic(), connection.cursor() as cursor:
            before = raising.newest_pk()
            self.claim(cursor, wanted)
            raised = self.insert(cursor, wanted)
            self.release_orphans(cursor)
        raising.create_deliveries_after(before, self.today)
        if reopened := [pk for pk in raised if pk <= before]:
            raising.restore_deliveries(reopened, self.today)
            reassign_reminders(self.today)
        return len(raised)

    def rows(self, wanted):
        """Returns (SQL, parameters): `wanted` as the rows of VALUES."""
        words = ["%s" if name == "rule_id" else DATE[connection.vendor] for name in self.source.columns]
        row = f"({', '.join([*words, '%s'])})"
        return ", ".join([row] * len(wanted)), [
            value for each in wanted for value in (*each.values, each.words)
        ]

    def matches(self, table):
        return " AND ".join(f"w.{name} = {table}.{name}" for name in self.source.columns)

    def claim(self, cursor, wanted):
        rows, params = self.rows(wanted)
        sql = CLAIM.format(
            columns=", ".join(self.source.columns),
            rows=rows,
            table=self.source.table,
            step=self.step,
            is_open=self.source.is_open,
            matches=self.matches(self.source.table),
        )
        cursor.execute(sql, params)

    def insert(self, cursor, wanted):
        rows, params = self.rows(wanted)
        carried = recipients_sql(
            self.source,
            self.escalation,
            self.today,
            wanted=f"LEFT JOIN wanted w ON {self.matches('d')}",
            what=self.source.what,
            which=JUST_CLAIMED.format(step=self.step, date=DATE[connection.vendor]),
        )
        days = [each.due_on for each in wanted]
        head = f"WITH wanted({', '.join(self.source.columns)}, words) AS (VALUES {rows}), "
        before, after = record_address()
        moment = connection.ops.adapt_datetimefield_value(timezone.now())
        words = carrier_words() if self.step else ()
        params += [min(days), max(days), *words, before, after, self.today, moment]
        cursor.execute(head + carried + self.raise_sql(), params)
        return [pk for (pk,) in cursor.fetchall()]

    def raise_sql(self):
        title = "c.name || '：' || c.what"
        if self.step:
            title += f" || {text_param()} || COALESCE(carrier.name, '') || {text_param()}"
        return INSERT_REMINDERS.format(
            key=key_sql("c", self.step),
            step=self.step,
            kind=ReminderKind.ESCALATED if self.step else ReminderKind.DUE,
            recipient=PICK_RECIPIENT.format(step=self.step) if self.step else "c.carrier_id",
            title=title,
            before=text_param(),
            after=text_param(),
            personal=personal_sql("c", self.step),
            date=DATE[connection.vendor],
            moment=MOMENT_PARAMETER[connection.vendor],
        )

    def release_orphans(self, cursor):
        """Releases the claims of rows without a reminder, of the kinds about which no user may be notified at all."""
        unseen = [kind for kind in kinds() if self.escalation.last_resort(kind) is None]
        if not self.step and unseen:
            cursor.execute(
                RELEASE_CLAIM.format(
                    table=self.source.table,
                    is_open=self.source.is_open,
                    unseen=in_list_sql("s", unseen),
                    key=key_sql(self.source.table, 0),
                )
            )


def key_sql(of, step):
    """Returns SQL: the key of the reminder of `step` about the duty or task in the row `of`."""
    return REMINDER_KEY.format(of=of, step=step, date=date_text(f"{of}.due_on"))


def personal_sql(of, step):
    """Returns SQL: whether a reminder about the record in the row `of` is personal, that is, not shown to stand-ins.

    A stand-in may see the records for which the absent user is responsible, but not all those about which that user is
    reminded as a superior, and no other confidential ones.
    """
    alone = [
        kind
        for kind, visibility in kinds().items()
        if visibility.is_close and (step or not visibility.by_responsible)
    ]
    recipient = PICK_RECIPIENT.format(step=step) if step else f"{of}.carrier_id"
    of_others = f"({of}.is_confidential AND COALESCE({of}.responsible_id, 0) <> {recipient})"
    return f"({in_list_sql(of, alone)} OR {of_others})" if alone else of_others


def supervised_sql(record):
    """Returns SQL: the kind of `record` is visible to the worker's supervisor."""
    supervised = [kind for kind, visibility in kinds().items() if "supervision" in visibility.access_sources]
    return in_list_sql(record, supervised) if supervised else "FALSE"


def text_param():
    return "CAST(%s AS TEXT)"


def recipients_sql(source, escalation, day, *, which, wanted="", what="''"):
    """Returns the CTEs shared by all queries, for users who may see the records on `day`; adds no parameters."""
    return WITH_RECIPIENTS.format(
        escalation=", ".join(f"({', '.join(map(sql_literal, row))})" for row in escalation.rows()),
        people=people_sql(),
        kind_group=kind_group_sql("s"),
        people_above=", ".join(
            FIRST_ABOVE_SUPERVISOR.format(here=here, below=below) for here, below in ONE_HIGHER.items()
        ),
        supervisors=SUPERVISORS.format(day=day.isoformat()),
        supervised=supervised_sql("s"),
        what=what,
        carriers=" ".join(f"WHEN {sees_sql(alias, day)} THEN {alias}.id" for alias in source.carriers),
        table=source.table,
        joins=" ".join([*(PERSONS[alias] for alias in source.carriers), source.rule, wanted]),
        tier=source.tier,
        is_open=source.is_open,
        which=which,
    )


def record_address():
    """Returns the URL of a record in two parts: before and after its pk."""
    before, _zero, after = reverse("relations:record", args=[0]).rpartition("0")
    return before, after


def reassign_reminders(today, *, stakeholders=None, recipient=None, recipients=None):
    """Reassigns open reminders to the present carrier of their duty or task, or to those above. Returns the number.

    Limited to reminders about `stakeholders` (a list of pks), of `recipient` (a user) or of `recipients` (a list of
    pks), if given. Also closes single reminders about records that their recipient may no longer see, and hides those
    about `stakeholders` that have become confidential from stand-ins.
    """
    recipients = [recipient.pk] if recipient is not None else recipients
    close_stale_reminders(today, stakeholders=stakeholders, recipients=recipients)
    escalation, moved = Escalation(), {}
    for source in (DUTIES, TASKS):
        for which, params in conditions(stakeholders, recipients):
            for pk, new_recipient in wrong_recipients(source, escalation, today, which, params):
                moved.setdefault(new_recipient, []).append(pk)
    close_unreadable(moved.pop(None, []))
    reassigned = raising.reassign(moved, today) if moved else 0
    if stakeholders:
        make_personal(stakeholders)
    return reassigned


def close_unreadable(reminders):
    """Closes the reminders `reminders` (pks) that no user may read; they are raised again when a user may."""
    if not reminders:
        return
    subjects = list(Reminder.objects.filter(pk__in=reminders).values_list("subject", flat=True).distinct())
    for source in (DUTIES, TASKS):
        source.model.objects.filter(key__in=subjects).update(notified=0)
    raising.close_reminders(subjects)


def conditions(stakeholders, recipients):
    """Yields conditions on `d` as (SQL, parameters): a single one, or one per batch of stakeholders."""
    if recipients is not None:
        people = ", ".join(["%s"] * len(recipients)) or "NULL"
        theirs = (
            f"SELECT subject FROM reminders_reminder WHERE recipient_id IN ({people}) AND closed_at IS NULL"  # noqa: S608
        )
        yield f"d.notified > 0 AND d.key IN ({theirs})", list(recipients)
    elif stakeholders is None:
        yield "d.notified > 0", []
    else:
        for start in range(0, len(stakeholders), 500):
            batch = stakeholders[start : start + 500]
            yield f"d.notified > 0 AND d.stakeholder_id IN ({', '.join(['%s'] * len(batch))})", list(batch)


def wrong_recipients(source, escalation, day, which, params):
    carried = recipients_sql(source, escalation, day, which=which)
    sql = f"WITH {carried}" + WRONG_RECIPIENTS.format(pick=PICK_RECIPIENT.format(step="m.step"))
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()
