"""A user in front of a browser: sends requests over HTTP, logged in, without following redirects."""

import contextlib
import http.client
import re
import time
from dataclasses import dataclass
from threading import Barrier, Thread
from uuid import uuid4

from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

PATIENCE = 60  # seconds without a response after which a request fails
TOKEN = "t" * 32
SEEN = re.compile(r'name="seen" value="(?P<stamp>\w+)"')


@dataclass(frozen=True)
class Answer:
    """A response, and the seconds it took."""

    status: int
    headers: object
    body: bytes
    seconds: float

    @property
    def location(self):
        return self.headers.get("Location", "")

    @property
    def text(self):
        return self.body.decode(errors="replace")


class Visitor:
    """The user with this login name."""

    def __init__(self, site, login):
        self.site, self.pk = site, site.people[login]["pk"]
        self.cookies = f"sessionid={site.people[login]['session']}; csrftoken={TOKEN}"

    def get(self, path):
        return self.ask("GET", path)

    def post(self, path, **typed):
        """Submits a form; returns the Answer."""
        body = encode_multipart(BOUNDARY, typed)
        return self.ask("POST", path, body, {"Content-Type": MULTIPART_CONTENT, "X-CSRFToken": TOKEN})

    def ask(self, method, path, body=None, headers=None):
        """Sends a request on a connection of its own; returns the Answer."""
        begun = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=PATIENCE)
        with contextlib.closing(connection):
            connection.request(method, path, body, {"Cookie": self.cookies} | (headers or {}))
            answer = connection.getresponse()
            body = answer.read()
        return Answer(answer.status, answer.headers, body, time.monotonic() - begun)

    # The usual work of users; each method returns the Answer.

    def log(self, stakeholder, **typed):
        usual = {
            "channel": "phone",
            "purpose": "ordinary",
            "content": "谈了名单。",
            "day": "today",
            "token": uuid4(),
        }
        return self.post(f"/log/{stakeholder}/", **usual | typed)

    def register(self, name, **typed):
        usual = {
            "kind": "employer",
            "name": name,
            "anyway": "on",
            "body_type": "government",
            "relation": "both",
            "supervision": "direct",
            "town": "青岚镇",
            "source": "they_came",
            "responsible": self.pk,
            "first_contact_on": "2026-10-09",
            "first_contact_time": "10:30",
            "received_by": self.pk,
            "preliminary_needs": "希望开展长者服务。",
            "person_level": "clerk",
            "token": uuid4(),
        }
        return self.post("/employers/new/", **usual | typed)

    def sign(self, stakeholder, number, **typed):
        usual = {
            "number": number,
            "parties": "双方",
            "starts_on": "2026-10-01",
            "ends_on": "2027-09-30",
            "goals": "个案",
        }
        return self.post(f"/employers/{stakeholder}/contracts/new/", **usual | typed)

    def hand_over(self, stakeholder, to):
        """Opens the form, which states what it showed, and submits it."""
        address = f"/employers/hand-over/?pick={stakeholder}"
        seen = SEEN.search(self.get(address).text)
        return self.post(address, to=to, seen=seen["stamp"] if seen else "")


def at_once(acts):
    """Runs every act in its own thread, all started together; returns their results, exceptions included."""
    start, answers = Barrier(len(acts)), []

    def run(act):
        start.wait()
        try:
            answers.append(act())
        except Exception as problem:  # a request without a response is what a test looks for
            answers.append(problem)

    threads = [Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
