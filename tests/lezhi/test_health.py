"""/healthz is requested by machines, without a login."""

import pytest
from django.db import OperationalError

from lezhi import health


def test_health_is_told_without_login(client, db):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert "no-store" in answer.headers["Cache-Control"]


def test_health_says_when_the_database_is_away(client, db, monkeypatch):
    class Away:
        def cursor(self):
            raise OperationalError("secret address")

    monkeypatch.setattr(health, "connection", Away())
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"status": "database"})


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_health_is_only_read(client, db, method):
    assert getattr(client, method)("/healthz").status_code == 405
