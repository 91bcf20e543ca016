"""Starts the servers of a test run: --database sqlite (default), or a temporary PostgreSQL with a Redis.

The servers are started once, before Django's settings load, and end with the run. Workers of pytest-xdist inherit their
addresses. A missing program is reported, never ignored silently; with LEZHI_REQUIRE_ALL=1 it is a failure.
"""

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

REQUIRE_ALL = os.environ.get("LEZHI_REQUIRE_ALL") == "1"
START_SECONDS = 30

# Environment variables of the site that are removed for the tests.
SITE_VARIABLES = (
    "ALLOWED_HOSTS CLAMD_REQUIRED CLAMD_SOCKET DATABASE_URL DEBUG_ON_NETWORK EMAIL_FROM EMAIL_URL HTTPS LOG_LEVEL "
    "MEDIA_ROOT PICTURE_PROCESSES REDIS_URL SECRET_KEY SITE_URL TRUSTED_PROXIES VAR_DIR"
).split()

PACKAGES = {
    "postgres": "postgresql",
    "redis-server": "redis-server",
    "chromium": "chromium fonts-noto-cjk",
    "xgettext": "gettext",
}


def find_program(name):
    """The path of a program, also in Debian's folders of PostgreSQL; None when it is missing."""
    newest_first = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda p: -float(p.parts[4]))
    return shutil.which(name) or next(map(str, newest_first), None)


def how_to_install(name):
    return f"{name} is not on this machine (apt-get install {PACKAGES[name]})"


def need(name):
    """The path of a required program. Without it the test is skipped, or fails with LEZHI_REQUIRE_ALL=1."""
    path = find_program(name)
    if path is None:
        (pytest.fail if REQUIRE_ALL else pytest.skip)(how_to_install(name))
    return path


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def end_with_parent():
    """Makes the kernel stop this child process when its parent dies, so that servers end with a killed test run."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGINT)


def launch(command, **options):
    """Starts a server without output, in its own session: Ctrl-C reaches pytest only, which stops the server."""
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=end_with_parent,
        **options,
    )


def wait_for_port(port, server):
    """Waits until the port is open. Raises RuntimeError when the server ends or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"{server.args[0]} did not start on port {port}")


def end(server, number):
    server.send_signal(number)
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def unprivileged():
    """Options of Popen for a user other than root, which PostgreSQL refuses; {} for other users."""
    if os.getuid() != 0:
        return {}
    return {"user": "postgres", "group": pwd.getpwnam("postgres").pw_gid, "extra_groups": []}


def make_cluster(cleanups):
    """Creates a PostgreSQL cluster, deleted by `cleanups` (an ExitStack). Returns its folder."""
    folder = Path(tempfile.mkdtemp(prefix="lezhi-postgres-"))
    cleanups.callback(shutil.rmtree, folder, ignore_errors=True)
    owner = unprivileged()
    if owner:
        shutil.chown(folder, owner["user"], owner["group"])
    initdb = [find_program("initdb"), "--pgdata", str(folder / "data"), "--username=lezhi", "--auth=trust"]
    options = ["--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"]
    subprocess.run([*initdb, *options], check=True, capture_output=True, cwd=folder, **owner)
    return folder


def launch_postgres(folder, port, **changed):
    """Starts the server of a cluster without durability; `changed` overrides settings. Returns its process."""
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": folder,
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "autovacuum": "off",  # tests/plugins/databases.py, `tidy_up`
        # Statements of many subqueries are planned in 50 ms instead of 130; the rows are the same. test_plans.py asks
        # for the plans of real use.
        "join_collapse_limit": 4,
        "from_collapse_limit": 4,
        "max_connections": 100,
    }
    options = [part for name, value in (settings | changed).items() for part in ("-c", f"{name}={value}")]
    server = launch(
        [find_program("postgres"), "-D", str(folder / "data"), *options], cwd=folder, **unprivileged()
    )
    wait_for_port(port, server)
    return server


def start_postgres(cleanups):
    """Starts a PostgreSQL cluster in a temporary folder. Returns its DATABASE_URL."""
    folder, port = make_cluster(cleanups), free_port()
    server = launch_postgres(folder, port)
    cleanups.callback(end, server, signal.SIGINT)
    return f"postgres://lezhi@127.0.0.1:{port}/lezhi"


def launch_redis(port):
    """Starts a Redis that writes nothing to disk. Returns its process."""
    settings = {"port": port, "bind": "127.0.0.1", "save": "", "appendonly": "no", "databases": 64}
    options = [part for name, value in settings.items() for part in (f"--{name}", str(value))]
    server = launch([find_program("redis-server"), *options], cwd=tempfile.gettempdir())
    wait_for_port(port, server)
    return server


def start_redis(cleanups):
    """Starts a Redis. Returns its URL without the database number."""
    port = free_port()
    cleanups.callback(end, launch_redis(port), signal.SIGTERM)
    return f"redis://127.0.0.1:{port}"


def prepare_environment(database, cleanups):
    """Sets the variables of tests/settings.py and of the site's settings. Raises UsageError without PostgreSQL."""
    for name in SITE_VARIABLES:
        os.environ.pop(name, None)
    scratch = tempfile.mkdtemp(prefix="lezhi-tests-")
    cleanups.callback(shutil.rmtree, scratch, ignore_errors=True)
    os.environ |= {"LEZHI_TEST_SCRATCH": scratch, "DEBUG": "1", "DJANGO_ALLOW_ASYNC_UNSAFE": "1"}
    os.environ.pop("LEZHI_TEST_REDIS", None)
    if database == "postgres":
        if not find_program("postgres"):
            raise pytest.UsageError(how_to_install("postgres"))
        os.environ["DATABASE_URL"] = start_postgres(cleanups)
        if find_program("redis-server"):
            os.environ["LEZHI_TEST_REDIS"] = start_redis(cleanups)


def pytest_addoption(parser):
    parser.getgroup("lezhi").addoption(
        "--database",
        choices=("sqlite", "postgres"),
        default="sqlite",
        help="SQLite, or a throw-away PostgreSQL with Redis",
    )


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config):
    if "PYTEST_XDIST_WORKER" not in os.environ:
        cleanups = contextlib.ExitStack()
        early_config.add_cleanup(cleanups.close)
        prepare_environment(early_config.known_args_namespace.database, cleanups)
    return (yield)


def pytest_report_header(config):
    redis = "with Redis" if os.environ.get("LEZHI_TEST_REDIS") else "without Redis"
    return f"lezhi: {config.getoption('database')}, {redis}"
