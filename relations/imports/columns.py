"""The columns of a register: their headings, and how a cell is read, compared and shown."""

from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from relations.imports import cells
from relations.lists.workbook import fit_to_cell


def in_every_language(words):
    """Returns the set of translations of the lazy `words` in all languages of the site."""
    texts = set()
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            texts.add(str(words))
    return texts


def after_round_trip(text):
    """Returns `text` as it is read after an export: without characters that Excel refuses, spaces collapsed."""
    return cells.as_text(fit_to_cell(text))


@dataclass(frozen=True, eq=False)
class Column:
    """A column of plain text, read into an attribute of an Entry: `attribute`, or `field` where that is "".

    headings: accepted headings, our own first
    exported: heading (lazy) in our own exports, which use the language of the user who exports
    longest: in characters
    on_page: whether the check page has a column for it; otherwise its changes are listed next to the result
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
        """The heading shown on pages."""
        return self.exported or self.label

    def read(self, entry, record, tidied):
        """Sets the value on `entry`; adds a fault for an error, and counts automatic corrections in `tidied`."""
        value = record.get(self.field)
        text = cells.as_text(value)
        setattr(entry, self.name, text[: self.longest])
        tidied.note("spaces", isinstance(value, str) and value != value.strip(" \u3000\t\n"))
        if len(text) > self.longest:
            entry.add_fault(self, text[:20], _("太长了，最多%s个字。") % self.longest)

    def is_same(self, value, stored):
        """Whether the cell `value` equals the stored value as our own exports write it."""
        return cells.as_text(value) == after_round_trip(stored)

    def differs(self, read, stored):
        """Whether the value `read` from the file would change the stored one."""
        return read != after_round_trip(stored)

    def display(self, stored):
        """Returns the text shown for a stored value."""
        return stored

    def as_in_file(self, entry):
        """Returns the text of the value as written in the file."""
        return getattr(entry, self.name)

    def clear(self, entry):
        setattr(entry, self.name, "")


@dataclass(frozen=True, eq=False)
class ChoiceColumn(Column):
    """A column with a choice: `words` is {value: words accepted for it, our own first}.

    The word in the file is stored in the attribute `<name>_word`. `problem` (lazy) has a %s for the accepted words.
    """

    choices: type = None
    words: dict = None
    problem: object = ""

    @cached_property
    def value_of(self):
        """{word: value}, including the labels of the choice in every language, which our own exports use."""
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
    """A column of dates in any of the usual notations."""

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
