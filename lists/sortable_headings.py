"""Sortable column headings: a second click on a heading reverses the order."""

from lists.query import SORT, without_names
from lists.query import link as link_to


def requested_order(query, orders, default):
    """Returns the name of the order in the query string `query`, or `default` when it is not one of `orders`."""
    name = query.get(SORT, "")
    return name if name in orders else default


def column_links(names, orders, current, values, link=link_to):
    """Returns {name: {href, state}} for the columns `names`; `state` is the value of aria-sort, or "".

    `orders` contains one order for each name and, where the column can be reversed, one for "-name".
    """
    others = without_names(values, SORT)
    links = {}
    for name in names:
        reverse = f"-{name}" if current == name and f"-{name}" in orders else name
        state = {name: "ascending", f"-{name}": "descending"}.get(current, "")
        links[name] = {"href": link(others | {SORT: reverse}), "state": state}
    return links
