"""Primary keys from requests: decimal digits within the range of the database; anything else gives None."""

import pytest
from django.urls import Resolver404, resolve

from accounts.keys import parse_key


@pytest.mark.parametrize("text", ["", None, "²", "٣", "-1", "1.0", " 1", "1\0", "9" * 19, "9" * 5000])
def test_other_signs_are_no_key(text):
    assert parse_key(text) is None


@pytest.mark.parametrize(("text", "key"), [("0", 0), ("7", 7), ("007", 7), ("9" * 18, 10**18 - 1)])
def test_digits_are_a_key(text, key):
    assert parse_key(text) == key


@pytest.mark.parametrize("text", ["9" * 19, "٣", "-1"])
def test_address_with_an_impossible_key_leads_nowhere(text):
    with pytest.raises(Resolver404):
        resolve(f"/employers/{text}/")


def test_address_with_the_longest_key_is_read():
    assert resolve(f"/employers/{'9' * 18}/").kwargs == {"pk": 10**18 - 1}
