"""What relations registers with the apps below, lowest app first; imports the modules that connect signal receivers."""

from django.utils.translation import gettext_lazy as _

from accounts.access import ACCESS_SOURCES
from accounts.approvals.registers import MATTERS
from accounts.references import TAKE_OVER
from accounts.refusals.recording import PLACES, Place
from accounts.roles import ADMIN_MODELS, Permission
from relations.approvals.matter import MATTER, CourseDecision
from relations.cycle import revisits
from relations.cycle.lifecycle import AFTER_MOVES
from relations.duties import opening, receivers  # noqa: F401  connects signal receivers
from relations.models import Purpose, Task
from relations.models.task_origins import ORIGINS, TaskOrigin
from relations.parameters import NUMBERS
from relations.parties import references, sweep
from relations.parties.registers import MERGE, PERSONAL_DATA
from relations.reminding import ended_rights, raising
from relations.reminding.kinds import ReminderKind
from relations.search.records import Records
from relations.search.sources import SOURCES as SEARCH
from relations.shares import emergencies
from relations.shares import receivers as share_receivers  # noqa: F401  connects signal receivers
from relations.shares.access_sources import (
    AskedRecords,
    DecidedRecords,
    OwnAccountRecord,
    SharedRecords,
    SupervisedRecords,
)
from relations.timeline.own_sources import OWN_SOURCES
from relations.timeline.sources import SOURCES as TIMELINE
from reminders.kinds import KINDS as REMINDER_KINDS
from reminders.kinds import ReminderDisplay
from reminders.parameters import PARAMETERS
from reminders.steps import STEPS, Phase, SweepStep

# accounts: access rules, subjects of approval requests, hand-over of a closed account, admin site
ACCESS_SOURCES.add("account", OwnAccountRecord())
ACCESS_SOURCES.add("supervision", SupervisedRecords())
ACCESS_SOURCES.add("asked", AskedRecords())
ACCESS_SOURCES.add("decided", DecidedRecords())
ACCESS_SOURCES.add("share", SharedRecords())

MATTERS.add(MATTER, CourseDecision())
TAKE_OVER.add_all(references.TAKE_OVER)

PLACES.add("interactions", Place(_("沟通记录")))
PLACES.add("relations", Place(_("关系")))

for model in ("cadencerule", "meetingtemplateitem"):
    ADMIN_MODELS.add(f"relations.{model}", Permission.MANAGE_RULES)
for model in (
    "stakeholder",
    "contactperson",
    "interaction",
    "cycle",
    "stagechange",
    "duty",
    "task",
    "import",
):
    ADMIN_MODELS.add(f"relations.{model}", Permission.CORRECT)

# reminders: adjustable numbers, steps of the sweep, kinds of reminders
PARAMETERS.add_all({number.key: number for number in NUMBERS})

for step in (
    SweepStep(Phase.OPEN, ended_rights.STEP, ended_rights.close_outlived, is_before_letters=True),
    SweepStep(Phase.OPEN, opening.STEP, opening.open_duties),
    SweepStep(Phase.OPEN, sweep.GREETINGS, sweep.open_greeting_tasks),
    SweepStep(Phase.OPEN, sweep.MONTHLY_SHEETS, sweep.open_monthly_sheet_tasks),
    SweepStep(Phase.OPEN, sweep.REPORTS, sweep.open_report_tasks),
    SweepStep(Phase.REMIND, "emergencies to review", emergencies.notify_new_reviewers),
    SweepStep(Phase.REMIND, "reminders of duties", raising.remind_of_duties),
    SweepStep(Phase.REMIND, "reminders of tasks", raising.remind_of_tasks),
    SweepStep(Phase.ESCALATE, "escalation of duties", raising.escalate_duties),
    SweepStep(Phase.ESCALATE, "escalation of tasks", raising.escalate_tasks),
):
    STEPS.add(step.name, step)

REMINDER_KINDS.add(ReminderKind.DUE.value, ReminderDisplay(ReminderKind.DUE.label, "clock", falls_due=True))
REMINDER_KINDS.add(ReminderKind.ESCALATED.value, ReminderDisplay(ReminderKind.ESCALATED.label, "person-up"))
REMINDER_KINDS.add(ReminderKind.HAND_OVER.value, ReminderDisplay(ReminderKind.HAND_OVER.label, "people"))
REMINDER_KINDS.add(
    ReminderKind.IMPORT.value, ReminderDisplay(ReminderKind.IMPORT.label, "file-earmark-spreadsheet")
)
REMINDER_KINDS.add(
    ReminderKind.CHECK.value, ReminderDisplay(ReminderKind.CHECK.label, "exclamation-triangle-fill")
)

# relations: origins of tasks, effects of stage moves, timeline, search, merging
DAYS_AROUND = 15  # days around the due date in which a contact closes the task of a greeting or a revisit

for origin, facts in (
    (Task.Origin.FOLLOW_UP, {}),
    (Task.Origin.RETRY, {}),
    (
        Task.Origin.GREETING,
        {
            "purpose": Purpose.GREETING,
            "is_closed_by_purpose": True,
            "within": DAYS_AROUND,
            "and_after": True,
        },
    ),
    (
        Task.Origin.REVISIT,
        {"purpose": Purpose.FOLLOW_UP, "is_closed_by_purpose": True, "within": DAYS_AROUND},
    ),
    (Task.Origin.URGENT, {"purpose": Purpose.URGENT}),
    (Task.Origin.REPORT, {"purpose": Purpose.YEAR_END_REPORT, "is_closed_by_purpose": True}),
    (Task.Origin.MONTHLY_SHEET, {}),
    (Task.Origin.NUDGE, {}),
    (Task.Origin.OTHER, {}),
):
    ORIGINS.add(origin.value, TaskOrigin(origin.label, **facts))

AFTER_MOVES.add(("close", "revisits are planned"), revisits.plan_revisits)
AFTER_MOVES.add(("new_need", "revisits are dropped"), revisits.follow_up_in_next_cycle)
AFTER_MOVES.add(("back_to_evaluation", "revisits are dropped"), revisits.drop_after_reopening)

TIMELINE.add_all(OWN_SOURCES)
SEARCH.add("records", Records())
MERGE.add_all(references.MERGE)
PERSONAL_DATA.add_all(references.PERSONAL_DATA)
