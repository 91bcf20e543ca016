"""Changes contact rules: a new version from the start of a period on, with a reason (R80, R120)."""

from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, OperationalError, transaction
from django.utils.translation import gettext as _

from accounts.exceptions import ActionRefused, EditConflict
from accounts.roles import Permission
from accounts.stamps import row_stamp
from relations.duties import opening
from relations.duties import settlement as duties
from relations.duties.periods import MONTHS, period_of, start_of_month
from relations.models import CadenceRule, Period, Stakeholder
from relations.reminding.raising import reassign_reminders
from reminders.tasks import sweep
from reminders.wake import run_on_commit

SMALL_CENTRE = 2000  # up to this number of records duties are derived immediately, above by the next sweep
CHANGEABLE = (
    "name",
    "standing",
    "tier",
    "period",
    "times",
    "purpose_mask",
    "tier_mask",
    "level_mask",
    "counts_accompanying",
    "lead_days",
    "clause",
    "remark",
)


@dataclass(frozen=True)
class DutyCounts:
    """The numbers of duties of one rule in the periods that contain one day."""

    owed: int
    met: int


@dataclass(frozen=True)
class Preview:
    """The effect of a change on the first period it governs. `undone`: duties met now that would no longer be met."""

    before: DutyCounts
    later: DutyCounts
    undone: int


def newest_version(code):
    """Returns the version of a rule without an end, the last one if the rule was ended, None for an unknown rule."""
    return CadenceRule.objects.filter(code=code).order_by("-effective_from").first()


def longer_period(first, second):
    """Returns the longer of two periods; as-needed counts as a month."""
    return max(first, second, key=lambda period: MONTHS.get(period, 1))


def period_start(period, day):
    """Returns the first day of the period of this kind that contains `day`."""
    return period_of(period if period in MONTHS else Period.MONTH, day).starts_on


def next_period_start(period, today):
    """Returns the first day of the next period of this kind."""
    return start_of_month(period_start(period, today), MONTHS.get(period, 1))


def obstacle(rule, effective_from, reason, changes, today):
    """Returns why the change cannot be made, as a sentence, or None."""
    period = longer_period(rule.period, changes.get("period", rule.period))
    if not reason.strip():
        return _("请写明修改的原因。")
    if all(getattr(rule, name) == value for name, value in changes.items()) and rule.effective_to is None:
        return _("没有改动。")
    if effective_from != period_start(period, effective_from):
        return _("新的规则要从一个周期的第一天起生效，请选%(day)s。") % {
            "day": next_period_start(period, max(effective_from, today)).isoformat()
        }
    if effective_from < period_start(period, today):
        return _("不能改到已经过去的周期，最早从%(day)s起。") % {
            "day": period_start(period, today).isoformat()
        }
    if effective_from < rule.effective_from and rule.effective_from <= today:
        return _("现在的规则从%(day)s起生效，新的不能更早。") % {"day": rule.effective_from.isoformat()}
    return None


@transaction.atomic
def change_rule(code, *, by, today, effective_from, reason, seen=None, **changes):
    """Opens the next version of the rule `code` from `effective_from`, the first day of a period.

    A version that starts on that day or later is changed in place; its history keeps the old values. The duties of the
    periods concerned are derived again. `seen` is the stamp of the version shown to the user, None for calls by a
    program. Returns the version. Raises PermissionDenied, EditConflict, and ActionRefused with a sentence.
    """
    require_right(by)
    rule = lock_newest_version(code, seen)
    if problem := obstacle(rule, effective_from, reason, changes, today):
        raise ActionRefused(problem)
    try:
        with transaction.atomic():
            version = write_version(rule, effective_from, changes, by, reason)
    except IntegrityError:
        raise ActionRefused(_("刚才有人改了这条规则，请看最新的内容再改。")) from None
    derive_after_change(version, effective_from, today)
    return version


@transaction.atomic
def end_rule(code, *, by, today, effective_from, reason, seen=None):
    """Ends a rule: no duties from `effective_from` on, the first day of a period. Raises as `change_rule` does."""
    require_right(by)
    rule = lock_newest_version(code, seen)
    if not reason.strip():
        raise ActionRefused(_("请写明修改的原因。"))
    if rule.effective_to is not None:
        raise ActionRefused(_("这条规则已经停用。"))
    if effective_from != period_start(rule.period, effective_from) or effective_from <= rule.effective_from:
        raise ActionRefused(_("请选生效以后某个周期的第一天。"))
    if effective_from < period_start(rule.period, today):
        raise ActionRefused(_("不能改到已经过去的周期。"))
    end_version(rule, effective_from, by, reason)
    derive_after_change(rule, effective_from, today)
    return rule


def require_right(by):
    if not by.may(Permission.MANAGE_RULES):
        raise PermissionDenied


def lock_newest_version(code, seen=None):
    """Returns the newest version, locked.

    Raises ActionRefused for an unknown rule, EditConflict if `seen` is not the stamp of the version.
    """
    rule = (
        CadenceRule.objects.select_for_update(no_key=True)
        .filter(code=code)
        .order_by("-effective_from")
        .first()
    )
    if rule is None:
        raise ActionRefused(_("没有这条规则。"))
    if seen is not None and seen != row_stamp(rule):
        raise EditConflict(_("刚才有人改了这条规则，请看最新的内容再改。"), latest=rule)
    return rule


def write_version(rule, effective_from, changes, by, reason):
    """Saves and returns the new version, or the given one changed in place if it does not start before."""
    if effective_from > rule.effective_from:
        end_version(rule, effective_from, by, reason)
        rule.pk, rule._state.adding = None, True
        rule.effective_to = None
    else:
        earlier = CadenceRule.objects.filter(code=rule.code, effective_from__lt=rule.effective_from)
        if (before := earlier.order_by("-effective_from").first()) and before.effective_to:
            end_version(before, effective_from, by, reason)
    for name, value in changes.items():
        setattr(rule, name, value)
    rule.effective_from = effective_from
    save_with_history(rule, by, reason)
    return rule


def end_version(rule, effective_from, by, reason):
    """Ends the version on the day before `effective_from`, unless it has ended earlier."""
    last = effective_from - timedelta(days=1)
    if rule.effective_to is None or rule.effective_to > last:
        rule.effective_to = last
        save_with_history(rule, by, reason)


def save_with_history(rule, by, reason):
    rule._history_user, rule._change_reason = by, reason.strip()[:100]
    rule.save()


def derive_after_change(rule, effective_from, today):
    """Derives the duties affected by the change: now in a small centre, else by the next sweep, which it wakes."""
    if effective_from > today or derived_at_once(rule, effective_from, today):
        return
    opening.schedule_full_derivation(today)
    run_on_commit(sweep)


def derived_at_once(rule, effective_from, today):
    """Derives the duties and returns True; False if there are too many, or a long transaction has locked them."""
    if Stakeholder.objects.filter(kind=rule.kind)[: SMALL_CENTRE + 1].count() > SMALL_CENTRE:
        return False
    try:
        with transaction.atomic():
            duties.derive(first=effective_from, last=today)
    except OperationalError:
        return False
    reassign_reminders(today)
    return True


def preview(code, *, by, effective_from, **changes):
    """Returns a Preview of a change for the stakeholders visible to `by`; makes the change and rolls it back."""
    hidden = Stakeholder.objects.exclude(pk__in=Stakeholder.objects.visible_to(by).values("pk"))
    unseen = set(hidden.values_list("pk", flat=True))
    rule = newest_version(code)
    with transaction.atomic():
        point = transaction.savepoint()
        before = visible_duty_states(code, effective_from, unseen)
        if rule.effective_from < effective_from:
            CadenceRule.objects.filter(pk=rule.pk).update(effective_to=effective_from - timedelta(days=1))
            rule.pk = None
        for name, value in {**changes, "effective_from": effective_from, "effective_to": None}.items():
            setattr(rule, name, value)
        rule.save_without_historical_record()
        later = visible_duty_states(code, effective_from, unseen)
        transaction.savepoint_rollback(point)
    undone = sum(1 for whom, met in before.items() if met and later.get(whom) is False)
    return Preview(tally(before), tally(later), undone)


def visible_duty_states(code, day, unseen):
    return {whom: met for whom, met in duties.duties_under_rule(code, day).items() if whom not in unseen}


def tally(found):
    return DutyCounts(len(found), sum(found.values()))
