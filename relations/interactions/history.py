"""Who changed what when: the kept versions of a contact, each beside the one before."""

from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils.translation import gettext as _

from accounts.models import User

SHOWN = (
    "contact_on",
    "channel",
    "purpose",
    "outcome",
    "started_by",
    "starter",
    "guest_role",
    "content",
    "follow_up",
)


@dataclass
class Change:
    label: str
    before: str
    after: str


@dataclass
class Version:
    """One saving: who, when, in which words, and what was different from before."""

    by: str
    at: datetime
    reason: str
    is_first: bool
    changes: list = field(default_factory=list)


def versions_of(interaction):
    """The versions of a contact, newest first; three queries at most, however many there are."""
    kept = list(interaction.history.select_related("history_user").order_by("history_id"))
    names = dict(
        User.objects.filter(pk__in={row.starter_id for row in kept} - {None}).values_list("pk", "name")
    )
    found, before = [], None
    for row in kept:
        found.append(
            Version(
                by=str(row.history_user or _("系统")),
                at=row.history_date,
                reason=row.history_change_reason or "",
                is_first=before is None,
                changes=changes(before, row, names) if before else [],
            )
        )
        before = row
    return found[::-1]


def changes(before, after, names):
    return [
        Change(column.verbose_name, words(before, column, names), words(after, column, names))
        for name in SHOWN
        if (column := after._meta.get_field(name)) is not None
        and getattr(before, column.attname) != getattr(after, column.attname)
    ]


def words(row, column, names):
    """One value as a person reads it."""
    value = getattr(row, column.attname)
    if value in (None, ""):
        return _("（空）")
    if column.name == "starter":
        return names.get(value, "")
    if column.choices:
        return str(dict(column.flatchoices).get(value, value))
    return value.isoformat() if isinstance(value, date) else str(value)
