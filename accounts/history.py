"""What changed between two kept versions of a record, in words: for the admin site and for the pages of the house."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import BooleanField, DateTimeField, ForeignKey
from django.utils import formats, timezone
from django.utils.translation import gettext as _

EMPTY = "—"
MOST_SHOWN = 200


@dataclass(frozen=True)
class Change:
    """One field that differs; `old` and `new` are texts."""

    label: str
    old: str
    new: str


@dataclass
class Revision:
    """One kept version: when, by whom and why it came to be, and how it differs from the one before."""

    at: datetime
    by: str
    kind: str
    reason: str
    changes: list = field(default_factory=list)


def revisions(record, without=()):
    """The versions of `record`, newest first, at most MOST_SHOWN, each with its differences.

    Fields named in `without` are left out, as are those that the history does not keep. One query,
    whatever the number of versions.
    """
    history = record.history.model
    tracked = [item for item in history.tracked_fields if item.name not in without]
    related = [item.name for item in tracked if isinstance(item, ForeignKey)]
    kept = list(record.history.select_related("history_user", *related)[: MOST_SHOWN + 1])
    earlier = [*kept[1:], None][: len(kept)]
    told = [_revision(now, before, tracked) for now, before in zip(kept, earlier, strict=True)]
    return told[:MOST_SHOWN]


def _revision(now, before, tracked):
    changes = [_change(item, now, before) for item in tracked if before and _differs(item, now, before)]
    by = str(now.history_user) if now.history_user else _("系统")
    return Revision(now.history_date, by, kind_of(now), now.history_change_reason or "", changes)


def kind_of(version):
    """登记, 修改 or 删除."""
    return {"+": _("登记"), "~": _("修改"), "-": _("删除")}[version.history_type]


def _differs(item, now, before):
    return getattr(now, item.attname) != getattr(before, item.attname)


def _change(item, now, before):
    return Change(str(item.verbose_name), text_of(item, before), text_of(item, now))


def text_of(item, version):
    """The value of the field `item` in `version` as people read it."""
    value = getattr(version, item.attname)
    if value in (None, "", []):
        return EMPTY
    if isinstance(item, ForeignKey):
        return str(getattr(version, item.name, None) or value)
    if isinstance(item, BooleanField):
        return _("是") if value else _("否")
    if hasattr(item, "words_of"):
        return item.words_of(value)
    if item.choices:
        return str(dict(item.flatchoices).get(value, value))
    return _plain(item, value)


def _plain(item, value):
    if isinstance(item, DateTimeField):
        return formats.localize(timezone.localtime(value))
    return str(formats.localize(value))
