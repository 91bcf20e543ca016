"""Duties owed and met, from one statement (design §3, R69-R88).

`EXPECTED` is the only place that says who owes what in which period and how much of it is met. Opening a period,
settling after a contact, deriving anew after a change, the rebuild and the nightly check all run it; they differ
only in which stakeholders and periods they ask about. It is set-based: the number of statements does not depend on
the number of stakeholders.
"""

from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction
from django.utils import timezone

from accounts.roles import TIER_BITS, Tier
from relations.models import Duty, Stakeholder
from relations.models.interaction import PURPOSE_BITS
from relations.periods import of_period, touching
from reminders.models import Reminder
from reminders.rowcount import affected

DIALECTS = {
    "postgresql": {
        "least": "LEAST",
        "greatest": "GREATEST",
        "days": "({0} - {1})",
        "date": "CAST(%s AS date)",
    },
    "sqlite": {"least": "MIN", "greatest": "MAX", "days": "(julianday({0}) - julianday({1}))", "date": "%s"},
}

# Whether the contact `i` counts for the rule `o`: the right purpose, and on both sides the right people (R88).
COUNTS = """
    (o.purpose_mask = 0 OR (o.purpose_mask & i.purpose_bit) <> 0)
    AND (o.level_mask = 0 OR (o.level_mask & i.level_mask) <> 0)
    AND (o.tier_mask = 0
         OR (o.tier_mask & (i.tier_mask | CASE WHEN o.counts_accompanying THEN i.with_mask ELSE 0 END)) <> 0)
"""

# The contacts that count for what is owed: on a day of the period, with somebody reached (R446).
CONTACTS = f"""
        FROM owed o
        JOIN relations_interaction i
          ON i.stakeholder_id = o.stakeholder_id AND i.contact_on >= o.p_start AND i.contact_on <= o.p_end
         AND i.withdrawn_at IS NULL AND i.outcome = 'reached' AND {COUNTS}
"""

EXPECTED = """
    WITH period(kind, starts_on, ends_on, days) AS (VALUES {periods}),
    lead AS ({leads}),
    rule AS (
        SELECT r.*, p.starts_on AS p_start, p.ends_on AS p_end, p.days AS p_days
        FROM relations_cadencerule r JOIN period p ON p.kind = r.period
        WHERE r.effective_from <= p.starts_on AND (r.effective_to IS NULL OR r.effective_to >= p.starts_on)
    ),
    known AS (
        SELECT r.id AS rule_id, s.id AS stakeholder_id, r.p_start, r.p_end, r.times, r.tier, r.standing,
               r.purpose_mask, r.tier_mask, r.level_mask, r.counts_accompanying,
               s.responsible_id, s.department_id, r.p_days,
               CASE WHEN s.closed_on IS NULL OR s.closed_on > r.p_end THEN r.p_days
                    WHEN s.closed_on < r.p_start THEN 0
                    ELSE {days_closed} END AS known_days,
               COALESCE(SUM(CASE WHEN span.id IS NULL THEN 0 ELSE {overlap} + 1 END), 0) AS active_days
        FROM rule r
        JOIN relations_stakeholder s
          ON s.kind = r.kind AND s.voided_at IS NULL AND s.watched_from <= r.p_end {scope}
        LEFT JOIN relations_standingspan span
          ON span.stakeholder_id = s.id AND span.starts_on <= r.p_end AND span.ends_on >= r.p_start
        GROUP BY r.id, s.id, r.p_start, r.p_end, r.times, r.tier, r.standing, r.purpose_mask, r.tier_mask,
                 r.level_mask, r.counts_accompanying, s.responsible_id, s.department_id, r.p_days, s.closed_on
    ),
    owed AS (
        SELECT * FROM known
        WHERE (standing = 'active' AND active_days * 2 >= p_days)
           OR (standing = 'prospective' AND (known_days - active_days) * 2 > p_days)
           OR (standing = 'any' AND known_days * 2 >= p_days)
    ),
    met AS (
        SELECT o.rule_id, o.stakeholder_id, o.p_start, COUNT(*) AS times_met, MIN(i.contact_on) AS first_on
        {contacts}
        GROUP BY o.rule_id, o.stakeholder_id, o.p_start
    ),
    nth AS (
        SELECT rule_id, stakeholder_id, p_start, contact_on FROM (
            SELECT o.rule_id, o.stakeholder_id, o.p_start, o.times, i.contact_on,
                   ROW_NUMBER() OVER (PARTITION BY o.rule_id, o.stakeholder_id, o.p_start
                                      ORDER BY i.contact_on, i.id) AS place
            {contacts} AND o.times > 1
        ) counted WHERE place = times
    ),
    expected AS (
        SELECT 'duty:' || CAST(o.rule_id AS TEXT) || ':' || CAST(o.stakeholder_id AS TEXT) || ':'
                   || CAST(o.p_start AS TEXT) AS key,
               o.rule_id, o.stakeholder_id, o.p_start AS period_start, o.p_end AS due_on, o.times AS owed,
               COALESCE(m.times_met, 0) AS met,
               CASE WHEN o.times = 1 THEN m.first_on ELSE n.contact_on END AS met_on,
               COALESCE(CASE o.tier WHEN 'resident' THEN o.responsible_id
                                    WHEN 'department' THEN d.head_id
                                    ELSE lead.person_id END, d.head_id, director.person_id) AS owner_id,
               o.department_id
        FROM owed o
        LEFT JOIN met m ON m.rule_id = o.rule_id AND m.stakeholder_id = o.stakeholder_id AND m.p_start = o.p_start
        LEFT JOIN nth n ON n.rule_id = o.rule_id AND n.stakeholder_id = o.stakeholder_id AND n.p_start = o.p_start
        LEFT JOIN accounts_department d ON d.id = o.department_id
        LEFT JOIN lead ON lead.tier = o.tier
        LEFT JOIN lead director ON director.tier = 'director'
    )
"""

COLUMNS = "key, rule_id, stakeholder_id, period_start, due_on, owed, met, met_on, owner_id, department_id"

UPSERT = """
    INSERT INTO relations_duty ({columns}, notified)
    SELECT {columns}, 0 FROM expected WHERE true
    ON CONFLICT (key) DO UPDATE SET
        due_on = excluded.due_on, owed = excluded.owed, met = excluded.met, met_on = excluded.met_on,
        owner_id = excluded.owner_id, department_id = excluded.department_id
    WHERE relations_duty.frozen_at IS NULL
      AND (relations_duty.owed <> excluded.owed OR relations_duty.met <> excluded.met
           OR {changed_met_on} OR {changed_owner} OR {changed_department}
           OR relations_duty.due_on <> excluded.due_on)
"""

SURPLUS = """
    FROM relations_duty
    WHERE frozen_at IS NULL AND period_start <= {last} AND due_on >= {first} {scope}
      AND NOT EXISTS (SELECT 1 FROM expected e WHERE e.key = relations_duty.key)
"""

# What an upsert changed, with the words of its rule, so that no second question is needed.
CHANGED = """
    RETURNING key, notified, owed, met, met_on, period_start,
              (SELECT r.name FROM relations_cadencerule r WHERE r.id = rule_id),
              (SELECT r.period FROM relations_cadencerule r WHERE r.id = rule_id)
"""

# Which duty each contact completed: it counts, and it is the one that made the number full. Tasks come with them.
COMPLETED = """
    SELECT i.id, o.name, o.period, d.period_start
    FROM relations_interaction i
    JOIN relations_duty d ON d.stakeholder_id = i.stakeholder_id AND d.met_on = i.contact_on
    JOIN relations_cadencerule o ON o.id = d.rule_id
    WHERE i.id IN ({places}) AND i.withdrawn_at IS NULL AND i.outcome = 'reached' AND {counts}
      AND d.owed = (
        SELECT COUNT(*) FROM relations_interaction j
        WHERE j.stakeholder_id = i.stakeholder_id AND j.withdrawn_at IS NULL AND j.outcome = 'reached'
          AND j.contact_on >= d.period_start
          AND (j.contact_on < i.contact_on OR (j.contact_on = i.contact_on AND j.id <= i.id)) AND {earlier_counts})
    UNION ALL
    SELECT t.done_by_id, t.title, '', NULL FROM relations_task t WHERE t.done_by_id IN ({places})
"""

# Who carries the duties of a tier that stands above the departments: its active member of longest standing.
LEAD = """
    SELECT '{tier}' AS tier, MIN(id) AS person_id FROM accounts_user WHERE is_active AND (tier_mask & {bit}) <> 0
"""
ABOVE_DEPARTMENTS = (Tier.COUNCIL, Tier.DIRECTOR, Tier.SUPERVISOR)

WOULD_COUNT = """
    WITH i(purpose_bit, tier_mask, with_mask, level_mask) AS (VALUES (%s, %s, %s, %s))
    SELECT d.id FROM relations_duty d JOIN relations_cadencerule o ON o.id = d.rule_id CROSS JOIN i
    WHERE d.stakeholder_id = %s AND d.met_on IS NULL AND d.frozen_at IS NULL
      AND d.period_start <= {date} AND d.due_on >= {date} AND {counts}
"""

DIFFERENT = """
    SELECT (SELECT COUNT(*) {surplus})
         + (SELECT COUNT(*) FROM expected e LEFT JOIN relations_duty d ON d.key = e.key
            WHERE d.id IS NULL
               OR (d.frozen_at IS NULL AND (d.owed <> e.owed OR d.met <> e.met OR d.due_on <> e.due_on
                   OR {met_on} OR {owner} OR {department})))
"""


@dataclass(frozen=True)
class Derived:
    """How many duties a run wrote (opened or changed) and removed."""

    written: int
    removed: int


def derive(*, first, last, stakeholders=None):
    """Makes the duties of every period touching [first, last] equal to what rules, terms and log say.

    `stakeholders` is a list of pks, or None for all. Frozen duties stay. Returns Derived. Reminders of duties
    that are met or no longer owed are closed, those of duties that are open again are opened.
    """
    statement = Statement(first, last, stakeholders)
    with transaction.atomic(), connection.cursor() as cursor:
        removed_keys = statement.remove_surplus(cursor)
        written = statement.upsert(cursor)
        tidy_reminders(first, last, stakeholders, removed_keys)
    return Derived(written, len(removed_keys))


@dataclass(frozen=True)
class Settled:
    """A duty that was counted again: its words, and how it stands now. `period` is a kind of relations.Period."""

    key: str
    notified: int
    owed: int
    met: int
    met_on: date | None
    period_start: date
    name: str
    period: str

    @property
    def words(self):
        """10月驻点沟通."""
        return of_period(self.period, self.period_start, self.name)

    @property
    def is_just_complete(self):
        """After one more contact was saved: that one made the number full."""
        return self.met == self.owed


def settle(stakeholder, days):
    """After a contact was saved, corrected or withdrawn: counts again the periods that hold one of `days`.

    Call inside the transaction of the save, with the row of the stakeholder locked, so that two contacts saved at
    once are both counted. A contact never changes what is owed, so nothing is removed. Returns the duties that
    changed, a list of Settled.
    """
    with connection.cursor() as cursor:
        changed = Statement(min(days), max(days), [stakeholder.pk]).upsert_telling(cursor)
    notified = [duty for duty in changed if duty.notified]
    if fulfilled := [duty.key for duty in notified if duty.met_on]:
        Reminder.objects.open().filter(subject__in=fulfilled).update(closed_at=timezone.now())
    if reopened := [duty.key for duty in notified if not duty.met_on]:
        Reminder.objects.filter(closed_at__isnull=False, subject__in=reopened).update(closed_at=None)
    return changed


def completed_by(interactions):
    """What each contact completed: {pk: ["10月驻点沟通", ...]}, duties and tasks, in one query."""
    pks = [interaction.pk for interaction in interactions]
    if not pks:
        return {}
    sql = COMPLETED.format(
        places=", ".join(["%s"] * len(pks)), counts=COUNTS, earlier_counts=COUNTS.replace("i.", "j.")
    )
    words = {}
    with connection.cursor() as cursor:
        cursor.execute(sql, [*pks, *pks])
        for pk, name, period, starts_on in cursor.fetchall():
            words.setdefault(pk, []).append(of_period(period, as_date(starts_on), name) if period else name)
    return words


def as_date(value):
    """A date as the drivers give it: SQLite gives text."""
    return date.fromisoformat(value[:10]) if isinstance(value, str) else value


def would_count(stakeholder, interaction):
    """The open duties an unsaved contact would count for, with their rules (保存后完成 …); a queryset of Duty."""
    sql = WOULD_COUNT.format(date=DIALECTS[connection.vendor]["date"], counts=COUNTS)
    facts = [
        PURPOSE_BITS[interaction.purpose],
        interaction.tier_mask,
        interaction.with_mask,
        interaction.level_mask,
    ]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*facts, stakeholder.pk, interaction.contact_on, interaction.contact_on])
        found = [row[0] for row in cursor.fetchall()]
    return Duty.objects.filter(pk__in=found).select_related("rule")


def rederive(stakeholders, today):
    """After a change of contract, rule, department or responsible worker: all periods since watching began."""
    begun = Stakeholder.objects.filter(pk__in=stakeholders).values_list("watched_from", flat=True)
    if begun:
        return derive(first=min(min(begun), today), last=today, stakeholders=list(stakeholders))
    return Derived(0, 0)


def rebuild(today):
    """Everything anew, from the first watched day to today."""
    return derive(first=first_watched_day(today), last=today)


def differences(today):
    """How many duties the kept table has too many, too few or different from the log; 0 is right."""
    with connection.cursor() as cursor:
        return Statement(first_watched_day(today), today, None).differences(cursor)


def first_watched_day(today):
    begun = Stakeholder.objects.order_by("watched_from").values_list("watched_from", flat=True).first()
    return min(begun or today, today)


def tidy_reminders(first, last, stakeholders, removed_keys=()):
    """Reminders follow their duties: closed by the act that fulfils them, opened when it is withdrawn."""
    touched = Duty.objects.in_periods_touching(first, last).exclude(notified=0)
    if stakeholders is not None:
        touched = touched.filter(stakeholder__in=stakeholders)
    fulfilled = Reminder.objects.open().filter(subject__in=touched.met().values("key"))
    fulfilled.update(closed_at=timezone.now())
    Reminder.objects.filter(closed_at__isnull=False, subject__in=touched.open().values("key")).update(
        closed_at=None
    )
    if removed_keys:
        Reminder.objects.open().filter(subject__in=removed_keys).update(closed_at=timezone.now())


class Statement:
    """The SQL for one set of periods and stakeholders, in the words of the database at hand."""

    def __init__(self, first: date, last: date, stakeholders):
        self.words = DIALECTS[connection.vendor]
        self.first, self.last, self.stakeholders = first, last, stakeholders
        self.params = []
        self.expected = self.make_expected()
        self.expected_params = self.params

    def make_expected(self):
        periods = ", ".join(self.period_row(span) for span in touching(self.first, self.last))
        return EXPECTED.format(
            periods=periods,
            leads=" UNION ALL ".join(
                LEAD.format(tier=tier, bit=TIER_BITS[tier]) for tier in ABOVE_DEPARTMENTS
            ),
            contacts=CONTACTS,
            days_closed=self.days("s.closed_on", "r.p_start"),
            overlap=self.days(
                f"{self.words['least']}(span.ends_on, r.p_end)",
                f"{self.words['greatest']}(span.starts_on, r.p_start)",
            ),
            scope=self.scope("s.id", self.params),
        )

    def period_row(self, span):
        self.params += [str(span.kind), span.starts_on, span.ends_on]
        date_word = self.words["date"]
        return f"(%s, {date_word}, {date_word}, {span.days})"

    def days(self, later, earlier):
        return self.words["days"].format(later, earlier)

    def scope(self, column, params):
        if self.stakeholders is None:
            return ""
        if not self.stakeholders:
            return "AND 1 = 0"
        params.extend(self.stakeholders)
        return f"AND {column} IN ({', '.join(['%s'] * len(self.stakeholders))})"

    def upsert_sql(self):
        return self.expected + UPSERT.format(
            columns=COLUMNS,
            changed_met_on=self.changed("relations_duty.met_on", "excluded.met_on"),
            changed_owner=self.changed("relations_duty.owner_id", "excluded.owner_id"),
            changed_department=self.changed("relations_duty.department_id", "excluded.department_id"),
        )

    def upsert(self, cursor):
        cursor.execute(self.upsert_sql(), self.expected_params)
        return affected(cursor)

    def upsert_telling(self, cursor):
        """The same, with what changed as a list of Settled; for a few stakeholders at a time."""
        cursor.execute(self.upsert_sql() + CHANGED, self.expected_params)
        return [
            Settled(key, notified, owed, met, as_date(met_on), as_date(starts_on), name, period)
            for key, notified, owed, met, met_on, starts_on, name, period in cursor.fetchall()
        ]

    def remove_surplus(self, cursor):
        surplus, params = self.surplus()
        cursor.execute(self.expected + "SELECT key " + surplus, self.expected_params + params)
        keys = [row[0] for row in cursor.fetchall()]
        for start in range(0, len(keys), 500):
            Duty.objects.filter(key__in=keys[start : start + 500]).delete()
        return keys

    def surplus(self):
        params = [self.last, self.first]
        scope = self.scope("stakeholder_id", params)
        word = self.words["date"]
        return SURPLUS.format(first=word, last=word, scope=scope), params

    def differences(self, cursor):
        surplus, params = self.surplus()
        sql = self.expected + DIFFERENT.format(
            surplus=surplus,
            met_on=self.changed("d.met_on", "e.met_on"),
            owner=self.changed("d.owner_id", "e.owner_id"),
            department=self.changed("d.department_id", "e.department_id"),
        )
        cursor.execute(sql, self.expected_params + params)
        return cursor.fetchone()[0]

    def changed(self, kept, new):
        """`kept` and `new` differ, NULL being a value like any other."""
        return (
            f"{kept} IS DISTINCT FROM {new}" if connection.vendor == "postgresql" else f"{kept} IS NOT {new}"
        )
