"""What accounts fill in the registers of approvals: the roles that a step can ask for, and the matters of rights."""

from accounts.approvals.askers import RECORD_ASKERS
from accounts.approvals.registers import ASKERS, MATTERS
from accounts.approvals.second_name import SECOND_NAMES
from accounts.rights.account_matters import NAME, ROLES, Name, Roles
from accounts.rights.headship import HEADSHIP, Headship
from accounts.rights.stand_ins import STAND_IN, StandsIn

for name, asker in (RECORD_ASKERS | SECOND_NAMES).items():
    ASKERS.add(name, asker)

MATTERS.add(ROLES, Roles())
MATTERS.add(NAME, Name())
MATTERS.add(HEADSHIP, Headship())
MATTERS.add(STAND_IN, StandsIn())
