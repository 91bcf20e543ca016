"""Which SQL statements write, and which writes a request that only reads may make."""

import re

# The log of viewings (R153) and the sessions that recognise a browser. Nothing else.
ALLOWED = {
    ("INSERT", "complaints_viewing"): "the log of looks itself",
    ("INSERT", "accounts_refusedattempt"): "the log of looks that were refused",
    ("UPDATE", "accounts_refusedattempt"): "counted with those of the same minute",
    ("INSERT", "django_session"): "a first visitor of the public door, a message for the next page",
    ("UPDATE", "django_session"): "messages shown, the minutes of a receipt code",
    ("DELETE", "django_session"): "a session that has ended",
}
WRITES = re.compile(
    r"^\s*(?:WITH\b.*?\b)?(INSERT|UPDATE|DELETE|REPLACE|MERGE|COPY|TRUNCATE|CREATE|DROP|ALTER)\b"
    r"(?:\s+(?:OR\s+\w+\s+)?(?:INTO|FROM|TABLE))?\s+(\S+)",
    re.IGNORECASE | re.DOTALL,
)
READS = ("SELECT", "EXECUTE", "SAVEPOINT", "RELEASE", "ROLLBACK", "PRAGMA", "SET", "SHOW")


def written_by(sql):
    """Returns (verb, table) for a statement that writes, else None."""
    if sql.lstrip().upper().startswith(READS):
        return None
    found = WRITES.match(sql)
    return (found[1].upper(), found[2].strip('"')) if found else None
