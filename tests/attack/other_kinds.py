"""Records of the kinds beside employers, in the attacked centre: made of what their KindSpec declares."""

import io

from django.core.files.base import ContentFile
from openpyxl import Workbook

from accounts.roles import EMPLOYER
from relations.imports import life_cycle, uploads
from relations.models import SavedView
from relations.parties import actions
from relations.parties.kinds import KINDS
from reminders import clock
from tests.factories.relations import ContactPersonFactory, InteractionFactory


def other_kinds():
    """{kind: KindSpec} of the kinds beside employers that an app declares."""
    return {str(kind): spec for kind, spec in KINDS.items() if kind != EMPLOYER}


def kind_in(what):
    """The kind that a name of a row speaks of (`school`, `school view`), or None."""
    kind = (what or "").partition(" ")[0]
    return kind if kind in other_kinds() else None


def rows_of_other_kinds(mark, worker, is_confidential=False):
    """The rows of a family that are of other kinds: a record of each, and what hangs on it."""
    found = {}
    for spec in other_kinds().values():
        found |= rows_of(spec, mark, worker, is_confidential)
    return found


def rows_of(spec, mark, worker, is_confidential):
    kind = spec.kind
    record = spec.model(name=f"{mark}第九{spec.label}", responsible=worker, is_confidential=is_confidential)
    record = actions.register_stakeholder(record, by=worker, today=clock.today())
    person = ContactPersonFactory(stakeholder=record, main=True, name=f"{mark}人")
    return {
        kind: record,
        f"{kind} person": person,
        f"{kind} contact": InteractionFactory(stakeholder=record, content=f"{mark}密谈。", theirs=[person]),
        f"{kind} term": spec.terms
        and spec.terms.model.objects.create(stakeholder=record, starts_on=clock.today()),
        f"{kind} view": SavedView.objects.create(
            owner=worker, page=spec.list.page, name=mark, query="town=a"
        ),
        f"{kind} import": spec.imports and checked_import(spec, mark, worker),
    }


def checked_import(spec, mark, worker):
    made = uploads.store(faulty_register(spec.imports, mark), kind=spec.kind, by=worker)
    life_cycle.check_import(made.pk, clock.today())
    return made


def faulty_register(imports, mark):
    """A register with one row whose telephone number is none."""
    book = Workbook()
    cells = {"name": f"{mark}新登记的", "phones": "打不通"}
    book.active.append(imports.blank_headings)
    columns = {column.label: column.field for column in imports.columns}
    book.active.append([cells.get(columns[heading]) for heading in imports.blank_headings])
    saved = io.BytesIO()
    book.save(saved)
    book.close()
    return ContentFile(saved.getvalue(), name="register.xlsx")
