"""Each guard alone keeps two sweeps apart; without any, duplicates are seen, so the other tests are able to fail."""

import pytest

from tests.faults import rightly
from tests.faults.centre import DAY, DUTIES
from tests.faults.site import ahead_of_now

pytestmark = pytest.mark.postgres
LONGEST = 180  # seconds that the two processes may take to start and to meet

KEYS = """
    SELECT conname FROM pg_constraint WHERE conrelid = 'reminders_reminder'::regclass AND contype = 'u'
"""


@pytest.fixture
def race(site, tmp_path):
    """race(act, *guards) runs two processes at once without these guards (tests.faults.careless)."""

    def run(act, *without):
        place = tmp_path / act
        place.mkdir()
        pair = [
            site.start(f"{act}{number}", "tests.faults.careless", str(place), act, *without)
            for number in range(2)
        ]
        for program in pair:
            assert program.process.wait(LONGEST) == 0, program.said()

    return run


@pytest.fixture
def opened(site):
    """The duties of DAY are open, and no user has been reminded of them."""
    site.sweep()
    deliveries, reminders = "DELETE FROM reminders_delivery", "DELETE FROM reminders_reminder"
    site.change(deliveries, reminders, "UPDATE relations_duty SET notified = 0")


def drop_key(site):
    """Drops the unique key of reminders."""
    [name] = site.column(KEYS)
    site.change(f"ALTER TABLE reminders_reminder DROP CONSTRAINT {name}")


def raised(site):
    """Returns the number of reminders of duties."""
    return site.number("SELECT COUNT(*) FROM reminders_reminder WHERE kind = 'due'")


def test_lock_alone_prevents_duplicates(site, opened, race):
    drop_key(site)
    race("sweep", "key")
    assert (raised(site), rightly.doubled_rows(site)) == (DUTIES, 0)


def test_unique_key_alone_prevents_duplicates(site, opened, race):
    race("sweep", "lock")
    assert (raised(site), rightly.doubled_rows(site)) == (DUTIES, 0)


def test_without_lock_and_key_the_doubles_are_seen(site, opened, race):
    drop_key(site)
    race("sweep", "lock", "key")
    assert (raised(site), rightly.doubled_rows(site)) == (2 * DUTIES, DUTIES)
    assert rightly.differences(site)


@pytest.mark.parametrize("without", [[], ["claim"]])
def test_claim_prevents_duplicate_emails(site, post_office, race, without):
    site.ahead = ahead_of_now(DAY, 8)
    site.sweep()
    site.ahead = ahead_of_now(DAY, 10)
    race("deliver", *without)
    doubles = rightly.letters_come(post_office) - rightly.letters_owed(site)
    assert bool(doubles) is bool(without)
    assert not rightly.letters_owed(site) - rightly.letters_come(post_office)
