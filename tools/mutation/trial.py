"""Runs the tests in a scratch copy of the tree, each time in a forked process that has the libraries loaded already."""

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
    """A copy of the checkout with a database of its own; use as a context manager."""

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
        """Puts `source` in the place of a module; the time of the file moves on, so that no compiled copy is used."""
        path = self.tree / module
        path.write_text(source)
        self.stamp += 10**10
        os.utime(path, ns=(self.stamp, self.stamp))

    def run(self, tests, timeout):
        """(exit status of pytest or TIMED_OUT, seconds); `tests` that do not exist are left out."""
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
        """The migrated database, with what still lies in its write-ahead log."""
        with closing(sqlite3.connect(self.database)) as made, closing(sqlite3.connect(self.clean)) as kept:
            made.backup(kept)

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
        """In the child: nothing of the checkout stays loaded, and what is printed goes to the log."""
        output = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.chdir(self.tree)
        for name in [name for name in sys.modules if name.split(".")[0] in OURS]:
            del sys.modules[name]
        sys.path[:] = [str(self.tree), *(path for path in sys.path if path not in ("", str(ROOT)))]
        # As a worker of pytest-xdist the run takes its folder as it is told, and leaves the database behind.
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
    found = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return found.stdout.strip() or "unknown"
