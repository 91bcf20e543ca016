"""Improvement measures: created, completed and checked; each step is an act of the complaint (R126, R151)."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.days import year_day_words
from accounts.exceptions import ActionRefused, EditConflict
from accounts.stored_texts import stored_in_chinese
from complaints.access import access_list
from complaints.acts.audit_log import append_act
from complaints.models import AccessRole, ActKind, Complaint, Improvement
from reminders.raising import close_reminders

REMINDER_KINDS = ("due", "check")


@transaction.atomic
def add_measure(complaint, *, by, today, measure, owner, due_on, check_on, version=None):
    """Creates a measure of an open complaint. Returns the Improvement.

    `version` is that of the complaint as shown to the user. Raises PermissionDenied, ActionRefused and EditConflict.
    """
    case = Complaint.objects.select_for_update().get(pk=complaint.pk)
    if not may_add(case, by):
        raise PermissionDenied
    if version is not None and version != case.version:
        raise EditConflict(_("刚才有人也办理了这件事，请看最新的情况再继续。"))
    if not case.is_open:
        raise ActionRefused(_("现在是“%s”，不能写改善措施。") % case.get_state_display())
    if not access_list.eligible_readers(case).filter(pk=owner.pk).exists():
        raise ActionRefused(_("%s是被投诉的人，或反映人要求不要告知，不能知道这件事。") % owner.name)
    case.version += 1
    case.save(update_fields=["version"])
    written = Improvement.objects.create(
        complaint=case, measure=measure, owner=owner, due_on=due_on, check_on=check_on
    )
    with stored_in_chinese():
        words = {"measure": measure, "owner": owner.name, "day": year_day_words(due_on)}
        text = _("%(measure)s（%(owner)s，%(day)s前）") % words
    record_act(case, written, text, by=by, on=today)
    return written


def may_add(case, user):
    """Whether `user` is head or handler, as every act requires."""
    return bool(access_list.roles_of(case, user) & set(access_list.ACTING))


def record_act(case, measure, text, *, by, on):
    append_act(case, ActKind.MEASURE, by=by, on=on, text=text, details={"measure": measure.pk})


@transaction.atomic
def finish_measure(measure, *, by, on, version=None):
    """Records that a measure was completed on the day `on`, by its owner or the head. Returns the Improvement.

    Raises PermissionDenied and EditConflict.
    """
    case, locked = lock_measure(measure)
    if not may_finish(locked, by):
        raise PermissionDenied
    if locked.done_on:
        raise EditConflict(_("这条措施刚才已经记为完成了。"))
    check_version(locked, version)
    locked.done_on = on
    locked.save(update_fields=["done_on", "version"])
    with stored_in_chinese():
        text = _("完成：%s") % locked.measure
    record_act(case, locked, text, by=by, on=on)
    close_reminders([f"measure:{locked.pk}:due"])
    return locked


@transaction.atomic
def check_measure(measure, *, by, today, has_recurred, note="", version=None):
    """Records the head's check whether the same has happened since the measure was completed. Returns the Improvement.

    Raises PermissionDenied, ActionRefused and EditConflict.
    """
    case, locked = lock_measure(measure)
    if not may_check(locked, by):
        raise PermissionDenied
    if locked.done_on is None:
        raise ActionRefused(_("这条措施还没有完成，完成以后再检查。"))
    if locked.checked_on:
        raise EditConflict(_("这条措施刚才已经检查过了。"))
    check_version(locked, version)
    locked.checked_on, locked.has_recurred, locked.check_note = today, has_recurred, note.strip()[:200]
    locked.save(update_fields=["checked_on", "has_recurred", "check_note", "version"])
    with stored_in_chinese():
        outcome = _("又发生了") if has_recurred else _("没有再发生")
        text = _("检查：%(found)s。%(measure)s") % {"found": outcome, "measure": locked.measure}
    record_act(case, locked, f"{text} {locked.check_note}".strip(), by=by, on=today)
    close_reminders([f"measure:{locked.pk}:check"])
    return locked


def reassign_to_head(users, case):
    """Gives unfinished measures of `users` to the head of `case`: the users must not know of the complaint (R158)."""
    theirs = case.improvements.unfinished().filter(owner__in=users)
    close_reminders([f"measure:{pk}:due" for pk in theirs.values_list("pk", flat=True)])
    theirs.update(owner=case.head, version=F("version") + 1)


def close_measure_reminders(case):
    """Closes the reminders about the measures of a complaint that was entered in error."""
    close_reminders(
        [
            f"measure:{pk}:{what}"
            for pk in case.improvements.values_list("pk", flat=True)
            for what in REMINDER_KINDS
        ]
    )


def lock_measure(measure):
    """(complaint, measure) as stored now, both locked, always in this order."""
    case = Complaint.objects.select_for_update().get(pk=measure.complaint_id)
    locked = Improvement.objects.select_for_update().get(pk=measure.pk)
    locked.complaint = case
    return case, locked


def check_version(kept, version):
    if version is not None and version != kept.version:
        raise EditConflict(_("刚才有人改了这条措施，请看最新的情况再继续。"))
    kept.version += 1


def may_finish(measure, user):
    return user.is_active and (measure.owner_id == user.pk or may_check(measure, user))


def may_check(measure, user):
    return AccessRole.HEAD in access_list.roles_of(measure.complaint, user)
