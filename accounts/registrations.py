"""What accounts registers in its own registers, and the signal receivers it imports."""

from django.urls import register_converter
from django.utils.translation import gettext_lazy as _

from accounts import offboarding
from accounts.approvals.approver_roles import RECORD_APPROVER_ROLES
from accounts.approvals.registers import APPROVER_ROLES, MATTERS
from accounts.approvals.second_name import SECOND_NAMES
from accounts.keys import KeyConverter
from accounts.passwords import notices  # noqa: F401  connects its signal receivers
from accounts.references import KEPT, TAKE_OVER, fate_of_fields, moved_reference
from accounts.refusals.recording import PLACES, Place
from accounts.rights.account_matters import NAME, ROLES, NameMatter, RolesMatter
from accounts.rights.headship import HEADSHIP, HeadshipMatter
from accounts.rights.stand_ins import STAND_IN, StandInMatter
from accounts.rights.supervising import SUPERVISION, SupervisionMatter
from accounts.roles import ADMIN_MODELS, Permission

register_converter(KeyConverter, "key")

APPROVER_ROLES.add_all(RECORD_APPROVER_ROLES | SECOND_NAMES)

MATTERS.add(ROLES, RolesMatter())
MATTERS.add(NAME, NameMatter())
MATTERS.add(HEADSHIP, HeadshipMatter())
MATTERS.add(STAND_IN, StandInMatter())
MATTERS.add(SUPERVISION, SupervisionMatter())

for model in ("user", "department", "standin"):
    ADMIN_MODELS.add(f"accounts.{model}", Permission.MANAGE_ACCOUNTS)

PLACES.add("accounts", Place(_("账号")))
PLACES.add("admin", Place(_("管理后台")))

TAKE_OVER.add("accounts.Department.head", moved_reference(offboarding.departments_headed))
TAKE_OVER.add("accounts.StandIn.stand_in", moved_reference(offboarding.colleagues_stood_in_for))
TAKE_OVER.add("accounts.Supervision.supervisor", moved_reference(offboarding.colleagues_supervised))
TAKE_OVER.add_all(
    fate_of_fields(KEPT, "accounts.Sheet", "about", "asked_by", "decided_by", "notified_users", "named")
    | fate_of_fields(KEPT, "accounts.Step", "about", "also_about", "opened_by", "decided_by", "decided_for")
    | fate_of_fields(KEPT, "accounts.Chain", "set_by")
    | fate_of_fields(KEPT, "accounts.PasswordReset", "user", "started_by", "printed_by")
    | fate_of_fields(KEPT, "accounts.AccountEvent", "user", "by")
    | fate_of_fields(KEPT, "accounts.SecurityLetter", "user")
    | fate_of_fields(KEPT, "accounts.RefusedAttempt", "user")
    | fate_of_fields(KEPT, "accounts.Supervision", "worker", "set_by")
    | fate_of_fields(KEPT, "accounts.StandIn", "absent", "created_by")
    | fate_of_fields(KEPT, "admin.LogEntry", "user")
)
