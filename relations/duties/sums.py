"""Stored sums of duties: owed and met, by due day, rule, department, owner and visibility (design §3).

The sums are a ledger. A transaction that writes duties also inserts rows with the changes of the sums, and never
updates an existing row, so that two social workers who log contacts at once do not wait for each other. The value of a
sum is the total of all its rows, so every reader adds them up; at night `compact` merges the rows of each sum.

A duty has copies of the columns that decide who may see its stakeholder (responsible worker, department,
confidentiality). So sums follow from the rows of duties alone, and users who may see the stakeholder may see the sum.
The copies are written with the duty, and by `copy_visibility` when the stakeholder changes.

Besides these copies and `notified`, only `relations.duties.settlement` writes duties. Its locks ensure that the changes
added to the sums are those that are then written to the duties.
"""

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction

from relations.bulk import pk_condition
from relations.duties.dialects import differs

# The key of a sum; a duty has the same columns. The kind is that of the rule.
KEY = (
    "due_on",
    "rule_id",
    "department_id",
    "owner_id",
    "responsible_id",
    "record_department_id",
    "is_confidential",
)
# The columns of KEY: in a row `c` of relations.duties.sql.CHANGED before and after the change; in a duty `d`; in a duty
# whose stakeholder is `s`.
STORED_COLUMNS = (
    "c.kept_due_on, c.rule_id, c.kept_department_id, c.kept_owner_id, c.kept_responsible_id, "
    + ("c.kept_record_department_id, c.kept_is_confidential")
)
NEW_COLUMNS = (
    "c.due_on, c.rule_id, c.department_id, c.owner_id, c.responsible_id, c.department_id, c.is_confidential"
)
DUTY_COLUMNS = ", ".join(f"d.{column}" for column in KEY)
RECORD_COLUMNS = (
    "d.due_on, d.rule_id, d.department_id, d.owner_id, s.responsible_id, s.department_id, s.is_confidential"
)

ADD = f"""
    INSERT INTO relations_dutysum ({", ".join(KEY)}, kind, owed, met)
    SELECT {", ".join(f"m.{column}" for column in KEY)}, r.kind, SUM(m.owed), SUM(m.met)
    FROM ({{moved}}) m JOIN relations_cadencerule r ON r.id = m.rule_id
    GROUP BY {", ".join(f"m.{column}" for column in KEY)}, r.kind
    HAVING SUM(m.owed) <> 0 OR SUM(m.met) <> 0
"""  # noqa: S608  built from constants

# Duties whose copied columns differ from those of their stakeholder.
STALE = """
    FROM relations_duty d JOIN relations_stakeholder s ON s.id = d.stakeholder_id
    WHERE ({responsible} OR {department} OR d.is_confidential <> s.is_confidential) {of_duties}
"""
COPY = """
    UPDATE relations_duty
    SET responsible_id = s.responsible_id, record_department_id = s.department_id,
        is_confidential = s.is_confidential
    FROM relations_stakeholder s
    WHERE s.id = relations_duty.stakeholder_id AND relations_duty.id IN (SELECT d.id {stale})
"""

# The stored sums minus those calculated from duties and stakeholders, where they differ.
DIFFERENT = f"""
    SELECT {", ".join(f"m.{column}" for column in KEY)}, SUM(m.owed), SUM(m.met)
    FROM (SELECT {", ".join(KEY)}, owed, met FROM relations_dutysum UNION ALL {{duties}}) m
    GROUP BY {", ".join(f"m.{column}" for column in KEY)}
    HAVING SUM(m.owed) <> 0 OR SUM(m.met) <> 0
    ORDER BY m.due_on, m.rule_id
"""  # noqa: S608

# The rows of sums with more than one row, and rows with zeros.
CREATE_SCATTERED = f"""
    CREATE TEMPORARY TABLE scattered AS
    SELECT c.* FROM (
        SELECT s.*, COUNT(*) OVER (PARTITION BY {", ".join(KEY)}, kind) AS number FROM relations_dutysum s
    ) c WHERE c.number > 1 OR (c.owed = 0 AND c.met = 0)
"""  # noqa: S608
SELECT_GATHERED = f"SELECT {', '.join(KEY)}, owed, met FROM scattered"  # noqa: S608


def signed_select(columns, met_on, sign, source):
    """Returns a SELECT with `columns` of each row of `source`, counted as `sign` (1 or -1)."""
    counted = f"CASE WHEN {met_on} IS NULL THEN 0 ELSE {sign} END"
    labels = ", ".join(f"{column} AS {name}" for column, name in zip(columns.split(", "), KEY, strict=True))
    return f"SELECT {labels}, {sign} AS owed, {counted} AS met {source}"


def add(changed):
    """Returns the INSERT for the changes of sums, from a table (or CTE) with the columns of sql.CHANGED."""
    before = signed_select(
        STORED_COLUMNS, "c.kept_met_on", -1, f"FROM {changed} c WHERE c.kept_id IS NOT NULL"
    )
    after = signed_select(NEW_COLUMNS, "c.met_on", 1, f"FROM {changed} c WHERE c.due_on IS NOT NULL")
    return ADD.format(moved=f"{before} UNION ALL {after}")


def stale_duties(stakeholders):
    """Returns (SQL, params): the FROM clause of the duties of `stakeholders` (pks, or None for all) with old copies."""
    of_duties, params = "", []
    if stakeholders is not None:
        which, pks = pk_condition(stakeholders)
        of_duties, params = f"AND d.stakeholder_id {which}", [pks]
    conditions = {
        "responsible": differs("d.responsible_id", "s.responsible_id"),
        "department": differs("d.record_department_id", "s.department_id"),
    }
    return STALE.format(of_duties=of_duties, **conditions), params


def copy_visibility(cursor, stakeholders):
    """Copies the columns that decide visibility from stakeholders to their duties (frozen ones too); moves the sums."""
    from_clause, params = stale_duties(stakeholders)
    cursor.execute(f"SELECT d.id {from_clause} LIMIT 1", params)
    if cursor.fetchone() is None:
        return
    before, after = (
        signed_select(DUTY_COLUMNS, "d.met_on", -1, from_clause),
        signed_select(RECORD_COLUMNS, "d.met_on", 1, from_clause),
    )
    cursor.execute(ADD.format(moved=f"{before} UNION ALL {after}"), params * 2)
    cursor.execute(COPY.format(stale=from_clause), params)


@dataclass(frozen=True)
class Difference:
    """A wrong sum: `owed` and `met` are the stored numbers minus the right ones."""

    due_on: date
    rule: int
    department: int | None
    owner: int | None
    owed: int
    met: int


def differences():
    """Returns a list of Difference: the sums that do not match duties and stakeholders. Empty if all are right."""
    source = "FROM relations_duty d JOIN relations_stakeholder s ON s.id = d.stakeholder_id"
    duties = signed_select(RECORD_COLUMNS, "d.met_on", -1, source)
    with connection.cursor() as cursor:
        cursor.execute(DIFFERENT.format(duties=duties))
        rows = cursor.fetchall()
    return [Difference(*row[:4], int(row[-2]), int(row[-1])) for row in rows]


def rebuild(cursor):
    """Recalculates all sums from the duties. Call it with the table of duties locked against writers."""
    with lock_against_compaction(cursor):
        cursor.execute("DELETE FROM relations_dutysum")
        cursor.execute(ADD.format(moved=signed_select(DUTY_COLUMNS, "d.met_on", 1, "FROM relations_duty d")))


def compact():
    """Merges the rows of each sum into one; rows added in the meantime remain. Returns the number of merged rows."""
    with transaction.atomic(), connection.cursor() as cursor, lock_against_compaction(cursor):
        cursor.execute(CREATE_SCATTERED)
        cursor.execute(ADD.format(moved=SELECT_GATHERED))
        cursor.execute("DELETE FROM relations_dutysum WHERE id IN (SELECT id FROM scattered)")
        removed = cursor.rowcount
        cursor.execute("DROP TABLE scattered")
    return removed


@contextmanager
def lock_against_compaction(cursor):
    """Locks out other transactions that delete rows of sums, until this one ends; inserts and reads do not wait."""
    if connection.vendor == "postgresql":
        cursor.execute("LOCK TABLE relations_dutysum IN SHARE UPDATE EXCLUSIVE MODE")
    yield
