"""SQL for what a user sees as the stand-in of an absent colleague, as accounts.access.stand_in_condition says it."""

from accounts.access import ACCESS_SOURCES, leading_roles
from accounts.roles import Permission, kinds, roles_with
from relations.shares.sight_sql import (
    access_source_sql,
    has_role_sql,
    in_list_sql,
    kinds_by_visibility,
)

ABSENT_SEES = """
    EXISTS (SELECT 1 FROM accounts_standin x JOIN accounts_user a ON a.id = x.absent_id
            WHERE x.stand_in_id = {person}.id AND x.cancelled_at IS NULL
              AND x.starts_on <= '{day}' AND x.ends_on >= '{day}' AND ({reasons}))
"""
LEADS = """
    EXISTS (SELECT 1 FROM accounts_department led WHERE led.id = s.department_id
            AND (({as_head}) OR (a.department_id = led.id AND ({leads}))))
"""


def stand_in_sees_sql(person, day):
    """Returns SQL: `person` (an alias of people_sql()) sees the stakeholder `s` as a stand-in on `day`."""
    conditions = [
        f"({in_list_sql('s', of)} AND {person}.sees_own{place} AND {absent_sees_sql(person, day, of[0])})"
        for place, of in enumerate(kinds_by_visibility())
        if kinds()[of[0]].by_responsible
    ]
    return f"({' OR '.join(conditions) or '1 = 0'})"


def absent_sees_sql(person, day, kind):
    leading = leading_roles(kind)
    leads = has_role_sql(leading)
    is_any_head = set(leading) == set(roles_with(Permission.APPROVE))
    as_head = "led.head_id = a.id" if is_any_head else f"led.head_id = a.id AND ({leads})"
    open_one = f"({person}.sees_secrets OR NOT s.is_confidential)"
    reasons = ["s.responsible_id = a.id", f"({open_one} AND {LEADS.format(as_head=as_head, leads=leads)})"]
    known = (name for name in kinds()[kind].access_sources if name in ACCESS_SOURCES)
    reasons += [access_source_sql("a", day, name) for name in known if ACCESS_SOURCES[name].passes_on]
    return ABSENT_SEES.format(person=person, day=day.isoformat(), reasons=" OR ".join(reasons))
