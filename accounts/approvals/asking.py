"""Who is asked now: the steps that wait for a person, and the people for whom a step waits.

Both are worked out by the database from the Askers, whenever they are asked for: nobody's name is stored in a step.
Nobody decides what they opened or gain by, nor anything for such a person; nobody decides two steps of one sheet,
unless nobody else holds the role. A role in which nobody is left goes to the next one up.
"""

from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_

from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.approvals.askers import settled_by, within
from accounts.approvals.matters import matter_of
from accounts.approvals.models import Sheet, Step
from accounts.approvals.registers import ASKERS, MATTERS
from accounts.models import StandIn, User

FLAGS = {"confidential"}
OPENED_BY, ABOUT = "opened_by", "about"


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


def ground_of_all(matter, days):
    """A Ground that refers to the rows of `with_ground`."""
    names = [*matter.grounds, "sheet_pk", OPENED_BY, ABOUT]
    found = {name: OuterRef(f"of_{name}") for name in names}
    for name in FLAGS & set(found):
        found[name] = ExpressionWrapper(found[name], output_field=BooleanField())
    return Ground(found, today=days.today, settled=days.settled)


def with_ground(steps, matter):
    """`steps` with what their Ground refers to."""
    record = {
        f"of_{name}": F(path) if isinstance(path, str) else path for name, path in matter.grounds.items()
    }
    return steps.alias(
        **record,
        of_sheet_pk=F("sheet_id"),
        of_opened_by=Coalesce("opened_by_id", Value(0)),
        of_about=Coalesce("about_id", Value(0)),
    )


def ground_of(step, days):
    """The Ground of one step."""
    grounds = matter_of(step.sheet).grounds
    values = {}
    if grounds:
        rows = with_ground(Step.objects.filter(pk=step.pk), matter_of(step.sheet))
        values = rows.values(**{f"is_{name}": F(f"of_{name}") for name in grounds}).get()
    found = {name: values[f"is_{name}"] for name in grounds}
    found = {name: Value(bool(value)) if name in FLAGS else value or 0 for name, value in found.items()}
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


def earlier_of(user):
    """The steps that `user` has decided of the sheet of a step."""
    return Step.objects.filter(sheet=OuterRef("sheet"), decided_by=user.pk)


def roles_in_turn(name):
    """The Asker and those who take its place, as (name, Asker)."""
    return [(each, ASKERS[each]) for each in (name, *ASKERS[name].up)]


# All steps that wait for one person.


def asked_of(user, days=None):
    """The steps that wait for `user`, by right or as a stand-in, as a queryset: the inbox, and its count."""
    if not user.is_active:
        return Step.objects.none()
    days = days or Days.of()
    parts = [part for names in alike() if (part := part_for(user, names, days)) is not None]
    if not parts:
        return Step.objects.none()
    return Step.objects.asked().filter(reduce(or_, (Q(pk__in=part.values("pk")) for part in parts)))


def alike():
    """The names of matters, those together that ask the same people in the same way."""
    found = {}
    for name, matter in MATTERS.items():
        found.setdefault((type(matter).askers, str(matter.grounds), type(matter).within_sight), []).append(
            name
        )
    return found.values()


def part_for(user, names, days):
    """The steps of these matters that wait for `user`; None when no role of theirs is ever asked."""
    matter = MATTERS[names[0]]
    ground = ground_of_all(matter, days)
    found = [part for name in matter.askers if (part := condition(user, name, ground)) is not None]
    if not found:
        return None
    steps = Step.objects.asked().filter(sheet__matter__in=names)
    sight = Q(sheet__in=sheets_in_sight(user, names)) if matter.sight_is_asked else Q()
    return with_ground(steps, matter).filter(not_own(user), sight).filter(reduce(or_, found))


def sheets_in_sight(user, names):
    return Sheet.objects.filter(MATTERS[names[0]].within_sight(user), matter__in=names).values("pk")


def not_own(user):
    own = Q(opened_by=user.pk, opened_by__isnull=False) | Q(about=user.pk, about__isnull=False)
    return ~own


def condition(user, name, ground):
    """When a step that asks `name` waits for `user`; None when it never does."""
    found, nobody = None, Q()
    for place, (each, asker) in enumerate(roles_in_turn(name)):
        people = holders(each, ground)
        if (hats := hats_of(user, asker)) is not None:
            fresh = without_earlier(people, ground)
            first = Q(Exists(fresh.filter(hats))) & ~Q(Exists(earlier_of(user)))
            alone = Q(~Exists(fresh)) & Q(Exists(people.filter(hats)))
            is_one = nobody & (first | alone)
            found = is_one if found is None else found | is_one
        nobody &= Q(~Exists(people))
        if place == 0 and ASKERS[name].only_while_held:
            nobody &= Q(Exists(asker.holders(ground)))
    return None if found is None else Q(asks=name) & found


def hats_of(user, asker):
    """Whom `user` may be in this role, as a condition on people: oneself, and the colleagues one stands in for."""
    for_others = not asker.personal and StandIn.objects.may_be_held_by(user)
    if not for_others:
        return Q(pk=user.pk) if asker.open_to(user) else None
    return Q(pk=user.pk) | Q(pk__in=StandIn.objects.absent_for(user))


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


def next_up(name):
    """The name of the Asker above `name`, or ""."""
    return next(iter(ASKERS[name].up), "") if name in ASKERS else ""


def absent_whose_part(step, user, asked):
    """The absent colleague among `asked` (deciders) for whom `user` decides; None when it is in their own right."""
    if ASKERS[step.asks].personal or asked.people.filter(pk=user.pk).exists():
        return None
    return asked.people.filter(pk__in=StandIn.objects.absent_for(user)).order_by("pk").first()
