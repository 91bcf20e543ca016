"""The registrations of reminders: numbers, steps of the sweep, kinds of reminders; imports the signal receivers."""

from accounts.approvals.registers import CALENDAR, NOTICES
from accounts.references import KEPT, TAKE_OVER, fate_of_fields, moved_reference
from accounts.roles import ADMIN_MODELS, Permission
from reminders import account_notices, approvals, information, refusal_step, standing_in  # noqa: F401  listens
from reminders.approvals import Notices, WorkingDays
from reminders.calendar import watch
from reminders.kinds import KINDS, ReminderDisplay
from reminders.models import Reminder
from reminders.parameters import NUMBERS, PARAMETERS
from reminders.steps import STEPS, Phase, SweepStep

CALENDAR.add("working_days", WorkingDays())
NOTICES.add("reminders", Notices())

PARAMETERS.add_all({number.key: number for number in NUMBERS})

for step in (
    SweepStep(Phase.ESCALATE, "approvals", approvals.escalate),
    SweepStep(Phase.FINISH, "calendar", watch.watch_calendar),
    SweepStep(Phase.FINISH, "information that was read", information.close_read_notices),
    SweepStep(Phase.FINISH, "refused attempts", refusal_step.delete_old_refusals),
    SweepStep(Phase.FINISH, "stand-ins", standing_in.notify_stand_ins),
):
    STEPS.add(step.name, step)

for kind, icon in (
    (Reminder.Kind.CALENDAR, "calendar3"),
    (Reminder.Kind.APPROVAL, "check2-square"),
    (Reminder.Kind.NUDGE, "chat-dots"),
    (Reminder.Kind.ACCOUNT, "key"),
):
    KINDS.add(kind.value, ReminderDisplay(kind.label, icon))

for model in ("holidayoverride", "holidaynotice"):
    ADMIN_MODELS.add(f"reminders.{model}", Permission.MANAGE_CALENDAR)
ADMIN_MODELS.add("reminders.parameter", Permission.MANAGE_RULES)
for model in ("reminder", "delivery"):
    ADMIN_MODELS.add(f"reminders.{model}", Permission.CORRECT)

TAKE_OVER.add_all(
    fate_of_fields(KEPT, "reminders.HolidayNotice", "saved_by")
    | fate_of_fields(KEPT, "reminders.HolidayOverride", "created_by")
    | fate_of_fields(KEPT, "reminders.Parameter", "set_by")
    | fate_of_fields(KEPT, "reminders.Delivery", "recipient")
    | fate_of_fields(
        moved_reference(note="given at once to whom the thing falls now"), "reminders.Reminder", "recipient"
    )
)
