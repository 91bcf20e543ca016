"""The query part of a list's address: filters, order and place as a dict of name and text.

The same values always make the same address: the names are in alphabetical order, and empty values are left out.
"""

from django.http import QueryDict

CURSORS = ("after", "before")
SORT = "sort"


def filter_values(query, *, without=()):
    """The values of an address (a QueryDict or dict) that are not empty, without its place and the names `without`."""
    return without_names(dict(query.items()), *CURSORS, *without)


def filter_conditions(query):
    """The values that narrow a list: neither its place nor its order."""
    return filter_values(query, without=(SORT,))


def parse_query_string(text):
    """The values of the query part `text` of an address, as a view keeps it."""
    return filter_values(QueryDict(text))


def without_names(values, *names):
    """A dict without `names` and without what is empty."""
    return {name: value for name, value in values.items() if value and name not in names}


def encode(values):
    """A dict as the query part of an address; empty values are left out."""
    query = QueryDict(mutable=True)
    for name in sorted(values):
        if values[name]:
            query[name] = values[name]
    return query.urlencode()


def link(values):
    """A link to the same page with these values."""
    return f"?{encode(values)}"
