"""The process behind `make run`: it starts web server, worker and beat, and none of them outlives it."""

import http.client
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection

from tests.plugins.services import SITE_VARIABLES, free_port

ROOT = Path(__file__).resolve().parent.parent
SERVE = [sys.executable, "deploy/serve.py"]
SECONDS = 60

pytestmark = pytest.mark.sqlite


@pytest.fixture
def environment(tmp_path):
    """The environment of a shell that runs `make run`, with a data folder of its own."""
    own = {name: value for name, value in os.environ.items() if name not in SITE_VARIABLES}
    own.pop("DJANGO_SETTINGS_MODULE", None)
    return own | {"VAR_DIR": str(tmp_path), "PORT": str(free_port()), "DEBUG": "1"}


@pytest.fixture
def running(environment, tmp_path, django_db_setup):
    """The parent process, once it has printed its URL; `said()` returns its output."""
    with (
        sqlite3.connect(connection.settings_dict["NAME"]) as tests,
        sqlite3.connect(tmp_path / "lezhi.sqlite3") as own,
    ):
        tests.backup(own)
    log = tmp_path / "log"
    with log.open("wb") as output:
        parent = subprocess.Popen(
            SERVE, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    parent.said = log.read_text
    wait_until(lambda: "Ctrl-C" in parent.said() or parent.poll() is not None, parent)
    parent.children = children_of(parent.pid)
    yield parent
    parent.kill()
    parent.wait()


def copy_database(source, target):
    with closing(sqlite3.connect(source)) as reader, closing(sqlite3.connect(target)) as writer:
        reader.backup(writer)


def wait_until(check, parent):
    """Waits until `check()` is true. Fails with the output of `parent` after SECONDS."""
    deadline = time.monotonic() + SECONDS
    while not check():
        assert time.monotonic() < deadline, parent.said()
        time.sleep(0.1)


def processes():
    """Yields (process id, parent, group, command line) of all running processes from /proc, without zombies."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent, group = stat.read_text().rpartition(")")[2].split()[:3]
            command = (stat.parent / "cmdline").read_text().replace("\0", " ")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if state != "Z":
            yield int(stat.parent.name), int(parent), int(group), command


def children_of(pid):
    """{process id: command line} of the children of a process."""
    return {child: command for child, parent, _, command in processes() if parent == pid}


def left_of(children):
    """The command lines that still run in the process groups of these children."""
    return [command for _, _, group, command in processes() if group in children]


def ask(environment, path):
    """The status of the response to GET `path`."""
    with closing(http.client.HTTPConnection("127.0.0.1", int(environment["PORT"]), timeout=10)) as client:
        client.request("GET", path)
        return client.getresponse().status


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_stops_everything(running, environment, number):
    assert ask(environment, "/healthz") == 200
    assert f"http://localhost:{environment['PORT']}" in running.said()
    assert len(running.children) == 2
    running.send_signal(number)
    assert running.wait(SECONDS) == 0, running.said()
    assert running.said().rstrip().endswith("Stopped.")
    assert left_of(running.children) == []


def test_child_that_ends_is_named_and_the_rest_stopped(running):
    (worker,) = (pid for pid, command in running.children.items() if "celery" in command)
    os.killpg(worker, signal.SIGKILL)
    assert running.wait(SECONDS) == 1
    assert "The worker process ended with status -9; stopping the rest." in running.said()
    assert left_of(running.children) == []


def test_killed_parent_leaves_nothing_behind(running):
    running.kill()
    running.wait()
    wait_until(lambda: left_of(running.children) == [], running)


def check_port(environment, **variables):
    """(exit status, output) of `serve.py --check`."""
    outcome = subprocess.run(
        [*SERVE, "--check"],
        cwd=ROOT,
        env=environment | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    return outcome.returncode, outcome.stdout.strip()


def test_free_port_is_accepted(environment):
    assert check_port(environment) == (0, "")


def test_port_in_use_is_named_with_a_way_out(environment):
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(environment["PORT"])))
        other.listen()
        status, output = check_port(environment)
    assert status == 2
    assert output == (
        f"Port {environment['PORT']} cannot be used (Address already in use). "
        f"Choose another one: make run PORT={int(environment['PORT']) + 1}"
    )


@pytest.mark.parametrize("port", ["", "abc", "0", "65536", "-1"])
def test_port_that_is_none_is_refused(environment, port):
    status, output = check_port(environment, PORT=port)
    assert status == 2
    assert output.startswith(f"PORT={port} is not a port number.")
