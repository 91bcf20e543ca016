"""What a list of employers holds when it is taken out as a workbook; notes of caution are never in it (R38).

What the import reads stands under the headings EXPORTED: the file comes in again and changes nothing, or what was
edited in it (employers.importing.unchanged).
"""

from django.db.models import F, OuterRef
from django.utils.translation import gettext as _

from employers.importing.columns import EXPORTED
from employers.models import Contract
from relations.inner_rows import InnerRows, rows_as_objects
from relations.lists import export


def with_columns(employers, today):
    """`employers` (a queryset already limited to what its reader may see) with what `columns` reads."""
    return export.with_columns(employers, today).annotate(contract=longest_contract())


def longest_contract():
    """Its contract that runs longest, as a list of one or none."""
    own = Contract.objects.valid().filter(stakeholder=OuterRef("pk")).order_by("-last_day", "-pk")
    return InnerRows(own[:1], **{name: F(name) for name in ("number", "starts_on", "ends_on", "ended_on")})


def contract_value(name):
    """Reads one value of that contract, or None."""

    def read(row):
        found = rows_as_objects(row.contract)
        return getattr(found[0], name) if found else None

    return read


def columns():
    """(heading, how to read it from a row) in order."""
    return [
        (EXPORTED["number"], lambda row: row.number),
        (EXPORTED["name"], lambda row: row.name),
        (EXPORTED["body_type"], lambda row: row.get_body_type_display()),
        (_("关系"), export.standing),
        (_("阶段"), export.stage),
        (_("购买或使用"), lambda row: row.get_relation_display()),
        (_("监督指导"), lambda row: row.get_supervision_display()),
        (EXPORTED["town"], lambda row: row.town),
        (EXPORTED["address"], lambda row: row.address),
        (EXPORTED["contacts"], lambda row: row.person or ""),
        (EXPORTED["titles"], lambda row: row.person_title or ""),
        (EXPORTED["phones"], lambda row: row.person_phone or ""),
        (_("来源"), lambda row: row.get_source_display()),
        (_("上次联系"), lambda row: row.last_contact_on),
        (EXPORTED["contract_number"], contract_value("number")),
        (EXPORTED["starts_on"], contract_value("starts_on")),
        (EXPORTED["ends_on"], contract_value("ends_on")),
        (_("提前终止日期"), contract_value("ended_on")),
        (EXPORTED["worker"], export.responsible),
        (_("部门"), export.department),
    ]
