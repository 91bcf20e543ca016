"""The load generator: eight concurrent requests over plain sockets, with a new connection for each, as from a proxy.

It sends minimal headers and hardly parses responses, because it shares the two cores with the measured site. wrk and
oha would suffice for simple pages, but not for forms with a new token in each request, a different IP address for each
sender (the public form counts by address), and alternating time slices of two sites.
"""

import socket
import threading
import time
from dataclasses import dataclass, field
from itertools import count
from statistics import median

AT_A_TIME = 8
SLICE_SECONDS = 1.2
ROUNDS = 7


class UnexpectedAnswer(Exception):
    """Raised when a response is not the one to be measured."""


@dataclass(frozen=True)
class Target:
    """Paths of one site, requested in turn with a session. `body(number)` returns the form of a POST; None means GET.

    `sender(number)` returns the client's IP address (in 127.0.0.0/8), where the site limits requests by address.
    """

    port: int
    paths: tuple
    cookies: str
    expected: int = 200
    body: object = None
    sender: object = None

    def request(self, number):
        path = self.paths[number % len(self.paths)]
        head = f"Host: 127.0.0.1\r\nCookie: {self.cookies}\r\nConnection: close\r\n"
        if self.body is None:
            return f"GET {path} HTTP/1.1\r\n{head}\r\n".encode()
        form = self.body(number).encode()
        kind = "Content-Type: application/x-www-form-urlencoded\r\n"
        return f"POST {path} HTTP/1.1\r\n{head}{kind}Content-Length: {len(form)}\r\n\r\n".encode() + form

    def ask(self, number):
        """Sends one request and returns (status, head, body). Raises UnexpectedAnswer for another status."""
        source = (self.sender(number), 0) if self.sender else None
        with socket.create_connection(
            ("127.0.0.1", self.port), timeout=120, source_address=source
        ) as connection:
            connection.sendall(self.request(number))
            parts = []
            while part := connection.recv(262144):
                parts.append(part)
        head, _blank, body = b"".join(parts).partition(b"\r\n\r\n")
        status = int(head[9:12] or 0)
        if status != self.expected:
            path = self.paths[number % len(self.paths)]
            raise UnexpectedAnswer(
                f"{path} answered {status}, not {self.expected}: {head[:400]!r} {body[:300]!r}"
            )
        return status, head.decode("latin-1"), body


def rate(target, numbers, seconds=SLICE_SECONDS, at_a_time=AT_A_TIME):
    """Requests per second in one time slice; `numbers` is an iterator that continues from slice to slice."""
    taken, elapsed = one_slice(target, numbers, seconds, at_a_time)
    return len(taken) / elapsed


def p95_seconds(target, seconds=SLICE_SECONDS * ROUNDS, at_a_time=AT_A_TIME):
    """The 95th percentile of the response times in seconds after a warm-up, and the number of requests."""
    numbers = count()
    rate(target, numbers, seconds=SLICE_SECONDS, at_a_time=at_a_time)
    taken, _elapsed = one_slice(target, numbers, seconds, at_a_time)
    return sorted(taken)[int(len(taken) * 0.95)], len(taken)


def one_slice(target, numbers, seconds, at_a_time):
    """Sends requests for `seconds`. Returns (list of the seconds of each request, total seconds)."""
    lock, taken, failures = threading.Lock(), [], []
    started = time.perf_counter()
    deadline = started + seconds

    def worker():
        try:
            while (sent_at := time.perf_counter()) < deadline and not failures:
                with lock:
                    number = next(numbers)
                target.ask(number)
                taken.append(time.perf_counter() - sent_at)
        except Exception as problem:
            failures.append(problem)

    threads = [threading.Thread(target=worker) for _place in range(at_a_time)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return taken, time.perf_counter() - started


@dataclass
class Rates:
    """The rates of several time slices of one target, in requests per second."""

    found: list = field(default_factory=list)

    @property
    def best(self):
        return max(self.found)

    @property
    def median(self):
        return median(self.found)


def interleaved(targets, rounds=ROUNDS, seconds=SLICE_SECONDS):
    """{name: Rates} of `targets` ({name: Target}), measured in alternating time slices after a warm-up."""
    numbers = {name: count() for name in targets}
    rates = {name: Rates() for name in targets}
    for name, target in targets.items():
        rate(target, numbers[name], seconds=seconds / 2)
    for _round in range(rounds):
        for name, target in targets.items():
            rates[name].found.append(rate(target, numbers[name], seconds))
    return rates


def one_at_a_time(target, times=15):
    """A list of the seconds of `times` requests sent one after the other."""
    target.ask(0)
    taken = []
    for number in range(times):
        started = time.perf_counter()
        target.ask(number)
        taken.append(time.perf_counter() - started)
    return taken
