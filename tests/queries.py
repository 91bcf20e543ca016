"""How many SQL queries an act or a page takes."""

from django.db import connection
from django.test.utils import CaptureQueriesContext


def queries_of(act):
    """Returns the number of queries of `act()`."""
    with CaptureQueriesContext(connection) as captured:
        act()
    return len(captured)


def queries_of_page(client, address, query=None):
    """Returns the number of queries of a page that has been requested before, so that the caches are filled."""
    client.get(address, query)
    return queries_of(lambda: client.get(address, query))
