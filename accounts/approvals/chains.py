"""审批规则: the steps of an approval request, and changes of these rules (with versions; open requests keep theirs)."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.approvals.matters import matter_of
from accounts.approvals.models import MAX_LENGTH, Chain, Step
from accounts.approvals.registers import MATTERS
from accounts.exceptions import EditConflict
from accounts.roles import Permission

MAX_STEPS = 4


def steps_for(sheet):
    """Returns unsaved Steps for `sheet` (unsaved too): from the most specific rule, else from its matter."""
    matter = matter_of(sheet)
    chain = chain_for(sheet.matter, **matter.facts(sheet)) if matter.has_chain else None
    rows = [(step["asks"], step["days"]) for step in chain.steps] if chain else matter.steps
    return [
        Step(position=place, asks=name, days=days, opened_by=sheet.asked_by, about=sheet.about)
        for place, (name, days) in enumerate(rows, start=1)
    ]


def chain_for(matter, *, kind="", funding="", amount=None):
    """Returns the most specific rule in force for such a request, or None when the matter has none."""
    fitting = Chain.objects.in_force().filter(
        matter=matter, kind__in={"", kind}, funding__in={"", funding}, amount_from__lte=amount or 0
    )
    return max(fitting, key=lambda chain: (chain.kind, chain.funding, chain.amount_from), default=None)


def changeable_matters():
    """Returns the matters whose steps can be set by rules, as pairs of name and Matter."""
    return [(name, matter) for name, matter in MATTERS.items() if matter.has_chain and matter.approver_roles]


@transaction.atomic
def change_chain(matter, *, steps, by, reason, seen=None, kind="", funding="", amount_from=0):
    """Replaces the rule in force for this condition. Returns the Chain.

    `steps` is a list of (name of an ApproverRole, working days or None); `seen` the version that was shown, 0 for none.
    Raises PermissionDenied, EditConflict, and ValidationError with a message.
    """
    if not by.may(Permission.MANAGE_RULES):
        raise PermissionDenied
    condition = {"matter": matter, "kind": kind, "funding": funding, "amount_from": amount_from}
    now = Chain.objects.in_force().select_for_update().filter(**condition).first()
    written = [{"asks": name, "days": days} for name, days in steps]
    check_chain(matter, now, written, reason, seen)
    moment = timezone.now()
    if now:
        Chain.objects.filter(pk=now.pk).update(replaced_at=moment)
    last = Chain.objects.filter(**condition).order_by("-version").first()
    try:
        with transaction.atomic():
            return Chain.objects.create(
                **condition,
                steps=written,
                version=last.version + 1 if last else 1,
                reason=reason.strip()[:MAX_LENGTH],
                set_by=by,
            )
    except IntegrityError:
        raise EditConflict(_("刚才有人改了这条规则，请看最新的内容再改。")) from None


def check_chain(matter, now, steps, reason, seen):
    """Raises ValidationError when the change cannot be made, EditConflict when `seen` is not in force any more."""
    allowed = dict(changeable_matters()).get(matter)
    if allowed is None:
        raise ValidationError(_("这类事项由谁审批是固定的，不能改。"))
    if not reason.strip():
        raise ValidationError(_("请写明修改的原因。"))
    if seen is not None and seen != (now.version if now else 0):
        raise EditConflict(_("刚才有人改了这条规则，请看最新的内容再改。"))
    if not 1 <= len(steps) <= MAX_STEPS or any(step["asks"] not in allowed.approver_roles for step in steps):
        raise ValidationError(_("请选1到%s步，每一步选一种审批人。") % MAX_STEPS)
    if now and now.steps == steps:
        raise ValidationError(_("没有改动。"))
