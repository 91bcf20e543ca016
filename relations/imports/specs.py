"""The declaration by which the register of a kind can be imported; the KindSpec refers to it."""

from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext_lazy as _

from accounts.roles import Permission
from relations.imports.cells import normalized_heading
from relations.imports.columns import in_every_language
from relations.parties.kinds import KINDS

REMARKS = _("要改的地方")  # heading of the last column of an annotated copy


@dataclass(frozen=True)
class PageWording:
    """The texts of the pages (lazy). They must have the placeholders of the defaults."""

    title: str = _("导入登记表")
    list_title: str = _("登记表")
    to_list: str = _("看列表")
    file_label: str = _("登记表")
    sheet_title: str = _("登记表")
    hints: tuple = ()
    unit: str = _("个")
    read: str = _("读到%(read)s个")
    reading: str = _("正在读取：%(done)s行，共%(of)s行")
    comparing: str = _("正在核对：%(done)s个，共%(of)s个")
    writing: str = _("正在写入：%(done)s个，共%(of)s个")
    total: str = _("共%(count)s个。")
    no_headings: str = _("没有找到表头。表头里要有“名称”，以及另外至少两列。")


@dataclass(frozen=True)
class PageColumn:
    """A column of the check page: its `heading`, and the fields whose changes and faults it shows."""

    name: str
    heading: object
    fields: tuple


class ImportSpec:
    """The register of one kind. Subclasses define how rows are read, compared and written.

    kind: the kind stored with its uploads
    columns: tuple of Column; a row of headings has at least `fewest_headings` of them, among them the field `name`
    numbering: fields that may be filled in an otherwise empty row
    namespace: of the URLs of `relations.import_urls`
    list_view: name of the URL of the list of records
    """

    kind = ""
    columns = ()
    numbering = frozenset({"serial", "number"})
    permission = Permission.IMPORT
    namespace = ""
    list_view = ""
    wording = PageWording()
    fewest_headings = 3

    def read_row(self, sheet, number, record, tidied):
        """Returns the Entry of row `number` of `sheet` (title); `record` is {field: cell value}."""
        raise NotImplementedError

    def add_row(self, entry, record, tidied):
        """Adds a further row to `entry`: one whose name cell is merged with the row above."""
        raise NotImplementedError

    def planner(self, by):
        """Returns a function from a list of entries to their Plans, in order, which may add faults to the entries.

        It is called with batches of a thousand entries and makes a fixed number of queries. `by` is the importing user.
        """
        raise NotImplementedError

    def visible_keys(self, keys, user):
        """Returns those of `keys` (pks of existing records) that `user` sees now; a set."""
        raise NotImplementedError

    def write_new(self, plans, by, today):
        """Creates the new records. Raises EditConflict when one exists by now."""
        raise NotImplementedError

    def write_changed(self, plans, by, today):
        """Updates existing records. Raises EditConflict when one was changed since it was compared."""
        raise NotImplementedError

    def links(self, user):
        """Returns (label, URL) pairs shown next to the title of the first page."""
        return ()

    def page_row(self, plan):
        """Returns {name of a PageColumn: text, or list of lines} of a row."""
        return {column.field: column.as_in_file(plan.entry) for column in self.columns if column.on_page}

    @cached_property
    def page_columns(self):
        """The columns of the check page, as a tuple of PageColumn."""
        return tuple(
            PageColumn(column.field, column.label, (column.field,))
            for column in self.columns
            if column.on_page
        )

    @cached_property
    def by_field(self):
        return {column.field: column for column in self.columns}

    @cached_property
    def by_label(self):
        return {column.label: column for column in self.columns}

    @cached_property
    def fields_by_heading(self):
        """{normalized heading: field}, with the exported headings in every language."""
        exported = {
            normalized_heading(words): column.field
            for column in self.columns
            if column.exported
            for words in in_every_language(column.exported)
        }
        return exported | {heading: column.field for column in self.columns for heading in column.headings}

    @cached_property
    def remarks_headings(self):
        return {normalized_heading(words) for words in in_every_language(REMARKS)}

    @cached_property
    def blank_headings(self):
        """The headings of the empty template; without our number, which new records do not have yet."""
        return [column.label for column in self.columns if column.field != "number"]


def spec_of(kind):
    """Returns the ImportSpec of a kind that has one."""
    return KINDS[kind].imports
