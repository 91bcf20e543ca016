"""Who is asked now: the steps that wait for a user, and the users for whom a step waits.

Both are computed from the Askers on each call: a step stores no user, only which role decides now (`resolve`). No
user decides a request that they opened or benefit from, nor as a stand-in for such a user; no user decides two steps
of one request, unless they alone hold the role. A role without a holder passes to the next one up.
"""

from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_

from django.db.models import BooleanField, CharField, Exists, ExpressionWrapper, F, OuterRef, Q, Value
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
AT_ONCE = 5000  # keys per query


@dataclass(frozen=True)
class Days:
    """The dates needed to find the deciders: today, and the last opening day of a settled colleague's account."""

    today: date
    settled: date

    @classmethod
    def of(cls, today=None):
        today = today or timezone.localdate()
        return cls(today, settled_by(today))


class Ground(dict):
    """The values that an Asker may use (see accounts.approvals.askers): those of the record, and of the step itself."""


def ground_of_all(name, days):
    """Returns a Ground of the matter `name` that refers to the rows of `with_grounds`."""
    found = {ground: OuterRef(f"{name}_{ground}") for ground in MATTERS[name].grounds}
    for ground in FLAGS & set(found):
        found[ground] = ExpressionWrapper(found[ground], output_field=BooleanField())
    for ground in TEXTS & set(found):
        found[ground] = ExpressionWrapper(found[ground], output_field=CharField())
    itself = {each: OuterRef(f"step_{each}") for each in ("sheet_pk", OPENED_BY, ABOUT)}
    return Ground(found | itself, today=days.today, settled=days.settled)


def with_grounds(steps, names):
    """Returns `steps` with the columns that the Grounds of these matters refer to."""
    records = {f"{name}_{each}": F(path) for name in names for each, path in MATTERS[name].grounds.items()}
    return steps.alias(
        **records,
        step_sheet_pk=F("sheet_id"),
        step_opened_by=Coalesce("opened_by_id", Value(0)),
        step_about=Coalesce("about_id", Value(0)),
    )


def ground_of(step, days):
    """Returns the Ground of one step."""
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
    """Returns the users who hold the role and may decide: not the one who opened the request or benefits from it."""
    people = ASKERS[name].holders(ground)
    return people.exclude(pk=ground[OPENED_BY]).exclude(pk=ground[ABOUT])


def without_earlier(people, ground):
    """Returns those of `people` who have decided no other step of the request."""
    earlier = Step.objects.filter(sheet=within(ground["sheet_pk"]), decided_by__isnull=False)
    theirs = Q(decided_by=OuterRef("pk")) | Q(decided_for=OuterRef("pk"))
    return people.exclude(Exists(earlier.filter(theirs)))


def roles_in_turn(name):
    """Returns the Asker and those that take its place, as pairs (name, Asker)."""
    return [(each, ASKERS[each]) for each in (name, *ASKERS[name].up)]


# Which role decides now.


def resolve(steps=None):
    """Stores in waiting steps (all, or those of a queryset) which role decides: the first that has a holder.

    Stores a role, never a user. Runs when a step starts to wait, after a change of rights or of the responsible
    worker, and each night. The number of queries does not depend on the number of steps.
    """
    steps, days = Step.objects.asked() if steps is None else steps.asked(), Days.of()
    for matter_name, name in steps.order_by().values_list("sheet__matter", "asks").distinct():
        ground = ground_of_all(matter_name, days)
        asking = with_grounds(steps.filter(sheet__matter=matter_name, asks=name), [matter_name])
        write(asking, goes_to=name, repeats=False)
        for each, _asker in reversed(roles_in_turn(name)):
            write(asking.filter(Exists(holders(each, ground))), goes_to=each)
        if ASKERS[name].only_while_held:
            write(asking.filter(~Exists(ASKERS[name].holders(ground))), goes_to=name)
        for each, _asker in roles_in_turn(name):
            later = asking.filter(position__gt=1, goes_to=each)
            write(later.filter(~Exists(without_earlier(holders(each, ground), ground))), repeats=True)


def write(steps, **values):
    """Updates `steps` by their keys, which are read first: one joined UPDATE would be slow."""
    pks = list(steps.order_by().values_list("pk", flat=True))
    for start in range(0, len(pks), AT_ONCE):
        Step.objects.asked().filter(pk__in=pks[start : start + AT_ONCE]).update(**values)


# All steps that wait for one user.


def asked_of(user, days=None):
    """Returns the steps that wait for `user`, directly or as a stand-in, as a queryset: the inbox, and its count."""
    if not user.is_active:
        return Step.objects.none()
    days = days or Days.of()
    found = [one for names in alike() if (one := part_of(user, names, days)) is not None]
    if not found:
        return Step.objects.none()
    return with_grounds(Step.objects.asked(), MATTERS).filter(not_own(user)).filter(reduce(or_, found))


def alike():
    """Returns lists of names of matters; those of one list ask the same users in the same way."""
    found = {}
    for name, matter in MATTERS.items():
        key = matter.askers, str(matter.grounds), type(matter).within_sight
        found.setdefault(key, []).append(name)
    return found.values()


def part_of(user, names, days):
    """The condition that a step of these matters waits for `user`; None when no role of theirs is ever asked."""
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
    """The condition that excludes requests that `user` opened or benefits from, and second steps of a request.

    A second step is kept when no other user holds the role.
    """
    own = Q(opened_by=user.pk, opened_by__isnull=False) | Q(about=user.pk, about__isnull=False)
    earlier = Step.objects.filter(decided_by__isnull=False).filter(
        Q(decided_by=user.pk) | Q(decided_for=user.pk), sheet=OuterRef("sheet")
    )
    return ~own & (Q(repeats=True) | ~Exists(earlier))


def condition(user, name, asker, ground):
    """The condition that a step asking the role `name` waits for `user`; None when it never does."""
    found = None
    if asker.open_to(user):
        own = Exists(asker.holders(ground).filter(pk=user.pk))
        found = Q(goes_to=name) if asker.by_role else Q(own)  # an empty Q would vanish from an OR
    if not asker.personal and StandIn.objects.may_be_held_by(user):
        people = holders(name, ground).filter(pk__in=StandIn.objects.absent_for(user))
        absent = Q(Exists(without_earlier(people, ground)))
        found = absent if found is None else found | absent
    return None if found is None else Q(goes_to=name) & found


# All users for whom one step waits.


@dataclass(frozen=True)
class Asked:
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
    """Returns Asked: the users who hold the role now, without their stand-ins."""
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
    """Returns why another role or the same user decides, as text, or ""."""
    if asker is not first:
        return str(matter.instead_words) % {"named": first.label, "who": asker.label}
    return _("没有另外一位%s，所以由同一位同事审批两步。") % first.label if repeats else ""


def may_answer(step, user):
    """Returns whether the step waits for `user` now, and the absent colleague for whom they decide, or None.

    Unlike the inbox this does not depend on anything stored by `resolve`.
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
