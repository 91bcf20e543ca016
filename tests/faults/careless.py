"""The sweep or the letters without some of their guards: `python -m tests.faults.careless PAIR act [guard ...]`.

Two of these, given the same folder PAIR, meet in it half-way through, each with its work in hand, and only then go on.
"""

import os
import sys
import time
from datetime import timedelta
from pathlib import Path

import django

START_SECONDS = 60
MEETING_SECONDS = 60
KEPT_OUT_SECONDS = 6  # whoever is kept out by a guard that is left is not waited for any longer
UNGUARDED = ({"lock", "key"}, {"claim"})
CONFLICT, TELL = "ON CONFLICT (key)", "RETURNING id"


class Meeting:
    """The place where two processes wait for each other, once; how long, counts from when both have started."""

    def __init__(self, folder, without):
        self.folder, self.was_held = Path(folder), False
        is_open = any(guards <= set(without) for guards in UNGUARDED)
        self.seconds = MEETING_SECONDS if is_open else KEPT_OUT_SECONDS
        self.sign("started")

    def wait(self):
        if not self.was_held:
            self.was_held = True
            self.sign("arrived")
            self.wait_for("started", START_SECONDS)
            self.wait_for("arrived", self.seconds)

    def sign(self, word):
        (self.folder / f"{word}-{os.getpid()}").touch()

    def wait_for(self, word, seconds):
        deadline = time.monotonic() + seconds
        while len(list(self.folder.glob(f"{word}-*"))) < 2 and time.monotonic() < deadline:
            time.sleep(0.02)


def sweep(meeting, without):
    """The reminders of the duties; "lock" is that of the sweep's mark, "key" the one a reminder is raised once by."""
    from relations.reminding import raising
    from reminders import clock, steps

    run = raising.ReminderStep.run

    def meet_and_run(self, wanted):
        meeting.wait()
        return run(self, wanted)

    raising.ReminderStep.run = meet_and_run
    if "lock" in without:
        steps.run_step = lambda step, today, numbers, calendar: step.run(
            steps.SweepDay(today, None, numbers, calendar)
        )
    if "key" in without:
        raising.INSERT_REMINDERS = raising.INSERT_REMINDERS.partition(CONFLICT)[0] + TELL
    steps.STEPS = {name: step for name, step in steps.STEPS.items() if name == "reminders of duties"}
    failed = steps.sweep(clock.today())[1]
    sys.exit(f"failed: {failed}" if failed else 0)


def deliver(meeting, without):
    """The letters; without the "claim" a letter in somebody's hands is taken for abandoned at once."""
    from reminders import clock, deliveries

    write = deliveries.write_letter

    def write_and_meet(*given):
        meeting.wait()
        return write(*given)

    deliveries.write_letter = write_and_meet
    if "claim" not in without:
        deliveries.deliver(clock.now())
        return
    deliveries.CLAIM_TIMEOUT = -timedelta(hours=1)
    while not delivered(deliveries, clock):
        pass


def delivered(deliveries, clock):
    """One round; without a claim the two may also lock each other out, and the one that lost begins again."""
    from django.db import OperationalError

    try:
        deliveries.deliver(clock.now())
    except OperationalError:
        return False
    return True


if __name__ == "__main__":
    django.setup()
    {"sweep": sweep, "deliver": deliver}[sys.argv[2]](Meeting(sys.argv[1], sys.argv[3:]), sys.argv[3:])
