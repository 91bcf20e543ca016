"""Bodies of half a gigabyte, announced, chunked or mislabelled, are refused at once by the real web server."""

import contextlib
import os
import runpy
import signal
import socket
import sys
import time
from pathlib import Path

import pytest

from accounts.roles import Role
from lezhi.middleware import body_limit
from reminders.parameters import PARAMETERS
from tests.factories.accounts import UserFactory
from tests.plugins.services import end, free_port, launch, wait_for_port

ROOT = Path(__file__).resolve().parents[2]
REFUSED_WITHIN = 5  # seconds, the target
HALF_A_GIGABYTE = 500 * 1024 * 1024
SENT = 64 * 1024 * 1024  # bytes of a chunked body, if the server accepts them
MORE = 40 * 1024 * 1024  # bytes of additional memory that one response may cost
DOORS = ["/login/", "/employers/import/", "/interactions/1/files/", "/employers/1/contracts/1/scans/"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The web server as `make run` starts it: (port, process, folder for temporary files)."""
    scratch = tmp_path_factory.mktemp("large")
    command = runpy.run_path(str(ROOT / "deploy" / "serve.py"))["PROGRAMS"]["web"]
    port = free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")},
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "LEZHI_TEST_SCRATCH": str(scratch / "site"),
        "LEZHI_TEST_REDIS": "",
        "TMPDIR": str(scratch / "tmp"),
    }
    for folder in ("tmp", "site/main", "site/" + os.environ.get("PYTEST_XDIST_WORKER", "main")):
        (scratch / folder).mkdir(parents=True, exist_ok=True)
    process = launch([sys.executable, "-m", *command, f"--bind=127.0.0.1:{port}"], env=environment, cwd=ROOT)
    try:
        wait_for_port(port, process)
        for _time in range(20):  # the first request of each worker imports its modules
            answer_to(port, head_of("/login/"))
        yield port, process, scratch / "tmp"
    finally:
        end(process, signal.SIGTERM)


def memory(process):
    """Returns the peak memory of the server and its workers so far, in bytes."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    texts = [Path(f"/proc/{pid}/status").read_text() for pid in (process.pid, *children)]
    return sum(int(text.partition("VmHWM:")[2].split()[0]) for text in texts) * 1024


def answer_to(port, head, pieces=()):
    """Sends a request; returns the first line of the response and the seconds until it came."""
    started, answer = time.monotonic(), b""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
        line.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n")
        with contextlib.suppress(
            ConnectionError
        ):  # the server has closed the connection: its response is read below
            for piece in pieces:
                line.sendall(piece)
        with contextlib.suppress(ConnectionError):
            while b"\r\n" not in answer and (part := line.recv(65536)):
                answer += part
    return answer.partition(b"\r\n")[0].decode(), time.monotonic() - started


def head_of(path, **headers):
    """Returns the head of a POST request, lines separated by \n."""
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: localhost",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\n".join(lines)


def in_pieces(count):
    """Yields a chunked body of `count` bytes in chunks of one megabyte, without the last chunk."""
    megabyte = b"100000\r\n" + b"\0" * (1 << 20) + b"\r\n"
    for _piece in range(count >> 20):
        yield megabyte


@pytest.mark.parametrize("path", DOORS)
def test_half_a_gigabyte_that_is_announced_is_refused_at_once(server, path):
    port, process, temporary = server
    before = memory(process)
    line, seconds = answer_to(port, head_of(path, **{"Content-Length": HALF_A_GIGABYTE}), [b"--x\r\n"])
    assert line.startswith("HTTP/1.1 413")
    assert seconds < REFUSED_WITHIN
    assert memory(process) - before < MORE
    assert not [file for file in temporary.iterdir() if file.is_file() and file.stat().st_size > MORE]


def test_body_in_pieces_is_neither_kept_nor_read_by_a_form(server):
    port, process, temporary = server
    before = memory(process)
    head = head_of(
        "/login/", **{"Transfer-Encoding": "chunked", "Content-Type": "multipart/form-data; boundary=x"}
    )
    line, _seconds = answer_to(port, head, [*in_pieces(SENT), b"0\r\n\r\n"])
    assert line.startswith("HTTP/1.1 411")
    assert memory(process) - before < MORE
    assert not [file for file in temporary.iterdir() if file.is_file() and file.stat().st_size > MORE]


@pytest.mark.parametrize("length", ["-1", "abc", "9" * 40, "0x10", "1, 2", " ", "+5", "1_000"])
def test_wrong_content_length_is_refused(server, length):
    line, _seconds = answer_to(server[0], head_of("/login/", **{"Content-Length": length}), [b"x=1"])
    assert line.split()[1:2] in (["400"], ["403"], ["413"]), line


def test_two_lengths_are_refused(server):
    """Otherwise a proxy and the server might disagree where a request ends (request smuggling)."""
    both = {"Content-Length": "4", "Transfer-Encoding": "chunked"}
    line, _seconds = answer_to(server[0], head_of("/login/", **both), [b"0\r\n\r\n"])
    assert line.split()[1:2] in (["400"], ["403"]), line
    twice = head_of("/login/", **{"Content-Length": "4"}) + "\nContent-Length: 5"
    assert answer_to(server[0], twice, [b"abcd"])[0].split()[1:2] == ["400"]


def test_server_still_answers(server):
    """Control: a body of an allowed size is read, and refused only for its missing CSRF token."""
    body = b"x" * (1 << 20)
    head = head_of("/login/", **{"Content-Length": len(body), "Content-Type": "text/plain"})
    assert len(body) < body_limit.MAX_BYTES < HALF_A_GIGABYTE
    assert answer_to(server[0], head, [body])[0].startswith("HTTP/1.1 403")


class Unread:
    """A body that raises when it is read."""

    def __init__(self, length):
        self.length = length

    def __len__(self):
        return self.length

    def read(self, *size):
        raise AssertionError("the body was read")

    readline = read


ANYWHERE = ["/", "/login/", "/employers/1/", "/complaints/new/", "/nowhere/", "/healthz", "/admin/login/"]
PORTAL = ["/portal/", "/portal/form/", "/portal/follow/", "/portal/case/", "/portal/nowhere/"]


def announce(client, path, length):
    """Announces a body of `length` bytes that raises when it is read; returns the response."""
    kind = "multipart/form-data; boundary=x"
    more = {"CONTENT_LENGTH": str(length), "CONTENT_TYPE": kind, "wsgi.input": Unread(length)}
    return client.generic("POST", path, b"", **more)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "most"),
    [(path, body_limit.MAX_ANONYMOUS_BYTES) for path in ANYWHERE]
    + [(path, body_limit.MAX_PORTAL_BYTES) for path in PORTAL],
)
def test_whoever_is_unknown_sends_little_and_not_a_byte_is_read(client, path, most):
    answer = announce(client, path, most + 1)
    assert answer.status_code == 413
    assert ("登录已经过期" in answer.content.decode()) is (most == body_limit.MAX_ANONYMOUS_BYTES)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/complaints/new/", "/employers/import/"])
def test_whoever_is_known_may_send_more(client, path):
    """Control: the body of a known user is read, hence the error. On the portal a colleague counts as unknown."""
    client.force_login(UserFactory(roles=[Role.DIRECTOR]))
    with pytest.raises(AssertionError, match="the body was read"):
        announce(client, path, body_limit.MAX_ANONYMOUS_BYTES + 1)
    assert announce(client, path, body_limit.MAX_BYTES + 1).status_code == 413
    assert announce(client, "/portal/form/", body_limit.MAX_PORTAL_BYTES + 1).status_code == 413


@pytest.mark.django_db
def test_form_of_the_public_door_within_the_limit_is_read(client):
    with pytest.raises(AssertionError, match="the body was read"):
        announce(client, "/portal/form/", body_limit.MAX_PORTAL_BYTES)


def test_body_without_a_length_is_refused_whoever_sends_it(client):
    answer = client.generic("POST", "/portal/form/", b"", "text/plain", HTTP_TRANSFER_ENCODING="chunked")
    assert answer.status_code == 411
    assert "没有收到附件" in answer.content.decode()


def test_form_of_the_public_door_fits_into_its_body():
    """The largest total that the centre may set leaves room for the rest of the form."""
    assert PARAMETERS["portal_total_megabytes"].most * body_limit.MEGABYTE < body_limit.MAX_PORTAL_BYTES
