"""`make test`: every test on SQLite, then every test on a throw-away PostgreSQL with Redis; a summary at the end.

    python -m tests.run [--every-case] [arguments for pytest]

The browser tests run once, on PostgreSQL where there is one: what a page looks like and says to a screen reader does
not depend on the database, and each statement behind it is tested on both. Of generated cases each database gets every
second one (tests/plugins/sharing.py); `--every-case` runs them all on both (docs/adr/0005-closed-doors.md).
What the machine cannot run is named at the end, loudly; with LEZHI_REQUIRE_ALL=1 it ends the run before it starts.
"""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from tests.plugins.services import REQUIRE_ALL, end_with_parent, find_program, how_to_install

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "test-results"
NO_TESTS_COLLECTED = 5

EVERY_CASE = "--every-case"

WITHOUT = {
    "postgres": "the second run, on PostgreSQL with Redis",
    "redis-server": "Redis as queue and cache",
    "chromium": "the browser tests",
}


@dataclass
class Outcome:
    """What one run of pytest came to; `crashed` when it ended otherwise than with passed or failed tests."""

    title: str
    seconds: float
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    crashed: bool = False

    def __str__(self):
        line = f"{self.title}: {self.passed} passed, {self.failed} failed, {self.skipped} skipped"
        return f"{line} in {self.seconds:.0f} s" + (", ended early" if self.crashed else "")


def run_pytest(title, database, arguments):
    """Run all tests on one database. Returns an Outcome."""
    report = RESULTS / f"{database}.xml"
    report.unlink(missing_ok=True)
    print(f"\n=== {title} ===", flush=True)
    started = time.monotonic()
    command = [sys.executable, "-m", "pytest", "-q", f"--numprocesses={workers()}", "--dist=worksteal"]
    command += [f"--database={database}", f"--junitxml={report}", *arguments]
    status = subprocess.run(command, cwd=ROOT, check=False, preexec_fn=end_with_parent).returncode
    outcome = Outcome(title, time.monotonic() - started, crashed=status not in (0, 1, NO_TESTS_COLLECTED))
    return count(outcome, report) if report.exists() else outcome


def workers():
    return min(4, len(os.sched_getaffinity(0)))


def count(outcome, report):
    """Fill in the numbers from pytest's JUnit report."""
    suite = ElementTree.parse(report).getroot().find("testsuite")
    total, failures, errors, skipped = (
        int(suite.get(key)) for key in ("tests", "failures", "errors", "skipped")
    )
    outcome.failed, outcome.skipped = failures + errors, skipped
    outcome.passed = total - outcome.failed - skipped
    return outcome


@dataclass(frozen=True)
class Run:
    """One run of pytest over all tests, on one database."""

    title: str
    database: str
    has_browser: bool
    shares: bool = False

    def arguments(self, given):
        """The arguments of pytest `given` by the developer, with what this run leaves to the other one."""
        left = [] if self.has_browser else ["-m", "not browser"]
        if self.shares and EVERY_CASE not in given:
            left.append("--share")
        return [*left, *(each for each in given if each != EVERY_CASE)]


def choose_runs(missing):
    has_browser, has_postgres = "chromium" not in missing, "postgres" not in missing
    runs = [Run("SQLite and the filesystem broker", "sqlite", has_browser and not has_postgres, has_postgres)]
    if has_postgres:
        title = "PostgreSQL" + ("" if "redis-server" in missing else " and Redis")
        runs.append(Run(title, "postgres", has_browser, shares=True))
    return runs


def main(arguments):
    missing = [name for name in WITHOUT if find_program(name) is None]
    if missing and REQUIRE_ALL:
        print("\n".join(f"Required: {how_to_install(name)}" for name in missing))
        return 1
    RESULTS.mkdir(exist_ok=True)
    outcomes = [run_pytest(run.title, run.database, run.arguments(arguments)) for run in choose_runs(missing)]
    return summarise(outcomes, missing)


def summarise(outcomes, missing):
    """Print what ran, what did not and why, and one plain closing line. Returns the exit status."""
    print("\n=== Summary ===")
    print("\n".join(map(str, outcomes)))
    for name in missing:
        print(f"*** NOT RUN: {WITHOUT[name]}: {how_to_install(name)}")
    passed, failed, skipped = (
        sum(getattr(each, key) for each in outcomes) for key in ("passed", "failed", "skipped")
    )
    crashed = any(outcome.crashed for outcome in outcomes)
    print(f"{passed} passed, {failed + crashed} failed, {skipped} skipped", flush=True)
    return 1 if failed or crashed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
