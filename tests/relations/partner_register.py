"""The smallest declaration with which a kind can be imported: partners, a kind without an app of its own."""

from relations.imports.columns import Column
from relations.imports.specs import PageWording
from relations.imports.stakeholders.spec import StakeholderImport
from relations.models import Kind, Stakeholder
from relations.parties.kinds import KindSpec


class PartnerImport(StakeholderImport):
    """合作单位名册: names, contact persons, telephone numbers and responsible workers."""

    kind = Kind.PARTNER
    model = Stakeholder
    name_column = Column("name", ("组织名称", "名称"), longest=120)
    reason = "导入合作单位名册"
    namespace = "partner_imports"
    wording = PageWording(title="导入合作单位", list_title="合作单位")


PARTNERS = PartnerImport()
PARTNER = KindSpec(
    kind=Kind.PARTNER,
    unit="个",
    prefix="HZ",
    url_namespace="partners",
    model=Stakeholder,
    imports=PARTNERS,
)
