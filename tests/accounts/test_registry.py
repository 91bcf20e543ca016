"""The registry that apps above fill for apps below."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from accounts.registry import REGISTRIES, Registry


@pytest.fixture
def numbers():
    yield Registry("numbers of a test")
    del REGISTRIES["numbers of a test"]


def test_entries_come_in_the_order_of_adding(numbers):
    numbers.add("two", 2)
    numbers.add("one", 1)
    assert list(numbers.items()) == [("two", 2), ("one", 1)]
    assert numbers["one"] == 1


def test_a_decorator_adds_and_returns_the_function(numbers):
    @numbers.entry("three")
    def three():
        return 3

    assert numbers["three"] is three
    assert three() == 3


def test_a_key_is_added_once(numbers):
    numbers.add("one", 1)
    with pytest.raises(ImproperlyConfigured, match="one is in the register"):
        numbers.add("one", 2)
    assert numbers["one"] == 1


def test_registries_have_distinct_names(numbers):
    with pytest.raises(ImproperlyConfigured, match="two registers"):
        Registry("numbers of a test")
