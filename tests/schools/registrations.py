"""What schools add to the registers of the apps below."""

from accounts.references import KEPT, TAKE_OVER, each, merged
from accounts.roles import FURTHER_KINDS
from relations.parties.kinds import KINDS
from relations.parties.registers import MERGE, PERSONAL_DATA
from tests.schools.kind import SCHOOL, SIGHT

KINDS.add(SCHOOL.kind, SCHOOL)
FURTHER_KINDS.add(SCHOOL.kind, SIGHT)
TAKE_OVER.add_all(each(KEPT, "schools.SchoolAgreement", "created_by"))
MERGE.add_all(each(merged("the columns of both become one row"), "schools.School", "stakeholder_ptr"))
PERSONAL_DATA.add_all(each(KEPT, "schools.School", "stakeholder_ptr"))
