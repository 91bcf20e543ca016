"""Daily work on complaints: reminders before a clock runs out, escalation afterwards, successors of departed heads.

Head and handler are reminded at half time, two working days before, on the day and when overdue; each once per due date
of a clock. When the date moves, by the calendar or with a reason (extended, promised, paused), the reminders of the old
date are retired and those of the new one are raised in their time.
"""

import logging
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Permission
from accounts.stored_texts import stored_in_chinese
from complaints.access import access_list
from complaints.acts import audit_log
from complaints.appointments import in_charge
from complaints.appointments import matter as appointment
from complaints.clocks import deadlines as clocks
from complaints.clocks import notices
from complaints.models import AccessRole, ActKind, Attempt, Complaint, Improvement
from reminders import clock as wall_clock
from reminders.models import Parameter, Reminder
from reminders.raising import create_reminders

logger = logging.getLogger(__name__)

HALF, BEFORE, TODAY, OVER = "half", "before", "due", "over"
STEPS = (HALF, BEFORE, TODAY, OVER)
ATTEMPTS_RETENTION = timedelta(days=2)


@dataclass(frozen=True)
class DueClock:
    """A clock of a complaint that is not met, and the step it has reached today (one of STEPS)."""

    case: object
    clock: str
    due_on: date
    step: str

    def period(self, step):
        """The period for which a reminder of `step` is raised once."""
        return f"{self.case.extensions}:{step}:{self.due_on}"

    def key(self, step, user):
        return notices.key_of(self.case, self.clock, self.period(step), user)

    @property
    def earlier(self):
        return STEPS[: STEPS.index(self.step)]


def correct_open_complaints(day):
    """Recalculates due dates, replaces departed heads, and deletes old attempts at the public portal once a day."""
    clocks.recalculate_open(day.today, day.calendar)
    replace_departed_heads(day.today)
    if not day.is_done_today:
        Attempt.objects.filter(at__lt=wall_clock.now() - ATTEMPTS_RETENTION).delete()
    return {}


def replace_departed_heads(today):
    """Replaces departed heads, also of complaints that have ended.

    A complaint without an eligible successor is logged and tried again at the next sweep.
    """
    for case in Complaint.objects.filter(head__is_active=False).select_related("head"):
        try:
            successor = assign_new_head(case.pk, today)
            if case.is_open:
                notify_of_successor(case.head, successor, today)
        except in_charge.NobodyInCharge:
            logger.exception("Nobody can be in charge of complaint %s", case.pk)


def notify_of_successor(former, heir, today):
    """Reminds the users who appoint that a head has left and who took over; names no complaint and not how many."""
    with stored_in_chinese():
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
    """Gives the complaint `pk` to the successor of its head. Returns the successor."""
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
    """Raises today's reminders of clocks, next steps and measures. A second run raises none."""
    raised = remind_of_clocks(day) + remind_of_next_steps(day) + remind_of_measures(day)
    return {"reminders_raised": raised}


def remind_of_clocks(day):
    """Raises the reminders due by the stored dates, and closes those they replace. Returns the number of new ones."""
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
    """The clocks that need a reminder today, as a list of DueClock; one query for complaints, one for parameters."""
    numbers = Parameter.objects.history()
    unanswered = Q(response_met_on=None) | Q(result_met_on=None)
    cases = Complaint.objects.running().filter(unanswered).select_related("head", "handler")
    candidates = (
        due_of(case, clock, numbers.on(case.received_on), day) for case in cases for clock in clocks.CLOCKS
    )
    return [due for due in candidates if due]


def due_of(case, clock, numbers, day):
    due_on = getattr(case, f"{clock}_due_on")
    if due_on is None or getattr(case, f"{clock}_met_on") is not None:
        return None
    step = step_on(case, clock, due_on, numbers, day)
    return DueClock(case, clock, due_on, step) if step else None


def step_on(case, clock, due_on, numbers, day):
    """The step the clock has reached: one of STEPS, or "" before half time."""
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
    """The title of the reminder: number and clock, no name and no subject."""
    words = notices.clock_words(due.case, due.clock)
    if due.step == OVER:
        return _("意见／投诉（%(number)s）逾期：应在%(day)s前%(what)s") % words
    if due.step == TODAY:
        return _("意见／投诉（%(number)s）今天到期：请%(what)s") % words
    return notices.reminded_until(due.case, due.clock)


def remind_of_next_steps(day):
    """Reminds head and handler of a next step on its day (R179): often no clock runs any longer."""
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
    """Escalates complaints that are overdue or have been paused for some working days.

    The director, or a substitute (complaints.access.access_list.superior), is reminded and gets access.
    """
    last = day.overdue_since(day.numbers["complaint_escalate_after"])
    long_ago = day.calendar.add_working_days(day.today, -day.numbers["complaint_pause_days"])
    overdue = Complaint.objects.overdue_on(last + timedelta(days=1)).exclude(is_escalated())
    paused = Complaint.objects.open().filter(paused_on__lte=long_ago).exclude(is_escalated())
    late = overdue, _("逾期上报"), _("逾期，已上报%s"), _("意见／投诉（%s）已经逾期，请督促")
    still = paused, _("久停上报"), _("暂停计时已久，已上报%s"), _("意见／投诉（%s）暂停计时已久，请督促")
    return {"escalated": sum(escalate_all(*each, day.today) for each in (late, still))}


def is_escalated():
    """Whether an active user was escalated to since the complaint became overdue or was paused.

    Escalations about earlier due dates (complaints.clocks.notices), or to users removed from the list, are retired and
    do not count.
    """
    about = Concat(Value("complaint:"), Cast(OuterRef("pk"), CharField()), Value(f":{notices.ESCALATED}"))
    return Exists(Reminder.objects.not_retired().filter(subject=about, recipient__is_active=True))


def escalate_all(cases, reason, done, asked, today):
    """Escalates `cases`. `done` is the text of the act, `asked` that of the reminder. Returns the number escalated."""
    pks = cases.values_list("pk", flat=True)
    return sum(escalate_one(cases, pk, (reason, done, asked), today) for pk in pks)


@transaction.atomic
def escalate_one(late, pk, words, today):
    """Escalates one complaint, unless it was answered in the meantime. Returns 1 for a new reminder, else 0."""
    reason, act_text, reminder_text = words
    case = late.select_for_update().filter(pk=pk).first()
    superior = access_list.superior(case) if case else None
    if superior is None:
        return 0
    access_list.add_person(case, superior, AccessRole.ESCALATED, by=None, reason=reason)
    audit_log.append_act(case, ActKind.REMINDED, by=None, on=today, text=act_text % superior.name)
    title = reminder_text % case.number
    return int(
        notices.raise_reminder(case, superior, notices.ESCALATED, title=title, today=today, key="over")
    )


def remind_of_measures(day):
    """Reminds the owner of measures to complete, and the head of measures to check; each once per date."""
    unfinished = (
        Improvement.objects.of_valid_complaints()
        .unfinished()
        .filter(due_on__lte=day.reminded_until(day.numbers["complaint_remind_before"]))
    )
    to_check = Improvement.objects.of_valid_complaints().to_check_on(day.today)
    rows = [measure_reminder(each, each.complaint.head, "check", day.today) for each in with_people(to_check)]
    rows += [
        measure_reminder(each, measure_recipient(each), "due", day.today) for each in with_people(unfinished)
    ]
    return create_reminders(rows, day.today) if rows else 0


def measure_recipient(measure):
    """The owner; the head when the owner's account is closed."""
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
    """Checks once a day that every act is still as it was written (R126).

    A broken chain raises RuntimeError with the complaints concerned, which fails the step.
    """
    if day.is_done_today:
        return {}
    if broken := audit_log.broken_chains():
        raise RuntimeError(f"Acts were changed after they were written: complaints {sorted(broken)}")
    return {}
