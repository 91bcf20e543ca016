"""The schedule of Celery beat, and the steps of a sweep in their order. Times are in Asia/Shanghai.

An entry only starts a task; what is due is read from database rows, so a missed, repeated or late call does no harm.
Each message expires before the next one of its kind is due, so that messages do not pile up while no worker runs.
"""

from celery.schedules import crontab

MINUTE = 60
HOUR = 60 * MINUTE


def entry(task, when, expires):
    """One entry of the schedule: task name, crontab, and the seconds after which a waiting message expires."""
    return {"task": task, "schedule": when, "options": {"expires": expires}}


BEAT = {
    # The first sweep of a day: duties due today are on the workbench before the first user opens it.
    "sweep at the start of the day": entry("reminders.tasks.sweep", crontab(minute=10, hour=0), 50 * MINUTE),
    # Every working hour, so that a contract or rule changed in the morning raises its reminders the same day.
    "sweep by day": entry("reminders.tasks.sweep", crontab(minute=0, hour="7-20"), 50 * MINUTE),
    # E-mails are retried at this interval; the task itself sends only in working hours.
    "deliver": entry("reminders.tasks.deliver", crontab(minute="*/5"), 4 * MINUTE),
    # E-mails with links for a new password and about changed passwords, at any hour.
    "passwords": entry("accounts.tasks.send_password_letters", crontab(), 50),
    # Compares the stored duties with the log, at an hour without writes; differences are reported, not corrected.
    "check duties": entry("relations.tasks.check_duties", crontab(minute=30, hour=2), 4 * HOUR),
    # Merges the rows of each stored sum into one, and compares the sums with the duties.
    "check sums of duties": entry("relations.tasks.check_duty_sums", crontab(minute=15, hour=3), 4 * HOUR),
    # Employers that may be registered twice, because the second user could not see the first record.
    "look for duplicates": entry("employers.tasks.look_for_duplicates", crontab(minute=45, hour=2), 4 * HOUR),
    # Sessions of the public portal expire after some minutes and are deleted soon afterwards.
    "clear portal sessions": entry(
        "complaints.tasks.clear_portal_sessions", crontab(minute="*/10"), 9 * MINUTE
    ),
    # Sessions of the staff site end after twelve hours; their rows are deleted within the next hour.
    "clear sessions": entry("accounts.tasks.clear_sessions", crontab(minute=40), 50 * MINUTE),
    # Imports left unfinished by a killed worker or an unreachable broker; a user is waiting for them.
    "pick up imports": entry("relations.tasks.run_imports", crontab(), 50),
}

# The steps of a sweep in the order they run, under the names of their phases (reminders.steps.Phase). Each step runs in
# its own transaction, guarded by its SweepMark, and catches up missed days; a step that fails does not stop the others.
# A test compares this list with the registered steps.
SWEEP = (
    # OPEN
    "access that has ended",  # reminders that outlive a share or a supervision: relations.reminding.ended_rights
    "complaints",  # due dates by today's calendar, a head in place of one who has left: complaints.clocks.sweep
    "duties",  # the duties of a new month and of new records: relations.duties.opening
    "greetings",  # a greeting before each festival: relations.parties.sweep
    "monthly sheets",  # last month's sheet of contacts, to be printed: relations.parties.sweep
    "renewals",  # a talk before a contract ends without a successor: employers.renewals
    "report appointments",  # a time for the year-end report: relations.parties.sweep
    # REMIND
    "emergencies to review",  # records opened in an emergency: relations.shares.emergencies
    "reminders of complaints",  # clocks, next steps and measures: complaints.clocks.sweep
    "reminders of duties",  # near their due date: relations.reminding.raising
    "reminders of tasks",  # near their due date: relations.reminding.raising
    # ESCALATE
    "approvals",  # requests that have waited too long, to the next tier: reminders.approvals
    "escalation of complaints",  # overdue or standing still, to the director: complaints.clocks.sweep
    "escalation of duties",  # overdue, to each next person above: relations.reminding.raising
    "escalation of tasks",  # overdue, to the next person above: relations.reminding.raising
    # FINISH
    "acts of complaints",  # verifies that stored acts are unchanged: complaints.clocks.sweep
    "calendar",  # next year's holiday notice while it is missing: reminders.calendar.watch
    "information that was read",  # closes read notices that require no action: reminders.information
    "refused attempts",  # deletes rows past their retention period: reminders.refusal_step
    "stand-ins",  # an absent colleague's open reminders to the stand-in: reminders.standing_in
)
