"""Redis, the broker, is gone or hangs: every page still saves, and afterwards nothing is missing.

It is away longer than a page or a worker waits for it (settings.CELERY_BROKER_TRANSPORT_OPTIONS).
"""

import io
import random
import time
from datetime import timedelta
from itertools import count

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from reminders.deliveries import CLAIM_TIMEOUT
from tests.factories.accounts import PASSWORD
from tests.faults import rightly
from tests.faults.site import wait_until
from tests.faults.visitor import Visitor

pytestmark = pytest.mark.postgres

AWAY = 20  # seconds
PAUSE = 2  # seconds between two rounds of saving
WORKERS_PATIENCE = (
    5  # seconds within which a page responds while its broker hangs; the worker itself would wait for ten
)
ACCEPTED = {
    "log": 302,
    "register": 302,
    "sign": 302,
    "hand over": 302,
    "upload": 302,
    "log in": 302,
    "work": 200,
}

NOTICED, CACHE_NOTICED = "The broker is unreachable", "The cache is unreachable"
FOLLOW_UPS = "SELECT COUNT(*) FROM reminders_reminder WHERE key LIKE 'task:follow_up:%:0'"
SAVED = {
    "log": "SELECT COUNT(*) FROM relations_interaction WHERE channel = 'phone'",
    "register": "SELECT COUNT(*) FROM relations_stakeholder WHERE name LIKE '白鹭街道第%办事处'",
    "sign": "SELECT COUNT(*) FROM relations_term WHERE starts_on = '2027-01-01'",
    "hand over": "SELECT COUNT(*) FROM relations_handover",
    "upload": "SELECT COUNT(*) FROM relations_import",
}
SILENT_FOR_LONG = "UPDATE relations_import SET at = at - INTERVAL '2 minutes' WHERE state = 'reading'"
READING = "SELECT COUNT(*) FROM relations_import WHERE state = 'reading'"
UNSENT = f"SELECT COUNT(*) {rightly.LETTERS} AND state <> 'sent'"
WAITING = f"{UNSENT} AND state <> 'claimed'"


def register():
    """Returns a register too large to be read during the request, so that a worker has to read it."""
    book = Workbook()
    book.active.append(["单位名称", "单位类型", "所属镇街", "备注"])
    noise = random.Random(1)
    for number in range(700):
        book.active.append([f"白鹭街道第{number}站", "政府部门", "白鹭街道", noise.randbytes(900).hex()])
    file = io.BytesIO()
    book.save(file)
    return SimpleUploadedFile("register.xlsx", file.getvalue())


class Day:
    """The work of users: `live(number)` is one round; `answers` collects (name, status, seconds)."""

    def __init__(self, site):
        self.site, self.answers = site, []
        self.worker, self.director = Visitor(site, "worker00"), Visitor(site, "director")
        self.employers = site.column(
            f"SELECT id FROM relations_stakeholder WHERE responsible_id = {self.worker.pk} ORDER BY id"
        )
        self.register = register()

    def live(self, number):
        """Makes one round of requests."""
        today = "2026-10-26"
        self.keep("log", self.worker.log(self.employers[number % 5], follow_up_on=today))
        registered = self.keep("register", self.worker.register(f"白鹭街道第{number}办事处"))
        new = registered.location.strip("/").rpartition("/")[2]
        signed = {"number": f"BL-{number}", "starts_on": "2027-01-01", "ends_on": "2027-12-31"}
        self.keep("sign", self.director.sign(new, **signed))
        self.keep("hand over", self.director.hand_over(new, self.site.people["worker01"]["pk"]))
        self.keep("work", self.worker.get("/"))
        self.keep("log in", self.worker.post("/login/", username="worker02", password=PASSWORD))

    def upload(self):
        self.register.seek(0)
        return self.keep("upload", self.director.post("/employers/import/", file=self.register))

    def keep(self, name, answer):
        """Records a response under `name` and returns it."""
        self.answers.append((name, answer.status, answer.seconds))
        return answer

    def refused(self):
        """Returns the responses that were not as ACCEPTED."""
        return [(name, status) for name, status, _seconds in self.answers if status != ACCEPTED[name]]

    def saved(self, name):
        """Returns the number of responses recorded under `name`."""
        return sum(1 for each, *_ in self.answers if each == name)


@pytest.fixture
def until(site):
    """until(check) waits until `check()` is true, and restarts processes that end (Restart=always)."""

    def wait(check):
        wait_until(lambda: site.tend() or check(), lambda: site.log_of("worker")[-3000:])

    return wait


def take_up_what_was_held(site):
    """Lets the claim of an e-mail become stale whose worker ended together with its Redis, and delivers it."""
    for program in list(site.programs):
        if program.command[0] == "celery":
            program.stop()
    site.let_claims_age(CLAIM_TIMEOUT + timedelta(minutes=1))
    site.sweep()


def test_redis_is_gone_for_a_while(site, post_office, redis, until):
    site.start_web()
    site.start_worker()
    site.start_beat()
    day = Day(site)
    until(lambda: not rightly.differences(site))
    redis.stop()
    back = time.monotonic() + AWAY
    day.upload()
    for number in count():
        day.live(number)
        site.tend()
        if time.monotonic() > back:
            break
        time.sleep(PAUSE)
    assert day.refused() == []
    assert site.number(FOLLOW_UPS) == 0
    assert NOTICED in site.log_of("web")
    redis.start()
    until(lambda: site.number(FOLLOW_UPS) == day.saved("log"))
    until(lambda: site.number(WAITING) == 0)
    site.change(SILENT_FOR_LONG)
    site.ask_for("relations.tasks.run_imports")
    until(lambda: site.number(READING) == 0)
    take_up_what_was_held(site)
    assert site.number(UNSENT) == 0
    assert {name: site.number(sql) for name, sql in SAVED.items()} == {
        name: day.saved(name) for name in SAVED
    }
    assert rightly.differences(site) == {}
    assert rightly.doubled_rows(site) == 0


def test_site_answers_while_redis_hangs(site, redis):
    site.start_web()
    day = Day(site)
    redis.freeze()
    day.live(0)
    assert day.upload().seconds < WORKERS_PATIENCE
    assert day.refused() == []
    assert NOTICED in site.log_of("web")


def test_pages_that_ask_a_cache_that_hangs_are_answered(site, redis):
    """An import keeps its progress in the cache: its page is shown without, and a process waits for it once."""
    site.start_web(workers=1)
    day = Day(site)
    upload = day.upload()
    redis.freeze()
    pages = [day.director.get(upload.location) for _page in range(6)]
    assert {page.status for page in pages} == {200}
    assert sum(page.seconds for page in pages) < WORKERS_PATIENCE
    assert CACHE_NOTICED in site.log_of("web")
