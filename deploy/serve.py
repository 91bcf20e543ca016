"""The parent process of `make run`: starts the web server and the worker with beat, and stops them together.

Ctrl-C, SIGTERM or a closed terminal stops all child processes. When a child ends on its own, its name is printed and
the others are stopped: nothing is restarted silently. Uses only the standard library.

    python deploy/serve.py --check      is the port free? (run before anything is installed)
    python deploy/serve.py              serve until stopped

PORT (8000), BIND (127.0.0.1) and all variables of lezhi/settings.py come from the environment. A BIND other than this
machine requires DEBUG=0 or DEBUG_ON_NETWORK=1.
"""

import contextlib
import ctypes
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIND = os.environ.get("BIND", "127.0.0.1")
START_SECONDS = 60
STOP_SECONDS = 10

PROGRAMS = {
    "web": [
        "gunicorn",
        "lezhi.wsgi",
        "--no-control-socket",
        "--preload",
        "--workers=2",
        "--threads=4",
        "--worker-connections=100",
        "--log-level=warning",
    ],
    "worker": [
        "celery",
        "--app=lezhi",
        "--quiet",
        "worker",
        "--beat",
        "--pool=threads",
        "--concurrency=2",
        "--loglevel=WARNING",
        "--without-gossip",
        "--without-mingle",
        "--without-heartbeat",
    ],
}


class Stopped(Exception):
    """Ends the parent process; the message is the reason, `code` the exit status."""

    def __init__(self, reason, code):
        super().__init__(reason)
        self.code = code


def print_line(line):
    print(line, flush=True)


def port_wanted():
    """Returns the port to serve on. Raises Stopped when PORT is not a port number."""
    text = os.environ.get("PORT", "8000")
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise Stopped(f"PORT={text} is not a port number. Use for example: make run PORT=8001", 2)
    return int(text)


def check_bind():
    """Raises Stopped when a possible development server would be reachable from other machines."""
    is_real_use = os.environ.get("DEBUG", "").lower() in ("0", "false", "no", "off", "n")
    if BIND in ("127.0.0.1", "::1", "localhost") or is_real_use or os.environ.get("DEBUG_ON_NETWORK") == "1":
        return
    raise Stopped(
        f"BIND={BIND} lets other machines in, but this is a development start. Set DEBUG=0 for real use, or "
        "DEBUG_ON_NETWORK=1 to open it to your network, which can then read every error page.",
        2,
    )


def check_port(port):
    """Raises Stopped, with advice, when the port is taken by another program."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((BIND, port))
        except OSError as error:
            advice = f"Choose another one: make run PORT={port + 1}"
            raise Stopped(f"Port {port} cannot be used ({error.strerror}). {advice}", 2) from None


def end_with_parent():
    """Makes Linux send SIGTERM to this child when the parent is killed and cannot stop it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def start(name, port):
    """Starts one program in its own process group, so that Ctrl-C reaches only the parent."""
    arguments = [sys.executable, "-m", *PROGRAMS[name]]
    if name == "web":
        arguments.append(f"--bind={BIND}:{port}")
    environment = {"SITE_URL": f"http://localhost:{port}", "PYTHONUNBUFFERED": "1", **os.environ}
    return subprocess.Popen(
        arguments,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=end_with_parent,
    )


def check_alive(children):
    """Raises Stopped with the name of the first child that has ended."""
    for name, child in children.items():
        if child.poll() is not None:
            raise Stopped(f"The {name} process ended with status {child.returncode}; stopping the rest.", 1)


def answers(port):
    """Returns whether /healthz responds with anything but a server error."""
    connection = http.client.HTTPConnection(BIND, port, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": "localhost"})
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def wait_until_up(children, port):
    """Returns when the site responds. Raises Stopped when a child ends first or START_SECONDS have passed."""
    deadline = time.monotonic() + START_SECONDS
    while not answers(port):
        check_alive(children)
        if time.monotonic() > deadline:
            raise Stopped(f"The site did not answer on port {port} within {START_SECONDS} seconds.", 1)
        time.sleep(0.2)


def announce(port):
    """Prints the URL and, from the populate command, the demo accounts."""
    command = [sys.executable, "manage.py", "populate", "--accounts"]
    accounts = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True, check=False
    )
    print_line(f"\n  lezhi 乐知 is running: http://localhost:{port}\n")
    if accounts.returncode == 0:
        print_line(accounts.stdout.rstrip())
    print_line("\n  Stop with Ctrl-C.\n")


def signal_group(child, number):
    """Sends a signal to a child and all its descendants."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, number)


def stop(children):
    """Terminates every child; after STOP_SECONDS, kills what is left, descendants included."""
    for child in children.values():
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for name, child in children.items():
        try:
            child.wait(max(0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            print_line(
                f"The {name} process did not stop within {STOP_SECONDS} seconds; it is ended by force."
            )
        signal_group(child, signal.SIGKILL)
        child.wait()


def on_signal(number, frame):
    """Turns the first stop signal into an orderly stop and ignores all later ones."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise Stopped("Stopped.", 0)


def serve(port):
    """Runs all programs until a signal arrives or one of them ends; always raises Stopped."""
    children = {}
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, on_signal)
    try:
        for name in PROGRAMS:
            children[name] = start(name, port)
        wait_until_up(children, port)
        announce(port)
        while True:
            check_alive(children)
            time.sleep(0.3)
    finally:
        stop(children)


def main():
    try:
        port = port_wanted()
        check_bind()
        check_port(port)
        if "--check" not in sys.argv[1:]:
            serve(port)
    except Stopped as end:
        print_line(str(end))
        return end.code
    return 0


if __name__ == "__main__":
    sys.exit(main())
