"""Benchmark of the second start of `make run`, from the command to the first response."""

import os
import signal
import subprocess
import time
from urllib.request import urlopen

from benchmarks import servers
from tests.plugins.services import SITE_VARIABLES, free_port


def second_start(table, scratch):
    """Measures the start on SQLite with the demo data, as in the README; a first start fills `scratch` before."""
    port = free_port()
    ours = {*SITE_VARIABLES, "DEBUG", "DJANGO_SETTINGS_MODULE"}
    variables = {name: value for name, value in os.environ.items() if name not in ours}
    variables |= {"VAR_DIR": str(scratch / "make-run"), "PORT": str(port)}
    servers.manage("prepare", variables=variables)
    started = time.perf_counter()
    process = subprocess.Popen(
        ["make", "run"],
        cwd=servers.ROOT,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while not answers(port):
            if process.poll() is not None or time.perf_counter() - started > 120:
                raise AssertionError("make run did not start")
            time.sleep(0.05)
        table.most("second start of `make run`", time.perf_counter() - started, 10, "s")
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def answers(port):
    try:
        with urlopen(f"http://localhost:{port}/healthz", timeout=5) as response:
            return response.status == 200
    except OSError:
        return False
