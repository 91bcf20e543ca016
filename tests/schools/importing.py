"""The specification of the import of schools from Excel."""

from dataclasses import dataclass

from relations.imports.columns import Column, DateColumn
from relations.imports.specs import PageWording
from relations.imports.stakeholders.rows import StakeholderEntry
from relations.imports.stakeholders.spec import StakeholderImport, TermColumns
from tests.schools.models import School, SchoolAgreement


@dataclass(slots=True)
class SchoolEntry(StakeholderEntry):
    town: str = ""


class SchoolImport(StakeholderImport):
    kind, model, entry = School.KIND, School, SchoolEntry
    name_column = Column("name", ("学校名称", "名称"), longest=120)
    own_columns = (Column("town", ("镇街",), "镇街"),)
    term = TermColumns(
        model=SchoolAgreement,
        number=Column("agreement_number", ("协议编号",), longest=60, attribute="term_number"),
        starts_on=DateColumn("starts_on", ("协议开始",)),
        ends_on=DateColumn("ends_on", ("协议结束",)),
        incomplete="要写全协议编号、协议开始和协议结束。",
        doubled="这个协议编号在%s已经有了。",
        elsewhere="这个协议编号已经登记在别的学校。",
        wrong_order="比协议开始（%s）早。",
    )
    reason = "导入学校名册"
    namespace, list_view = "school_imports", "schools:list"
    wording = PageWording(title="导入学校", list_title="学校")
