"""The registrations of schools with the apps below."""

from accounts.references import KEPT, TAKE_OVER, fate_of_fields, merged_reference
from accounts.refusals.recording import PLACES, Place
from accounts.roles import FURTHER_KINDS
from relations.parties.kinds import KINDS
from relations.parties.registers import MERGE, PERSONAL_DATA
from tests.schools.kind import SCHOOL, SIGHT

KINDS.add(SCHOOL.kind, SCHOOL)
FURTHER_KINDS.add(SCHOOL.kind, SIGHT)
PLACES.add("schools", Place(SCHOOL.label))
PLACES.add("school_imports", Place("导入学校"))
TAKE_OVER.add_all(fate_of_fields(KEPT, "schools.SchoolAgreement", "created_by"))
MERGE.add_all(
    fate_of_fields(
        merged_reference("the columns of both become one row"), "schools.School", "stakeholder_ptr"
    )
)
PERSONAL_DATA.add_all(fate_of_fields(KEPT, "schools.School", "stakeholder_ptr"))
