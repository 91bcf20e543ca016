"""Reminders about approval requests: to the users who have to decide a step, and to those concerned by the decision.

For a personal matter all reminders are personal, because a stand-in may not decide for an absent colleague. Reminders
to decide are closed by the decision, those for information by 知道了 on the page of the request or by being read. A
request that waits too long is escalated to the next tier, once for each step.
"""

from django.utils.translation import gettext_lazy as _

from accounts.approvals import assignment
from accounts.approvals.approver_roles import ESCALATION_ORDER
from accounts.approvals.matters import matter_of, title_of
from accounts.approvals.models import Sheet, Step
from accounts.approvals.registers import APPROVER_ROLES, MATTERS
from accounts.models import User
from accounts.stored_texts import stored_in_chinese
from reminders import clock
from reminders.calendar import workdays
from reminders.models import Reminder
from reminders.raising import close_reminders, create_reminders


class WorkingDays:
    """Counts working days for accounts.approvals by the calendar of the centre."""

    def add(self, day, days):
        return workdays.current_calendar().add_working_days(day, days)

    def between(self, first, last):
        return max(workdays.current_calendar().working_days_between(first, last), 0)


def reminder(step_or_sheet, user, what, words, today, waited=None):
    """An unsaved Reminder for `user`; the key allows one for each state and step of the sheet.

    `what` is "ask" (to decide) or "told" (for information); `waited` is a number of working days, for escalations only.
    """
    step = step_or_sheet if isinstance(step_or_sheet, Step) else None
    sheet = step.sheet if step else step_or_sheet
    matter = matter_of(sheet)
    subject = matter.reminder_subject(sheet, what)
    values = {"title": title_of(sheet), "state": sheet.state_words, "days": waited}
    place = f":{step.position}" if step and step.position > 1 else ""
    late = ":late" if waited is not None else ""
    return Reminder(
        key=f"{subject}:{sheet.state}{place}{late}:{user.pk}",
        subject=subject,
        kind=Reminder.Kind.APPROVAL,
        recipient=user,
        title=(str(words) % values)[:300],
        link=sheet.get_absolute_url(),
        **matter.reminder_fields(sheet, user),
        is_for_information=what == "told",
        raised_on=today,
    )


def first_recipients(step):
    """The users to remind first: those nearest to the record among all who may approve; all users for other roles."""
    people = assignment.deciders(step).people
    if step.asks != "approver":
        return list(people)
    return next((near for near in nearest_people(step, people) if near), list(people))


def nearest_people(step, people):
    """Yields the members of `people` (a queryset of User) as a list, tier by tier of ESCALATION_ORDER."""
    context = assignment.context_of(step, assignment.Days.for_day())
    for name in ESCALATION_ORDER:
        yield list(people.filter(pk__in=APPROVER_ROLES[name].holders(context).values("pk")))


class Notices:
    """The implementation registered in NOTICES, called by accounts.approvals.engine."""

    def step_started(self, step):
        """Reminds the users who may decide; informs the other people concerned that the request is waiting."""
        today, sheet, matter = clock.today(), step.sheet, matter_of(step.sheet)
        with stored_in_chinese():
            close_reminders([matter.reminder_subject(sheet, "ask")])
            people = first_recipients(step)
            rows = [reminder(step, user, "ask", matter.request_words, today) for user in people]
            if matter.is_personal and step.position == 1:
                others = set(sheet.notified_users.all()) - set(people) - {sheet.asked_by}
                waits = _("有人提出、等待确认：%(title)s")
                rows += [reminder(step, user, "ask", waits, today) for user in others]
        create_reminders(rows, today)

    def sheet_closed(self, sheet):
        """Closes the reminders to decide, and informs the people concerned of the decision, except its author."""
        today, matter = clock.today(), matter_of(sheet)
        close_reminders([matter.reminder_subject(sheet, "ask")])
        alone = sheet.state in (Sheet.State.AT_ONCE, Sheet.State.BARRED, Sheet.State.WITHDRAWN)
        actor = sheet.asked_by if alone else sheet.decided_by
        with stored_in_chinese():
            rows = [
                reminder(sheet, user, "told", matter.notice_words, today)
                for user in sheet.notified_users.all()
                if user != actor and matter.may_notify(sheet, user)
            ]
            create_reminders(rows, today)
            if matter.is_personal:
                remind_new_confirmers(today)

    def has_open_notice(self, sheet, user):
        return open_notices_for(sheet, user).exists()

    def dismiss(self, sheet, user):
        open_notices_for(sheet, user).update(closed_at=clock.now())


def open_notices_for(sheet, user):
    subject = matter_of(sheet).reminder_subject(sheet, "told")
    return Reminder.objects.open().filter(subject=subject, recipient=user)


def remind_new_confirmers(today):
    """Reminds users who may confirm waiting requests only since rights have changed (e.g. a new director), once."""
    assignment.resolve_roles()
    personal = [name for name, matter in MATTERS.items() if matter.is_personal]
    waiting = Step.objects.waiting().filter(sheet__matter__in=personal)
    rows = [
        reminder(step, user, "ask", matter_of(step.sheet).request_words, today)
        for step in waiting.select_related("sheet__asked_by", "sheet__about")
        for user in assignment.deciders(step).people
    ]
    if rows:
        create_reminders(rows, today)


def escalate(day):
    """Sweep step: escalates steps that have waited for `escalate_approval_after` working days, once each."""
    assignment.resolve_roles()
    since = day.calendar.add_working_days(day.today, -day.numbers["escalate_approval_after"])
    late = Step.objects.waiting().filter(asked_on__lte=since, escalated_on=None).select_related("sheet")
    rows, steps = [], list(late)
    for step in steps:
        waited = day.calendar.working_days_between(step.asked_on, day.today)
        words = matter_of(step.sheet).escalated_words
        rows += [reminder(step, user, "ask", words, day.today, waited) for user in next_recipients(step)]
    count = create_reminders(rows, day.today) if rows else 0
    Step.objects.filter(pk__in=[step.pk for step in steps]).update(escalated_on=day.today)
    return {"approvals escalated": count}


def next_recipients(step):
    """The users of the next tier above those reminded who may open the sheet; for a personal matter the same users."""
    matter = matter_of(step.sheet)
    if matter.is_personal:
        return list(assignment.deciders(step).people)
    asked, context = (
        {user.pk for user in first_recipients(step)},
        assignment.context_of(step, assignment.Days.for_day()),
    )
    higher = (
        ESCALATION_ORDER[ESCALATION_ORDER.index(step.asks) + 1 :]
        if step.asks in ESCALATION_ORDER
        else ESCALATION_ORDER
    )
    for name in higher:
        people = matter.filter_viewers(
            User.objects.filter(pk__in=APPROVER_ROLES[name].holders(context).values("pk")), step.sheet
        )
        if above := [user for user in people if user.pk not in asked]:
            return above
    return []
