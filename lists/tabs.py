"""The tabs above a list: views of it under a name, with how many rows each holds."""

from collections.abc import Mapping
from dataclasses import dataclass

from lists.query import link as link_to


@dataclass(frozen=True)
class Tab:
    """One view of a list: its name, the values of its address, and whether rows in it are bad news."""

    label: str
    values: Mapping
    is_alarm: bool = False


def tab_items(tabs, current, counts=None, link=link_to):
    """What `_components/views.html` draws: label, href, count (a number, or None), over and current of each tab.

    `current` are the values of the address without place and order; `counts` the numbers of rows in the same order.
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
