"""Actions on approval requests (Sheet): open, approve, send back, withdraw, make void.

Each runs in one transaction, locks the request, and stores its decision with a conditional UPDATE, so that one of two
simultaneous calls succeeds. The people concerned are notified through the register NOTICES: objects with
`step_started(step)`, `sheet_closed(sheet)`, `dismiss(sheet, user)` and `has_open_notice(sheet, user)`, called inside
that transaction.
"""

import hashlib
import json
import logging

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.approvals.assignment import deciders, may_answer, resolve_roles
from accounts.approvals.chains import steps_for
from accounts.approvals.matters import matter_of
from accounts.approvals.models import MAX_LENGTH, MAX_OPINION_LENGTH, Sheet, Step
from accounts.approvals.people import people_of, store_names
from accounts.approvals.registers import CALENDAR, MATTERS, NOTICES
from accounts.fields import any_role_condition
from accounts.models import User
from accounts.roles import Permission, roles_with
from accounts.stored_texts import stored_in_chinese

logger = logging.getLogger(__name__)
STATES = Sheet.State


class AnswerRefused(PermissionDenied):
    """A decision refused with 403 and recorded among the refused attempts.

    `sentence` is the message for the user.
    """

    def __init__(self, sentence):
        super().__init__(sentence)
        self.sentence = sentence


class NotApprover(AnswerRefused):
    """Raised when a step does not ask this user: their own request, a second step, or the part of another user."""


class SheetIsVoid(AnswerRefused):
    """Raised when the content changed after it was requested; the request is void by then."""


class NoApprover(ValidationError):
    """Raised when no user is left who could approve; `page` is the URL name of the page where this can be fixed."""

    page = "roles"

    def __init__(self, name):
        super().__init__(
            _(
                "现在没有人可以审批：%s，以及再上面的同事，都没有另外一位。请先请系统管理员给一位同事合适的角色。"
            )
            % name
        )


# Opening.


@transaction.atomic
def open_sheet(sheet, *, record=None):
    """Opens the request (unsaved), which then waits. Returns it.

    `record` is an unsaved row with a field `sheet`, saved along with it. While the centre is being set up, rights
    take effect at once. Raises ValidationError when a request about the same subject is open, NoApprover when no user
    could decide it.
    """
    matter = matter_of(sheet)
    if matter.may_be_confirmed_alone(sheet) and is_setting_up():
        with stored_in_chinese():
            sheet.exception = _("中心还没有可以确认的人，由系统管理员一人设置。")
        return record_immediate(sheet, apply=True)
    sheet.reason = sheet.reason.strip()[:MAX_LENGTH]
    store_names(sheet)
    refuse_duplicate(sheet)
    try:
        with transaction.atomic():
            save_sheet(sheet, record)
    except IntegrityError:
        refuse_duplicate(sheet)
        raise
    start_step(sheet.steps.select_related("sheet").first())
    return sheet


def save_sheet(sheet, record):
    """Saves the request, its record and its steps."""
    if record is not None:
        record.sheet = sheet
    sheet.content_hash = fingerprint(sheet)
    sheet.save(force_insert=True)
    if record is not None:
        record.sheet = sheet
        record.save(force_insert=True)
    sheet.named.set(pk for pk in matter_of(sheet).named_people(sheet) if pk)
    for step in steps_for(sheet):
        step.sheet = sheet
        step.save(force_insert=True)
        if not matter_of(sheet).may_wait_without_approver and not deciders(step):
            raise NoApprover(step.role_label)


def refuse_duplicate(sheet):
    waiting = Sheet.objects.open().about_matter(sheet.matter, sheet.subject).first()
    if waiting:
        raise ValidationError(_("%s还在等待，请先撤回那一张，再提交新的。") % waiting)


def fingerprint(sheet):
    """Returns a hash of 64 characters that changes when the content under approval does."""
    content = json.dumps(matter_of(sheet).content(sheet), sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(content.encode()).hexdigest()


def start_step(step):
    """Makes `step` the one that waits, and notifies the people asked."""
    today = timezone.localdate()
    step.state, step.asked_on = Step.State.ASKED, today
    step.due_on = CALENDAR["working_days"].add(today, step.days) if step.days else None
    step.save(update_fields=["state", "asked_on", "due_on"])
    resolve_roles(Step.objects.filter(pk=step.pk))
    add_notified_users(step.sheet)
    for notices in NOTICES.values():
        notices.step_started(step)


def is_setting_up():
    """Whether no account confirms rights now or ever did, as far as the history shows."""
    held = any_role_condition(roles_with(Permission.CONFIRM_RIGHTS))
    return not (User.objects.filter(held).exists() or User.history.model.objects.filter(held).exists())


@transaction.atomic
def record_immediate(sheet, *, apply=False, state=STATES.AT_ONCE):
    """Stores what one user did alone (or was refused) as a closed request, and notifies of it. Returns the request."""
    sheet.state, sheet.decided_at = state, timezone.now()
    sheet.reason = sheet.reason.strip()[:MAX_LENGTH]
    store_names(sheet)
    sheet.save(force_insert=True)
    if apply:
        matter_of(sheet).apply(sheet, by=sheet.asked_by, extra={})
    notify_closed(sheet)
    return sheet


# Deciding.


def who_decides(sheet):
    """Returns the users for whom an open request waits, and why they are not those the rule names, as text ("")."""
    step = current_step(sheet)
    if step is None:
        return User.objects.none(), ""
    current = deciders(step)
    return current.people, current.exception


def may_decide(user, sheet):
    """Whether the request waits for `user` now."""
    step = current_step(sheet)
    return step is not None and may_answer(step, user)[0]


def who_decides_and_whether(user, sheet):
    """Returns (users, exception, whether `user` may decide now): both of the above for a page, computed once."""
    step = current_step(sheet)
    if step is None:
        return User.objects.none(), "", False
    current = deciders(step)
    return current.people, current.exception, may_answer(step, user, current)[0]


def current_step(sheet):
    """Returns the Step that waits for a decision, or None; its `sheet` is this one."""
    step = Step.objects.waiting().filter(sheet=sheet).first()
    if step is not None:
        step.sheet = sheet
    return step


@transaction.atomic
def approve(sheet, *, by, opinion="", extra=None):
    """Approves the waiting step; after the last one the request takes effect.

    Returns False when the content has changed since the request, which makes it void; else True. Raises NotApprover
    when it does not wait for `by`, ValidationError when it was already decided.
    """
    matter, locked = matter_of(sheet), lock_sheet(sheet)
    step = step_to_answer(locked, by)
    if problem := problem_of(locked):
        close_sheet(locked, STATES.VOID, opinion=problem)
        return False
    exception = answer_step(step, Step.State.APPROVED, by, opinion)
    following = locked.steps.filter(state=Step.State.AHEAD).first()
    if following:
        start_step(following)
        return True
    close_sheet(locked, STATES.APPROVED, by=by, opinion=opinion, exception=exception, told=False)
    matter.apply(locked, by=by, extra=extra or {})
    notify_closed(locked)
    return True


@transaction.atomic
def send_back(sheet, *, by, opinion):
    """Refuses the request, with a reason. The remaining steps are dropped."""
    locked = lock_sheet(sheet)
    step = step_to_answer(locked, by)
    if not opinion.strip():
        raise ValidationError(matter_of(sheet).opinion_words)
    exception = answer_step(step, Step.State.RETURNED, by, opinion)
    close_sheet(locked, STATES.RETURNED, by=by, opinion=opinion, exception=exception)


@transaction.atomic
def withdraw(sheet, *, by):
    """Withdraws the request for the user who opened it. Raises NotApprover for all others."""
    locked = lock_sheet(sheet)
    if locked.asked_by_id != by.pk:
        raise NotApprover(_("只有提出的人可以撤回。"))
    close_sheet(locked, STATES.WITHDRAWN)


@transaction.atomic
@stored_in_chinese()
def void_sheets(sheets, why):
    """Closes these open requests (a queryset) as void, because what they were about has changed.

    `why` is a lazy text.
    """
    for sheet in sheets.open().order_by("pk").select_for_update():
        close_sheet(sheet, STATES.VOID, opinion=str(why))


def lock_sheet(sheet):
    """Returns the request, locked until the transaction ends. Raises ValidationError when it was decided already.

    What it is about is locked first, in every act: two acts that lock in a different order would wait for each other.
    """
    matter_of(sheet).lock_subject(sheet)
    locked = Sheet.objects.select_for_update().get(pk=sheet.pk)
    if not locked.is_open:
        words = {"sheet": locked, "state": locked.state_words}
        raise ValidationError(_("%(sheet)s刚才已经处理过了：%(state)s。") % words)
    return locked


def step_to_answer(sheet, by):
    """Returns the step of a locked request that waits for `by`; raises NotApprover.

    Sets `decided_for`, the absent colleague for whom `by` decides, or None.
    """
    step = Step.objects.waiting().get(sheet=sheet)
    step.sheet = sheet
    may, absent = may_answer(step, by)
    if not may:
        logger.warning("%s may not decide approval request %s", by.username, sheet.pk)
        raise NotApprover(str(matter_of(sheet).refusal))
    step.decided_for = absent
    return step


@stored_in_chinese()
def problem_of(sheet):
    """Returns why the request cannot take effect any longer, as a sentence, or "".

    Reasons: changed content, a changed name of a person concerned, or a problem that its matter reports.
    """
    if fingerprint(sheet) != sheet.content_hash:
        return _("提交以后内容改过了。")
    for person in people_of(sheet):
        if person.is_renamed:
            return _("%(then)s后来改名为%(now)s。") % {"then": person.then, "now": person.user.name}
    return matter_of(sheet).problem(sheet)


def answer_step(step, state, by, opinion):
    """Stores the decision of a step. Returns why it was not the role that the rule names, as text, or ""."""
    with stored_in_chinese():
        current = deciders(step)
    step.state, step.decided_by, step.decided_at = state, by, timezone.now()
    step.opinion = opinion.strip()[:MAX_OPINION_LENGTH]
    step.repeats, step.exception = current.repeats, current.exception[:MAX_LENGTH]
    step.save()
    return step.exception


def close_sheet(sheet, state, *, by=None, opinion="", exception="", told=True):
    """Closes the request, provided the database still has it as open; its record follows."""
    result = {
        "state": state,
        "decided_by": by,
        "decided_at": timezone.now(),
        "opinion": opinion.strip()[:MAX_OPINION_LENGTH],
        "exception": exception[:MAX_LENGTH] or sheet.exception,
    }
    if not Sheet.objects.open().filter(pk=sheet.pk).update(**result):
        raise ValidationError(_("刚才有人已经处理了这张单。"))
    waiting = [Step.State.ASKED, Step.State.AHEAD]
    Step.objects.filter(sheet=sheet, state__in=waiting).update(state=Step.State.DROPPED)
    for name, value in result.items():
        setattr(sheet, name, value)
    matter_of(sheet).on_closed(sheet)
    if told:
        notify_closed(sheet)


# Notifying.


def add_notified_users(sheet):
    """Stores who is to be notified."""
    sheet.notified_users.add(*people_to_notify(sheet))


def notify_closed(sheet):
    """Notifies the people concerned, through the apps above."""
    add_notified_users(sheet)
    for notices in NOTICES.values():
        notices.sheet_closed(sheet)


def people_to_notify(sheet):
    """Returns everyone to be notified: the requester, the user who benefits, and those named by the matter."""
    return {*matter_of(sheet).people_to_notify(sheet), sheet.asked_by, sheet.about} - {None}


def has_open_notice(sheet, user):
    """Whether `user` still has an open notice about the outcome of `sheet`."""
    return any(notices.has_open_notice(sheet, user) for notices in NOTICES.values())


def dismiss_notices(sheet, user):
    """Closes the notices of `user` about the outcome."""
    for notices in NOTICES.values():
        notices.dismiss(sheet, user)


# Reading.


def visible_sheets(user):
    """Returns the requests that `user` may open, as their matters define."""
    if not user.is_active:
        return Sheet.objects.none()
    visible = Q(pk__in=[])
    for name, matter in MATTERS.items():
        visible |= Q(matter=name) & matter.visible_condition(user)
    return Sheet.objects.filter(visible)


@stored_in_chinese()
def history_words(sheet):
    """Returns the number of the request and both names, for the history of the record it changed."""
    words = {"sheet": sheet, "asked": sheet.asked_by or _("服务器命令")}
    if sheet.decided_by:
        return _("%(sheet)s：%(asked)s提出，%(by)s确认") % (words | {"by": sheet.decided_by})
    return _("%(sheet)s：%(asked)s") % words
