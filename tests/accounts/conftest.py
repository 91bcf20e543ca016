import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext


@pytest.fixture
def queries_of(client):
    """A function that returns the number of queries of a page for the user logged in with `client`."""

    def count(address):
        with CaptureQueriesContext(
            connection,
        ) as statements:
            assert client.get(address).status_code == 200
        return len(statements)

    return count
