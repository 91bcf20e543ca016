"""The workbook exported from a list of complaints; every exported complaint is logged (R153)."""

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.masks import masked_name
from complaints.access.masks import masked_contact, masker_for
from complaints.models import Viewing
from relations.files import slots
from relations.lists import workbook as exchange

LONG_TEXT_FIELDS = ("statement", "opinion")  # not exported


def workbook(cases, *, user):
    """The response with the workbook of `cases` (already limited to what `user` may see), or None when it is empty.

    The slot for large work is taken before the transaction, so that a waiting request holds no lock. A strictly
    confidential complaint is exported by its head only. Names and contact details are masked, for the head as well:
    full ones are shown one at a time, never in a list.
    """
    exported = cases.filter(Q(is_strictly_confidential=False) | Q(head=user.pk))
    exchange.require_row_limit(exported)
    with slots.slot(slots.LARGE), transaction.atomic():
        return record_exports(exported, user)


def record_exports(taken, user):
    cases = list(
        taken.select_related("head", "handler").defer(*LONG_TEXT_FIELDS).order_by("-received_on", "-pk")
    )
    if not cases:
        return None
    Viewing.objects.bulk_create(
        [Viewing(complaint=case, user=user, what=Viewing.What.EXPORT) for case in cases], batch_size=500
    )
    return exchange.export(cases, columns(), _("意见／投诉"), by=user)


def columns():
    """(heading, function that reads the value from a row), in order."""
    return [
        (_("编号"), lambda case: case.number),
        (_("种类"), lambda case: case.get_kind_display()),
        (_("途径"), lambda case: case.get_channel_display()),
        (_("收集方式"), lambda case: case.get_method_display()),
        (_("反映人身份"), lambda case: case.get_person_class_display()),
        (_("姓名"), lambda case: _("匿名") if case.is_anonymous else masked_name(case.name)),
        (_("联系方式"), lambda case: masked_contact(case.contact)),
        (_("反映的方面"), lambda case: case.get_subject_display()),
        (_("人事投诉"), lambda case: _("是") if case.is_personnel else ""),
        (_("反映的主题"), lambda case: masker_for(case)(case.title)),
        (_("陈述日期"), lambda case: case.stated_on),
        (_("收到日期"), lambda case: case.received_on),
        (_("登记时间"), lambda case: case.entered_at),
        (_("状态"), lambda case: case.get_state_display()),
        (_("负责人"), lambda case: case.head.name),
        (_("跟进人"), lambda case: case.handler.name if case.handler else ""),
        (_("回应期限"), lambda case: case.response_due_on),
        (_("回应日期"), lambda case: case.response_met_on),
        (_("答复结果期限"), lambda case: case.result_due_on),
        (_("答复结果日期"), lambda case: case.result_met_on),
        (_("对回复满意"), lambda case: {True: _("满意"), False: _("不满意"), None: ""}[case.is_satisfied]),
        (_("是否属实"), lambda case: case.get_finding_display()),
        (_("办结日期"), lambda case: case.closed_on),
        (_("严格保密"), lambda case: _("是") if case.is_strictly_confidential else ""),
    ]
