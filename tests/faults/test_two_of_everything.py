"""Two beats and two workers sweep over 500 duties at once: each reminder exists once, each e-mail arrives once."""

import pytest

from tests.faults import rightly
from tests.faults.site import wait_until

pytestmark = pytest.mark.postgres

SWEPT = "Sweep: {"


def test_two_beats_and_two_workers(site, post_office):
    workers = [site.start_worker(f"worker{number}") for number in range(2)]
    beats = [site.start_beat(f"beat{number}") for number in range(2)]
    for worker in workers:
        wait_until(lambda worker=worker: worker.said().count(SWEPT) >= 2, worker.end_of_log)
    wait_until(
        lambda: rightly.letters_come(post_office).total() >= len(rightly.reminders(site)),
        lambda: "letters are missing; " + workers[0].end_of_log(),
    )
    for program in (*beats, *workers):
        program.stop()
    site.sweep()
    site.sweep()
    assert rightly.differences(site) == {}
    assert rightly.doubled_rows(site) == 0
    assert rightly.letters_come(post_office) == rightly.letters_owed(site)
    assert (
        site.number("SELECT COUNT(*) FROM reminders_delivery WHERE channel = 'email' AND state <> 'sent'")
        == 0
    )
