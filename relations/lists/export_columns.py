"""The columns of an exported list of stakeholders, common to all kinds; never with notes of caution (R38).

The export_columns() of a ListSpec returns them, or columns of its own. `workbook` writes the file.
"""

from django.db.models import F
from django.utils.translation import gettext as _

from relations.lists.filters import in_force_on
from relations.lists.rows import with_people_and_stage
from relations.models.cycle import stage_label


def with_exported_values(records, today):
    """Adds to `records` (a queryset) what `columns` reads."""
    records = with_people_and_stage(records)
    records = records.annotate(active=in_force_on(today), person_phone=F("main__phone"))
    return records.select_related("responsible", "department")


def columns(applies):
    """Returns (heading, function from a record to the value), in order; `applies` is that of the ListSpec."""
    listed = [
        (_("编号"), lambda record: record.number),
        (_("名称"), lambda record: record.name),
        (_("关系"), standing, "standing"),
        (_("阶段"), stage, "stage"),
        (_("主要对接人"), lambda record: record.person or ""),
        (_("职务"), lambda record: record.person_title or ""),
        (_("联系电话"), lambda record: record.person_phone or ""),
        (_("来源"), lambda record: record.get_source_display()),
        (_("上次联系"), lambda record: record.last_contact_on),
        (_("负责社工"), responsible, "worker"),
        (_("部门"), department),
    ]
    return [(heading, value) for heading, value, *about in listed if all(map(applies, about))]


def standing(record):
    return _("显在") if record.active else _("潜在")


def stage(record):
    return stage_label(record.stage, record.kind) if record.stage else ""


def responsible(record):
    return record.responsible.name if record.responsible else ""


def department(record):
    return record.department.name if record.department else ""
