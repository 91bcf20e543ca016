"""The numbers of the rules page: each changes something."""

from pathlib import Path

import pytest

from reminders.parameters import PARAMETERS

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("accounts", "reminders", "relations", "employers", "complaints", "lezhi")
CODE = {
    path: path.read_text()
    for room in ROOMS
    for path in (ROOT / room).rglob("*.py")
    if path.name != "parameters.py" and "migrations" not in path.parts
}
NAMES = {"renewal_notice_days": "NOTICE_DAYS"}  # {key: the constant by which the code reads it}


def readers(key):
    """The modules that read the number of this key."""
    return [
        path.name for path, text in CODE.items() if f'"{key}"' in text or NAMES.get(key, key + '"') in text
    ]


@pytest.mark.parametrize("key", sorted(PARAMETERS))
def test_number_of_the_rules_page_is_read_somewhere(key):
    assert readers(key)


def test_number_that_nothing_reads_is_noticed():
    assert readers("due_soon") == []
