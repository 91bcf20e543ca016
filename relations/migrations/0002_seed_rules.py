"""The contact rules and meeting lists of the documents, with their clauses (R36-R46, R69-R88)."""

from datetime import date

from django.db import migrations

from accounts.roles import Tier, mask_of
from relations.models.cadence import level_mask, purpose_mask
from relations.models.interaction import Purpose as P
from relations.models.stakeholder import Level as L

MADE = date(2018, 11, 1)  # the month the guide was made (R3)
CONVERSATIONS = purpose_mask(
    [
        P.ORDINARY,
        P.WORK_REPORT,
        P.YEAR_END_REPORT,
        P.INVITATION,
        P.URGENT,
        P.INTERVIEW,
        P.FOLLOW_UP,
        P.VISIT,
        P.FEEDBACK,
        P.RENEWAL,
    ]
)
KEEPING_WARM = CONVERSATIONS | purpose_mask([P.GREETING, P.PUSH])
MANAGEMENT = mask_of([Tier.COUNCIL, Tier.DIRECTOR, Tier.DEPARTMENT])

RULES = [
    {
        "code": "resident-contact",
        "name": "驻点沟通",
        "tier": Tier.RESIDENT,
        "period": "month",
        "purpose_mask": CONVERSATIONS,
        "tier_mask": mask_of([Tier.RESIDENT]),
        "clause": "用人单位关系管理指引 二（二）2 1）：每月不少于1次",
        "remark": "日常对接办事员及领导",
    },
    {
        "code": "sheet-check",
        "name": "信息表核对",
        "tier": Tier.RESIDENT,
        "period": "quarter",
        "purpose_mask": purpose_mask([P.SHEET_CHECK]),
        "lead_days": 10,
        "clause": "用人单位关系管理指引 二（二）1：每季度更新一次",
        "remark": "核对无变化也算",
    },
    {
        "code": "department-contact",
        "name": "部门沟通",
        "tier": Tier.DEPARTMENT,
        "period": "half",
        "purpose_mask": CONVERSATIONS,
        "tier_mask": mask_of([Tier.DEPARTMENT]),
        "level_mask": level_mask([L.BUREAU_DIRECTOR, L.LEADER, L.DEPARTMENT_HEAD, L.CLERK, L.COMMUNITY_CADRE]),
        "lead_days": 20,
        "clause": "公共关系管理指引 三 一（二）1 层级安排：至少半年一次",
    },
    {
        "code": "director-contact",
        "name": "总干事沟通",
        "tier": Tier.DIRECTOR,
        "period": "year",
        "purpose_mask": CONVERSATIONS,
        "tier_mask": mask_of([Tier.DIRECTOR]),
        "level_mask": level_mask([L.PARTY_COMMITTEE, L.BUREAU_DIRECTOR, L.DEPARTMENT_HEAD]),
        "lead_days": 30,
        "clause": "公共关系管理指引 三 一（二）1 层级安排：至少每年一次",
    },
    {
        "code": "council-contact",
        "name": "理事会沟通",
        "tier": Tier.COUNCIL,
        "period": "year",
        "purpose_mask": CONVERSATIONS,
        "tier_mask": mask_of([Tier.COUNCIL]),
        "level_mask": level_mask([L.PARTY_COMMITTEE, L.BUREAU_DIRECTOR]),
        "lead_days": 30,
        "clause": "公共关系管理指引 三 一（二）1 层级安排：每年一次",
    },
    {
        "code": "management-contact",
        "name": "管理层沟通",
        "tier": Tier.DIRECTOR,
        "period": "year",
        "times": 2,
        "purpose_mask": CONVERSATIONS,
        "tier_mask": MANAGEMENT,
        "counts_accompanying": True,
        "lead_days": 30,
        "clause": "用人单位关系管理指引 二（二）2 2）：每年不少于2次",
        "remark": "理事会、总干事和部门负责人都算",
    },
    {
        "code": "work-report",
        "name": "工作汇报",
        "tier": Tier.RESIDENT,
        "period": "year",
        "purpose_mask": purpose_mask([P.WORK_REPORT, P.YEAR_END_REPORT]),
        "lead_days": 30,
        "clause": "用人单位关系管理指引 二（二）2 3）：每年不少于1次",
        "remark": "年终由驻点负责人约定时间，机构管理人员或上级督导陪同",
    },
    {
        "code": "feedback",
        "name": "服务反馈收集",
        "tier": Tier.DEPARTMENT,
        "period": "year",
        "purpose_mask": purpose_mask([P.FEEDBACK]),
        "lead_days": 30,
        "clause": "用人单位关系管理指引 二（二）5：每年至少收集一次",
    },
    {
        "code": "senior-supervisor",
        "name": "上级督导走访",
        "tier": Tier.SUPERVISOR,
        "period": "as_needed",
        "tier_mask": mask_of([Tier.SUPERVISOR]),
        "clause": "公共关系管理指引 三 一（二）1 层级安排：按实际需要陪同走访",
    },
    {
        "code": "prospective-contact",
        "name": "潜在单位维护",
        "standing": "prospective",
        "tier": Tier.RESIDENT,
        "period": "as_needed",
        "purpose_mask": KEEPING_WARM,
        "clause": "用人单位关系管理指引 二（二）：电话回访、节日慰问、信息推送、邀请参观交流",
        "remark": "指引没有规定频次，由中心自定",
    },
]

CHECKLIST = [
    ("事先研读单位及其主要对接人的资料", "用人单位关系管理指引 二（一）1.1 1）"),
    ("了解是否购买过社工服务，以前的合作情况怎样", "用人单位关系管理指引 二（一）1.1 2）"),
    ("了解单位和对接人有没有需要谨慎处理的特殊事项", "用人单位关系管理指引 二（一）1.1 3）"),
    ("条件允许时事先走访服务区域", "用人单位关系管理指引 二（一）1.1 4）"),
    ("其他有助于会谈的准备", "用人单位关系管理指引 二（一）1.1 5）"),
]
OUTLINE = [
    ("介绍中心、中心的优势和经验，以及自己", "用人单位关系管理指引 二（一）1.2 1）"),
    ("说明会谈的目的和内容，双方的角色和责任", "用人单位关系管理指引 二（一）1.2 2）"),
    ("征询对方对会谈安排的意见", "用人单位关系管理指引 二（一）1.2 3）"),
    ("了解对机构和合作的期望", "用人单位关系管理指引 二（一）1.2 4）"),
    ("询问有没有需要紧急协助处理的事项", "用人单位关系管理指引 二（一）1.2 5）"),
]


def seed(apps, schema_editor):
    rule = apps.get_model("relations", "CadenceRule")
    for position, fields in enumerate(RULES, start=1):
        rule.objects.get_or_create(
            code=fields["code"], effective_from=MADE, defaults={**fields, "position": position, "kind": "employer"}
        )
    item = apps.get_model("relations", "MeetingTemplateItem")
    for kind, lines in (("checklist", CHECKLIST), ("outline", OUTLINE)):
        for position, (text, clause) in enumerate(lines, start=1):
            item.objects.get_or_create(kind=kind, text=text, defaults={"clause": clause, "position": position})


class Migration(migrations.Migration):
    dependencies = [("relations", "0001_initial")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
