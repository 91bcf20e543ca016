"""Reads numbers with a history for a page, and sets new values that are valid from a day on (R120)."""

from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from operator import attrgetter

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.exceptions import ActionRefused, EditConflict
from accounts.roles import Permission
from accounts.stamps import stamp_of
from accounts.stored_texts import stored_in_chinese
from reminders.models import Parameter
from reminders.parameters import PARAMETERS, ParameterSpec

HOURS = ("work_starts", "work_ends")


@dataclass
class ParameterState:
    """One declared number as a page shows it. `since` is None while the default of the documents is valid."""

    declared: ParameterSpec
    value: int
    since: date | None = None
    scheduled: list = field(default_factory=list)

    @property
    def words(self):
        return f"{self.value}{self.declared.unit}"


def parameters_on(day):
    """The ParameterState of every declared number on `day`, with values scheduled for later; one query."""
    numbers = {key: ParameterState(declared, declared.default) for key, declared in PARAMETERS.items()}
    for row in Parameter.objects.order_by("effective_from"):
        number = numbers.get(row.key)
        if number is None:
            continue
        if row.effective_from <= day:
            number.value, number.since = row.value, row.effective_from
        else:
            number.scheduled.append(row)
    return list(numbers.values())


def parameter_stamp(key):
    """The stamp of all values, past and future, of the number `key` (accounts.stamps)."""
    rows = Parameter.objects.filter(key=key).order_by("pk")
    return stamp_of(key, *rows.values_list("pk", "value", "effective_from", "reason"))


def check_stamp(key, seen, today):
    """Locks the rows of the number `key`; raises EditConflict when its stamp is no longer `seen`."""
    list(Parameter.objects.select_for_update().filter(key=key).order_by("pk").values_list("pk"))
    if seen is not None and seen != parameter_stamp(key):
        raise EditConflict(current_value_sentence(key, today))


def current_value_sentence(key, today):
    """A sentence with the value of the number `key` today and the value last set."""
    value = Parameter.objects.value_on(key, today)
    newest = Parameter.objects.filter(key=key).order_by("-set_at", "-pk").first()
    if newest is None:
        return _("现在是%(value)d。") % {"value": value}
    values = {"value": value, "later": newest.value, "day": newest.effective_from.isoformat()}
    return _("现在是%(value)d，最近一次改成%(later)d（从%(day)s起）。") % values


@transaction.atomic
def set_parameter(key, value, *, by, today, effective_from, reason, seen=None):
    """Sets the number `key` to `value` from `effective_from` on. Returns the Parameter.

    A second value for the same day replaces the first one, which is noted in the reason. `seen` is the stamp of the
    values as shown to the user; None (for programs) skips the check. Raises EditConflict, PermissionDenied, KeyError
    for an undeclared key, and ActionRefused with a sentence.
    """
    if not by.may(Permission.MANAGE_RULES):
        raise PermissionDenied
    check_stamp(key, seen, today)
    if problem := change_obstacle(PARAMETERS[key], value, effective_from, reason, today):
        raise ActionRefused(problem)
    row = Parameter.objects.select_for_update().filter(key=key, effective_from=effective_from).first()
    if row is None:
        row = Parameter(key=key, effective_from=effective_from)
    elif row.value != value:
        with stored_in_chinese():
            reason = _("%(reason)s（原定%(value)d）") % {"reason": reason.strip(), "value": row.value}
    row.value, row.reason, row.set_by = value, reason.strip()[:200], by
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise ActionRefused(_("刚才有人也改了这一项，请看最新的数再改。")) from None
    return row


def change_obstacle(declared, value, effective_from, reason, today):
    """The reason why the value cannot be set, as a sentence, or None."""
    if not declared.least <= value <= declared.most:
        return _("请填%(least)d到%(most)d之间的数。") % {"least": declared.least, "most": declared.most}
    if effective_from < today:
        return _("不能改已经过去的日子，最早从今天起。")
    if not reason.strip():
        return _("请写明修改的原因。")
    return hours_change_obstacle(declared.key, value, effective_from)


def hours_change_obstacle(key, value, day):
    """The problem (a sentence) if work would not start before it ends, on `day` or by a scheduled value; else None.

    No e-mail would ever be sent in such an empty period.
    """
    if key not in HOURS:
        return None
    hours = {**Parameter.objects.values_on(day), key: value}
    if hours["work_starts"] >= hours["work_ends"]:
        return _("开始的时间要早于结束的时间。")
    later = Parameter.objects.filter(key__in=HOURS, effective_from__gt=day).order_by("effective_from")
    for begins, rows in groupby(later, key=attrgetter("effective_from")):
        hours.update({row.key: row.value for row in rows})
        if hours["work_starts"] >= hours["work_ends"]:
            return _("从%(day)s起，开始的时间就不早于结束的时间了，请先改那一天的数。") % {
                "day": begins.isoformat()
            }
    return None
