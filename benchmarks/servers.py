"""Starts the processes to be measured: PostgreSQL, and one gunicorn for each settings module."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from tests.plugins.services import (
    end,
    find_program,
    free_port,
    launch,
    unprivileged,
    wait_for_port,
)

ROOT = Path(__file__).resolve().parent.parent
WORKERS = 2

# As on a small server of its own; durability is off, which has the same effect on the floors.
POSTGRES = {
    "shared_buffers": "1GB",
    "effective_cache_size": "4GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "512MB",
    "max_wal_size": "4GB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "100",
}


def start_postgres(folder, cleanups):
    """Starts the cluster in `folder`, creating it if necessary. Returns the URL of its database `postgres`."""
    owner, data, port = unprivileged(), folder / "data", free_port()
    folder.mkdir(parents=True, exist_ok=True)
    if owner:
        shutil.chown(folder, owner["user"], owner["group"])
    if not data.exists():
        initdb = [
            find_program("initdb"),
            "--pgdata",
            str(data),
            "--username=lezhi",
            "--auth=trust",
            "--no-sync",
        ]
        subprocess.run(
            [*initdb, "--encoding=UTF8", "--locale=C.UTF-8"],
            check=True,
            capture_output=True,
            cwd=folder,
            **owner,
        )
    settings = POSTGRES | {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": folder}
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    server = launch([find_program("postgres"), "-D", str(data), *options], cwd=folder, **owner)
    cleanups.callback(end, server, signal.SIGINT)
    wait_for_port(port, server)
    return f"postgres://lezhi@127.0.0.1:{port}/postgres"


def environment(database, redis, scratch, port=80):
    """The environment variables of a site in real use, but with plain HTTP on this machine."""
    return os.environ | {
        "DEBUG": "0",
        "SECRET_KEY": "_IykHOYLV7841lo0NVJdrgwiIZvS2nIzarV8Ppw6LZShqPtkNVZ0nuhjovThfERW9tg",
        "ALLOWED_HOSTS": "127.0.0.1",
        "SITE_URL": f"http://127.0.0.1:{port}",
        "HTTPS": "0",
        "DATABASE_URL": database,
        "REDIS_URL": redis,
        "VAR_DIR": str(scratch),
        "EMAIL_URL": "dummymail://",
        "LOG_LEVEL": "WARNING",
    }


@dataclass
class Site:
    """A running gunicorn with its two workers."""

    port: int
    process: subprocess.Popen

    @property
    def workers(self):
        """The pids of the web workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(pid) for pid in children]

    def memory(self):
        """(PSS of the workers together, PSS of their parent) in MB; PSS counts shared memory proportionally."""
        return sum(pss(pid) for pid in self.workers), pss(self.process.pid)


def pss(pid):
    """The proportional set size of a process in MB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def start_site(module, variables, cleanups):
    """Starts gunicorn as in docs/operations.md, with the settings `module`. Returns a Site."""
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "lezhi.wsgi",
        f"--bind=127.0.0.1:{port}",
        f"--workers={WORKERS}",
        "--threads=4",
        "--no-control-socket",
        "--preload",
        "--log-level=error",
    ]
    variables = variables | {"DJANGO_SETTINGS_MODULE": module, "PORT": str(port)}
    process = subprocess.Popen(
        command, cwd=ROOT, env=variables, stdin=subprocess.DEVNULL, start_new_session=True
    )
    cleanups.callback(end, process, signal.SIGTERM)
    site = Site(port, process)
    wait_until_it_answers(site)
    return site


def wait_until_it_answers(site, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and site.process.poll() is None:
        with contextlib.suppress(OSError), urlopen(f"http://127.0.0.1:{site.port}/healthz", timeout=5):
            return
        time.sleep(0.1)
    raise RuntimeError(f"gunicorn did not answer on port {site.port}")


def scratch_folder(cleanups):
    folder = Path(tempfile.mkdtemp(prefix="lezhi-benchmarks-"))
    cleanups.callback(shutil.rmtree, folder, ignore_errors=True)
    return folder


def manage(*arguments, variables, **options):
    """Runs a management command in its own process. Returns the CompletedProcess with its output."""
    command = [sys.executable, "manage.py", *map(str, arguments)]
    options = {"check": True} | options
    return subprocess.run(
        command, cwd=ROOT, env=variables, stdin=subprocess.DEVNULL, capture_output=True, text=True, **options
    )
