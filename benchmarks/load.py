"""The client: eight requests at a time over plain sockets, a connection for each as a proxy opens them.

It says as little and reads as carelessly as it may, because it shares the two cores with what it measures. wrk and oha
would do for a plain page, but not for a form with a token of its own in each request, an address of its own for each
sender (the public form counts by address), and slices of two sites in turn.
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
    """The site gave another answer than the one that is measured."""


@dataclass(frozen=True)
class Target:
    """Addresses of one site, asked for in turn with a session. `body` makes the form of a POST; None is a GET.

    `sender` makes the address from which a request comes (127.0.0.0/8), where the site counts who asks.
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
        """Sends one request and returns (status, head, body). Raises Unexpected."""
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
    """Requests per second over one slice; `numbers` counts on from slice to slice."""
    taken, elapsed = one_slice(target, numbers, seconds, at_a_time)
    return len(taken) / elapsed


def p95_seconds(target, seconds=SLICE_SECONDS * ROUNDS, at_a_time=AT_A_TIME):
    """The time in seconds below which 95 % of the requests were answered (p95), after a warm-up; and how many."""
    numbers = count()
    rate(target, numbers, seconds=SLICE_SECONDS, at_a_time=at_a_time)
    taken, _elapsed = one_slice(target, numbers, seconds, at_a_time)
    return sorted(taken)[int(len(taken) * 0.95)], len(taken)


def one_slice(target, numbers, seconds, at_a_time):
    """Asks for `seconds`. Returns (the seconds of each request, how long it was in all)."""
    lock, taken, failures = threading.Lock(), [], []
    begun = time.perf_counter()
    deadline = begun + seconds

    def worker():
        try:
            while (asked_at := time.perf_counter()) < deadline and not failures:
                with lock:
                    number = next(numbers)
                target.ask(number)
                taken.append(time.perf_counter() - asked_at)
        except Exception as problem:
            failures.append(problem)

    threads = [threading.Thread(target=worker) for _place in range(at_a_time)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return taken, time.perf_counter() - begun


@dataclass
class Rates:
    """What several slices of one target gave, in requests per second."""

    found: list = field(default_factory=list)

    @property
    def best(self):
        return max(self.found)

    @property
    def median(self):
        return median(self.found)


def interleaved(targets, rounds=ROUNDS, seconds=SLICE_SECONDS):
    """{name: Rates} of `targets` ({name: Target}), a slice of each in turn, after a warm-up that does not count."""
    numbers = {name: count() for name in targets}
    rates = {name: Rates() for name in targets}
    for name, target in targets.items():
        rate(target, numbers[name], seconds=seconds / 2)
    for _round in range(rounds):
        for name, target in targets.items():
            rates[name].found.append(rate(target, numbers[name], seconds))
    return rates


def one_at_a_time(target, times=15):
    """Seconds of each of `times` requests, asked alone."""
    target.ask(0)
    found = []
    for number in range(times):
        begun = time.perf_counter()
        target.ask(number)
        found.append(time.perf_counter() - begun)
    return found
