"""A worker and all its children are killed with -9 again and again while it sweeps and sends e-mails."""

import os
import random
import time
from datetime import timedelta

import chinese_calendar
import pytest

from reminders.deliveries import CLAIM_TIMEOUT
from tests.faults import rightly
from tests.faults.centre import DAY, FIRST_DAY
from tests.faults.site import ahead_of_now, wait_until

pytestmark = pytest.mark.postgres

KILLS = int(os.environ.get("LEZHI_KILLS") or 8)
AT_ONCE = 2  # e-mails that a worker with two processes may be sending
SEED = os.environ.get("LEZHI_SEED") or str(random.randrange(10**6))
WORK = ["reminders.tasks.sweep", "reminders.tasks.deliver"]
BEGUN = "Task reminders.tasks."
LONGEST_LIFE = 1.0  # seconds after the first task is received


def working_days():
    """Returns KILLS working days between the first day and DAY; more and more duties become overdue on them."""
    days = (FIRST_DAY + timedelta(days=number) for number in range(25, (DAY - FIRST_DAY).days))
    worked = list(filter(chinese_calendar.is_workday, days))
    return [worked[len(worked) * number // KILLS] for number in range(KILLS)]


def live_and_die(site, moments):
    """One life of a worker: it finds sweeps and e-mails in its queue, starts, and is killed."""
    before = len(site.log_of("worker"))
    site.ask_for(*WORK, *WORK)
    worker = site.start_worker()
    wait_until(lambda: BEGUN in worker.said()[before:], worker.end_of_log)
    time.sleep(moments.uniform(0, LONGEST_LIFE))
    worker.kill()


def test_worker_killed_repeatedly_loses_nothing(site, post_office):
    print(f"LEZHI_SEED={SEED}")
    moments, post_office.delay = random.Random(SEED), 0.05
    for day in working_days():
        site.ahead = ahead_of_now(day)
        site.let_claims_age(CLAIM_TIMEOUT)
        live_and_die(site, moments)
    interrupted = site.number(f"SELECT COUNT(*) {rightly.LETTERS} AND state = 'claimed'")
    post_office.delay, site.ahead = 0, ahead_of_now(DAY)
    site.let_claims_age(CLAIM_TIMEOUT)
    site.sweep()
    site.sweep()
    log = site.log_of("worker")
    came, ended = log.count(f"{BEGUN}sweep"), log.count("Sweep: {")
    print(
        f"{came} sweeps came to a worker, {ended} ended; {interrupted} letters were in the hands of the last one"
    )
    assert ended < came
    assert rightly.differences(site) == {}
    assert rightly.doubled_rows(site) == 0
    assert set(site.column(f"SELECT state {rightly.LETTERS}")) == {"sent"}
    assert not rightly.letters_owed(site) - rightly.letters_come(post_office)
    doubled = len(post_office.letters) - rightly.letters_marked(site)
    print(f"{doubled} letters came twice")
    assert 0 <= doubled <= KILLS * AT_ONCE
