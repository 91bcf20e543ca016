"""What a list of employers holds when it is taken out as a workbook; notes of caution are never in it (R38).

What the import reads stands under the headings EXPORTED: the file comes in again and changes nothing, or what was
edited in it (employers.importing.unchanged).
"""

from django.db.models import F, FilteredRelation, OuterRef, Q
from django.utils.translation import gettext as _

from employers.filters import in_force_on
from employers.importing.columns import EXPORTED
from employers.models import Contract
from relations.inner_rows import InnerRows, objects
from relations.lists import workbook as exchange
from relations.models import Stage


def workbook(employers, *, user, today):
    """The answer that carries the workbook of `employers` (a queryset already limited to what `user` may see)."""
    main = FilteredRelation("contacts", condition=Q(contacts__is_main=True, contacts__left_on=None))
    run = FilteredRelation("cycles", condition=Q(cycles__ended_on=None))
    rows = employers.annotate(main=main, run=run).annotate(
        active=in_force_on(today),
        contract=longest_contract(),
        person=F("main__name"),
        person_title=F("main__title"),
        person_phone=F("main__phone"),
        stage=F("run__stage"),
    )
    return exchange.export(
        rows.select_related("responsible", "department"), columns(), _("用人单位"), by=user
    )


def longest_contract():
    """Its contract that runs longest, as a list of one or none."""
    own = Contract.objects.valid().filter(stakeholder=OuterRef("pk")).order_by("-last_day", "-pk")
    return InnerRows(own[:1], **{name: F(name) for name in ("number", "starts_on", "ends_on", "ended_on")})


def of_contract(name):
    """Reads one value of that contract, or None."""

    def read(row):
        found = objects(row.contract)
        return getattr(found[0], name) if found else None

    return read


def columns():
    """(heading, how to read it from a row) in order."""
    return [
        (EXPORTED["number"], lambda row: row.number),
        (EXPORTED["name"], lambda row: row.name),
        (EXPORTED["body_type"], lambda row: row.get_body_type_display()),
        (_("关系"), lambda row: _("显在") if row.active else _("潜在")),
        (_("阶段"), lambda row: Stage(row.stage).label if row.stage else ""),
        (_("购买或使用"), lambda row: row.get_relation_display()),
        (_("监督指导"), lambda row: row.get_supervision_display()),
        (EXPORTED["town"], lambda row: row.town),
        (EXPORTED["address"], lambda row: row.address),
        (EXPORTED["contacts"], lambda row: row.person or ""),
        (EXPORTED["titles"], lambda row: row.person_title or ""),
        (EXPORTED["phones"], lambda row: row.person_phone or ""),
        (_("来源"), lambda row: row.get_source_display()),
        (_("上次联系"), lambda row: row.last_contact_on),
        (EXPORTED["contract_number"], of_contract("number")),
        (EXPORTED["starts_on"], of_contract("starts_on")),
        (EXPORTED["ends_on"], of_contract("ends_on")),
        (_("提前终止日期"), of_contract("ended_on")),
        (EXPORTED["worker"], lambda row: row.responsible.name if row.responsible else ""),
        (_("部门"), lambda row: row.department.name if row.department else ""),
    ]
