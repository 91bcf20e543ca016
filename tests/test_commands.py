"""The commands `prepare` and `populate --accounts`, which `make run` calls."""

from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command

from lezhi.management.commands import prepare


@pytest.fixture
def calls(monkeypatch):
    """The names of the commands that `prepare` calls; they are not run."""
    called = []
    monkeypatch.setattr(prepare, "call_command", lambda name, **options: called.append(name))
    return called


def test_first_start_loads_the_demo(db, settings, calls):
    settings.DEBUG = True
    call_command("prepare", stdout=StringIO())
    assert calls == ["migrate", "createcachetable", "populate"]


def test_second_start_keeps_what_is_there(db, settings, calls):
    settings.DEBUG = True
    get_user_model().objects.create(username="somebody")
    call_command("prepare", stdout=StringIO())
    assert calls == ["migrate", "createcachetable"]


def test_real_use_gets_no_demo_accounts(db, settings, calls):
    settings.DEBUG = False
    call_command("prepare", stdout=StringIO())
    assert calls == ["migrate", "createcachetable"]


def test_prepare_may_be_repeated(db, settings):
    settings.DEBUG = False
    call_command("prepare", stdout=StringIO())
    call_command("prepare", stdout=StringIO())
