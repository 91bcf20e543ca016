"""What a list of employers holds when it is taken out as a workbook; notes of caution are never in it (R38)."""

from django.db.models import F, FilteredRelation, Q
from django.utils.translation import gettext as _

from employers.filters import in_force_on
from employers.listing import contract_end
from relations import exchange
from relations.models import Stage


def workbook(employers, *, user, today):
    """The answer that carries the workbook of `employers` (a queryset already limited to what `user` may see)."""
    main = FilteredRelation("contacts", condition=Q(contacts__is_main=True, contacts__left_on=None))
    run = FilteredRelation("cycles", condition=Q(cycles__ended_on=None))
    rows = employers.annotate(main=main, run=run).annotate(
        active=in_force_on(today),
        contract_end=contract_end(),
        person=F("main__name"),
        person_title=F("main__title"),
        person_phone=F("main__phone"),
        stage=F("run__stage"),
    )
    return exchange.export(
        rows.select_related("responsible", "department"), columns(), _("用人单位"), by=user
    )


def columns():
    """(heading, how to read it from a row) in order."""
    return [
        (_("编号"), lambda row: row.number),
        (_("单位名称"), lambda row: row.name),
        (_("单位类型"), lambda row: row.get_body_type_display()),
        (_("关系"), lambda row: _("显在") if row.active else _("潜在")),
        (_("阶段"), lambda row: Stage(row.stage).label if row.stage else ""),
        (_("购买或使用"), lambda row: row.get_relation_display()),
        (_("监督指导"), lambda row: row.get_supervision_display()),
        (_("所属镇街"), lambda row: row.town),
        (_("地址"), lambda row: row.address),
        (_("主要对接人"), lambda row: row.person or ""),
        (_("职务"), lambda row: row.person_title or ""),
        (_("联系电话"), lambda row: row.person_phone or ""),
        (_("来源"), lambda row: row.get_source_display()),
        (_("上次联系"), lambda row: row.last_contact_on),
        (_("合同到期"), lambda row: row.contract_end),
        (_("负责社工"), lambda row: row.responsible.name if row.responsible else ""),
        (_("部门"), lambda row: row.department.name if row.department else ""),
    ]
