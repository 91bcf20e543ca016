"""The services behind the tests: the requested database, seeds that survive, a Celery worker that works."""

import os

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import connection

from lezhi.celery import app
from relations.models import CadenceRule


def test_database_is_the_one_asked_for(db, pytestconfig):
    vendors = {"sqlite": "sqlite", "postgres": "postgresql"}
    assert connection.vendor == vendors[pytestconfig.getoption("database")]


@pytest.mark.sqlite
def test_sqlite_is_a_file_as_on_the_site(db):
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        assert cursor.fetchone() == ("wal",)


@pytest.mark.postgres
def test_redis_holds_cache_and_queue_apart(settings):
    if "LEZHI_TEST_REDIS" not in os.environ:
        pytest.skip("redis-server is not on this machine (apt-get install redis-server)")
    assert settings.CELERY_BROKER_URL.startswith("redis://")
    assert settings.CACHES["default"]["LOCATION"] != settings.CELERY_BROKER_URL


@pytest.mark.parametrize("turn", [1, 2])
def test_cache_is_empty_at_the_start(turn):
    assert cache.get("left-behind") is None
    cache.set("left-behind", turn)


@pytest.mark.parametrize("turn", [1, 2])
def test_seeds_survive_real_transactions(transactional_db, turn):
    assert CadenceRule.objects.exists()
    assert ContentType.objects.exists()
    CadenceRule.objects.all().delete()


def test_seeds_are_there_after_real_transactions(db):
    assert CadenceRule.objects.exists()


def test_worker_runs_what_is_queued(real_worker):
    before = len(real_worker.letters())
    app.send_task("celery.backend_cleanup")
    real_worker.wait_until(lambda: "backend_cleanup" in real_worker.log.read_text())
    assert real_worker.answers()
    assert len(real_worker.letters()) == before


def test_worker_that_was_killed_starts_again_for_the_next_test(real_worker):
    real_worker.kill()
    with pytest.raises(RuntimeError, match="the worker has ended"):
        real_worker.wait_until(lambda: False)
