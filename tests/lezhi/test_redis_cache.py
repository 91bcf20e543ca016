"""A Redis that is away acts as an empty cache: no request fails, and no process waits for it twice."""

import socket
import time

import pytest
from django.core.cache import caches

from lezhi import redis_cache
from lezhi.redis_cache import OptionalRedisCache

NOBODY_LISTENS = "redis://127.0.0.1:1/0"


@pytest.fixture(autouse=True)
def _not_away_yet(monkeypatch):
    monkeypatch.setattr(OptionalRedisCache, "away_until", 0.0)


@pytest.fixture
def hanging():
    """The URL of a server that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


def test_every_call_is_answered_while_redis_is_away(caplog, monkeypatch):
    monkeypatch.setattr(redis_cache, "RETRY_AFTER_SECONDS", 0)
    cache = OptionalRedisCache(NOBODY_LISTENS, {})
    cache.set("a", 1)
    cache.delete_many(["a"])
    answers = [
        cache.get("a", "nothing"),
        cache.add("a", 1),
        cache.touch("a"),
        cache.delete("a"),
        cache.get_many(["a"]),
        cache.has_key("a"),
        cache.set_many({"a": 1}),
        cache.get_or_set("a", 7),
        cache.clear(),
    ]
    assert answers == ["nothing", False, False, False, {}, False, ["a"], 7, False]
    with pytest.raises(ValueError, match="not found"):
        cache.incr("a")
    assert "The cache is unreachable" in caplog.text


def test_redis_that_hangs_is_waited_for_once(hanging, monkeypatch):
    monkeypatch.setattr(redis_cache, "TIMEOUT_SECONDS", 0.2)
    cache = OptionalRedisCache(hanging, {})
    began = time.monotonic()
    assert cache.get("a") is None
    waited = time.monotonic() - began
    assert waited >= 0.2
    for _call in range(50):
        assert cache.get("a") is None
    assert time.monotonic() - began < waited + 0.2


def test_redis_is_asked_again_after_the_pause(monkeypatch):
    cache = OptionalRedisCache(NOBODY_LISTENS, {})
    cache.get("a")
    assert OptionalRedisCache.away_until > time.monotonic()
    calls = []
    monkeypatch.setattr(OptionalRedisCache, "away_until", time.monotonic())
    assert cache.call_redis("missing", lambda: calls.append(1) or "found") == "found"
    assert calls == [1]


def test_values_are_kept_while_redis_is_there():
    """Control: the cache of the tests stores values, on Redis and without."""
    caches["default"].set("a", 1)
    assert caches["default"].get("a") == 1
