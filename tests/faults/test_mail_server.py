"""A mail server that refuses a third of the e-mails: each is sent in the end, or listed as failed; none twice."""

from collections import Counter

import pytest

from tests.faults import rightly
from tests.faults.centre import DAY
from tests.faults.site import PATIENCE, ahead_of_now
from tests.faults.visitor import Visitor

pytestmark = pytest.mark.postgres

# The treatment of every third recipient, and the number of attempts after which it ends (None: never).
REFUSALS = [("later", 2), ("never", None), ("hang up", 3), ("refuse text", None)]
STATES = """
    SELECT u.email, d.state, COUNT(*) FROM reminders_delivery d JOIN accounts_user u ON u.id = d.recipient_id
    WHERE d.channel = 'email' GROUP BY u.email, d.state
"""


class Moody:
    """Treats every third recipient badly; for about half of the others it hangs up after accepting."""

    def __init__(self, addresses):
        self.addresses = sorted(addresses)
        thirds = self.addresses[::3]
        self.refusals = {address: REFUSALS[place % 4] for place, address in enumerate(thirds)}
        self.lost = {address for address, (_mood, tries) in self.refusals.items() if tries is None}
        self.is_mended = False

    def __call__(self, address, number):
        mood, tries = self.refusals.get(address, ("no goodbye", None) if address > "s" else ("", None))
        if self.is_mended and address in self.lost:
            return ""
        return mood if tries is None or number < tries else ""


def let_a_day_pass(site):
    """Delivers e-mails for one day."""
    beats = site.start("beats", "tests.faults.day_of_beats")
    assert beats.process.wait(PATIENCE) == 0, beats.end_of_log()


def test_failed_emails_are_retried_until_delivered(site, post_office):
    owed = rightly.letters_owed(site)
    post_office.treat = moody = Moody(owed)
    site.ahead = ahead_of_now(DAY, 8)
    site.sweep()
    site.ahead = ahead_of_now(DAY, 10)
    let_a_day_pass(site)
    assert len(moody.refusals) >= len(owed) / 3
    assert rightly.letters_come(post_office) == Counter(
        {who: owed[who] for who in owed if who not in moody.lost}
    )
    assert set(site.rows(STATES)) == {
        (who, "failed" if who in moody.lost else "sent", owed[who]) for who in owed
    }
    site.start_web(workers=1)
    administrator = Visitor(site, "administrator")
    page = administrator.get("/notices/undelivered/").text
    assert {who for who in owed if who in page} == moody.lost
    moody.is_mended = True
    for who in moody.lost:
        pk = site.people[who.partition("@")[0]]["pk"]
        assert administrator.post(f"/notices/undelivered/{pk}/").status == 302
    let_a_day_pass(site)
    assert rightly.letters_come(post_office) == owed
    assert {state for _who, state, _count in site.rows(STATES)} == {"sent"}
