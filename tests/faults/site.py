"""A whole site in its own processes: started and killed, requested over HTTP, inspected with plain SQL."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg2

from tests.plugins.services import end_with_parent, free_port, wait_for_port

ROOT = Path(__file__).resolve().parents[2]
SHANGHAI = ZoneInfo("Asia/Shanghai")
PATIENCE = 60  # seconds; on an idle machine the same takes two
STOP_SECONDS = 10
LINES_TOLD = 30


class Program:
    """One process of the site, the leader of a process group, with its log."""

    def __init__(self, name, command, process, log):
        self.name, self.command, self.process, self.log = name, command, process, log
        self.is_gone = False

    def kill(self):
        """Kills the process and its children, as a power cut would."""
        if not self.is_gone:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.is_gone = True

    def stop(self):
        """Terminates the process, then kills what is left of its group."""
        if self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(STOP_SECONDS)
        self.kill()

    def said(self):
        """Returns its log."""
        return self.log.read_text(errors="replace")

    def end_of_log(self):
        """Returns the last lines of its log, for a failure."""
        return f"the end of the log of {self.name}:\n" + "\n".join(self.said().splitlines()[-LINES_TOLD:])


def wait_until(check, complaint, seconds=PATIENCE):
    """Returns `check()` once it is true. Raises TimeoutError with the text `complaint()` after `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := check():
            return found
        time.sleep(0.05)
    raise TimeoutError(complaint())


def ahead_of_now(day, hour=10, minute=0, second=0):
    """Returns the seconds from now until `day` at that time in Shanghai."""
    return (
        datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=SHANGHAI).timestamp()
        - time.time()
    )


class Site:
    """A site: its DATABASE_URL, its REDIS_URL ("" for none), and `people`, the accounts of the centre."""

    def __init__(self, folder, database, redis="", people=None):
        self.folder, self.database, self.redis, self.people = Path(folder), database, redis, people or {}
        self.folder.mkdir(parents=True, exist_ok=True)
        self.mail_port, self.ahead, self.port = free_port(), 0.0, None
        self.programs, self.told = [], {}

    # Processes

    def environment(self):
        """Returns the environment of its processes. The time zone of the server is UTC; its users live in Shanghai."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("LEZHI_")}
        return inherited | {
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "LEZHI_TEST_AHEAD": str(self.ahead),
            "DATABASE_URL": self.database,
            "REDIS_URL": self.redis,
            "VAR_DIR": str(self.folder / "var"),
            "DEBUG": "0",
            "SECRET_KEY": "8iNhlNQRjGIfEupsvGTXK6DQb6NiV8tAkMyOLJMaq6VpAI8uYKwTUvzwXycx_YRIltg",
            "ALLOWED_HOSTS": "127.0.0.1",
            "SITE_URL": "http://127.0.0.1",
            "HTTPS": "0",
            "EMAIL_URL": f"smtp://127.0.0.1:{self.mail_port}",
            "TZ": "UTC",
            "PYTHONUNBUFFERED": "1",
            **self.told,
        }

    def start(self, name, *command):
        """Starts `python -m command` in a process group of its own; returns the Program."""
        log = self.folder / f"{name}.log"
        with log.open("ab") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", *command],
                env=self.environment() | {"PGAPPNAME": name},
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                start_new_session=True,
                preexec_fn=end_with_parent,
            )
        self.programs.append(Program(name, command, process, log))
        return self.programs[-1]

    def tend(self):
        """Does what `Restart=always` does: restarts a worker or beat that has ended by itself."""
        for program in self.programs:
            if program.command[0] == "celery" and program.process.poll() is not None:
                self.programs.remove(program)
                self.start(program.name, *program.command)

    def start_worker(self, name="worker", *options):
        """Starts a worker as docs/operations.md says, but with child processes, so that a kill hits them too."""
        quiet = ["--without-gossip", "--without-mingle"]
        pool = options or ["--pool=prefork", "--concurrency=2"]
        return self.start(
            name, "celery", "--app=lezhi", "worker", f"--hostname={name}@here", "-l", "INFO", *quiet, *pool
        )

    def start_beat(self, name="beat"):
        """Starts a beat that sweeps and delivers about every second."""
        schedule = self.folder / f"{name}-schedule"
        return self.start(
            name, "celery", "--app=tests.faults.beat", "beat", "-l", "INFO", f"--schedule={schedule}"
        )

    def start_web(self, workers=2):
        """Starts Gunicorn as docs/operations.md says, on a free port."""
        self.port = free_port()
        options = [f"--workers={workers}", "--threads=4", "--no-control-socket", "--log-level=warning"]
        web = self.start("web", "gunicorn", "lezhi.wsgi", f"--bind=127.0.0.1:{self.port}", *options)
        wait_for_port(self.port, web.process)
        return web

    def sweep(self, day=None):
        """Runs `manage.py sweep` to its end; returns the counts it prints."""
        return self.swept(self.start_sweep(day))

    def start_sweep(self, day=None):
        """Starts `manage.py sweep`; returns the Program."""
        return self.start(
            f"sweep{len(self.programs)}", "manage", "sweep", *(["--today", str(day)] if day else [])
        )

    def swept(self, program):
        """Waits for the end of a sweep; returns the counts it has printed. Raises AssertionError when it fails."""
        status = program.process.wait(PATIENCE)
        if status:
            raise AssertionError(f"the sweep ended with {status}; {program.end_of_log()}")
        return json.loads(
            next(line for line in program.said().splitlines()[::-1] if line.startswith('{"today"'))
        )

    def ask_for(self, *tasks):
        """Puts tasks (by name) into the queue, as beat would."""
        import celery

        with celery.Celery(broker=self.redis, set_as_current=False).connection_for_write() as connection:
            app = celery.Celery(broker=self.redis, set_as_current=False)
            for task in tasks:
                app.send_task(task, connection=connection)

    def close(self):
        for program in self.programs[::-1]:
            program.stop()

    # The database

    @property
    def is_sqlite(self):
        return self.database.startswith("sqlite")

    def connect(self):
        if self.is_sqlite:
            return sqlite3.connect(self.database.removeprefix("sqlite:///"), timeout=30)
        return psycopg2.connect(self.database)

    def rows(self, sql):
        """Returns the rows of a SELECT as a list of tuples."""
        with contextlib.closing(self.connect()) as connection:
            cursor = connection.cursor()
            cursor.execute(sql)
            return cursor.fetchall()

    def column(self, sql):
        """Returns the first column of a SELECT as a list."""
        return [row[0] for row in self.rows(sql)]

    def number(self, sql):
        """Returns the single value of a SELECT."""
        return self.rows(sql)[0][0]

    def change(self, *statements):
        """Runs the statements in one transaction."""
        with contextlib.closing(self.connect()) as connection:
            for statement in statements:
                connection.cursor().execute(statement)
            connection.commit()

    def let_claims_age(self, age):
        """Makes every claim of an e-mail older by `age` (a timedelta); the age counts by the clock of the database."""
        minutes = age.total_seconds() / 60
        earlier = f"claimed_at - INTERVAL '{minutes} minutes'"
        if self.is_sqlite:
            earlier = f"STRFTIME('%Y-%m-%d %H:%M:%f', claimed_at, '-{minutes} minutes')"
        self.change(f"UPDATE reminders_delivery SET claimed_at = {earlier} WHERE state = 'claimed'")

    def log_of(self, name):
        """Returns the log of a program, empty if there is none."""
        path = self.folder / f"{name}.log"
        return path.read_text(errors="replace") if path.exists() else ""
