"""The query string of a list as a dict {name: text}: filters, order and cursor.

The same values always give the same URL: names are in alphabetical order, and empty values are left out.
"""

from django.http import QueryDict

CURSORS = ("after", "before")
SORT = "sort"


def filter_values(query, *, without=()):
    """Returns the non-empty parameters of `query` (a QueryDict or dict), without the cursor and the names `without`."""
    return without_names(dict(query.items()), *CURSORS, *without)


def filter_conditions(query):
    """Returns the parameters that filter a list, without its cursor and order."""
    return filter_values(query, without=(SORT,))


def parse_query_string(text):
    """Returns the filters and the order in the query string `text`, which a saved view stores."""
    return filter_values(QueryDict(text))


def without_names(values, *names):
    """Returns a dict without `names` and without empty values."""
    return {name: value for name, value in values.items() if value and name not in names}


def encode(values):
    """Returns a dict as a query string; empty values are left out."""
    query = QueryDict(mutable=True)
    for name in sorted(values):
        if values[name]:
            query[name] = values[name]
    return query.urlencode()


def link(values):
    """Returns a link to the same page with these parameters."""
    return f"?{encode(values)}"
