"""Waiting approval requests as the engine stores them, even if no user could decide them; no user is notified."""

from django.utils import timezone

from accounts.approvals import engine
from accounts.approvals.assignment import resolve_roles
from accounts.approvals.chains import steps_for
from accounts.approvals.matters import matter_of
from accounts.approvals.models import Sheet, Step
from relations.models import Decision

CONTENT = {
    "next": {"both_agree": True, "is_willing": True},
    "refer": {"referral_form": "formal", "referred_to": "康复中心"},
    "terminate": {"termination_reason": "mismatch", "help_offered": "介绍了另外两家机构。"},
}


def open_sheet(sheet, record=None):
    """Stores `sheet` (unsaved), its `record` and its steps, the first of which has started. Returns the sheet."""
    if record is not None:
        record.sheet = sheet
    sheet.content_hash = engine.fingerprint(sheet)
    sheet.save(force_insert=True)
    sheet.notified_users.add(*{sheet.asked_by} - {None})
    if record is not None:
        record.sheet = sheet
        record.save()
    sheet.named.set(pk for pk in matter_of(sheet).named_people(sheet) if pk)
    for step in steps_for(sheet):
        step.sheet = sheet
        if step.position == 1:
            step.state, step.asked_on = Step.State.ASKED, timezone.localdate()
        step.save(force_insert=True)
    resolve_roles(Step.objects.filter(sheet=sheet))
    return sheet


def propose(cycle, by, course="refer", **fields):
    """Creates a Decision that waits for approval."""
    values = {"justification": "对照预估。", "proposed_by": by} | CONTENT[course] | fields
    decision = Decision(cycle=cycle, course=course, **values)
    open_sheet(Sheet(matter="decision", subject=f"cycle:{cycle.pk}", asked_by=by), decision)
    return decision


def decide(decision, state, by, on):
    """Sets the state of the decision directly, without the engine."""
    Step.objects.filter(sheet=decision.sheet_id).update(state=state, decided_by=by, decided_at=timezone.now())
    Sheet.objects.filter(pk=decision.sheet_id).update(state=state, decided_by=by, decided_at=timezone.now())
    Decision.objects.filter(pk=decision.pk).update(state=state, decided_by=by, decided_on=on)


def hand_to(sheet, user, known=None):
    """Changes the author of the approval request to `user`; `known` (a dict) caches the roles that this leads to."""
    Sheet.objects.filter(pk=sheet.pk).update(asked_by=user)
    Step.objects.filter(sheet=sheet.pk).update(opened_by=user)
    Decision.objects.filter(sheet=sheet.pk).update(proposed_by=user)
    key, known = (sheet.pk, user.pk), {} if known is None else known
    if key not in known:
        resolve_roles(Step.objects.filter(sheet=sheet.pk))
        steps = list(Step.objects.filter(sheet=sheet.pk).values_list("pk", "goes_to", "repeats"))
        known[key] = engine.fingerprint(Sheet.objects.get(pk=sheet.pk)), steps
    content_hash, steps = known[key]
    Sheet.objects.filter(pk=sheet.pk).update(content_hash=content_hash)
    for pk, goes_to, repeats in steps:
        Step.objects.filter(pk=pk).update(goes_to=goes_to, repeats=repeats)
