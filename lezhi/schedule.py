"""When beat wakes the worker, and what a sweep does in which order: all on this one page, in hours of Asia/Shanghai.

An entry only wakes; what is due is found in database rows, so a call that is missed, repeated or late does no harm.
Each message expires before the next one of its kind is due: a queue that nobody emptied over night holds one, not
a hundred.
"""

from celery.schedules import crontab

MINUTE = 60
HOUR = 60 * MINUTE


def entry(task, when, expires):
    """One row of the schedule: the task's name, its crontab, and the seconds after which a waiting message is void."""
    return {"task": task, "schedule": when, "options": {"expires": expires}}


BEAT = {
    # The first sweep of a date: what falls due today stands in "My work" before anybody looks.
    "sweep at the start of the day": entry("reminders.tasks.sweep", crontab(minute=10, hour=0), 50 * MINUTE),
    # Every hour people work, so that a contract or rule changed in the morning raises its reminders the same day.
    "sweep by day": entry("reminders.tasks.sweep", crontab(minute=0, hour="7-20"), 50 * MINUTE),
    # Letters are retried at this pace; the task itself sends only in working hours.
    "deliver": entry("reminders.tasks.deliver", crontab(minute="*/5"), 4 * MINUTE),
    # Links for a new password and letters about one, at any hour.
    "passwords": entry("accounts.tasks.send_password_letters", crontab(), 50),
    # The kept duties against the log, when nobody writes: a difference is reported, not hidden.
    "check duties": entry("relations.tasks.check_duties", crontab(minute=30, hour=2), 4 * HOUR),
    # One row of each kept sum, and the sums against the duties.
    "check sums of duties": entry("relations.tasks.check_duty_sums", crontab(minute=15, hour=3), 4 * HOUR),
    # Employers that may stand twice, because whoever registered one did not see the other.
    "look for duplicates": entry("employers.tasks.look_for_duplicates", crontab(minute=45, hour=2), 4 * HOUR),
    # From 1 November it warns while next year's holiday notice is missing; before work, so it is read the same day.
    "check calendar": entry("reminders.tasks.check_calendar", crontab(minute=0, hour=8), 12 * HOUR),
    # What the public door kept for some minutes is gone soon after them.
    "clear portal sessions": entry(
        "complaints.tasks.clear_portal_sessions", crontab(minute="*/10"), 9 * MINUTE
    ),
    # Sessions of the staff site end after twelve hours; their rows go with the next full hour.
    "clear sessions": entry("accounts.tasks.clear_sessions", crontab(minute=40), 50 * MINUTE),
    # Registers that a killed worker or a broker that was away left unread or unwritten; somebody sits and waits.
    "pick up imports": entry("relations.tasks.run_imports", crontab(), 50),
}

# The steps of a sweep in the order they run: what is owed, then whom it is asked of, then whom it is escalated to, then
# everything else about reminders. Each runs in a transaction of its own behind its SweepMark and catches up missed days
# (reminders.steps); one that fails holds up no other. A test holds this list against what really runs.
SWEEP = (
    # owed
    "complaints",  # due dates by today's calendar, a head in place of one who has left: complaints.clocks.sweep
    "duties",  # the duties of a new month and of new records: relations.duties.opening
    "greetings",  # a greeting before each festival: relations.parties.sweep
    "monthly sheets",  # last month's sheet of contacts, to be printed: relations.parties.sweep
    "renewals",  # a talk before a contract ends without a successor: employers.renewals
    "report appointments",  # a time for the year-end report: relations.parties.sweep
    # asked
    "emergencies to review",  # records opened in an emergency: relations.shares.actions
    "reminders of complaints",  # clocks, next steps and measures: complaints.clocks.sweep
    "reminders of duties",  # near their due date: relations.reminding.raising
    "reminders of tasks",  # near their due date: relations.reminding.raising
    # escalated
    "approvals",  # what has waited too long, to the next one up: reminders.approvals
    "escalation of complaints",  # overdue or standing still, to the director: complaints.clocks.sweep
    "escalation of duties",  # overdue, to each next person above: relations.reminding.raising
    "escalation of tasks",  # overdue, to the next person above: relations.reminding.raising
    # told
    "acts of complaints",  # every act must still be what was written: complaints.clocks.sweep
    "calendar",  # next year's holiday notice while it is missing: reminders.calendar.watch
    "information that was read",  # closes what asks for nothing and was read: reminders.information
    "refused attempts",  # removes the rows that are kept long enough: reminders.refusal_step
    "stand-ins",  # an absent colleague's open reminders to the stand-in: reminders.standing_in
)
