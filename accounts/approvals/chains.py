"""审批规则: the steps of an approval request, and changes of these rules (with versions; open requests keep theirs)."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max
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
    people = {
        "opened_by": sheet.asked_by,
        "about": sheet.about,
        "also_about_id": matter.also_gains(sheet),
    }
    return [
        Step(position=place, asks=name, days=days, **people)
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


def matters_with_conditions():
    """Returns the matters for which rules may be added, as pairs of name and Matter."""
    return [(name, matter) for name, matter in changeable_matters() if matter.conditions]


def newest_rule(matter):
    """Returns the pk of the rule of this matter that was written last; 0 without one."""
    return Chain.objects.filter(matter=matter).aggregate(last=Max("pk"))["last"] or 0


def rule_for_condition(matter, *, kind="", funding="", amount_from=0):
    """Returns the rule in force for exactly this condition, or None."""
    condition = {"kind": kind, "funding": funding, "amount_from": amount_from}
    return Chain.objects.in_force().filter(matter=matter, **condition).first()


def add_chain(matter, *, steps, by, reason, seen=None, **condition):
    """Adds a rule for a condition that has none. Returns the Chain.

    `condition` are values of `kind`, `funding` and `amount_from`, of those that the matter declares; `seen` is the
    `newest_rule` when the form was shown, None without a form. Raises PermissionDenied, EditConflict when another user
    has added a rule for this condition since, and ValidationError with a message.
    """
    if not by.may(Permission.MANAGE_RULES):
        raise PermissionDenied
    check_condition(matter, condition)
    if now := rule_for_condition(matter, **condition):
        if seen is not None and now.pk > seen:
            raise EditConflict(_("刚才有人给“%s”定了规则，请看最新的内容。") % now.title)
        raise ValidationError(_("“%s”已经有规则了；要改，请在那一条上按“修改”。") % now.title)
    return change_chain(matter, steps=steps, by=by, reason=reason, seen=0, **condition)


def check_condition(matter, condition):
    """Raises ValidationError when the matter has no rules of their own for such a condition."""
    declared = dict(matters_with_conditions()).get(matter)
    if declared is None:
        raise ValidationError(_("这类事项由谁审批是固定的，不能改。"))
    for name, value in condition.items():
        fact = "amount" if name == "amount_from" else name
        known = not value or fact == "amount" or value in dict(declared.condition_choices(fact))
        if value and (fact not in declared.conditions or not known):
            raise ValidationError(_("这类事项不按这个条件分别审批。"))


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
