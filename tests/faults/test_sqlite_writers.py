"""Ten users save at the same time on SQLite next to a sweeping worker: no request fails, and nothing is lost."""

import time
from collections import Counter
from functools import partial
from itertools import count
from threading import Thread

import pytest

from tests.faults import rightly
from tests.faults.visitor import Visitor, at_once

pytestmark = pytest.mark.sqlite

WRITERS = 10
SECONDS = 20
PAUSE = 0.2  # seconds between a response and the next form


class Writer:
    """A worker who logs contacts and registers employers without pause; `answers` counts (action, status)."""

    def __init__(self, site, login, until):
        self.visitor, self.until, self.answers = Visitor(site, login), until, Counter()
        pk = self.visitor.pk
        self.own = site.column(
            f"SELECT id FROM relations_stakeholder WHERE responsible_id = {pk} ORDER BY id"
        )
        self.login = login

    def write(self):
        for number in count():
            if time.monotonic() > self.until:
                return
            self.keep("log", partial(self.visitor.log, self.own[number % 5], purpose="greeting"))
            if number % 4 == 0:
                self.keep("register", partial(self.visitor.register, f"白鹭{self.login}第{number}街道办"))
            time.sleep(PAUSE)

    def keep(self, what, act):
        """Counts the status of a request, or the exception it raised."""
        try:
            self.answers[what, act().status] += 1
        except OSError as problem:
            self.answers[what, repr(problem)] += 1


def test_ten_writers_beside_a_sweeping_worker(site, post_office):
    site.start_web()
    site.start_worker("worker", "--pool=threads", "--concurrency=2", "--without-heartbeat")
    site.start_beat()
    until = time.monotonic() + SECONDS
    writers = [Writer(site, f"worker{number // 4}{number % 4}", until) for number in range(WRITERS)]
    threads = [Thread(target=writer.write) for writer in writers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answers = sum((writer.answers for writer in writers), Counter())
    print(answers)
    site.close()
    assert set(answers) == {("log", 302), ("register", 302)}
    logs = "".join(site.log_of(name) for name in ("web", "worker", "beat"))
    assert "locked" not in logs
    greetings = "SELECT COUNT(*) FROM relations_interaction WHERE purpose = 'greeting'"
    assert site.number(greetings) == answers["log", 302]
    registered = "SELECT COUNT(*) FROM relations_stakeholder WHERE name LIKE '白鹭worker%'"
    assert site.number(registered) == answers["register", 302]
    assert rightly.differences(site) == {}


def test_writers_who_do_not_wait_are_seen(site):
    """Control: without the lock timeout of the settings some requests fail, and the test sees it."""
    site.told["LEZHI_TEST_IMPATIENT"] = "1"
    site.start_web()
    writers = [Writer(site, f"worker{number // 4}{number % 4}", 0) for number in range(WRITERS)]
    answers = at_once([partial(writer.visitor.log, writer.own[0]) for writer in writers] * 3)
    assert 500 in {answer.status for answer in answers}
    assert "database is locked" in site.log_of("web")
