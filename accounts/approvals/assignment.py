"""Who is asked now: the steps that wait for a user, and the users for whom a step waits.

Both are computed from the ApproverRoles on each call: a step stores no user, only which role decides now
(`resolve_roles`). No user decides a request that they opened or benefit from, nor as a stand-in for such a user; no
user decides two steps of one request, unless they alone hold the role. A role without a holder is replaced by its
next fallback.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Exists,
    ExpressionWrapper,
    F,
    Max,
    OuterRef,
    Q,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.approvals.approver_roles import established_since, nested_reference
from accounts.approvals.matters import matter_of
from accounts.approvals.models import Sheet, Step
from accounts.approvals.registers import APPROVER_ROLES, MATTERS
from accounts.models import StandIn, User

FLAGS, TEXTS = {"confidential"}, {"kind"}
OPENED_BY, ABOUT, ALSO_ABOUT = "opened_by", "about", "also_about"
BATCH_SIZE = 5000  # keys per query
REPEATED = "+"  # ends an `outcome_text`; no role has it in its name


@dataclass(frozen=True)
class Days:
    """The dates needed to find the deciders: today, and the last opening day of an established account."""

    today: date
    established: date

    @classmethod
    def for_day(cls, today=None):
        today = today or timezone.localdate()
        return cls(today, established_since(today))


class StepContext(dict):
    """The values of the record and of the step that an ApproverRole may use (accounts.approvals.approver_roles)."""


def context_of_all(name, days):
    """Returns the StepContext of the matter `name` that refers to the rows of `with_context_columns`."""
    values = {field: OuterRef(f"{name}_{field}") for field in MATTERS[name].context_paths}
    for field in FLAGS & set(values):
        values[field] = ExpressionWrapper(values[field], output_field=BooleanField())
    for field in TEXTS & set(values):
        values[field] = ExpressionWrapper(values[field], output_field=CharField())
    of_step = {each: OuterRef(f"step_{each}") for each in ("sheet_pk", OPENED_BY, ABOUT, ALSO_ABOUT)}
    return StepContext(values | of_step, today=days.today, established=days.established)


def with_context_columns(steps, names):
    """Returns `steps` with the columns to which the StepContexts of these matters refer."""
    records = {
        f"{name}_{each}": F(path) for name in names for each, path in MATTERS[name].context_paths.items()
    }
    return steps.alias(
        **records,
        step_sheet_pk=F("sheet_id"),
        step_opened_by=Coalesce("opened_by_id", Value(0)),
        step_about=Coalesce("about_id", Value(0)),
        step_also_about=Coalesce("also_about_id", Value(0)),
    )


def context_of(step, days):
    """Returns the StepContext of one step."""
    context_paths = matter_of(step.sheet).context_paths
    rows = Step.objects.filter(pk=step.pk)
    row = (
        rows.values(**{f"of_{name}": F(path) for name, path in context_paths.items()}).get()
        if context_paths
        else {}
    )
    context = context_of_record({name: row[f"of_{name}"] for name in context_paths}, days)
    concerned = {name: getattr(step, f"{name}_id") or 0 for name in (OPENED_BY, ABOUT, ALSO_ABOUT)}
    context.update({"sheet_pk": step.sheet_id} | concerned)
    return context


def context_of_record(fields, days):
    """Returns the StepContext of a record without a request; `fields` are values named as in `context_paths`."""
    fields = {name: value or 0 for name, value in fields.items()}
    fields |= {name: Value(bool(fields[name])) for name in FLAGS & set(fields)}
    fields |= {name: Value(str(fields[name])) for name in TEXTS & set(fields)}
    return StepContext(fields, today=days.today, established=days.established)


def eligible_holders(name, context):
    """Returns the users who hold the role and may decide: not the one who opened the request or benefits from it."""
    people = APPROVER_ROLES[name].holders(context)
    return people.exclude(pk=context[OPENED_BY]).exclude(pk=context[ABOUT]).exclude(pk=context[ALSO_ABOUT])


def exclude_earlier_deciders(people, context):
    """Returns those of `people` who have decided no other step of the request."""
    earlier = Step.objects.filter(sheet=nested_reference(context["sheet_pk"]), decided_by__isnull=False)
    theirs = Q(decided_by=OuterRef("pk")) | Q(decided_for=OuterRef("pk"))
    return people.exclude(Exists(earlier.filter(theirs)))


def role_and_fallbacks(name):
    """Returns the role and its fallbacks as pairs (name, ApproverRole)."""
    return [(each, APPROVER_ROLES[each]) for each in (name, *APPROVER_ROLES[name].fallbacks)]


# Which role decides now.


def resolve_roles(steps=None):
    """Stores in waiting steps (all, or those of a queryset) which role decides: the first that has a holder.

    Stores a role, never a user. Runs when a step starts to wait, after a change of rights or of the responsible
    worker, and each night. The number of queries does not depend on the number of steps.
    """
    steps, days = Step.objects.waiting() if steps is None else steps.waiting(), Days.for_day()
    groups = steps.order_by().values_list("sheet__matter", "asks").annotate(Max("position"))
    for matter_name, name, last_position in groups:
        similar = with_context_columns(steps.filter(sheet__matter=matter_name, asks=name), [matter_name])
        outcome = outcome_expression(name, context_of_all(matter_name, days), last_position > 1)
        changed = defaultdict(list)
        rows = similar.annotate(outcome=outcome).order_by()
        for pk, goes_to, repeats, outcome in rows.values_list("pk", "goes_to", "repeats", "outcome"):
            if outcome != outcome_text(goes_to, repeats):
                changed[outcome].append(pk)
        for outcome, pks in changed.items():
            store_outcome(pks, outcome)


def resolve_roles_about(records):
    """Stores again which role decides the requests that wait about these records (their pks), of every matter."""
    for name, matter in MATTERS.items():
        if matter.record_path:
            about = {"sheet__matter": name, f"sheet__{matter.record_path}__in": records}
            resolve_roles(Step.objects.filter(**about))


def outcome_text(goes_to, repeats):
    """The outcome for a step as one text: the role, marked when its holder has decided an earlier step."""
    return f"{goes_to}{REPEATED}" if repeats else goes_to


def outcome_expression(name, context, has_later):
    """The expression whose value is the `outcome_text` of a step assigned to the role `name`.

    `has_later`: whether one of the steps may be a second one of its request.
    """

    def assigned_to(role):
        """The outcome when `role` decides: no user decides two steps, unless no other user holds the role."""
        if not has_later:
            return Value(outcome_text(role, False))
        fresh = Exists(exclude_earlier_deciders(eligible_holders(role, context), context))
        return Case(
            When(Q(position__gt=1) & ~Q(fresh), then=Value(outcome_text(role, True))),
            default=Value(outcome_text(role, False)),
            output_field=CharField(),
        )

    in_turn = [
        When(Exists(eligible_holders(role, context)), then=assigned_to(role))
        for role, _role in role_and_fallbacks(name)
    ]
    if APPROVER_ROLES[name].only_while_held:
        in_turn.insert(0, When(~Exists(APPROVER_ROLES[name].holders(context)), then=assigned_to(name)))
    return Case(*in_turn, default=assigned_to(name), output_field=CharField())


def store_outcome(pks, outcome):
    """Stores an `outcome_text` in the steps of these keys."""
    values = {"goes_to": outcome.removesuffix(REPEATED), "repeats": outcome.endswith(REPEATED)}
    for start in range(0, len(pks), BATCH_SIZE):
        Step.objects.waiting().filter(pk__in=pks[start : start + BATCH_SIZE]).update(**values)


# All steps that wait for one user.


def steps_waiting_for(user, days=None):
    """Returns the steps that wait for `user`, directly or as a stand-in, as a queryset: the inbox, and its count."""
    if not user.is_active:
        return Step.objects.none()
    days = days or Days.for_day()
    conditions = [
        one for names in similar_matters() if (one := matter_condition(user, names, days)) is not None
    ]
    if not conditions:
        return Step.objects.none()
    return (
        with_context_columns(Step.objects.waiting(), MATTERS)
        .filter(not_own_condition(user))
        .filter(reduce(or_, conditions))
    )


def similar_matters():
    """Returns lists of names of matters; those of one list ask the same users in the same way."""
    groups = {}
    for name, matter in MATTERS.items():
        groups.setdefault(matter.group_key(), []).append(name)
    return groups.values()


def matter_condition(user, names, days):
    """The condition that a step of these matters waits for `user`; None when no role of theirs is ever asked."""
    matter, context = MATTERS[names[0]], context_of_all(names[0], days)
    roles = {each: role for name in matter.approver_roles for each, role in role_and_fallbacks(name)}
    conditions = [
        one for name, role in roles.items() if (one := role_condition(user, name, role, context)) is not None
    ]
    if not conditions:
        return None
    sight = matter.visible_condition(user, "sheet__") if matter.needs_visibility else Q()
    return Q(sheet__matter__in=names) & sight & reduce(or_, conditions)


def not_own_condition(user):
    """The condition that excludes requests that `user` opened or benefits from, and second steps of a request.

    A second step is kept when no other user holds the role.
    """
    own = reduce(
        or_, (Q(**{name: user.pk, f"{name}__isnull": False}) for name in (OPENED_BY, ABOUT, ALSO_ABOUT))
    )
    earlier = Step.objects.filter(decided_by__isnull=False).filter(
        Q(decided_by=user.pk) | Q(decided_for=user.pk), sheet=OuterRef("sheet")
    )
    return ~own & (Q(repeats=True) | ~Exists(earlier))


def role_condition(user, name, role, context):
    """The condition that a step asking the role `name` waits for `user`; None when it never does."""
    condition = None
    if role.may_hold(user):
        own = Exists(role.holders(context).filter(pk=user.pk))
        condition = Q(goes_to=name) if role.by_role else Q(own)  # an empty Q would vanish from an OR
    if not role.personal and StandIn.objects.may_exist_for(user):
        people = eligible_holders(name, context).filter(pk__in=StandIn.objects.absent_for(user))
        absent = Q(Exists(exclude_earlier_deciders(people, context)))
        condition = absent if condition is None else condition | absent
    return None if condition is None else Q(goes_to=name) & condition


# All users for whom one step waits.


@dataclass(frozen=True)
class Deciders:
    """The users who decide a step: a queryset, and the name of their role.

    `repeats`: they decide a second step of the request. `exception` explains why it is not the role of the rule, or
    "".
    """

    people: object
    name: str = ""
    repeats: bool = False
    exception: str = ""

    def __bool__(self):
        return self.people.exists()


def deciders(step, days=None):
    """Returns the Deciders of a step: the users who hold the role now, without their stand-ins."""
    sheet, days = step.sheet, days or Days.for_day()
    context, matter = context_of(step, days), matter_of(step.sheet)
    first = APPROVER_ROLES[step.asks]
    for name, role in role_and_fallbacks(step.asks):
        people = eligible_holders(name, context)
        if not role.signing_roles:  # its holders see the record, or will when they are asked
            people = matter.filter_viewers(people, sheet)
        if people.exists():
            fresh = exclude_earlier_deciders(people, context)
            repeats = not fresh.exists()
            return Deciders(
                people if repeats else fresh, name, repeats, exception_words(matter, first, role, repeats)
            )
        if name == step.asks and first.only_while_held and not role.holders(context).exists():
            break
    return Deciders(User.objects.none())


def exception_words(matter, first, role, repeats):
    """Returns why another role or the same user decides, as text, or ""."""
    if role is not first:
        return str(matter.fallback_words) % {"named": first.label, "who": role.label}
    return _("没有另外一位%s，所以由同一位同事审批两步。") % first.label if repeats else ""


def may_answer(step, user, current=None):
    """Returns whether the step waits for `user` now, and the absent colleague for whom they decide, or None.

    `current` are the Deciders of the step, where the caller has them. Unlike the inbox this does not depend on anything
    stored by `resolve_roles`.
    """
    sheet = step.sheet
    if not user.is_active or user.pk in (sheet.asked_by_id, sheet.about_id) or not sheet.is_open:
        return False, None
    current = deciders(step) if current is None else current
    matter = matter_of(sheet)
    if (
        matter.needs_visibility
        and not Sheet.objects.filter(matter.visible_condition(user), pk=sheet.pk).exists()
    ):
        return False, None
    earlier = Q(decided_by=user.pk) | Q(decided_for=user.pk)
    if not current.repeats and sheet.steps.filter(earlier, decided_by__isnull=False).exists():
        return False, None
    if current.people.filter(pk=user.pk).exists():
        return True, None
    if current.repeats or not current.name or APPROVER_ROLES[current.name].personal:
        return False, None
    absent = current.people.filter(pk__in=StandIn.objects.absent_for(user)).order_by("pk").first()
    return absent is not None, absent
