"""What accounts registers in its own registers, and the signal receivers it imports."""

from django.urls import register_converter
from django.utils.translation import gettext_lazy as _

from accounts import offboarding
from accounts.approvals.askers import RECORD_ASKERS
from accounts.approvals.registers import ASKERS, MATTERS
from accounts.approvals.second_name import SECOND_NAMES
from accounts.keys import KeyConverter
from accounts.passwords import notices  # noqa: F401  connects its signal receivers
from accounts.references import KEPT, TAKE_OVER, each, moved
from accounts.refusals.recording import PLACES, Place
from accounts.rights.account_matters import NAME, ROLES, Name, Roles
from accounts.rights.headship import HEADSHIP, Headship
from accounts.rights.stand_ins import STAND_IN, StandsIn
from accounts.roles import ADMIN_MODELS, Permission

register_converter(KeyConverter, "key")

ASKERS.add_all(RECORD_ASKERS | SECOND_NAMES)

MATTERS.add(ROLES, Roles())
MATTERS.add(NAME, Name())
MATTERS.add(HEADSHIP, Headship())
MATTERS.add(STAND_IN, StandsIn())

for model in ("user", "department", "standin"):
    ADMIN_MODELS.add(f"accounts.{model}", Permission.MANAGE_ACCOUNTS)

PLACES.add("accounts", Place(_("账号")))
PLACES.add("admin", Place(_("管理后台")))

TAKE_OVER.add("accounts.Department.head", moved(offboarding.departments_headed))
TAKE_OVER.add("accounts.StandIn.stand_in", moved(offboarding.colleagues_stood_in_for))
TAKE_OVER.add("accounts.Supervision.supervisor", moved(offboarding.colleagues_supervised))
TAKE_OVER.add_all(
    each(KEPT, "accounts.Sheet", "about", "asked_by", "decided_by", "told", "named")
    | each(KEPT, "accounts.Step", "about", "opened_by", "decided_by", "decided_for")
    | each(KEPT, "accounts.Chain", "set_by")
    | each(KEPT, "accounts.PasswordReset", "user", "started_by", "printed_by")
    | each(KEPT, "accounts.AccountEvent", "user", "by")
    | each(KEPT, "accounts.SecurityLetter", "user")
    | each(KEPT, "accounts.RefusedAttempt", "user")
    | each(KEPT, "accounts.Supervision", "worker", "set_by")
    | each(KEPT, "accounts.StandIn", "absent", "created_by")
    | each(KEPT, "admin.LogEntry", "user")
)
