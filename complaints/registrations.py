"""Registrations of complaints with the apps below; each entry is limited to complaints visible to the user."""

from django.utils.translation import gettext_lazy as _

from accounts.approvals.registers import APPROVER_ROLES, MATTERS
from accounts.references import KEPT, TAKE_OVER, fate_of_fields, moved_reference
from accounts.refusals.recording import PLACES, Place
from complaints.appointments.matter import APPOINTERS, MATTER, AppointmentMatter
from complaints.clocks import receivers, sweep  # noqa: F401  connects the receivers
from complaints.clocks.notices import REMINDER_KIND
from complaints.lists import panels as own_panels
from complaints.lists.search import ComplaintSearch
from complaints.parameters import NUMBERS
from complaints.reports.tile import OpenComplaints
from relations.parties import panels
from relations.parties.registers import MERGE, PERSONAL_DATA
from relations.search.sources import SOURCES as SEARCH
from relations.tiles import TILES
from reminders.kinds import KINDS as REMINDER_KINDS
from reminders.kinds import ReminderDisplay
from reminders.parameters import PARAMETERS
from reminders.steps import STEPS, Phase, SweepStep

# accounts: matters of approval, logged refusals, and the work of users who leave
APPROVER_ROLES.add_all(APPOINTERS)
MATTERS.add(MATTER, AppointmentMatter())

PLACES.add("complaints", Place(_("意见／投诉"), is_secret=True))
PLACES.add("portal", Place(is_kept=False))

# The user who closes an account is shown no complaints (R153): appointing a new head hands them over.
APPOINTED = moved_reference(note="somebody else is appointed by two; the open complaints go over with it")
TAKE_OVER.add_all(
    fate_of_fields(APPOINTED, "complaints.Appointment", "head", "alternate")
    | fate_of_fields(APPOINTED, "complaints.Complaint", "head")
    | fate_of_fields(
        moved_reference(note="the head names another handler"), "complaints.Complaint", "handler"
    )
    | fate_of_fields(moved_reference(note="the head names another owner"), "complaints.Improvement", "owner")
    | fate_of_fields(KEPT, "complaints.Appointment", "set_by", "former", "hand_over_agreed_by")
    | fate_of_fields(KEPT, "complaints.Complaint", "entered_by", "opinion_by")
    | fate_of_fields(KEPT, "complaints.Act", "by")
    | fate_of_fields(KEPT, "complaints.Access", "user", "given_by", "taken_by")
    | fate_of_fields(KEPT, "complaints.Accused", "user")
    | fate_of_fields(KEPT, "complaints.ExcludedPerson", "user")
    | fate_of_fields(KEPT, "complaints.Viewing", "user")
    | fate_of_fields(KEPT, "complaints.PublicText", "written_by")
)

# reminders: parameters, steps of the sweep, the kind of reminder
PARAMETERS.add_all({number.key: number for number in NUMBERS})

for step in (
    SweepStep(Phase.OPEN, "complaints", sweep.correct_open_complaints),
    SweepStep(Phase.REMIND, "reminders of complaints", sweep.remind_daily),
    SweepStep(Phase.ESCALATE, "escalation of complaints", sweep.escalate),
    SweepStep(Phase.FINISH, "acts of complaints", sweep.verify_audit_log),
):
    STEPS.add(step.name, step)

REMINDER_KINDS.add(REMINDER_KIND, ReminderDisplay(_("意见／投诉")))

# relations: panels, search, the tile, and the stakeholder that a complaint is about
panels.ON_WORK.add("complaints", own_panels.work_panel)
panels.ON_RECORD.add("complaints", own_panels.RecordPanel())
SEARCH.add("complaints", ComplaintSearch())
TILES.add("complaints", OpenComplaints())
MERGE.add("complaints.Complaint.stakeholder", moved_reference())
PERSONAL_DATA.add("complaints.Complaint.stakeholder", KEPT)
