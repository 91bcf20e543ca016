"""The tabs above a list: named views of it, each with its number of rows."""

from collections.abc import Mapping
from dataclasses import dataclass

from lists.query import link as link_to


@dataclass(frozen=True)
class Tab:
    """A tab: its label, its query parameters, and whether rows in it are to be highlighted as a problem."""

    label: str
    values: Mapping
    is_alarm: bool = False


def tab_items(tabs, current, counts=None, link=link_to):
    """Returns the dicts that `_components/views.html` renders: label, href, count (or None), over and current.

    `current` are the present query parameters without cursor and order; `counts` the numbers of rows, one for each
    tab.
    """
    counts = counts or [None] * len(tabs)
    return [
        {
            "label": tab.label,
            "href": link(tab.values),
            "count": count,
            "over": tab.is_alarm and bool(count),
            "current": dict(tab.values) == current,
        }
        for tab, count in zip(tabs, counts, strict=True)
    ]
