"""Who is asked now: the steps that wait for a person, and the people for whom a step waits.

Both are worked out from the Askers whenever they are asked for: nobody's name is stored in a step, only which role
decides now (`resolve`). Nobody decides what they opened or gain by, nor anything for such a person; nobody decides
two steps of one sheet, unless nobody else holds the role. A role in which nobody is left goes to the next one up.
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

from accounts.approvals.askers import settled_by, within
from accounts.approvals.matters import matter_of
from accounts.approvals.models import Sheet, Step
from accounts.approvals.registers import ASKERS, MATTERS
from accounts.models import StandIn, User

FLAGS, TEXTS = {"confidential"}, {"kind"}
OPENED_BY, ABOUT = "opened_by", "about"
AT_ONCE = 5000  # keys in one statement
REPEATED = "+"  # at the end of an `outcome_text`; no role is called so


@dataclass(frozen=True)
class Days:
    """The days that resolving asks about: today, and by when a settled colleague's account was opened."""

    today: date
    settled: date

    @classmethod
    def of(cls, today=None):
        today = today or timezone.localdate()
        return cls(today, settled_by(today))


class Ground(dict):
    """What an Asker may know of a step (see accounts.approvals.askers), and of the step itself."""


def ground_of_all(name, days):
    """A Ground of the matter `name` that refers to the rows of `with_grounds`."""
    found = {ground: OuterRef(f"{name}_{ground}") for ground in MATTERS[name].grounds}
    for ground in FLAGS & set(found):
        found[ground] = ExpressionWrapper(found[ground], output_field=BooleanField())
    for ground in TEXTS & set(found):
        found[ground] = ExpressionWrapper(found[ground], output_field=CharField())
    itself = {each: OuterRef(f"step_{each}") for each in ("sheet_pk", OPENED_BY, ABOUT)}
    return Ground(found | itself, today=days.today, settled=days.settled)


def with_grounds(steps, names):
    """`steps` with what the Grounds of these matters refer to."""
    records = {f"{name}_{each}": F(path) for name in names for each, path in MATTERS[name].grounds.items()}
    return steps.alias(
        **records,
        step_sheet_pk=F("sheet_id"),
        step_opened_by=Coalesce("opened_by_id", Value(0)),
        step_about=Coalesce("about_id", Value(0)),
    )


def ground_of(step, days):
    """The Ground of one step."""
    grounds = matter_of(step.sheet).grounds
    rows = Step.objects.filter(pk=step.pk)
    values = rows.values(**{f"of_{name}": F(path) for name, path in grounds.items()}).get() if grounds else {}
    found = {name: values[f"of_{name}"] for name in grounds}
    found = {name: value or 0 for name, value in found.items()}
    found |= {name: Value(bool(found[name])) for name in FLAGS & set(found)}
    found |= {name: Value(str(found[name])) for name in TEXTS & set(found)}
    itself = {"sheet_pk": step.sheet_id, OPENED_BY: step.opened_by_id or 0, ABOUT: step.about_id or 0}
    return Ground(found | itself, today=days.today, settled=days.settled)


def holders(name, ground):
    """Those who hold the role and may decide: neither whoever opened the sheet nor whoever gains by it."""
    people = ASKERS[name].holders(ground)
    return people.exclude(pk=ground[OPENED_BY]).exclude(pk=ground[ABOUT])


def without_earlier(people, ground):
    """Those of `people` who have decided no other step of the sheet."""
    earlier = Step.objects.filter(sheet=within(ground["sheet_pk"]), decided_by__isnull=False)
    theirs = Q(decided_by=OuterRef("pk")) | Q(decided_for=OuterRef("pk"))
    return people.exclude(Exists(earlier.filter(theirs)))


def roles_in_turn(name):
    """The Asker and those who take its place, as (name, Asker)."""
    return [(each, ASKERS[each]) for each in (name, *ASKERS[name].up)]


# Which role decides now.


def resolve(steps=None):
    """Writes into the steps that wait (all, or those of a queryset) which role decides: the first that has anybody.

    A role is written, never a person. It is done again whenever a step is asked, rights have changed, a record has gone
    to somebody else, and each night; the same number of statements for one step and for a thousand.
    """
    steps, days = Step.objects.asked() if steps is None else steps.asked(), Days.of()
    groups = steps.order_by().values_list("sheet__matter", "asks").annotate(Max("position"))
    for matter_name, name, last in groups:
        alike = with_grounds(steps.filter(sheet__matter=matter_name, asks=name), [matter_name])
        found = alike.annotate(outcome=outcome_now(name, ground_of_all(matter_name, days), last > 1))
        changed = defaultdict(list)
        for pk, goes_to, repeats, outcome in found.order_by().values_list(
            "pk", "goes_to", "repeats", "outcome"
        ):
            if outcome != outcome_text(goes_to, repeats):
                changed[outcome].append(pk)
        for outcome, pks in changed.items():
            write(pks, outcome)


def outcome_text(goes_to, repeats):
    """What `resolve` finds for a step, as one text: the role, marked when its holder has decided an earlier step."""
    return f"{goes_to}{REPEATED}" if repeats else goes_to


def outcome_now(name, ground, has_later):
    """The expression whose value is `outcome_text` of a step that asks for the role `name`.

    `has_later`: whether one of the steps may be a second one of its sheet.
    """

    def given_to(role):
        """The outcome once `role` decides: nobody decides two steps, unless nobody else holds the role."""
        if not has_later:
            return Value(outcome_text(role, False))
        fresh = Exists(without_earlier(holders(role, ground), ground))
        return Case(
            When(Q(position__gt=1) & ~Q(fresh), then=Value(outcome_text(role, True))),
            default=Value(outcome_text(role, False)),
            output_field=CharField(),
        )

    turns = [When(Exists(holders(role, ground)), then=given_to(role)) for role, _asker in roles_in_turn(name)]
    if ASKERS[name].only_while_held:
        turns.insert(0, When(~Exists(ASKERS[name].holders(ground)), then=given_to(name)))
    return Case(*turns, default=given_to(name), output_field=CharField())


def write(pks, outcome):
    """Stores the `outcome_text` in the steps of these keys."""
    values = {"goes_to": outcome.removesuffix(REPEATED), "repeats": outcome.endswith(REPEATED)}
    for start in range(0, len(pks), AT_ONCE):
        Step.objects.asked().filter(pk__in=pks[start : start + AT_ONCE]).update(**values)


# All steps that wait for one person.


def asked_of(user, days=None):
    """The steps that wait for `user`, by right or as a stand-in, as a queryset: the inbox, and its count."""
    if not user.is_active:
        return Step.objects.none()
    days = days or Days.of()
    found = [one for names in alike() if (one := part_of(user, names, days)) is not None]
    if not found:
        return Step.objects.none()
    return with_grounds(Step.objects.asked(), MATTERS).filter(not_own(user)).filter(reduce(or_, found))


def alike():
    """The names of matters, those together that ask the same people in the same way."""
    found = {}
    for name, matter in MATTERS.items():
        key = matter.askers, str(matter.grounds), type(matter).within_sight
        found.setdefault(key, []).append(name)
    return found.values()


def part_of(user, names, days):
    """When a step of these matters waits for `user`; None when no role of theirs is ever asked."""
    matter, ground = MATTERS[names[0]], ground_of_all(names[0], days)
    roles = {each: asker for name in matter.askers for each, asker in roles_in_turn(name)}
    found = [
        one for name, asker in roles.items() if (one := condition(user, name, asker, ground)) is not None
    ]
    if not found:
        return None
    sight = matter.within_sight(user, "sheet__") if matter.sight_is_asked else Q()
    return Q(sheet__matter__in=names) & sight & reduce(or_, found)


def not_own(user):
    """Neither what `user` opened or gains by, nor a second step of a sheet, unless nobody else holds the role."""
    own = Q(opened_by=user.pk, opened_by__isnull=False) | Q(about=user.pk, about__isnull=False)
    earlier = Step.objects.filter(decided_by__isnull=False).filter(
        Q(decided_by=user.pk) | Q(decided_for=user.pk), sheet=OuterRef("sheet")
    )
    return ~own & (Q(repeats=True) | ~Exists(earlier))


def condition(user, name, asker, ground):
    """When a step that is the part of the role `name` waits for `user`; None when it never does."""
    found = None
    if asker.open_to(user):
        own = Exists(asker.holders(ground).filter(pk=user.pk))
        found = Q(goes_to=name) if asker.by_role else Q(own)  # an empty condition would vanish beside another
    if not asker.personal and StandIn.objects.may_be_held_by(user):
        people = holders(name, ground).filter(pk__in=StandIn.objects.absent_for(user))
        absent = Q(Exists(without_earlier(people, ground)))
        found = absent if found is None else found | absent
    return None if found is None else Q(goes_to=name) & found


# All people for whom one step waits.


@dataclass(frozen=True)
class Asked:
    """Who decides a step: a queryset of User, whether they decide a second one, and why it is not the role itself."""

    people: object
    name: str = ""
    repeats: bool = False
    exception: str = ""

    def __bool__(self):
        return self.people.exists()


def deciders(step, days=None):
    """Asked: the people who hold the role now, without their stand-ins."""
    sheet, days = step.sheet, days or Days.of()
    ground, matter = ground_of(step, days), matter_of(step.sheet)
    first = ASKERS[step.asks]
    for name, asker in roles_in_turn(step.asks):
        people = matter.seeing(holders(name, ground), sheet)
        if people.exists():
            fresh = without_earlier(people, ground)
            repeats = not fresh.exists()
            return Asked(people if repeats else fresh, name, repeats, words(matter, first, asker, repeats))
        if name == step.asks and first.only_while_held and not asker.holders(ground).exists():
            break
    return Asked(User.objects.none())


def words(matter, first, asker, repeats):
    """Why it is not somebody else, or ""."""
    if asker is not first:
        return str(matter.instead_words) % {"named": first.label, "who": asker.label}
    return _("没有另外一位%s，所以由同一位同事审批两步。") % first.label if repeats else ""


def may_answer(step, user):
    """Whether the step waits for `user` at this moment, and for which absent colleague (None: in their own right).

    Unlike the inbox it rests on nothing that was written before.
    """
    sheet = step.sheet
    if not user.is_active or user.pk in (sheet.asked_by_id, sheet.about_id) or not sheet.is_open:
        return False, None
    asked = deciders(step)
    matter = matter_of(sheet)
    if matter.sight_is_asked and not Sheet.objects.filter(matter.within_sight(user), pk=sheet.pk).exists():
        return False, None
    earlier = Q(decided_by=user.pk) | Q(decided_for=user.pk)
    if not asked.repeats and sheet.steps.filter(earlier, decided_by__isnull=False).exists():
        return False, None
    if asked.people.filter(pk=user.pk).exists():
        return True, None
    if asked.repeats or not asked.name or ASKERS[asked.name].personal:
        return False, None
    absent = asked.people.filter(pk__in=StandIn.objects.absent_for(user)).order_by("pk").first()
    return absent is not None, absent
