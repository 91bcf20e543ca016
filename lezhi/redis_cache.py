"""A Redis cache that the site can do without: while Redis is unreachable, it is empty and stores nothing.

A call waits at most TIMEOUT_SECONDS. After a failure the process does not call Redis for RETRY_AFTER_SECONDS, so that
a hanging Redis delays a page once and not at each call.
"""

import logging
import time

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 1
RETRY_AFTER_SECONDS = 10


class OptionalRedisCache(RedisCache):
    """Django's RedisCache without errors when Redis is unreachable: reads find nothing, writes are lost.

    `incr` then raises ValueError, as for every missing key.
    """

    away_until = 0.0  # by time.monotonic(), for the whole process

    def __init__(self, server, params):
        waits = {"socket_connect_timeout": TIMEOUT_SECONDS, "socket_timeout": TIMEOUT_SECONDS}
        once = {"retry": Retry(NoBackoff(), 0)}
        super().__init__(server, params | {"OPTIONS": waits | once | params.get("OPTIONS", {})})

    def call_redis(self, missing, method, *args, **kwargs):
        """Calls `method` and returns its result, or `missing` when Redis is unreachable."""
        if time.monotonic() < OptionalRedisCache.away_until:
            return missing
        try:
            return method(*args, **kwargs)
        except (RedisError, OSError) as problem:
            OptionalRedisCache.away_until = time.monotonic() + RETRY_AFTER_SECONDS
            logger.warning("The cache is unreachable: %s", problem)
            return missing

    def add(self, key, value, timeout=DEFAULT_TIMEOUT, version=None):
        return self.call_redis(False, super().add, key, value, timeout, version)

    def get(self, key, default=None, version=None):
        return self.call_redis(default, super().get, key, default, version)

    def set(self, key, value, timeout=DEFAULT_TIMEOUT, version=None):
        self.call_redis(None, super().set, key, value, timeout, version)

    def touch(self, key, timeout=DEFAULT_TIMEOUT, version=None):
        return self.call_redis(False, super().touch, key, timeout, version)

    def delete(self, key, version=None):
        return self.call_redis(False, super().delete, key, version)

    def get_many(self, keys, version=None):
        return self.call_redis({}, super().get_many, keys, version)

    def has_key(self, key, version=None):
        return self.call_redis(False, super().has_key, key, version)

    def incr(self, key, delta=1, version=None):
        number = self.call_redis(None, super().incr, key, delta, version)
        if number is None:
            raise ValueError(f"Key '{key}' not found.")
        return number

    def set_many(self, data, timeout=DEFAULT_TIMEOUT, version=None):
        return self.call_redis(list(data), super().set_many, data, timeout, version)

    def delete_many(self, keys, version=None):
        self.call_redis(None, super().delete_many, keys, version)

    def clear(self):
        return self.call_redis(False, super().clear)
