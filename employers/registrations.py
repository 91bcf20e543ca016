"""The registrations of employers with the apps below; imports the signal receivers."""

from django.utils.translation import gettext_lazy as _

from accounts.references import KEPT, TAKE_OVER, erased_reference, fate_of_fields, merged_reference
from accounts.refusals.recording import PLACES, Place
from accounts.roles import ADMIN_MODELS, Permission
from employers import renewals  # contains a receiver of saved contracts
from employers.kind import EMPLOYER
from employers.parameters import NUMBERS
from relations.models import Purpose
from relations.models.task_origins import ORIGINS, TaskOrigin
from relations.parties.kinds import KINDS
from relations.parties.registers import MERGE, PERSONAL_DATA
from reminders.kinds import KINDS as REMINDER_KINDS
from reminders.kinds import ReminderDisplay
from reminders.parameters import PARAMETERS
from reminders.steps import STEPS, Phase, SweepStep

PLACES.add("employers", Place(_("用人单位")))
PLACES.add("employer_imports", Place(_("导入用人单位")))
for model in ("employer", "contract"):
    ADMIN_MODELS.add(f"employers.{model}", Permission.CORRECT)

TAKE_OVER.add_all(
    fate_of_fields(KEPT, "employers.Contract", "created_by")
    | fate_of_fields(KEPT, "employers.PossibleDuplicate", "settled_by")
)

PARAMETERS.add_all({number.key: number for number in NUMBERS})
STEPS.add("renewals", SweepStep(Phase.OPEN, "renewals", renewals.open_renewal_tasks))
REMINDER_KINDS.add("contract", ReminderDisplay(_("合同到期"), "file-earmark"))  # in older notices

ORIGINS.add(renewals.RENEWAL, TaskOrigin(_("续签前沟通"), Purpose.RENEWAL, is_closed_by_purpose=True))
KINDS.add(EMPLOYER.kind, EMPLOYER)

MERGE.add_all(
    fate_of_fields(
        merged_reference("the columns of both become one row"), "employers.Employer", "stakeholder_ptr"
    )
    | fate_of_fields(KEPT, "employers.PossibleDuplicate", "first", "second")
)
PERSONAL_DATA.add_all(
    fate_of_fields(KEPT, "employers.Employer", "stakeholder_ptr")
    | fate_of_fields(erased_reference(), "employers.PossibleDuplicate", "first", "second")
)
