"""The declaration of a kind of stakeholder for the import of its register; the rest is common to all kinds."""

import re
from dataclasses import dataclass
from functools import cached_property, partial

from django.utils.translation import gettext_lazy as _

from relations.imports.columns import Column, DateColumn
from relations.imports.specs import ImportSpec, PageColumn
from relations.imports.stakeholders import rows, write_changed, write_new
from relations.imports.stakeholders.columns import CONTACTS, NUMBER, PHONES, SERIAL, TITLES, WORKER
from relations.imports.stakeholders.compare import Comparison
from relations.imports.stakeholders.existing_rows import visible
from relations.models import Level, levels_of
from relations.parties.actions import number_of
from relations.parties.kinds import default_level_of

PEOPLE_HEADING = _("对接人、职务")


@dataclass(frozen=True)
class RowWording:
    """Messages about faults of a row (lazy). They must have the placeholders of the defaults."""

    no_name: str = _("没有名称。")
    same_record: str = _("和%s是同一个。")
    same_name: str = _("和%s同名，只能有一行。")
    unknown_number: str = _("您负责的范围里没有编号%s，请检查编号；新登记的请把编号留空。")
    several_named: str = _("有%(count)s个叫这个名称，请加一列“编号”写明是哪一个（%(numbers)s）。")
    too_many_people: str = _("最多%s位对接人。")
    same_person: str = _("已经有同名同职务的对接人。")


@dataclass(frozen=True, eq=False)
class TermColumns:
    """The term that a row may contain: its model (a Term with a number), its columns, and messages about faults.

    The number is read into the attribute `term_number` of the entry, the dates into `starts_on` and `ends_on`.
    `follow` is called with the pks of existing stakeholders whose terms were written.
    """

    model: type
    number: Column
    starts_on: DateColumn
    ends_on: DateColumn
    incomplete: str
    doubled: str
    elsewhere: str
    wrong_order: str
    follow: object = lambda pks: None

    @property
    def columns(self):
        return (self.number, self.starts_on, self.ends_on)


class StakeholderImport(ImportSpec):
    """The register of one kind of stakeholder.

    model: of the stakeholder
    entry: subclass of StakeholderEntry with an attribute for each of `own_columns`
    own_columns: Columns of fields of `model`, whether exported or not
    term: TermColumns, or None
    reason: stored with the history rows of an import
    """

    model = None
    entry = rows.StakeholderEntry
    name_column = Column("name", ("名称", "姓名"), _("名称"), longest=120)
    own_columns = ()
    term = None
    reason = ""
    row_wording = RowWording()

    def level_of(self, title):
        """Returns the level (R86) of a contact person with this title."""
        return Level.OTHER if Level.OTHER in dict(levels_of(self.kind)) else default_level_of(self.kind)

    @cached_property
    def columns(self):
        """The columns in the order of the empty template; own columns that are not exported follow the worker."""
        before = [column for column in self.own_columns if column.exported]
        behind = [column for column in self.own_columns if not column.exported]
        terms = self.term.columns if self.term else ()
        people = (CONTACTS, TITLES, PHONES)
        return (NUMBER, self.name_column, *before, *people, *terms, WORKER, *behind, SERIAL)

    @cached_property
    def blank_headings(self):
        return [column.label for column in self.columns if column is not NUMBER]

    @cached_property
    def own_number(self):
        """The pattern of our numbers: YR-0042."""
        prefix = number_of(self.kind, 0).partition("-")[0]
        return re.compile(rf"{prefix}-?(\d{{4,12}})", re.IGNORECASE)

    def number_of(self, digits):
        return number_of(self.kind, int(digits))

    def read_row(self, sheet, number, record, tidied):
        return rows.read_row(self, sheet, number, record, tidied)

    def add_row(self, entry, record, tidied):
        rows.add_people(self, entry, record, tidied)

    def visible_keys(self, keys, user):
        return set(visible(self, user).filter(pk__in=keys).values_list("pk", flat=True))

    def planner(self, by):
        return Comparison(self, by)

    @cached_property
    def write_new(self):
        return partial(write_new.write, self)

    @cached_property
    def write_changed(self):
        return partial(write_changed.write, self)

    @cached_property
    def page_columns(self):
        """The columns of the check page: people and titles share one; faults of the number are shown with the name."""
        together = {
            "name": PageColumn("name", self.name_column.label, ("name", "number")),
            "contacts": PageColumn("people", PEOPLE_HEADING, ("contacts", "titles")),
        }
        return tuple(
            together.get(column.field) or PageColumn(column.field, column.label, (column.field,))
            for column in self.columns
            if column.on_page and column is not TITLES
        )

    def page_row(self, plan):
        entry = plan.entry
        people = {
            "people": [f"{person.name} {person.title}".strip() for person in entry.people],
            "phones": [person.phone for person in entry.people],
        }
        texts = [column.name for column in self.page_columns if column.name not in people]
        return {name: self.by_field[name].as_in_file(entry) for name in texts} | people
