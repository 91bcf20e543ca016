"""The day and the people of the tests of employers."""

import pytest

from tests.employers.desk import centre


@pytest.fixture
def today(at):
    """Monday, 12 October 2026."""
    return at("2026-10-12")


@pytest.fixture
def place(today):
    """The users of a small centre, by name (tests.employers.desk.centre)."""
    return centre()
