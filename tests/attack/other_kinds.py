"""Records of the kinds other than employers in the attacked centre, built from what each KindSpec declares."""

import io

from django.core.files.base import ContentFile
from openpyxl import Workbook

from accounts.roles import EMPLOYER
from relations.imports import life_cycle, uploads
from relations.models import Import, SavedView
from relations.parties import actions
from relations.parties.kinds import KINDS
from reminders import clock
from tests.factories.accounts import UserFactory
from tests.factories.relations import ContactPersonFactory, InteractionFactory


def other_kinds():
    """Returns {kind: KindSpec} of the registered kinds other than employers."""
    return {str(kind): spec for kind, spec in KINDS.items() if kind != EMPLOYER}


def kind_in(what):
    """Returns the kind in the name of a row (`school`, `school view`), or None."""
    kind = (what or "").partition(" ")[0]
    return kind if kind in other_kinds() else None


def rows_of_other_kinds(mark, worker, is_confidential=False):
    """Returns the rows of a family that belong to other kinds: one record of each kind, and its related rows."""
    found = {}
    for spec in other_kinds().values():
        found |= rows_of(spec, mark, worker, is_confidential)
    return found


def rows_of(spec, mark, worker, is_confidential):
    """Returns {name: row} for one kind: the record and its related rows (None for a row the kind does not have)."""
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
    """Returns an uploaded Import of this kind that has been checked."""
    made = uploads.store(faulty_register(spec.imports, mark), kind=spec.kind, by=worker)
    check_as_administrator(made)
    return made


def check_as_administrator(made):
    """Checks an Import of somebody who may not import: it belongs to an administrator meanwhile."""
    imports = Import.objects.filter(pk=made.pk)
    imports.update(by=UserFactory(administrator=True))
    life_cycle.check_import(made.pk, clock.today())
    imports.update(by=made.by)


def faulty_register(imports, mark):
    """Returns a workbook with one row whose telephone number is invalid."""
    book = Workbook()
    cells = {"name": f"{mark}新登记的", "phones": "打不通"}
    book.active.append(imports.blank_headings)
    columns = {column.label: column.field for column in imports.columns}
    book.active.append([cells.get(columns[heading]) for heading in imports.blank_headings])
    saved = io.BytesIO()
    book.save(saved)
    book.close()
    return ContentFile(saved.getvalue(), name="register.xlsx")
