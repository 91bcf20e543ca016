"""The columns of a register: under which headings each stands, and how a cell is read, compared and shown."""

from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from relations.imports import cells
from relations.lists.workbook import fit_to_cell


def in_every_language(words):
    """The texts that lazy `words` have, one for each language of the site."""
    found = set()
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            found.add(str(words))
    return found


def after_round_trip(text):
    """What becomes of a text that is exported and read: without characters that no cell holds and doubled spaces."""
    return cells.as_text(fit_to_cell(text))


@dataclass(frozen=True, eq=False)
class Column:
    """A column of plain text, read into an attribute of an Entry: `attribute`, or `field` where that is "".

    `headings` are those under which registers have it, ours first. `exported` (lazy) is the heading under which our
    own lists give it out, in the language of whoever exports. `longest` is in characters. `on_page` says whether the
    check page has a column for it; a change of one that has none is named beside the result.
    """

    field: str
    headings: tuple
    exported: object = ""
    longest: int = 40
    on_page: bool = True
    attribute: str = ""

    @property
    def name(self):
        return self.attribute or self.field

    @property
    def label(self):
        return self.headings[0]

    @property
    def title(self):
        """The heading as a page shows it."""
        return self.exported or self.label

    def read(self, entry, record, tidied):
        """Puts the cell into `entry`; what is wrong becomes a fault, what was put right is counted in `tidied`."""
        value = record.get(self.field)
        text = cells.as_text(value)
        setattr(entry, self.name, text[: self.longest])
        tidied.note("spaces", isinstance(value, str) and value != value.strip(" \u3000\t\n"))
        if len(text) > self.longest:
            entry.add_fault(self, text[:20], _("太长了，最多%s个字。") % self.longest)

    def is_same(self, value, stored):
        """Whether the cell `value` says what is stored, as it comes back from a list of ours."""
        return cells.as_text(value) == after_round_trip(stored)

    def differs(self, read, stored):
        """Whether a value that was read changes what is stored."""
        return read != after_round_trip(stored)

    def display(self, stored):
        """The stored value as a person reads it."""
        return stored

    def as_in_file(self, entry):
        """The value as the file has it."""
        return getattr(entry, self.name)

    def clear(self, entry):
        setattr(entry, self.name, "")


@dataclass(frozen=True, eq=False)
class ChoiceColumn(Column):
    """A column of a choice: `words` are {value: the words that registers write for it}, the first of them ours.

    The word of the file stays in the attribute `<name>_word`. `problem` (lazy) takes the words that may be written.
    """

    choices: type = None
    words: dict = None
    problem: object = ""

    @cached_property
    def value_of(self):
        """{word: value}, with the labels of the choice in every language, as our own lists write them."""
        own = {
            cells.normalized_heading(words): value
            for value, label in self.choices.choices
            for words in in_every_language(label)
        }
        return own | {word: value for value, words in self.words.items() for word in words}

    def read(self, entry, record, tidied):
        word = cells.normalized_heading(record.get(self.field))
        if not word:
            return
        setattr(entry, f"{self.name}_word", word[: self.longest])
        setattr(entry, self.name, self.value_of.get(word, ""))
        if word not in self.value_of:
            entry.add_fault(self, word, self.problem % "、".join(words[0] for words in self.words.values()))

    def is_same(self, value, stored):
        return self.value_of.get(cells.normalized_heading(value)) == stored

    def display(self, stored):
        return str(self.choices(stored).label) if stored else stored

    def as_in_file(self, entry):
        return getattr(entry, f"{self.name}_word")


@dataclass(frozen=True, eq=False)
class DateColumn(Column):
    """A column of dates, written in any of the usual ways."""

    def read(self, entry, record, tidied):
        value = record.get(self.field)
        try:
            day = cells.as_date(value)
        except cells.CellError as problem:
            entry.add_fault(self, value, str(problem))
            day = None
        tidied.note("dates", day is not None and isinstance(value, (str, int, float)))
        setattr(entry, self.name, day)

    def is_same(self, value, stored):
        try:
            return cells.as_date(value) == stored
        except cells.CellError:
            return False

    def as_in_file(self, entry):
        day = getattr(entry, self.name)
        return day.isoformat() if day else ""

    def clear(self, entry):
        setattr(entry, self.name, None)
