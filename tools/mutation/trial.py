"""Runs the tests in a temporary copy of the tree, each time in a forked process with the libraries already loaded."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = ".git .venv .hypothesis .*_cache node_modules var test-results __pycache__ *.whl".split()
HEAVY = "pytest django.test django.views.generic factory playwright.sync_api celery openpyxl chinese_calendar".split()
OURS = {package.parent.name for package in ROOT.glob("*/__init__.py")}
OPTIONS = "-x -q -n0 --assert=plain --reuse-db --no-header --database=sqlite -p no:randomly -p no:cacheprovider".split()
PASSED, TIMED_OUT = 0, None


class Scratch:
    """A context manager: a temporary copy of the checkout with its own database."""

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="lezhi-mutation-"))
        self.tree, self.log = self.folder / "tree", self.folder / "log"
        shutil.copytree(ROOT, self.tree, symlinks=True, ignore=shutil.ignore_patterns(*LEFT_OUT))
        (self.tree / "node_modules").symlink_to(ROOT / "node_modules")
        self.database = self.folder / "mutant" / "test.sqlite3"
        self.clean = self.folder / "clean.sqlite3"
        self.stamp = time.time_ns()
        for name in HEAVY:
            import_module(name)
        return self

    def __exit__(self, *exception):
        shutil.rmtree(self.folder, ignore_errors=True)

    def write(self, module, source):
        """Writes `source` to a module and advances the file's modification time, so that no stale .pyc is used."""
        path = self.tree / module
        path.write_text(source)
        self.stamp += 10**10
        os.utime(path, ns=(self.stamp, self.stamp))

    def run(self, tests, timeout):
        """Runs those of `tests` that exist. Returns (exit status of pytest or TIMED_OUT, seconds)."""
        if self.clean.exists():
            for leftover in self.database.parent.glob("test.sqlite3*"):
                leftover.unlink()
            shutil.copy(self.clean, self.database)
        present = [test for test in tests if (self.tree / test).exists()]
        started = time.monotonic()
        status = self.wait(self.fork(present), started + timeout)
        if status == PASSED and not self.clean.exists():
            self.keep_database()
        return status, time.monotonic() - started

    def keep_database(self):
        """Copies the migrated database to `clean`, including its write-ahead log."""
        with closing(sqlite3.connect(self.database)) as made, closing(sqlite3.connect(self.clean)) as copy:
            made.backup(copy)

    def fork(self, tests):
        pid = os.fork()
        if pid:
            return pid
        try:
            os.setsid()
            self.become_a_run()
            os._exit(int(import_module("pytest").main([*OPTIONS, *tests])))
        finally:
            os._exit(99)

    def become_a_run(self):
        """Prepares the child process: unloads our own modules, and redirects output to the log."""
        output = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.chdir(self.tree)
        for name in [name for name in sys.modules if name.split(".")[0] in OURS]:
            del sys.modules[name]
        sys.path[:] = [str(self.tree), *(path for path in sys.path if path not in ("", str(ROOT)))]
        # As a worker of pytest-xdist the run uses the folder in LEZHI_TEST_SCRATCH and does not delete the database.
        os.environ |= {"PYTEST_XDIST_WORKER": "mutant", "LEZHI_TEST_SCRATCH": str(self.folder)}
        os.environ |= {"DEBUG": "1", "DJANGO_ALLOW_ASYNC_UNSAFE": "1"}

    def wait(self, pid, deadline):
        while time.monotonic() < deadline:
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.05)
        os.killpg(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        return TIMED_OUT


def commit():
    result = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return result.stdout.strip() or "unknown"
