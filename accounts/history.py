"""The differences between stored versions of a record as text, for the admin site and all other pages.

`diff_against` of django-simple-history is not used: it ignores every field that no form may change (a stage, when a
record was closed, voided or withdrawn), and an audit needs those most.
"""

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import ForeignKey
from django.utils.translation import gettext as _

from accounts.values import plain_words

EMPTY = "—"
MAX_SHOWN = 200


@dataclass(frozen=True)
class Change:
    """A field that differs; `old` and `new` are texts."""

    label: str
    old: str
    new: str


@dataclass
class Revision:
    """A stored version: when, by whom and why it was written, and its differences from the previous one."""

    at: datetime
    by: str
    kind: str
    reason: str
    changes: list = field(default_factory=list)


def revisions(record, without=(), only=(), changed=""):
    """Returns the versions of `record`, newest first, at most MAX_SHOWN, each with its differences.

    Fields in `without` and fields that the history does not store are left out; with `only`, just the fields named
    there are compared. `changed` is the label of a change, 修改 by default. One query, whatever the number of
    versions.
    """
    history = record.history.model
    tracked = [
        item
        for item in history.tracked_fields
        if item.name not in without and (not only or item.name in only)
    ]
    related = [item.name for item in tracked if isinstance(item, ForeignKey)]
    versions = list(record.history.select_related("history_user", *related)[: MAX_SHOWN + 1])
    earlier = [*versions[1:], None][: len(versions)]
    rows = [_revision(now, before, tracked, changed) for now, before in zip(versions, earlier, strict=True)]
    return rows[:MAX_SHOWN]


def _revision(now, before, tracked, changed):
    changes = [_change(item, now, before) for item in tracked if before and _differs(item, now, before)]
    by = str(now.history_user) if now.history_user else _("系统")
    return Revision(
        now.history_date, by, revision_kind(now, changed), now.history_change_reason or "", changes
    )


def revision_kind(version, changed=""):
    """Returns 登记, 修改 (or the label `changed`) or 删除."""
    return {"+": _("登记"), "~": changed or _("修改"), "-": _("删除")}[version.history_type]


def _differs(item, now, before):
    return getattr(now, item.attname) != getattr(before, item.attname)


def _change(item, now, before):
    return Change(str(item.verbose_name), display_value(item, before), display_value(item, now))


def display_value(item, version):
    """Returns the value of the field `item` in `version` as display text."""
    value = getattr(version, item.attname)
    if value in (None, "", []):
        return EMPTY
    if isinstance(item, ForeignKey):
        return str(getattr(version, item.name, None) or value)
    if hasattr(item, "words_of"):
        return item.words_of(value)
    if item.choices:
        return str(dict(item.flatchoices).get(value, value))
    return plain_words(value)
