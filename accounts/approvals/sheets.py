"""Two names for one right: asking, confirming, refusing, withdrawing, and who may do which.

A `Matter` is a kind of request. It says who may confirm, whether things still stand as they stood when it was asked,
how it is applied and how it reads; each app registers its own:

    @register
    class Appointment(Matter):
        name = "in_charge"

`opened` and `decided` are sent inside the transaction with the sheet; reminders listens (accounts imports nothing from
above).
"""

import logging
from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import EmptyResultSet, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Min, Q
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.approvals.models import Sheet
from accounts.models import User
from accounts.roles import Permission, roles_with

logger = logging.getLogger(__name__)

# `sheet`: a request waits / has its answer, or something took effect at once.
opened = Signal()
decided = Signal()
# `sheet`, `user`: somebody has read what became of it. `asked_for_news`: whether they still have to (a bool each).
noted = Signal()
asked_for_news = Signal()

STATES = Sheet.State
# A colleague whose account is younger does not stand in for those who confirm: whoever opens accounts could make one
# for the purpose. Three months are as long as a probation usually lasts.
SETTLED = timedelta(days=90)
LONGEST = 200
MATTERS = {}


@dataclass(frozen=True)
class Line:
    """One thing that changes: how it is, how it would be, and what the new value opens."""

    label: str
    now: str
    then: str
    opens: tuple = ()


class Matter:
    """A kind of request; subclasses say what it means."""

    name = ""
    label = ""
    confirmed_with = Permission.CONFIRM_RIGHTS
    asked_with = Permission.MANAGE_ACCOUNTS
    named = gettext_lazy("总干事或理事会成员")

    def extra_form(self, sheet, user, data=None):
        """A form with what only this matter asks of `user` while confirming, or None."""

    def confirmers(self, sheet):
        """The active colleagues of the named kind, the asker and whoever gains among them; a queryset of User."""
        return User.objects.active().able(self.confirmed_with)

    def confirmers_among(self, sheet, pks):
        """`confirmers` as a set of keys; `pks(queryset)` asks once for what is the same for many sheets."""
        return pks(self.confirmers(sheet))

    def fallbacks(self, sheet):
        """Pairs of a queryset and who that is in words, asked in order when nobody else of the named kind is there."""
        approvers = User.objects.active().able(Permission.APPROVE)
        return [
            (approvers, _("有审批权限的同事")),
            (settled_colleagues(), _("在中心已有一段时间的同事")),
        ]

    def may_be_set_up(self, sheet):
        """Whether one person alone may have it while nobody has ever been able to confirm."""
        return True

    def people(self, sheet):
        """The pks of those it is about, whose names are kept as they were when it was asked."""
        return [sheet.about_id] if sheet.about_id else []

    def gather(self, rows):
        """Fetches at once, and keeps on each sheet of `rows`, what the title and the confirmers ask for."""

    def hold(self, sheet):
        """Locks what it is about, before the sheet itself is locked: as whoever changes it does."""

    def problem(self, sheet):
        """Why it cannot be applied any more, as a sentence, or ""."""
        return ""

    def apply(self, sheet, *, by, extra):
        """Lets it take effect, inside the transaction that confirms; `extra` is what extra_form has gathered."""
        raise NotImplementedError

    def title(self, sheet):
        """In a few words what is asked for, for lists and reminders."""
        raise NotImplementedError

    def lines(self, sheet):
        """What changes, as a list of Line."""
        return []

    def people_told(self, sheet):
        """Whom it concerns besides the asker, whoever gains, and those above; a list of users."""
        return []

    def later_acts(self, sheet, user):
        """What `user` may still do once it is confirmed: a list of (address, button, explanation)."""
        return []


def register(matter):
    """Class decorator: makes a Matter known."""
    MATTERS[matter.name] = matter()
    return matter


def matter_of(sheet):
    return MATTERS[sheet.matter]


@dataclass(frozen=True)
class Person:
    """Somebody a sheet is about, so that no name stands for somebody else; `then` is the name when it was asked."""

    user: User
    then: str

    @property
    def renamed(self):
        return self.then != self.user.name


def keep_names(sheet):
    """Writes down what they are called while it is asked, by name and log-in name."""
    users = User.objects.filter(pk__in=matter_of(sheet).people(sheet))
    sheet.asked = {**sheet.asked, "people": {str(user.pk): [user.name, user.username] for user in users}}


def people_of(sheet):
    """Those it is about, a list of Person; a sheet of before names were kept has those of today."""
    kept = sheet.asked.get("people", {})
    users = User.objects.filter(pk__in=matter_of(sheet).people(sheet)).select_related("department")
    return [Person(user, kept.get(str(user.pk), [user.name])[0]) for user in users]


def problem_of(sheet):
    """Why it cannot be applied any more, as a sentence, or ""; also when somebody was given another name."""
    for person in people_of(sheet):
        if person.renamed:
            return _("%(then)s后来改名为%(now)s。") % {"then": person.then, "now": person.user.name}
    return matter_of(sheet).problem(sheet)


def title_of(sheet):
    return matter_of(sheet).title(sheet)


def settled_colleagues():
    """Who works here and has done so for a while; in a centre that is younger than that, everybody."""
    since = timezone.now() - SETTLED
    first = User.objects.aggregate(first=Min("date_joined"))["first"]
    colleagues = User.objects.active().able(Permission.VIEW)
    return colleagues if first is None or first > since else colleagues.filter(date_joined__lte=since)


def is_setting_up():
    """Whether nobody has ever been able to confirm: not now, and not in the history of any account."""
    roles = roles_with(Permission.CONFIRM_RIGHTS)
    held = Q(pk__in=[])
    for role in roles:
        held |= Q(roles__contains=f",{role.value},")
    return not (User.objects.filter(held).exists() or User.history.model.objects.filter(held).exists())


def who_confirms(sheet):
    """The people who may confirm `sheet`, and in words why it is not the named kind ("" when it is).

    The asker and whoever gains never do. Others take the place of the named kind only while one of that kind is in
    service but is asker or gains; when nobody of it is left, nobody confirms on a page (manage.py grant_role does).
    """
    matter = matter_of(sheet)
    outside = Q(pk__in=[pk for pk in (sheet.asked_by_id, sheet.about_id) if pk])
    named = matter.confirmers(sheet)
    if named.exclude(outside).exists() or not named.exists():
        return named.exclude(outside), ""
    for people, words in matter.fallbacks(sheet):
        if people.exclude(outside).exists():
            told = {"named": matter.named, "who": words}
            return people.exclude(outside), _("没有另外一位%(named)s，所以由%(who)s确认。") % told
    return User.objects.none(), ""


def may_confirm(user, sheet):
    return sheet.is_open and user.is_active and who_confirms(sheet)[0].filter(pk=user.pk).exists()


def visible_to(user):
    """The sheets `user` may open: those that name them, and of the matters in which they ask or confirm, all."""
    if not user.is_active:
        return Sheet.objects.none()
    open_matters = [
        name
        for name, matter in MATTERS.items()
        if user.may(matter.confirmed_with) or user.may(matter.asked_with)
    ]
    named = Sheet.objects.naming(user)
    return named | Sheet.objects.filter(matter__in=open_matters) if open_matters else named


def awaiting(user):
    """The open sheets that `user` confirms by office; asked of the database alone, for the count of the navigation."""
    matters = [name for name, matter in MATTERS.items() if user.may(matter.confirmed_with)]
    if not matters:
        return Sheet.objects.none()
    own = Q(asked_by=user.pk) | Q(about=user.pk, about__isnull=False)
    return Sheet.objects.open().filter(matter__in=matters).exclude(own)


def gather(rows):
    """`rows` as a list; what their titles need is fetched once for each matter."""
    rows = list(rows)
    for name, matter in MATTERS.items():
        if own := [sheet for sheet in rows if sheet.matter == name]:
            matter.gather(own)
    return rows


def waiting_for(user):
    """The open sheets that `user` may confirm now, those of a fallback too; a list.

    It costs the same for one sheet of a matter and for many: who is able to confirm is asked once.
    """
    seen = visible_to(user).open().select_related("asked_by", "about").order_by("pk")
    able = Able()
    return [sheet for sheet in gather(seen) if user.is_active and user.pk in able.who(sheet)]


class Able:
    """`who_confirms` for many sheets of one page: sets of keys, each kind of people asked for once."""

    def __init__(self):
        self.asked, self.instead = {}, {}

    def pks(self, people):
        """The keys of a queryset of people."""
        try:
            asked = str(people.query)
        except EmptyResultSet:
            return set()
        if asked not in self.asked:
            self.asked[asked] = set(people.values_list("pk", flat=True))
        return self.asked[asked]

    def who(self, sheet):
        outside = {sheet.asked_by_id, sheet.about_id}
        named = matter_of(sheet).confirmers_among(sheet, self.pks)
        if named - outside or not named:
            return named - outside
        return next((some - outside for some in self.fallbacks(sheet) if some - outside), set())

    def fallbacks(self, sheet):
        """Those who take the place, as sets; of most matters the same ones for every sheet."""
        matter = matter_of(sheet)
        key = None if type(matter).fallbacks is Matter.fallbacks else sheet.pk
        if key not in self.instead:
            self.instead[key] = [self.pks(people) for people, _words in matter.fallbacks(sheet)]
        return self.instead[key]


@transaction.atomic
def ask(sheet):
    """Stores the request (unsaved), which waits; while the centre is being set up it takes effect at once.

    Raises ValidationError when another one about the same waits. Returns the sheet.
    """
    if is_setting_up() and matter_of(sheet).may_be_set_up(sheet):
        sheet.exception = _("中心还没有可以确认的人，由系统管理员一人设置。")
        return at_once(sheet, apply=True)
    sheet.reason = sheet.reason.strip()[:LONGEST]
    keep_names(sheet)
    refuse_second(sheet)
    try:
        with transaction.atomic():
            sheet.save(force_insert=True)
    except IntegrityError:
        refuse_second(sheet)
        raise
    tell(sheet, opened)
    return sheet


def refuse_second(sheet):
    waiting = Sheet.objects.open().about_matter(sheet.matter, sheet.subject).first()
    if waiting:
        raise ValidationError(_("%s还在等待确认，请先撤回那一张，再提交新的。") % waiting)


@transaction.atomic
def at_once(sheet, *, apply=False, state=STATES.AT_ONCE):
    """Keeps what one person did alone (or was refused), and tells of it. Returns the sheet."""
    sheet.state, sheet.decided_at = state, timezone.now()
    sheet.reason = sheet.reason.strip()[:LONGEST]
    keep_names(sheet)
    sheet.save(force_insert=True)
    if apply:
        matter_of(sheet).apply(sheet, by=sheet.asked_by, extra={})
    tell(sheet, decided)
    return sheet


@transaction.atomic
def confirm(sheet, *, by, opinion="", extra=None):
    """Lets it take effect. Of two at once one wins; what has changed since it was asked makes the sheet void.

    Raises ValidationError with a sentence when `by` may not, or somebody answered it before. Returns whether it took
    effect: False when it turned out to be void.
    """
    matter = matter_of(sheet)
    matter.hold(sheet)
    locked = lock(sheet)
    people, exception = who_confirms(locked)
    if not people.filter(pk=by.pk).exists():
        logger.warning("%s may not confirm sheet %s", by.username, locked.pk)
        raise ValidationError(_("这张确认单不能由您确认，要由另一位有权限的同事来做。"))
    if problem := problem_of(locked):
        close(locked, STATES.VOID, opinion=problem)
        return False
    close(locked, STATES.CONFIRMED, by=by, opinion=opinion, exception=exception, signal=False)
    matter.apply(locked, by=by, extra=extra or {})
    tell(locked, decided)
    return True


@transaction.atomic
def refuse(sheet, *, by, opinion):
    """Not to take effect; says why."""
    if not opinion.strip():
        raise ValidationError(_("请写明不同意的原因。"))
    locked = lock(sheet)
    if not may_confirm(by, locked):
        raise ValidationError(_("这张确认单不能由您处理，要由另一位有权限的同事来做。"))
    close(locked, STATES.REFUSED, by=by, opinion=opinion)


@transaction.atomic
def withdraw(sheet, *, by):
    """The asker takes it back."""
    locked = lock(sheet)
    if locked.asked_by_id != by.pk:
        raise ValidationError(_("只有提出的人可以撤回。"))
    close(locked, STATES.WITHDRAWN)


@transaction.atomic
def void(sheets, why):
    """What these open sheets (a queryset) were about has changed: they are over."""
    for sheet in sheets.open().order_by("pk").select_for_update():
        close(sheet, STATES.VOID, opinion=why)


def lock(sheet):
    """The sheet as it is now, held until the end of the transaction. Raises ValidationError when it was answered."""
    locked = Sheet.objects.select_for_update().get(pk=sheet.pk)
    if not locked.is_open:
        words = {"sheet": locked, "state": locked.get_state_display()}
        raise ValidationError(_("%(sheet)s刚才已经处理过了：%(state)s。") % words)
    return locked


def close(sheet, state, *, by=None, opinion="", exception="", signal=True):
    """Writes the answer, asking the database whether it is still open."""
    answer = {
        "state": state,
        "decided_by": by,
        "decided_at": timezone.now(),
        "opinion": opinion.strip()[:LONGEST],
        "exception": exception[:LONGEST] or sheet.exception,
    }
    if not Sheet.objects.open().filter(pk=sheet.pk).update(**answer):
        raise ValidationError(_("刚才有人已经处理了这张确认单。"))
    for name, value in answer.items():
        setattr(sheet, name, value)
    if signal:
        tell(sheet, decided)


def tell(sheet, signal):
    """Writes down who is told, and lets the rooms above tell them."""
    sheet.told.add(*people_told(sheet))
    signal.send(sender=Sheet, sheet=sheet)


def has_news(sheet, user):
    """Whether a room above still tells `user` what became of `sheet`."""
    return any(answer for _receiver, answer in asked_for_news.send(sender=Sheet, sheet=sheet, user=user))


def above(sheet):
    """Those who confirm by office, all of them; a queryset of User."""
    return matter_of(sheet).confirmers(sheet)


def people_told(sheet):
    """Everybody who learns of it: asker, whoever gains, those above, who may confirm, whom the matter names."""
    people = {*above(sheet), *matter_of(sheet).people_told(sheet), sheet.asked_by, sheet.about}
    if sheet.is_open:
        people |= set(who_confirms(sheet)[0])
    return people - {None}


def history_words(sheet):
    """For the history of what a sheet has changed: its number and both names."""
    words = {"number": sheet.pk, "asked": sheet.asked_by or _("服务器命令")}
    if sheet.decided_by:
        return _("第%(number)s号确认单：%(asked)s提出，%(by)s确认") % (words | {"by": sheet.decided_by})
    return _("第%(number)s号确认单：%(asked)s") % words
