"""The bar of filters above a list: each filter with its options, or as a pill that takes it away.

`filter_bar` makes what `_components/filters.html` draws: dicts with name, label, value (the words of the pill, empty
while the filter is off), clear (the link of the pill), options (label and href each), typed (the name of a field in
which a value may be typed) and kept (the hidden fields beside it).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from lists.query import link as link_to
from lists.query import without_names

MAX_MENU_CHOICES = 100  # choices; of more, the first are offered and every other may be typed


@dataclass(frozen=True)
class Filter:
    """One filter of a list.

    `choices` are pairs of a value and its words. `words` says how a value reads on the pill where that differs from
    the choices, or where it is not among them; with `shows_any` a value without words shows as it is.
    `typed` is the name in the address of a value that is typed, offered when there are very many choices.
    A filter that is off shows when it has at least `min_choices`; with `only_when_on` it never does.
    """

    name: str
    label: str
    choices: Sequence = ()
    words: Mapping = field(default_factory=dict)
    typed: str = ""
    min_choices: int = 1
    only_when_on: bool = False
    shows_any: bool = False

    def value_words(self, values):
        """What the pill says for the values of an address; empty while the filter is off."""
        value = values.get(self.name, "")
        known = {str(choice): words for choice, words in self.choices} | dict(self.words)
        return known.get(value) or values.get(self.typed) or (value if self.shows_any else "")

    def item(self, values, link):
        """This filter as the bar draws it, or None when it does not show."""
        value = self.value_words(values)
        if not value and (self.only_when_on or len(self.choices) < self.min_choices):
            return None
        others = without_names(values, self.name, self.typed)
        is_long = bool(self.typed) and len(self.choices) > MAX_MENU_CHOICES
        offered = [] if value else self.choices[:MAX_MENU_CHOICES] if is_long else self.choices
        options = [{"label": words, "href": link(others | {self.name: choice})} for choice, words in offered]
        typed = self.typed if is_long else ""
        return item(self, value, others, link) | {"options": options, "typed": typed}


@dataclass(frozen=True)
class Pill:
    """A condition that the bar shows only to be taken away, such as days that a figure led to.

    `names` are the values of the address that it takes away, `value` its words; without words it does not show.
    """

    name: str
    label: str
    value: str
    names: Sequence

    def item(self, values, link):
        return item(self, self.value, without_names(values, *self.names), link) if self.value else None


def item(one, value, others, link):
    """The common part of what the bar draws; `others` are the values without this filter."""
    return {
        "name": one.name,
        "label": one.label,
        "value": value,
        "clear": link(others),
        "options": [],
        "typed": "",
        "kept": list(others.items()),
    }


def filter_bar(filters, values, link=link_to):
    """What the bar shows of `filters` (Filter and Pill), given the values of the address without its place.

    `link` makes an address from values.
    """
    items = [one.item(values, link) for one in filters]
    return [one for one in items if one]


def condition_words(bar, q=""):
    """The filters that are on, and the words searched for, as one line: 显在、青岚镇、“民政”."""
    words = [str(one["value"]) for one in bar if one["value"]]
    words += [_("“%s”") % q] if q else []
    return _("、").join(words)
