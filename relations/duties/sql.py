"""SQL for the duties owed and met (design §3, R69-R88), for the database in use.

`EXPECTED` is the only definition of the duties in a period, their owners and how much of them is met. It does not read
a contact once per period: contacts are first grouped by stakeholder, month and kind, and every period consists of
whole months. The result is compared with the stored duties by stakeholder, rule and period; only differences are
written.
"""

from datetime import date

from django.db import connection

from accounts.roles import TIER_BITS, Tier
from relations.bulk import date_text, pk_condition
from relations.duties import sums
from relations.duties.dialects import DIALECTS, differs
from relations.duties.periods import months_of, periods_overlapping

# Condition: the contact `i` counts for the rule `o`, as its purpose and the participants of both sides match (R88).
# Tiers are of our side, levels of the other side; a mask of 0 in a rule means "any". set_masks in relations.log.actions
# sets those of a contact, from the roles and levels that the participants have when it is logged.
COUNTS_FOR_RULE = """
    (o.purpose_mask = 0 OR (o.purpose_mask & i.purpose_bit) <> 0)
    AND (o.level_mask = 0 OR (o.level_mask & i.level_mask) <> 0)
    AND (o.tier_mask = 0
         OR (o.tier_mask & (i.tier_mask | CASE WHEN o.counts_accompanying THEN i.with_mask ELSE 0 END)) <> 0)
"""

# Condition: the contact `i` may count at all, as it is not withdrawn and the other side was reached (R446).
REACHED = "i.withdrawn_at IS NULL AND i.outcome = 'reached'"

EXPECTED = """
    WITH period(kind, starts_on, ends_on, days) AS (VALUES {periods}),
    month(kind, starts_on, month) AS (VALUES {months}),
    lead AS ({leads}),
    rule AS (
        SELECT r.*, p.starts_on AS p_start, p.ends_on AS p_end
        FROM relations_cadencerule r JOIN period p ON p.kind = r.period
        WHERE r.effective_from <= p.starts_on AND (r.effective_to IS NULL OR r.effective_to >= p.starts_on) {of_rule}
    ),
    present AS (
        SELECT s.id, s.kind, s.responsible_id, s.department_id, s.is_confidential,
               p.kind AS period, p.starts_on, p.days,
               CASE WHEN s.closed_on IS NULL OR s.closed_on > p.ends_on THEN p.days
                    WHEN s.closed_on < p.starts_on THEN 0
                    ELSE {days_closed} END AS known_days,
               COALESCE((SELECT SUM({overlap} + 1) FROM relations_standingspan span
                         WHERE span.stakeholder_id = s.id AND span.starts_on <= p.ends_on
                           AND span.ends_on >= p.starts_on), 0) AS active_days
        FROM relations_stakeholder s JOIN period p ON s.watched_from <= p.ends_on
        WHERE s.voided_at IS NULL {of_stakeholders}
          AND EXISTS (SELECT 1 FROM rule r WHERE r.kind = s.kind AND r.period = p.kind AND r.p_start = p.starts_on)
    ),
    owed AS (
        SELECT r.id AS rule_id, s.id AS stakeholder_id, r.p_start, r.p_end, r.times, r.tier,
               s.responsible_id, s.department_id, s.is_confidential
        FROM rule r JOIN present s ON s.kind = r.kind AND s.period = r.period AND s.starts_on = r.p_start
        WHERE (r.standing = 'active' AND s.active_days * 2 >= s.days)
           OR (r.standing = 'prospective' AND (s.known_days - s.active_days) * 2 > s.days)
           OR (r.standing = 'any' AND s.known_days * 2 >= s.days)
    ),
    part AS MATERIALIZED (
        SELECT r.id, r.kind, r.p_start, r.times, r.purpose_mask, r.tier_mask, r.level_mask, r.counts_accompanying,
               m.month
        FROM rule r JOIN month m ON m.kind = r.period AND m.starts_on = r.p_start
    ),
    contact AS (
        SELECT s.id AS stakeholder_id, s.kind, {month} AS month, i.purpose_bit, i.tier_mask, i.with_mask, i.level_mask,
               COUNT(*) AS number, MIN(i.contact_on) AS first_on
        FROM relations_interaction i JOIN relations_stakeholder s ON s.id = i.stakeholder_id
        WHERE {reached} AND i.contact_on >= {first} AND i.contact_on <= {last} {of_contacts}
        GROUP BY s.id, {month}, i.purpose_bit, i.tier_mask, i.with_mask, i.level_mask
    ),
    met AS (
        SELECT o.id AS rule_id, i.stakeholder_id, o.p_start, SUM(i.number) AS times_met, MIN(i.first_on) AS first_on
        FROM part o JOIN contact i ON i.kind = o.kind AND i.month = o.month AND {counts}
        GROUP BY o.id, i.stakeholder_id, o.p_start
    ),
    nth AS (
        SELECT rule_id, stakeholder_id, p_start, contact_on FROM (
            SELECT m.rule_id, m.stakeholder_id, m.p_start, o.times, i.contact_on,
                   ROW_NUMBER() OVER (PARTITION BY m.rule_id, m.stakeholder_id, m.p_start
                                      ORDER BY i.contact_on, i.id) AS place
            FROM met m
            JOIN rule o ON o.id = m.rule_id AND o.p_start = m.p_start AND o.times > 1 AND m.times_met >= o.times
            JOIN relations_interaction i
              ON i.stakeholder_id = m.stakeholder_id AND i.contact_on >= o.p_start AND i.contact_on <= o.p_end
             AND {reached} AND {counts}
        ) counted WHERE place = times
    ),
    expected AS (
        SELECT o.rule_id, o.stakeholder_id, o.p_start AS period_start, o.p_end AS due_on, o.times AS owed,
               COALESCE(m.times_met, 0) AS met,
               CASE WHEN o.times = 1 THEN m.first_on ELSE n.contact_on END AS met_on,
               COALESCE(CASE o.tier WHEN 'resident' THEN o.responsible_id
                                    WHEN 'department' THEN d.head_id
                                    ELSE lead.person_id END, d.head_id, director.person_id) AS owner_id,
               o.department_id, o.responsible_id, o.is_confidential
        FROM owed o
        LEFT JOIN met m ON m.rule_id = o.rule_id AND m.stakeholder_id = o.stakeholder_id AND m.p_start = o.p_start
        LEFT JOIN nth n ON n.rule_id = o.rule_id AND n.stakeholder_id = o.stakeholder_id AND n.p_start = o.p_start
        LEFT JOIN accounts_department d ON d.id = o.department_id
        LEFT JOIN lead ON lead.tier = o.tier
        LEFT JOIN lead director ON director.tier = 'director'
    )
"""

# The owner of duties of a tier that serves the whole centre: its active member with the oldest account (lowest id).
LEAD_PERSON = """
    SELECT '{tier}' AS tier, MIN(id) AS person_id FROM accounts_user WHERE is_active AND (tier_mask & {bit}) <> 0
"""
CENTRE_WIDE_TIERS = (Tier.COUNCIL, Tier.DIRECTOR, Tier.SUPERVISOR)

SAME_DUTY = (
    "d.stakeholder_id = e.stakeholder_id AND d.rule_id = e.rule_id AND d.period_start = e.period_start"
)

# Stored and expected duties next to each other, where they differ: new ones, with NULL in the stored columns, and
# changed ones. Frozen duties are left out.
CHANGED = f"""
    SELECT d.id AS kept_id, d.due_on AS kept_due_on, d.met_on AS kept_met_on, d.owner_id AS kept_owner_id,
           d.department_id AS kept_department_id, d.responsible_id AS kept_responsible_id,
           d.record_department_id AS kept_record_department_id, d.is_confidential AS kept_is_confidential,
           e.rule_id, e.stakeholder_id, e.period_start, e.due_on, e.owed, e.met, e.met_on, e.owner_id,
           e.department_id, e.responsible_id, e.is_confidential
    FROM {{expected}} e LEFT JOIN relations_duty d ON {SAME_DUTY}
    WHERE d.id IS NULL OR (d.frozen_at IS NULL AND (
        d.owed <> e.owed OR d.met <> e.met OR d.due_on <> e.due_on OR {{met_on}} OR {{owner}} OR {{department}}))
"""  # noqa: S608  built from constants

# Stored duties of these periods that are no longer expected; the columns are those of CHANGED.
SURPLUS = f"""
    SELECT d.id, d.due_on, d.met_on, d.owner_id, d.department_id, d.responsible_id, d.record_department_id,
           d.is_confidential, d.rule_id, d.stakeholder_id, d.period_start,
           NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
    FROM relations_duty d
    WHERE d.frozen_at IS NULL AND d.period_start <= {{last}} AND d.due_on >= {{first}} {{of_duties}}
      AND NOT EXISTS (SELECT 1 FROM {{expected}} e WHERE {SAME_DUTY})
"""  # noqa: S608  built from constants

REMOVE = """
    DELETE FROM relations_duty WHERE id IN (SELECT kept_id FROM {changed} WHERE due_on IS NULL) RETURNING key
"""

WRITE = """
    INSERT INTO relations_duty (key, rule_id, stakeholder_id, period_start, due_on, owed, met, met_on, owner_id,
                                department_id, responsible_id, record_department_id, is_confidential, notified)
    SELECT 'duty:' || CAST(c.rule_id AS TEXT) || ':' || CAST(c.stakeholder_id AS TEXT) || ':'
               || {start},
           c.rule_id, c.stakeholder_id, c.period_start, c.due_on, c.owed, c.met, c.met_on, c.owner_id,
           c.department_id, c.responsible_id, c.department_id, c.is_confidential, 0
    FROM {changed} c WHERE c.due_on IS NOT NULL
    ON CONFLICT (stakeholder_id, rule_id, period_start) DO UPDATE SET
        due_on = excluded.due_on, owed = excluded.owed, met = excluded.met, met_on = excluded.met_on,
        owner_id = excluded.owner_id, department_id = excluded.department_id,
        responsible_id = excluded.responsible_id, record_department_id = excluded.record_department_id,
        is_confidential = excluded.is_confidential,
        notified = CASE WHEN relations_duty.due_on = excluded.due_on THEN relations_duty.notified ELSE 0 END
    WHERE relations_duty.frozen_at IS NULL
"""

# Returns the written duties with the name and period of their rule, so that no second query is needed.
RETURNING = """
    RETURNING key, notified, owed, met, met_on, period_start,
              (SELECT r.name FROM relations_cadencerule r WHERE r.id = rule_id),
              (SELECT r.period FROM relations_cadencerule r WHERE r.id = rule_id)
"""


class Statement:
    """SQL for the expected duties of some stakeholders in the periods that overlap [first, last].

    `stakeholders` is a list of pks, or None for all; `rule` is the code of a single rule, or None for all. Methods that
    build a whole query return (sql, params) unless stated otherwise. Their parameter `expected` is the source of the
    expected duties: the CTE of the query, or the table created by `create_expected_table`.
    """

    def __init__(self, first: date, last: date, stakeholders=None, rule=None):
        self.words = DIALECTS[connection.vendor]
        self.rule = rule
        self.first, self.last, self.stakeholders = first, last, stakeholders
        self.periods = periods_overlapping(first, last)

    def date(self, day, params):
        params.append(day)
        return self.words["date"]

    def days(self, later, earlier):
        return self.words["days"].format(later, earlier)

    def stakeholder_condition(self, column, params):
        """Returns the condition (SQL) that `column` is one of the stakeholders, and adds its parameter to `params`."""
        if self.stakeholders is None:
            return ""
        which, pks = pk_condition(self.stakeholders)
        params.append(pks)
        return f"AND {column} {which}"

    def of_rule(self, params):
        if self.rule is None:
            return ""
        params.append(self.rule)
        return "AND r.code = %s"

    def with_expected(self):
        """The WITH clause for the expected duties; a SELECT from `expected` has to follow."""
        params = []
        sql = EXPECTED.format(
            periods=", ".join(self.period_row(span, params) for span in self.periods),
            months=", ".join(
                self.month_row(span, month, params) for span in self.periods for month in months_of(span)
            ),
            leads=" UNION ALL ".join(
                LEAD_PERSON.format(tier=tier, bit=TIER_BITS[tier]) for tier in CENTRE_WIDE_TIERS
            ),
            of_rule=self.of_rule(params),
            days_closed=self.days("s.closed_on", "p.starts_on"),
            overlap=self.days(
                f"{self.words['least']}(span.ends_on, p.ends_on)",
                f"{self.words['greatest']}(span.starts_on, p.starts_on)",
            ),
            of_stakeholders=self.stakeholder_condition("s.id", params),
            month=self.words["month"].format("i.contact_on"),
            first=self.date(min(span.starts_on for span in self.periods), params),
            last=self.date(max(span.ends_on for span in self.periods), params),
            of_contacts=self.stakeholder_condition("i.stakeholder_id", params),
            reached=REACHED,
            counts=COUNTS_FOR_RULE,
        )
        return sql, params

    def period_row(self, span, params):
        params.append(str(span.kind))
        return f"(%s, {self.date(span.starts_on, params)}, {self.date(span.ends_on, params)}, {span.days})"

    def month_row(self, span, month, params):
        params.append(str(span.kind))
        return f"(%s, {self.date(span.starts_on, params)}, {self.date(month, params)})"

    def preview_query(self, day):
        """Selects the stakeholders with a duty in the period of `day`, and when it was met: rows (pk, date or None)."""
        sql, params = self.with_expected()
        held = f"period_start <= {self.date(day, params)} AND due_on >= {self.date(day, params)}"
        return f"{sql} SELECT stakeholder_id, met_on FROM expected WHERE {held}", params  # noqa: S608  built from constants

    def create_expected_table(self, table):
        """Creates the temporary table `table` with the expected duties."""
        sql, params = self.with_expected()
        return f"CREATE TEMPORARY TABLE {table} AS {sql} SELECT * FROM expected", params  # noqa: S608

    def create_changes_table(self, table, expected):
        """Creates the temporary table `table` with the differences of the table `expected` from the stored duties."""
        surplus, params = self.surplus(expected)
        return f"CREATE TEMPORARY TABLE {table} AS {self.changed(expected)} UNION ALL {surplus}", params

    def write(self, changed):
        """Returns the SQL that writes the new and changed duties in the table or CTE `changed`."""
        return WRITE.format(start=date_text("c.period_start"), changed=changed)

    def settle_statements(self):
        """Returns [(sql, params)]: compares and writes duties and sums of few stakeholders, without temporary tables.

        The last query returns the written duties. PostgreSQL can write two tables in one statement, so needs one only.
        """
        expected, params = self.with_expected()
        compared = f"{expected}, changed AS MATERIALIZED ({self.changed('expected')})"
        summing, writing = sums.add("changed"), self.write("changed") + RETURNING
        if connection.vendor == "postgresql":
            return [(f"{compared}, summed AS ({summing}) {writing}", params)]
        return [(compared + summing, params), (compared + writing, params)]

    def changed(self, expected):
        return CHANGED.format(
            expected=expected,
            met_on=self.differs("met_on"),
            owner=self.differs("owner_id"),
            department=self.differs("department_id"),
        )

    def differs(self, column):
        """Returns the condition (SQL) that the stored and the expected value of `column` differ."""
        return differs(f"d.{column}", f"e.{column}")

    def surplus(self, expected):
        params = []
        sql = SURPLUS.format(
            expected=expected,
            last=self.date(self.last, params),
            first=self.date(self.first, params),
            of_duties=self.stakeholder_condition("d.stakeholder_id", params),
        )
        return sql, params
