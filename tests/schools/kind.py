"""The specification of 学校 as a kind of stakeholder."""

from accounts.roles import KindVisibility, Role, Scope
from relations.parties.kinds import Clause, FormSpec, KindLevel, KindSpec, RecordSpec, TermSpec
from relations.parties.sweep import GREETINGS
from tests.schools.forms import AgreementForm, NewAgreementForm, NewSchoolForm, SchoolForm
from tests.schools.importing import SchoolImport
from tests.schools.lists import SchoolList
from tests.schools.models import School, SchoolAgreement


def town_is_known(cycle, today):
    """A guard: returns the reason why the cycle cannot move, or None."""
    known = School.objects.filter(pk=cycle.stakeholder_id).exclude(town="").exists()
    return None if known else "还没有登记这所学校在哪个镇街。"


SCHOOL = KindSpec(
    kind=School.KIND,
    unit="所",
    this="这所学校",
    prefix="XX",
    url_namespace="schools",
    icon="book",
    keys="g x",
    model=School,
    stage_labels={"1_contact": "初次走访"},
    guards={"assess": (town_is_known,)},
    own_levels=(KindLevel("principal", "校长", 7),),
    forms=FormSpec(NewSchoolForm, SchoolForm, "新增学校", "修改学校资料"),
    record=RecordSpec(template="schools/record.html"),
    terms=TermSpec(SchoolAgreement, "协议", "协议", AgreementForm, NewAgreementForm, identity_field="number"),
    list=SchoolList(),
    imports=SchoolImport(),
    clauses={Clause.URGENT: "学校关系管理指引：紧急事项"},
    calendar_clauses={GREETINGS: "学校关系管理指引：节日慰问"},
)
SIGHT = KindVisibility(
    "学校",
    scopes={
        Role.HEAD: Scope.ALL,
        Role.DIRECTOR: Scope.ALL,
        Role.DEPARTMENT_HEAD: Scope.DEPARTMENT,
        Role.RESIDENT: Scope.OWN,
    },
)
