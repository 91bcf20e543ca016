"""PostgreSQL is restarted in the middle of a sweep and of saving: web server and worker recover by themselves."""

import contextlib
import time
from threading import Event, Thread

import pytest

from tests.faults import rightly
from tests.faults.site import PATIENCE, wait_until
from tests.faults.visitor import Visitor

pytestmark = pytest.mark.postgres

WRITERS = 3
ROUND = 12  # requests after the restart: more than the web server has threads, so that each connection is used again
RAISING = """
    SELECT 1 FROM pg_stat_activity
    WHERE application_name = 'worker' AND xact_start IS NOT NULL AND query LIKE '%WITH wanted(%'
"""


def wait_for_the_sweep(site, worker):
    """Returns while the worker is writing reminders."""
    deadline = time.monotonic() + PATIENCE
    with contextlib.closing(site.connect()) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        while time.monotonic() < deadline:
            cursor.execute(RAISING)
            if cursor.fetchall():
                return
            time.sleep(0.001)
    raise TimeoutError(worker.end_of_log())


class Writers:
    """Users who log greetings, which meet no duty, one after the other until told to stop."""

    def __init__(self, site):
        self.site, self.over, self.saved, self.tried = site, Event(), [], []
        self.threads = [Thread(target=self.write, args=[number]) for number in range(WRITERS)]

    def write(self, number):
        """Logs greetings as one worker until `over` is set."""
        login = f"worker0{number}"
        visitor = Visitor(self.site, login)
        own = self.site.number(
            f"SELECT MIN(id) FROM relations_stakeholder WHERE responsible_id = {visitor.pk}"
        )
        while not self.over.is_set():
            words = f"{login}的第{len(self.tried)}次问候"
            self.tried.append(words)
            if visitor.log(own, purpose="greeting", content=words).status == 302:
                self.saved.append(words)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *problem):
        self.over.set()
        for thread in self.threads:
            thread.join()


def test_restart_in_the_middle(site, post_office, postgres):
    site.start_web()
    visitor = Visitor(site, "director")
    visitor.get("/")
    worker, beat = site.start_worker(), site.start_beat()
    with Writers(site) as writers:
        wait_for_the_sweep(site, worker)
        postgres.restart_at_once()
        back = len(worker.said())
        before = len(writers.saved)
        wait_until(lambda: len(writers.saved) > before + ROUND, lambda: site.log_of("web")[-3000:])
        wait_until(lambda: "Sweep: {" in worker.said()[back:], worker.end_of_log)
    assert {visitor.get("/").status for _ in range(ROUND)} == {200}
    assert visitor.get("/healthz").status == 200
    assert worker.process.poll() is None
    beat.stop()
    worker.stop()
    site.sweep()
    site.sweep()
    assert rightly.differences(site) == {}
    assert rightly.doubled_rows(site) == 0
    stored = site.column("SELECT content FROM relations_interaction WHERE purpose = 'greeting'")
    assert set(writers.saved) <= set(stored) <= set(writers.tried)
    assert len(stored) == len(set(stored))
    assert len(writers.tried) > len(writers.saved), "nobody has noticed the restart"
