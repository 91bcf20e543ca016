"""kill -9 while a register is read or written on SQLite: nothing is written in part or twice, all of it in the end."""

import contextlib
import http.client
import json
import pickle
import random
import sqlite3
import time
from functools import partial
from threading import Thread
from types import SimpleNamespace

import pytest
from django.core.cache.backends.filebased import FileBasedCache
from django.core.files.base import ContentFile
from openpyxl import Workbook

from tests.faults.site import PATIENCE, wait_until
from tests.faults.visitor import Visitor

pytestmark = pytest.mark.sqlite
ROWS = 150
LATER = 180  # seconds, after which a silent import counts as abandoned
WITH_THREADS = ("--pool=threads", "--concurrency=2", "--without-heartbeat")


def register(folder, name, padding):
    """Returns a register of ROWS employers with contracts; with `padding` it is too large to be read at once."""
    book, signs = Workbook(write_only=True), random.Random(name)
    sheet = book.create_sheet()
    sheet.append(["单位名称", "对接人", "联系电话", "合同编号", "合同开始", "合同结束", "备注"])
    for place in range(ROWS):
        note = f"{signs.getrandbits(4 * padding):x}" if padding else None
        number = f"{name}-{place}"
        sheet.append(
            [f"{name}第{place}街道办", "陈志远", "0769-80001234", number, "2026-01-01", "2026-12-31", note]
        )
    book.save(folder / f"{name}.xlsx")
    return ContentFile((folder / f"{name}.xlsx").read_bytes(), name=f"{name}.xlsx")


class CacheOfTheSite(FileBasedCache):
    """The cache of the site, whose clock differs from ours: no entry counts as expired."""

    def _is_expired(self, f):
        pickle.load(f)  # the expiry time, which is stored before the value
        return False


class Uploaded:
    """One register on its way through the site."""

    def __init__(self, site, name, padding):
        self.site, self.name = site, name
        self.director = Visitor(site, "director")
        self.upload = register(site.folder, name, padding)
        self.pk = None

    def send(self):
        """Uploads the register."""
        answer = self.director.post("/employers/import/", file=self.upload)
        assert answer.status == 302, answer.text
        self.pk = int(answer.location.strip("/").split("/")[-1])

    def commit(self):
        """Confirms that the register shall be written; returns the response."""
        return self.director.post(f"/employers/import/{self.pk}/commit/")

    @property
    def state(self):
        return self.site.number(f"SELECT state FROM relations_import WHERE id = {self.pk}")

    @property
    def progress(self):
        """The progress that the site has stored, with its `stage`."""
        cache = CacheOfTheSite(self.site.folder / "var" / "progress", {})
        with contextlib.suppress(OSError, ValueError):
            if known := cache.get(f"import:{self.pk}"):
                return SimpleNamespace(**{"stage": "waiting"} | known)
        return SimpleNamespace(stage="unknown")

    @property
    def written(self):
        """The numbers of rows it has written: employers, contact persons, contracts and cycles."""
        mine = f"SELECT id FROM relations_stakeholder WHERE name LIKE '{self.name}第%'"
        tables = [
            "employers_employer WHERE stakeholder_ptr_id",
            "relations_contactperson WHERE stakeholder_id",
        ]
        tables += ["relations_term WHERE stakeholder_id", "relations_cycle WHERE stakeholder_id"]
        return [self.site.number(f"SELECT COUNT(*) FROM {table} IN ({mine})") for table in tables]


def is_being_written(site):
    """Returns whether a process holds the write lock of SQLite."""
    with contextlib.closing(
        sqlite3.connect(site.database.removeprefix("sqlite:///"), timeout=0)
    ) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        connection.execute("ROLLBACK")
        return False


def catch(has_come, program):
    """Kills `program` once `has_come()`; polls without a pause, as the moment may last only a tenth of a second."""
    deadline = time.monotonic() + PATIENCE
    while not has_come():
        if time.monotonic() > deadline:
            raise TimeoutError(program.end_of_log())
    program.kill()


def begun(made, state, stage):
    """Returns whether the import is in this state and stage."""
    return made.progress.stage == stage and made.state == state


# moment of the kill: (whether the import is confirmed, what is waited for, the states it may then be in)
MOMENTS = {
    "while it is checked": (False, lambda made: begun(made, "reading", "reading"), {"reading"}),
    "while it is read again": (True, lambda made: begun(made, "writing", "reading"), {"writing"}),
    "in its transaction": (
        True,
        lambda made: made.state == "writing" and is_being_written(made.site),
        {"writing"},
    ),
    "once it is written": (True, lambda made: made.state == "done", {"done"}),
}


def looked_at(site):
    """Lets the silence count as too long and returns what `imported` prints. Raises AssertionError with its log."""
    site.ahead += LATER
    program = site.start(f"imported{len(site.programs)}", "tests.faults.imported")
    assert program.process.wait(PATIENCE) == 0, program.end_of_log()
    return json.loads(program.said().splitlines()[-1])


def agrees(found):
    """Returns whether all checks of `imported` agree."""
    return {name: found[name] for name in ("differences", "search_agrees", "integrity", "orphans")} == {
        "differences": 0,
        "search_agrees": True,
        "integrity": [["ok"]],
        "orphans": [],
    }


def unanswered(act):
    """Sends a request whose server may disappear."""
    with contextlib.suppress(http.client.HTTPException, OSError):
        act()


def test_worker_killed_at_every_moment(site):
    site.sweep()
    site.start_web(workers=1)
    for number, (is_committed, has_come, states) in enumerate(MOMENTS.values()):
        made = Uploaded(site, f"白鹭{number}", padding=2000)
        worker = site.start_worker(f"worker{number}", *WITH_THREADS)
        made.send()
        if is_committed:
            wait_until(lambda made=made: made.state == "read", worker.end_of_log)
            person = Thread(target=unanswered, args=[made.commit])
            person.start()
        catch(partial(has_come, made), worker)
        if is_committed:
            person.join()
        assert (made.state in states, made.written) == (True, [ROWS if "done" in states else 0] * 4)

        found = looked_at(site)
        assert (agrees(found), found["left"]) == (True, int("done" not in states)), found
        if not is_committed:
            assert made.state == "read"
            continue
        assert (made.state, made.written) == ("done", [ROWS] * 4)
    assert looked_at(site)["left"] == 0


def test_web_killed_while_it_writes_a_small_register(site):
    site.sweep()
    web = site.start_web(workers=1)
    made = Uploaded(site, "白鹭", padding=0)
    made.send()
    assert made.state == "read"
    person = Thread(target=unanswered, args=[made.commit])
    person.start()
    catch(lambda: made.state == "writing" and is_being_written(site), web)
    person.join()
    assert (made.state, made.written) == ("writing", [0] * 4)

    found = looked_at(site)
    assert (agrees(found), found["left"]) == (True, 1), found
    assert (made.state, made.written) == ("done", [ROWS] * 4)
    site.start_web(workers=1)
    assert "已导入" in made.director.get(f"/employers/import/{made.pk}/").text


def test_what_does_not_agree_is_seen(site):
    """Control: a name missing from the search index, and a duty changed by hand."""
    site.sweep()
    site.change("DELETE FROM relations_searchname WHERE id = (SELECT MIN(id) FROM relations_searchname)")
    assert not looked_at(site)["search_agrees"]
    site.change("UPDATE relations_duty SET owed = 3 WHERE id = (SELECT MIN(id) FROM relations_duty)")
    assert looked_at(site)["differences"] == 1
