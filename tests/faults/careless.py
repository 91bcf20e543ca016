"""The sweep or the e-mails without some of their guards: `python -m tests.faults.careless PAIR act [guard ...]`.

Two of these processes with the same folder PAIR wait for each other halfway, each in the middle of its work, and then
go on.
"""

import os
import sys
import time
from datetime import timedelta
from pathlib import Path

import django

START_SECONDS = 60
MEETING_SECONDS = 60
KEPT_OUT_SECONDS = 6  # the longest wait when a remaining guard keeps the other process out
UNGUARDED = ({"lock", "key"}, {"claim"})
CONFLICT, TELL = "ON CONFLICT (key)", "RETURNING id"


class Meeting:
    """The point where two processes wait for each other, once; the time counts from when both have started."""

    def __init__(self, folder, without):
        self.folder, self.was_held = Path(folder), False
        is_open = any(guards <= set(without) for guards in UNGUARDED)
        self.seconds = MEETING_SECONDS if is_open else KEPT_OUT_SECONDS
        self.sign("started")

    def wait(self):
        """Waits, at the first call only, until the other process is here too."""
        if not self.was_held:
            self.was_held = True
            self.sign("arrived")
            self.wait_for("started", START_SECONDS)
            self.wait_for("arrived", self.seconds)

    def sign(self, word):
        """Records in the folder that this process has reached the point `word`."""
        (self.folder / f"{word}-{os.getpid()}").touch()

    def wait_for(self, word, seconds):
        """Waits until both processes have recorded `word`, at most this many seconds."""
        deadline = time.monotonic() + seconds
        while len(list(self.folder.glob(f"{word}-*"))) < 2 and time.monotonic() < deadline:
            time.sleep(0.02)


def sweep(meeting, without):
    """Raises the reminders of duties; "lock" is the lock of the sweep mark, "key" the unique key of a reminder."""
    from relations.reminding import raising
    from reminders import clock, steps

    run = raising.ReminderRun.run

    def meet_and_run(self, wanted):
        meeting.wait()
        return run(self, wanted)

    raising.ReminderRun.run = meet_and_run
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
    """Sends the e-mails; without "claim" an e-mail that another process is sending counts as abandoned at once."""
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
    """Delivers once; returns False when two processes without a claim locked each other out."""
    from django.db import OperationalError

    try:
        deliveries.deliver(clock.now())
    except OperationalError:
        return False
    return True


if __name__ == "__main__":
    django.setup()
    {"sweep": sweep, "deliver": deliver}[sys.argv[2]](Meeting(sys.argv[1], sys.argv[3:]), sys.argv[3:])
