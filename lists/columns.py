"""The headings by which a list is ordered: a second click turns the order round."""

from lists.query import SORT, without_names
from lists.query import link as link_to


def requested_order(query, orders, default):
    """The name of the order that an address asks for; `default` when it asks for none of `orders`."""
    asked = query.get(SORT, "")
    return asked if asked in orders else default


def column_links(names, orders, current, values, link=link_to):
    """{name: {href, state}} of the columns `names`; `state` is that of aria-sort, empty for another column.

    `orders` has an order for each name and, where the column can be turned round, one for "-name".
    """
    others = without_names(values, SORT)
    found = {}
    for name in names:
        turned = f"-{name}" if current == name and f"-{name}" in orders else name
        state = {name: "ascending", f"-{name}": "descending"}.get(current, "")
        found[name] = {"href": link(others | {SORT: turned}), "state": state}
    return found
