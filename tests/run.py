"""`make test`: runs the tests on SQLite, then on a temporary PostgreSQL with Redis, and prints a summary by suite.

    python -m tests.run [arguments for pytest]

tests/plugins/where.py defines which tests run on which of the two. Without PostgreSQL all of them run on SQLite. The
summary names what this machine could not run; with LEZHI_REQUIRE_ALL=1 the run then ends before it starts.
"""

import os
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from tests.plugins.services import REQUIRE_ALL, end_with_parent, find_program, how_to_install

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "var" / "test-results"  # the browser plugin empties the folder test-results
NO_TESTS_COLLECTED = 5
WAITING = 1  # workers in addition to the cores: tests of tests/faults/ mostly wait for other processes
MOST_WORKERS = 5

WITHOUT = {
    "postgres": "the second run, on PostgreSQL with Redis",
    "redis-server": "Redis as queue and cache",
    "chromium": "the browser tests",
}


@dataclass
class Outcome:
    """The result of one run of pytest; `crashed` means that it ended early, without a complete result."""

    title: str
    seconds: float
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    crashed: bool = False
    suites: dict = field(
        default_factory=dict
    )  # {folder of tests/: (number of tests, their seconds summed up)}

    def __str__(self):
        line = f"{self.title}: {self.passed} passed, {self.failed} failed, {self.skipped} skipped"
        return f"{line} in {self.seconds:.0f} s" + (", ended early" if self.crashed else "")


def run_pytest(title, database, arguments):
    """Runs the tests on one database. Returns an Outcome."""
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
    """The number of pytest-xdist workers on this machine."""
    return min(MOST_WORKERS, len(os.sched_getaffinity(0)) + WAITING)


def suite_of(case):
    """The folder of tests/ that a test case of a JUnit report is from; "tests" for the files directly in it."""
    first = case.get("classname").removeprefix("tests.").partition(".")[0]
    return "tests" if first.startswith("test_") else first


def count(outcome, report):
    """Fills in the numbers from pytest's JUnit report."""
    suite = ElementTree.parse(report).getroot().find("testsuite")
    seconds_by_suite = defaultdict(list)
    for case in suite.iter("testcase"):
        seconds_by_suite[suite_of(case)].append(float(case.get("time")))
    outcome.suites = {name: (len(seconds), sum(seconds)) for name, seconds in seconds_by_suite.items()}
    total, failures, errors, skipped = (
        int(suite.get(key)) for key in ("tests", "failures", "errors", "skipped")
    )
    outcome.failed, outcome.skipped = failures + errors, skipped
    outcome.passed = total - outcome.failed - skipped
    return outcome


@dataclass(frozen=True)
class Run:
    """One run of pytest on one database, with its arguments."""

    title: str
    database: str
    options: tuple = ()


def choose_runs(missing):
    """The runs of this machine; `missing` are the programs that it lacks."""
    has_postgres = "postgres" not in missing
    without_browser = ("-m", "not browser") if "chromium" in missing else ()
    shared = ("--shared",) if has_postgres else ()
    runs = [Run("SQLite and the filesystem broker", "sqlite", (*without_browser, *shared))]
    if has_postgres:
        title = "PostgreSQL" + ("" if "redis-server" in missing else " and Redis")
        runs.append(Run(title, "postgres", (*without_browser, *shared)))
    return runs


def main(arguments):
    """Runs the tests. Returns the exit status."""
    missing = [name for name in WITHOUT if find_program(name) is None]
    if missing and REQUIRE_ALL:
        print("\n".join(f"Required: {how_to_install(name)}" for name in missing))
        return 1
    RESULTS.mkdir(parents=True, exist_ok=True)
    outcomes = [
        run_pytest(run.title, run.database, (*run.options, *arguments)) for run in choose_runs(missing)
    ]
    return summarise(outcomes, missing)


def table_of_suites(outcomes):
    """One line for each suite: its number of tests in each run, and their seconds, added up over the workers."""
    names = {name for outcome in outcomes for name in outcome.suites}

    def seconds(name):
        return sum(outcome.suites.get(name, (0, 0))[1] for outcome in outcomes)

    lines = [f"{'suite':<12}" + "".join(f"{outcome.title.split()[0]:>22}" for outcome in outcomes)]
    for name in sorted(names, key=seconds, reverse=True):
        cells = [outcome.suites.get(name, (0, 0)) for outcome in outcomes]
        lines.append(f"{name:<12}" + "".join(f"{number:>12} in{took:>5.0f} s" for number, took in cells))
    return lines


def summarise(outcomes, missing):
    """Prints what ran, what did not and why, and a closing line. Returns the exit status."""
    print("\n=== Summary ===")
    print("\n".join([*table_of_suites(outcomes), "", *map(str, outcomes)]))
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
