"""What every test may use; the servers behind it are in tests/plugins/services.py."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import hypothesis
import pytest
from celery import current_app
from django.core.cache import cache
from django.template.base import NodeList
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

# How long an example takes says nothing about whether it is right; speed is measured in benchmarks/.
hypothesis.settings.register_profile("lezhi", deadline=None)
hypothesis.settings.load_profile("lezhi")


@pytest.fixture(autouse=True)
def _empty_cache(monkeypatch):
    """What one test has cached is not there for the next. Within one the calendar is read once, however slow it is."""
    workdays.clear_cache()
    monkeypatch.setattr(workdays, "CACHE_SECONDS", 3600)
    yield
    cache.clear()


@pytest.fixture
def undrawn(monkeypatch):
    """Once called, pages are worked out by their views as always (`response.context`), but not drawn."""
    return lambda: monkeypatch.setattr(NodeList, "render", lambda self, context: SafeString(""))


@pytest.fixture(autouse=True)
def _celery_stays_ours():
    """A test that makes another Celery current sends the tasks of the next one to a broker that is gone by then."""
    yield
    assert current_app._get_current_object() is app


@pytest.fixture
def at(time_machine):
    """Stop the clock: at("2026-02-14") is ten in the morning in Shanghai, at("2026-02-14", 23, 59) nearly midnight.

    Returns the date that is then today.
    """

    def stop_the_clock(day, hour=10, minute=0):
        day = date.fromisoformat(str(day))
        time_machine.move_to(
            datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI), tick=False
        )
        return day

    return stop_the_clock
