"""The specification of 用人单位 as a kind of stakeholder."""

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.utils.translation import npgettext_lazy

from employers.contracts import CONTRACTS
from employers.forms import EmployerForm, NewEmployerForm
from employers.guards import contract_is_in_force
from employers.importing.spec import EMPLOYERS
from employers.lists import EMPLOYER_LIST
from employers.models import NUMBER_PREFIX, Employer
from employers.past_cooperation import services_bought_before
from relations.models import Kind
from relations.parties.kinds import Clause, FormSpec, KindSpec, RecordSpec
from relations.parties.record_page import last_check
from relations.parties.sweep import GREETINGS, MONTHLY_SHEETS, REPORTS


def breadcrumbs(employer):
    """The type of body and the town, each linked to the list filtered by it."""
    steps = [("type", employer.body_type, employer.get_body_type_display())]
    if employer.town:
        steps.append(("town", employer.town, employer.town))
    return [
        {"href": f"{reverse('employers:list')}?{urlencode({name: value})}", "label": label}
        for name, value, label in steps
    ]


EMPLOYER = KindSpec(
    kind=Kind.EMPLOYER,
    unit=npgettext_lazy("unit", "家", "家", 1),
    this=_("这家单位"),
    prefix=NUMBER_PREFIX,
    url_namespace="employers",
    icon="building",
    keys="g e",
    model=Employer,
    imports=EMPLOYERS,
    guards={"execute": (contract_is_in_force,)},
    past=(services_bought_before,),
    forms=FormSpec(NewEmployerForm, EmployerForm, _("新增用人单位"), _("修改单位资料")),
    record=RecordSpec(
        template="employers/record.html",
        annotate=last_check,
        crumbs=breadcrumbs,
        term_fields=("number", "parties", "signed_on", "content", "goals", "constraints", "amount"),
        past_field="past_cooperation",
        has_sheet=True,
    ),
    terms=CONTRACTS,
    papers=(("sheet", _("信息表")),),
    list=EMPLOYER_LIST,
    clauses={
        Clause.PREPARATION: "用人单位关系管理指引 二（一）1.1 2）",
        Clause.URGENT: "用人单位关系管理指引 二（一）1.2 5）",
        Clause.COURSE: "用人单位关系管理指引 二（一）5",
        Clause.AGREEMENT: "用人单位关系管理指引 二（一）5.3",
        Clause.REFERRAL: "用人单位关系管理指引 二（一）5.2",
        Clause.TERMINATION: "用人单位关系管理指引 二（一）5.1",
        Clause.CLOSING: "用人单位关系管理指引 三",
        Clause.SHEET_CHECK: "用人单位关系管理指引 二（二）1：每季度更新一次",
    },
    calendar_clauses={
        GREETINGS: "用人单位关系管理指引 二（二）：节日慰问",
        MONTHLY_SHEETS: "用人单位关系管理指引 二（二）4.2：按月填写并存档",
        REPORTS: "公共关系管理指引 三 一（二）1.1：年终由驻点负责人约定时间",
    },
)
