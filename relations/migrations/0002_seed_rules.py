"""The contact rules and meeting lists of the documents, with their clauses (R36-R46, R69-R88)."""

from datetime import date

from django.db import migrations

MADE = date(2018, 11, 1)  # the month the guide was made (R3)

# The values in the order of their bits. Written out here, so that a later change of the lists seeds the same rules.
PURPOSES = (
    "ordinary",
    "work_report",
    "year_end_report",
    "invitation",
    "urgent",
    "interview",
    "follow_up",
    "greeting",
    "push",
    "visit",
    "feedback",
    "renewal",
    "sheet_check",
)
TIERS = ("council", "director", "department", "supervisor", "resident")
LEVELS = ("party_committee", "bureau_director", "leader", "department_head", "clerk", "community_cadre")


def mask(values, *chosen):
    """The bits of the values `chosen` among `values`."""
    return sum(1 << values.index(value) for value in chosen)


CONVERSATIONS = mask(
    PURPOSES,
    "ordinary",
    "work_report",
    "year_end_report",
    "invitation",
    "urgent",
    "interview",
    "follow_up",
    "visit",
    "feedback",
    "renewal",
)
KEEPING_WARM = CONVERSATIONS | mask(PURPOSES, "greeting", "push")
MANAGEMENT = mask(TIERS, "council", "director", "department")

RULES = [
    {
        "code": "resident-contact",
        "name": "驻点沟通",
        "tier": "resident",
        "period": "month",
        "purpose_mask": CONVERSATIONS,
        "tier_mask": mask(TIERS, "resident"),
        "clause": "用人单位关系管理指引 二（二）2 1）：每月不少于1次",
        "remark": "日常对接办事员及领导",
    },
    {
        "code": "sheet-check",
        "name": "信息表核对",
        "tier": "resident",
        "period": "quarter",
        "purpose_mask": mask(PURPOSES, "sheet_check"),
        "lead_days": 10,
        "clause": "用人单位关系管理指引 二（二）1：每季度更新一次",
        "remark": "核对无变化也算",
    },
    {
        "code": "department-contact",
        "name": "部门沟通",
        "tier": "department",
        "period": "half",
        "purpose_mask": CONVERSATIONS,
        "tier_mask": mask(TIERS, "department"),
        "level_mask": mask(LEVELS, "bureau_director", "leader", "department_head", "clerk", "community_cadre"),
        "lead_days": 20,
        "clause": "公共关系管理指引 三 一（二）1 层级安排：至少半年一次",
    },
    {
        "code": "director-contact",
        "name": "总干事沟通",
        "tier": "director",
        "period": "year",
        "purpose_mask": CONVERSATIONS,
        "tier_mask": mask(TIERS, "director"),
        "level_mask": mask(LEVELS, "party_committee", "bureau_director", "department_head"),
        "lead_days": 30,
        "clause": "公共关系管理指引 三 一（二）1 层级安排：至少每年一次",
    },
    {
        "code": "council-contact",
        "name": "理事会沟通",
        "tier": "council",
        "period": "year",
        "purpose_mask": CONVERSATIONS,
        "tier_mask": mask(TIERS, "council"),
        "level_mask": mask(LEVELS, "party_committee", "bureau_director"),
        "lead_days": 30,
        "clause": "公共关系管理指引 三 一（二）1 层级安排：每年一次",
    },
    {
        "code": "management-contact",
        "name": "管理层沟通",
        "tier": "director",
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
        "tier": "resident",
        "period": "year",
        "purpose_mask": mask(PURPOSES, "work_report", "year_end_report"),
        "lead_days": 30,
        "clause": "用人单位关系管理指引 二（二）2 3）：每年不少于1次",
        "remark": "年终由驻点负责人约定时间，机构管理人员或上级督导陪同",
    },
    {
        "code": "feedback",
        "name": "服务反馈收集",
        "tier": "department",
        "period": "year",
        "purpose_mask": mask(PURPOSES, "feedback"),
        "lead_days": 30,
        "clause": "用人单位关系管理指引 二（二）5：每年至少收集一次",
    },
    {
        "code": "senior-supervisor",
        "name": "上级督导走访",
        "tier": "supervisor",
        "period": "as_needed",
        "tier_mask": mask(TIERS, "supervisor"),
        "clause": "公共关系管理指引 三 一（二）1 层级安排：按实际需要陪同走访",
    },
    {
        "code": "prospective-contact",
        "name": "潜在单位维护",
        "standing": "prospective",
        "tier": "resident",
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
