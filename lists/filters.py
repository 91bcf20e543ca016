"""The filter bar above a list: each filter with its options or, when it is on, a pill that removes it.

`filter_bar` returns the dicts that `_components/filters.html` renders: name, label, value (text of the pill, empty
while the filter is off), clear (the link of the pill), options (label and href each), typed (name of the field for a
typed value, or "") and hidden_values (pairs for the hidden fields next to it).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from lists.query import link as link_to
from lists.query import without_names

MAX_MENU_CHOICES = 100  # choices; of a longer list only the first are offered, and any other may be typed


@dataclass(frozen=True)
class Filter:
    """One filter of a list.

    `choices` are pairs of a value and its label. `words` gives the label on the pill for values that are not among
    the choices, or whose label differs there; with `shows_any` a value without a label is shown as it is. `typed` is
    the query parameter of a typed value; the field is offered when there are more than MAX_MENU_CHOICES choices. A
    filter that is off is shown when it has at least `min_choices` choices; with `only_when_on` it is never shown
    while off.
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
        """Returns the text of the pill for `values` (query parameters), or "" while the filter is off."""
        value = values.get(self.name, "")
        known = {str(choice): words for choice, words in self.choices} | dict(self.words)
        return known.get(value) or values.get(self.typed) or (value if self.shows_any else "")

    def item(self, values, link):
        """Returns the dict that the bar renders for this filter, or None when it is not shown."""
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
    """A condition that the bar shows only so that it can be removed, such as the days a linked figure was about.

    `names` are the query parameters that it removes, `value` is its text; without text it is not shown.
    """

    name: str
    label: str
    value: str
    names: Sequence

    def item(self, values, link):
        return item(self, self.value, without_names(values, *self.names), link) if self.value else None


def item(one, value, others, link):
    """The keys that all items of the bar have in common; `others` are the query parameters without this filter."""
    return {
        "name": one.name,
        "label": one.label,
        "value": value,
        "clear": link(others),
        "options": [],
        "typed": "",
        "hidden_values": list(others.items()),
    }


def filter_bar(filters, values, link=link_to):
    """Returns the items of the bar for `filters` (Filter and Pill) and `values` (query parameters without the cursor).

    `link` builds a URL from a dict of query parameters.
    """
    items = [one.item(values, link) for one in filters]
    return [one for one in items if one]


def condition_words(bar, q=""):
    """Returns the active filters and the search term as one line: 显在、青岚镇、“民政”."""
    words = [str(one["value"]) for one in bar if one["value"]]
    words += [_("“%s”") % q] if q else []
    return _("、").join(words)
