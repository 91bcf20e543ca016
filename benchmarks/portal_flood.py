"""Benchmark of the public portal flooded with pictures: response time for another visitor, and memory.

Runs on SQLite with the demo data, without a city: `python -m benchmarks flood`. Eight concurrent senders submit forms,
each from another IP address, for SECONDS seconds or MOST_SENDS forms. The visitor opens the form repeatedly. The p95 of
the visitor is compared with that during eight senders of ordinary forms; the p95 without senders is printed as well.
"""

import contextlib
import io
import socket
import threading
import time
from contextlib import ExitStack
from itertools import count
from pathlib import Path

from PIL import Image

from benchmarks import servers
from benchmarks.load import Target, UnexpectedAnswer

SENDERS = 8
SECONDS = 8
MOST_SENDS = 400
MOST_TIMES = 2  # the factor by which the visitor's response time may increase
VISITOR = "127.9.9.9"
CSRF = "k" * 32
COOKIE = f"portal_csrftoken={CSRF}"  # prefix by lezhi.middleware.portal
BOUNDARY = "lezhi-flood"
TYPED = {
    "csrfmiddlewaretoken": CSRF,
    "kind": "complaint",
    "person_class": "family",
    "subject": "conduct",
    "statement": "说好每周六上午来，两次都没来。",
}


def picture(kind, side, mode="RGB", **options):
    buffer = io.BytesIO()
    Image.new(mode, (side, side), 0).save(buffer, kind, **options)
    return buffer.getvalue()


def attacks():
    """The forms of the attacks: {name: (title, [(file name, content)])}."""
    bombs = [(f"{place}.png", picture("PNG", 7070)) for place in range(5)]
    webp = [("a.webp", picture("WEBP", 7000, lossless=True))]
    allowed = [(f"{place}.webp", picture("WEBP", 4890, lossless=True)) for place in range(5)]
    return {
        "five PNG of 7070 x 7070, empty title": ("", bombs),
        "five PNG of 7070 x 7070, valid form": ("探访没有来", bombs),
        f"one WebP of {len(webp[0][1]):,} bytes, 7000 x 7000": ("探访没有来", webp),
        "five WebP of 4890 x 4890, the dearest that is taken": ("探访没有来", allowed),
    }


def body_of(title, files):
    parts = [(f'name="{name}"', value.encode()) for name, value in (TYPED | {"title": title}).items()]
    parts += [(f'name="files"; filename="{name}"', content) for name, content in files]
    lines = [
        b"--%s\r\nContent-Disposition: form-data; %s\r\n\r\n%s\r\n"
        % (BOUNDARY.encode(), head.encode(), content)
        for head, content in parts
    ]
    return b"".join(lines) + b"--%s--\r\n" % BOUNDARY.encode()


class Flood:
    """Context manager: eight threads that send one body until the exit; counts responses by status."""

    def __init__(self, port, body):
        head = (
            f"POST /portal/form/ HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {COOKIE}\r\nConnection: close\r\n"
            f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self.port, self.request = port, head.encode() + body
        self.ended, self.numbers, self.answers, self.slowest = threading.Event(), count(), {}, 0
        self.threads = [threading.Thread(target=self.send, daemon=True) for _place in range(SENDERS)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *raised):
        self.ended.set()
        for thread in self.threads:
            thread.join(150)
        if not any(raised):
            self.check()

    def check(self):
        """Raises UnexpectedAnswer when the CSRF token was refused, because then no expensive request was measured."""
        if 403 in self.answers or not self.answers:
            raise UnexpectedAnswer(f"the form was refused: {self.answers}")

    def send(self):
        while not self.ended.is_set() and (number := next(self.numbers)) < MOST_SENDS:
            started = time.perf_counter()
            status = self.once(number)
            self.answers[status] = self.answers.get(status, 0) + 1
            self.slowest = max(self.slowest, time.perf_counter() - started)

    def once(self, number):
        """Sends one request from its own IP address. Returns the status, or 0 after a connection error."""
        source = (f"127.{1 + number // 62500}.{number // 250 % 250}.{1 + number % 250}", 0)
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", self.port), timeout=150, source_address=source) as line,
        ):
            line.sendall(self.request)
            response = line.recv(65536)
            while line.recv(65536):
                pass
            return int(response[9:12] or 0)
        return 0


def p95(port):
    """(p95 in seconds, number of requests) of a visitor who opens the form repeatedly."""
    form = Target(port, ("/portal/form/",), COOKIE, sender=lambda _number: VISITOR)
    taken, deadline = [], time.perf_counter() + SECONDS
    while time.perf_counter() < deadline:
        started = time.perf_counter()
        form.ask(0)
        taken.append(time.perf_counter() - started)
    return sorted(taken)[int(len(taken) * 0.95)], len(taken)


class Memory:
    """Context manager: `most` is the peak PSS of the web workers and their children together, in MB."""

    def __init__(self, site):
        self.site, self.ended, self.most = site, threading.Event(), 0
        self.thread = threading.Thread(target=self.watch, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *raised):
        self.ended.set()
        self.thread.join()

    def watch(self):
        while not self.ended.wait(0.1):
            self.most = max(self.most, sum(map(held, family(self.site.process.pid))))


def family(pid):
    pids = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            pids += [one for child in task.read_text().split() for one in family(int(child))]
    return pids


def held(pid):
    with contextlib.suppress(OSError, StopIteration):
        return servers.pss(pid)
    return 0


def measure(table, scratch):
    with ExitStack() as cleanups:
        variables = servers.environment("", "", scratch / "flood")
        variables |= {"DATABASE_URL": f"sqlite:///{scratch}/flood.sqlite3"}
        (scratch / "flood").mkdir()
        for command in (["migrate"], ["createcachetable"], ["collectstatic", "--noinput"], ["populate"]):
            servers.manage(*command, variables=variables | {"DJANGO_SETTINGS_MODULE": "benchmarks.settings"})
        site = servers.start_site("benchmarks.settings", variables, cleanups)
        p95(site.port)
        alone, _many = p95(site.port)
        with Memory(site) as memory, Flood(site.port, body_of("探访没有来", [])):
            floor, many = p95(site.port)
        words = f"{floor * 1000:.0f} ms ({many} requests; alone {alone * 1000:.0f} ms), {memory.most:.0f} MB"
        table.add("another visitor's p95, eight send ordinary forms", words)
        for name, attack in attacks().items():
            one_attack(table, site, name, body_of(*attack), floor)


def one_attack(table, site, name, body, floor):
    with Memory(site) as memory, Flood(site.port, body) as flood:
        slow, many = p95(site.port)
    answers = ", ".join(f"{number} x {status}" for status, number in sorted(flood.answers.items()))
    words = f"{slow / floor:.1f} x ({slow * 1000:.0f} ms, {many} requests); {memory.most:.0f} MB; {answers}"
    table.add(f"meanwhile {name}", words, f"≤ {MOST_TIMES} x", slow <= MOST_TIMES * floor)
