"""A Celery worker for tests: a separate process with the same database, queue and cache.

    def test_sweep_in_a_worker(real_worker): ...

The fixture makes `.delay()` queue tasks; `real_worker.wait_until(check)` waits for the worker, and
`real_worker.letters()` returns the e-mails that it has sent. A test with the fixture is marked `real_worker` by it.
"""

import os
import signal
import subprocess
import sys
import time
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from tests.plugins.services import end_with_parent

START_SECONDS = 30
STOP_SECONDS = 15
OPTIONS = ["--pool=threads", "--concurrency=2", "--without-gossip", "--without-mingle", "--without-heartbeat"]


class CeleryWorker:
    """The worker process, with methods for tests."""

    def __init__(self):
        self.folder = Path(settings.VAR_DIR)
        self.log = self.folder / "worker.log"
        self.process = None

    def start(self):
        """Starts the worker and waits until it answers. Raises RuntimeError with its log when it does not."""
        environment = os.environ | {"LEZHI_TEST_DATABASE": str(connection.settings_dict["NAME"])}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "celery",
                    "--app=lezhi",
                    "--quiet",
                    "worker",
                    "--loglevel=INFO",
                    *OPTIONS,
                ],
                env=environment | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
                cwd=settings.BASE_DIR,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=end_with_parent,
            )
        self.wait_until(self.answers, START_SECONDS)

    def answers(self):
        from lezhi.celery import app

        return bool(app.control.ping(limit=1, timeout=1))

    def kill(self):
        """Kills the worker without warning, like a power cut."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()

    def wait_until(self, check, seconds=15):
        """Returns the result of `check()` once it is true. Raises RuntimeError with the worker's log on timeout."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"the worker has ended:\n{self.log.read_text()}")
            if result := check():
                return result
            time.sleep(0.1)
        raise RuntimeError(f"not within {seconds} s:\n{self.log.read_text()}")

    def letters(self):
        """The e-mails the worker has sent, oldest first."""
        files = sorted((self.folder / "letters").glob("*.log"), key=lambda path: path.stat().st_mtime)
        return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in files]


@pytest.fixture(scope="session")
def _celery_worker(django_db_setup, django_db_blocker):
    worker = CeleryWorker()
    yield worker
    worker.stop()


@pytest.fixture
def real_worker(_celery_worker, transactional_db):
    """A running worker; `.delay()` queues tasks for it during the test."""
    from lezhi.celery import app

    app.conf.task_always_eager = False
    if _celery_worker.process is None or _celery_worker.process.poll() is not None:
        _celery_worker.start()
    yield _celery_worker
    app.conf.task_always_eager = True


def pytest_collection_modifyitems(items):
    for item in items:
        if "real_worker" in getattr(item, "fixturenames", ()):
            item.add_marker("real_worker")
