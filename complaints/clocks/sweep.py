"""What complaints ask for by the day: reminders before a clock runs out, escalation after, heads who have left.

Reminders to head and handler at half time, two working days before, on the day and when overdue; each once for the
date of a clock. When the date moves, by the calendar or with a reason (extended, promised, paused), what was said of it
is over and the new one is told in its time.
"""

import logging
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Permission
from complaints.access import access_list
from complaints.acts import audit_log
from complaints.appointments import in_charge
from complaints.appointments import matter as appointment
from complaints.clocks import deadlines as clocks
from complaints.clocks import notices
from complaints.models import AccessRole, ActKind, Complaint, Improvement, Knock
from reminders import clock as wall_clock
from reminders.models import Parameter, Reminder
from reminders.raising import create_reminders

logger = logging.getLogger(__name__)

HALF, BEFORE, TODAY, OVER = "half", "before", "due", "over"
STEPS = (HALF, BEFORE, TODAY, OVER)
ATTEMPTS_RETENTION = timedelta(days=2)


@dataclass(frozen=True)
class DueClock:
    """A clock of a complaint that waits for an answer, and how far it has run by today (one of STEPS)."""

    case: object
    clock: str
    due_on: date
    step: str

    def period(self, step):
        """What a reminder of `step` is raised once for."""
        return f"{self.case.extensions}:{step}:{self.due_on}"

    def key(self, step, user):
        return notices.key_of(self.case, self.clock, self.period(step), user)

    @property
    def earlier(self):
        return STEPS[: STEPS.index(self.step)]


def correct_open_complaints(day):
    """Dates by the calendar of today, a head instead of one who has left, and once a day old knocks are forgotten."""
    clocks.recalculate_open(day.today, day.calendar)
    replace_departed_heads(day.today)
    if not day.is_done_today:
        Knock.objects.filter(at__lt=wall_clock.now() - ATTEMPTS_RETENTION).delete()
    return {}


def replace_departed_heads(today):
    """Ended ones as well, which nobody could read any more. One that nobody may have waits for somebody who may."""
    for case in Complaint.objects.filter(head__is_active=False).select_related("head"):
        try:
            heir = assign_new_head(case.pk, today)
            if case.is_open:
                notify_of_successor(case.head, heir, today)
        except in_charge.NobodyInCharge:
            logger.exception("Nobody can be in charge of complaint %s", case.pk)


def notify_of_successor(former, heir, today):
    """Those who appoint learn that a head has left and who has taken over; no case, and no number of them."""
    with translation.override("zh-hans"):
        words = {"former": former.name, "heir": heir.name}
        title = _("%(former)s的账号已停用，手上的意见／投诉由%(heir)s接着负责；要换负责人请提出") % words
    above = User.objects.active().with_permission(Permission.APPOINT_HEAD).exclude(pk=heir.pk)
    key = f"{appointment.HEAD_LEFT_KEY}{former.pk}:{former.session_epoch}:{heir.pk}"
    rows = [
        Reminder(
            key=f"{key}:{user.pk}",
            subject=key,
            kind=notices.REMINDER_KIND,
            recipient=user,
            title=title,
            link=reverse("complaints:charge"),
            is_personal=True,
            is_for_information=True,
            raised_on=today,
        )
        for user in above
    ]
    create_reminders(rows, today)


@transaction.atomic
def assign_new_head(pk, today):
    """Returns the heir."""
    case = Complaint.objects.select_for_update().get(pk=pk)
    former, case.head = case.head, in_charge.successor_for(access_list.excluded_users(case))
    access_list.add_person(case, case.head, AccessRole.HEAD, by=None)
    case.version += 1
    case.save(update_fields=["head", "version"])
    text = _("%(former)s的账号已停用，改由%(head)s负责") % {"former": former.name, "head": case.head.name}
    audit_log.append_act(case, ActKind.HEAD_CHANGED, by=None, on=today, text=text)
    if case.is_open:
        notices.remind_head(case, today)
    return case.head


def remind_daily(day):
    """Of clocks, of next steps and of measures, what is due today. Running it again raises 0."""
    raised = remind_of_clocks(day) + remind_of_next_steps(day) + remind_of_measures(day)
    return {"reminders_raised": raised}


def remind_of_clocks(day):
    """Raises what the stored dates ask for; what a later reminder replaces is closed. Returns how many are new."""
    waiting, raised = due_today(day), []
    if not waiting:
        return 0
    for due in waiting:
        raised += [one_reminder(due, user, day.today) for user in readers(due.case)]
    count = create_reminders(raised, day.today)
    replaced = [due.key(step, user) for due in waiting for step in due.earlier for user in readers(due.case)]
    Reminder.objects.open().filter(key__in=replaced).update(closed_at=wall_clock.now())
    return count


def readers(case):
    return {case.head, case.handler} - {None}


def due_today(day):
    """The clocks that ask for a reminder today, as a list of Due; one query for the complaints, one for the numbers."""
    numbers = Parameter.objects.history()
    unanswered = Q(response_met_on=None) | Q(result_met_on=None)
    cases = Complaint.objects.running().filter(unanswered).select_related("head", "handler")
    found = (
        due_of(case, clock, numbers.on(case.received_on), day) for case in cases for clock in clocks.CLOCKS
    )
    return [due for due in found if due]


def due_of(case, clock, numbers, day):
    due_on = getattr(case, f"{clock}_due_on")
    if due_on is None or getattr(case, f"{clock}_met_on") is not None:
        return None
    step = step_on(case, clock, due_on, numbers, day)
    return DueClock(case, clock, due_on, step) if step else None


def step_on(case, clock, due_on, numbers, day):
    """How far the clock has run: "" before half time."""
    if day.today > due_on:
        return OVER
    if day.today == due_on:
        return TODAY
    if day.today >= day.calendar.add_working_days(due_on, -day.numbers["complaint_remind_before"]):
        return BEFORE
    zero = clocks.day_zero(case, clock, numbers)
    half = day.calendar.working_days_between(zero, due_on) // 2
    return HALF if day.today >= day.calendar.add_working_days(zero, half) else ""


def one_reminder(due, user, today):
    return notices.reminder(
        due.case,
        user,
        due.clock,
        key=due.period(due.step),
        title=words_of(due),
        due_on=due.due_on,
        today=today,
    )


def words_of(due):
    """What the reminder says: the number and the clock, no name and no subject."""
    words = notices.clock_words(due.case, due.clock)
    if due.step == OVER:
        return _("意见／投诉（%(number)s）逾期：应在%(day)s前%(what)s") % words
    if due.step == TODAY:
        return _("意见／投诉（%(number)s）今天到期：请%(what)s") % words
    return notices.asked_until(due.case, due.clock)


def remind_of_next_steps(day):
    """What was put off to a day (R179), on that day: often no clock runs any more."""
    cases = Complaint.objects.open().filter(next_step_on__lte=day.today).select_related("head", "handler")
    rows = [next_step_reminder(case, user, day.today) for case in cases for user in readers(case)]
    return create_reminders(rows, day.today) if rows else 0


def next_step_reminder(case, user, today):
    words = {"number": case.number, "day": case.next_step_on.isoformat()}
    return notices.reminder(
        case,
        user,
        notices.NEXT_STEP,
        key=words["day"],
        title=_("意见／投诉（%(number)s）的下一步定在%(day)s") % words,
        due_on=case.next_step_on,
        today=today,
    )


def escalate(day):
    """What is overdue or has stood still for some working days is told to the director, who then may see it."""
    last = day.overdue_since(day.numbers["complaint_escalate_after"])
    long_ago = day.calendar.add_working_days(day.today, -day.numbers["complaint_pause_days"])
    overdue = Complaint.objects.overdue_on(last + timedelta(days=1)).exclude(is_escalated())
    paused = Complaint.objects.open().filter(paused_on__lte=long_ago).exclude(is_escalated())
    late = overdue, _("逾期上报"), _("逾期，已上报%s"), _("意见／投诉（%s）已经逾期，请督促")
    still = paused, _("久停上报"), _("暂停计时已久，已上报%s"), _("意见／投诉（%s）暂停计时已久，请督促")
    return {"escalated": sum(escalate_all(*each, day.today) for each in (late, still))}


def is_escalated():
    """Whether somebody who is still there was told, since the complaint became overdue or was paused.

    What was said about dates that have moved is retired (complaints.clocks.notices), and so is what was said to
    somebody who was taken off the list.
    """
    about = Concat(Value("complaint:"), Cast(OuterRef("pk"), CharField()), Value(f":{notices.ESCALATED}"))
    return Exists(Reminder.objects.not_retired().filter(subject=about, recipient__is_active=True))


def escalate_all(cases, reason, done, asked, today):
    """`done` is what the act says, `asked` what the one above reads. Returns how many were told."""
    pks = cases.values_list("pk", flat=True)
    return sum(escalate_one(cases, pk, (reason, done, asked), today) for pk in pks)


@transaction.atomic
def escalate_one(late, pk, words, today):
    """Unless somebody has answered in the meantime."""
    reason, done, asked = words
    case = late.select_for_update().filter(pk=pk).first()
    superior = access_list.superior(case) if case else None
    if superior is None:
        return 0
    access_list.add_person(case, superior, AccessRole.ESCALATED, by=None, reason=reason)
    audit_log.append_act(case, ActKind.REMINDED, by=None, on=today, text=done % superior.name)
    title = asked % case.number
    return int(
        notices.raise_reminder(case, superior, notices.ESCALATED, title=title, today=today, key="over")
    )


def remind_of_measures(day):
    """Measures whose day has come, to be done or to be looked at again; the owner or the head is reminded once."""
    unfinished = (
        Improvement.objects.of_valid_complaints()
        .unfinished()
        .filter(due_on__lte=day.asked_until(day.numbers["complaint_remind_before"]))
    )
    to_check = Improvement.objects.of_valid_complaints().to_check_on(day.today)
    rows = [measure_reminder(each, each.complaint.head, "check", day.today) for each in with_people(to_check)]
    rows += [
        measure_reminder(each, measure_recipient(each), "due", day.today) for each in with_people(unfinished)
    ]
    return create_reminders(rows, day.today) if rows else 0


def measure_recipient(measure):
    """The owner; the head where the owner has left."""
    return measure.owner if measure.owner.is_active else measure.complaint.head


def with_people(measures):
    return measures.select_related("complaint__head", "owner")


def measure_reminder(measure, user, what, today):
    due_on = measure.due_on if what == "due" else measure.check_on
    words = _("请在%s前完成一项改善措施") if what == "due" else _("请检查一项改善措施之后是否又发生（%s）")
    return Reminder(
        key=f"measure:{measure.pk}:{what}:{due_on}:{user.pk}",
        subject=f"measure:{measure.pk}:{what}",
        kind=notices.REMINDER_KIND,
        recipient=user,
        title=words % due_on.isoformat(),
        link=measure.get_absolute_url(),
        due_on=due_on,
        is_personal=True,
        raised_on=today,
    )


def verify_audit_log(day):
    """Once a day: every act must still be what was written (R126).

    A broken chain fails the step, and the log says which complaints it concerns.
    """
    if day.is_done_today:
        return {}
    if broken := audit_log.broken_chains():
        raise RuntimeError(f"Acts were changed after they were written: complaints {sorted(broken)}")
    return {}
