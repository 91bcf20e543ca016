"""Fixtures for all tests; tests/plugins/services.py starts the servers."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import hypothesis
import pytest
from celery import current_app
from django.core.cache import cache
from django.template.base import NodeList
from django.utils import translation
from django.utils.safestring import SafeString

from lezhi.celery import app
from reminders.calendar import workdays

pytest_plugins = [
    "tests.plugins.databases",
    "tests.plugins.seeds",
    "tests.plugins.celery_worker",
    "tests.plugins.browser",
]

SHANGHAI = ZoneInfo("Asia/Shanghai")

# The duration of an example is not tested here; speed is measured in benchmarks/.
hypothesis.settings.register_profile("lezhi", deadline=None)
hypothesis.settings.load_profile("lezhi")


@pytest.fixture(autouse=True)
def _empty_cache(monkeypatch):
    """Empties the caches between tests. Within a test the calendar is cached, however long the test takes."""
    workdays.clear_cache()
    monkeypatch.setattr(workdays, "CACHE_SECONDS", 3600)
    yield
    cache.clear()


@pytest.fixture
def undrawn(monkeypatch):
    """A function that disables template rendering: views run as usual (`response.context`), but pages stay empty."""
    return lambda: monkeypatch.setattr(NodeList, "render", lambda self, context: SafeString(""))


@pytest.fixture(autouse=True)
def _language_of_the_site():
    """Each test ends in the language of the site: a page may have left another one active."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def _celery_stays_ours():
    """Fails a test that leaves another Celery app current, because later tasks would go to a broker that is gone."""
    yield
    assert current_app._get_current_object() is app


@pytest.fixture
def at(time_machine):
    """A function that freezes the clock: at("2026-02-14") at 10:00 in Shanghai, at("2026-02-14", 23, 59) at 23:59.

    It returns the date.
    """

    def stop_the_clock(day, hour=10, minute=0):
        day = date.fromisoformat(str(day))
        time_machine.move_to(
            datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI), tick=False
        )
        return day

    return stop_the_clock
