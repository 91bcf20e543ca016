"""The columns of the exported list of employers, a workbook without notes of caution (R38).

`relations.lists.views.Export` chooses the rows: of the records that the user sees those ticked, or all that match the
filters (closed ones only on request). Nothing is masked: names and telephone numbers are in full.

Columns that the import reads have the headings EXPORTED: the file can be imported again and changes only cells that
were edited (relations.imports.stakeholders.unchanged).
"""

from django.db.models import F, OuterRef
from django.utils.translation import gettext as _

from employers.importing.columns import EXPORTED
from employers.models import Contract
from relations.inner_rows import InnerRows, rows_as_objects
from relations.lists import export_columns as shared


def with_exported_values(employers, today):
    """Annotates `employers` (a queryset already limited to what the user may see) with the values for `columns`."""
    return shared.with_exported_values(employers, today).annotate(contract=longest_contract())


def longest_contract():
    """The employer's contract with the latest last day, as a list of one or none."""
    own = Contract.objects.valid().filter(stakeholder=OuterRef("pk")).order_by("-last_day", "-pk")
    return InnerRows(own[:1], **{name: F(name) for name in ("number", "starts_on", "ends_on", "ended_on")})


def contract_value(name):
    """A function of a row that returns the value `name` of that contract, or None."""

    def read(row):
        contracts = rows_as_objects(row.contract)
        return getattr(contracts[0], name) if contracts else None

    return read


def columns():
    """The columns in order: pairs of a heading and a function of a row."""
    return [
        (EXPORTED["number"], lambda row: row.number),
        (EXPORTED["name"], lambda row: row.name),
        (EXPORTED["body_type"], lambda row: row.get_body_type_display()),
        (_("关系"), shared.standing),
        (_("阶段"), shared.stage),
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
        (EXPORTED["worker"], shared.responsible),
        (_("部门"), shared.department),
    ]
