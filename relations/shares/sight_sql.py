"""SQL for who may see which record: the rule of accounts.access.within_scope for many users at once.

Reminders are created set-based with it, and lists of users who may see a record are read. A test compares it with
`visible_to`.
"""

import re
from functools import lru_cache

from django.db import connection
from django.db.models.expressions import RawSQL

from accounts.access import ACCESS_SOURCES
from accounts.models import User
from accounts.roles import (
    GRANTS,
    RECORD_SCOPES,
    Permission,
    Scope,
    kinds,
    roles_seeing,
    roles_with,
    scope_over,
)
from reminders import clock

SAFE_LITERAL = re.compile(r"[a-z0-9_,%\\-]+")  # also a pattern for a list of roles


def kinds_by_visibility():
    """Groups the kinds that have the same rules of visibility: a list of lists of kinds."""
    groups = {}
    for kind, sight in kinds().items():
        scopes = tuple(scope_over(role, kind) for role in GRANTS)
        groups.setdefault((scopes, sight.by_responsible, sight.access_sources), []).append(kind)
    return list(groups.values())


def kind_group_sql(record):
    """Returns SQL: the index in `kinds_by_visibility()` of the kind of `record` (an alias of relations_stakeholder)."""
    places = " ".join(
        f"WHEN {in_list_sql(record, of)} THEN {place}" for place, of in enumerate(kinds_by_visibility())
    )
    return f"CASE {places} END"


def in_list_sql(record, of):
    return f"{record}.kind IN ({', '.join(repr(str(kind)) for kind in of)})"


def has_role_sql(roles):
    """Returns SQL: the user has one of `roles`."""
    return " OR ".join(f"roles LIKE '%%,{role.value},%%'" for role in roles) or "1 = 0"


def people_sql():
    """Returns SQL: the active users, with a boolean column for each scope of each group of kinds."""
    columns = [
        f"({has_role_sql(roles)}) AS {name}{place}"
        for place, of in enumerate(kinds_by_visibility())
        for name, roles in seeing_roles(of[0]).items()
    ]
    secrets = f"({has_role_sql(roles_with(Permission.CONFIDENTIAL))}) AS sees_secrets"
    selected = ", ".join(["id", "department_id", *columns, secrets])
    return f"SELECT {selected} FROM accounts_user WHERE is_active"  # noqa: S608  built from constants


def seeing_roles(kind):
    """Returns {column of people_sql(): roles, one of which is required} for a kind."""
    return {
        "sees_own": roles_seeing(kind, *RECORD_SCOPES),
        "sees_department": roles_seeing(kind, Scope.DEPARTMENT),
        "sees_all": roles_seeing(kind, Scope.ALL),
    }


def sees_sql(person, day=None):
    """Returns SQL: `person` (an alias of people_sql()) may see the stakeholder `s` on `day` (by default today).

    The same rule as accounts.access.within_scope, except for what users may see as stand-ins.
    """
    return f"({' OR '.join(f'({condition})' for condition in reasons_sql(person, day or clock.today()).values())})"


def reasons_sql(person, day):
    """Returns {reason: SQL} for each reason why `person` may see `s`.

    Reasons are "responsible", the names in accounts.access.ACCESS_SOURCES, "department" and "all".
    """
    reasons = {}
    for place, of in enumerate(kinds_by_visibility()):
        for why, condition in reasons_in_group_sql(person, day, kinds()[of[0]], place).items():
            reasons.setdefault(why, []).append(f"({in_list_sql('s', of)} AND {condition})")
    return {why: " OR ".join(conditions) for why, conditions in reasons.items()}


def reasons_in_group_sql(person, day, sight, place):
    open_one = f"({person}.sees_secrets OR NOT s.is_confidential)"
    own = {"responsible": f"{person}.id = s.responsible_id"} if sight.by_responsible else {}
    own |= {
        name: access_source_sql(person, day, name) for name in sight.access_sources if name in ACCESS_SOURCES
    }
    wider = {
        "department": f"{person}.sees_department{place} AND {person}.department_id = s.department_id AND {open_one}",
        "all": f"{person}.sees_all{place} AND {open_one}",
    }
    return {why: f"{person}.sees_own{place} AND {condition}" for why, condition in own.items()} | wider


def access_source_sql(person, day, name):
    """Returns SQL: the access source `name` makes `s` visible to `person`."""
    return compiled_access_source(connection.vendor, person, day, name, ACCESS_SOURCES[name].declared())


@lru_cache(maxsize=256)
def compiled_access_source(_vendor, person, day, name, _declared):
    """Returns `access_source_sql`, compiled once a day, for it is asked for by the dozen in every sweep.

    Besides the parameters that it uses, the SQL hangs on the kind of database and on what is declared.
    """
    records = ACCESS_SOURCES[name].records(RawSQL(f"{person}.id", []), day)  # noqa: S611  an alias, no user input
    sql, params = records.query.sql_with_params()
    return f"s.id IN ({sql % tuple(map(sql_literal, params))})"


def sql_literal(value):
    """Returns a number, a day or a constant as an SQL literal, for a statement that is run with parameters.

    Raises ValueError for anything else.
    """
    if isinstance(value, int):
        return str(value)
    if not SAFE_LITERAL.fullmatch(str(value)):
        raise ValueError(f"Not a value to be written into SQL: {value!r}")
    return f"'{value}'".replace("%", "%%")


def users_who_see(stakeholder, day=None):
    """Returns a queryset of the users who may see a stakeholder themselves (not as a stand-in)."""
    sql = (
        f"SELECT p.id FROM ({people_sql()}) p, relations_stakeholder s "  # noqa: S608
        f"WHERE s.id = %s AND {sees_sql('p', day)}"
    )
    return User.objects.filter(pk__in=RawSQL(sql, [stakeholder.pk]))  # noqa: S611  contains no user input
