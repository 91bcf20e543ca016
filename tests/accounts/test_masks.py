"""Masked names: the same everywhere, and at most the first character of the name (R153-R154)."""

import pytest

from accounts.masks import masked_name, masked_phone
from complaints.access import masks


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("陈志远", "陈**"),
        ("陈远", "陈**"),
        ("陈", "陈**"),
        ("欧阳修文", "欧**"),
        ("欧阳修", "欧**"),
        ("欧阳", "欧**"),
        ("司马相如", "司**"),
        (" 诸葛亮 ", "诸**"),
        ("阿依古丽·买买提", "阿**"),
        ("Li Wei", "L**"),
        ("", ""),
        (None, ""),
    ],
)
def test_masked_name_shows_one_character_and_hides_the_length(name, masked):
    assert masked_name(name) == masked
    assert masks.masked_name(name) == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13712346021", "137****6021"),
        ("137-1234 6021", "137****6021"),
        ("12345", "****"),
        ("", ""),
        (None, ""),
    ],
)
def test_masked_phone_shows_three_and_four_digits(phone, masked):
    assert masked_phone(phone) == masked
