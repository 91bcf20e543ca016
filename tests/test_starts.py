"""Which configurations refuse to start, with which message, and the limits of a development server."""

import base64
import os
import random
import re
import string
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured, MiddlewareNotUsed
from django.http import HttpResponse
from django.test import RequestFactory

from lezhi import safe_start, secret_key
from lezhi.middleware.loopback import LoopbackOnly
from tests.plugins.services import SITE_VARIABLES, free_port
from tests.test_settings import SAFE, load

ROOT = Path(__file__).resolve().parent.parent
LOCAL = "https://lezhi.example.org"
DRAWN = SAFE["SECRET_KEY"]

pytestmark = pytest.mark.sqlite
__all__ = ["load"]

WEAK = [
    "a" * 50,
    "ab" * 30,
    "password" * 7,
    "Passw0rd!" * 6,
    "1234567890" * 5,
    "0123456789abcdef" * 4,
    "a-long-random-text-" * 4,
    string.ascii_lowercase + string.digits + string.ascii_lowercase,
    string.ascii_lowercase[::-1] * 2,
    "aabbccddeeffgghhiijjkkllmmnnooppqqrrssttuuvvwwxxyyzz",
    "qwertyuiopasdfghjklzxcvbnm1234567890qwertyuiopasdfghjkl",
    "correct horse battery staple correct horse battery staple",
    "change-me-to-a-random-text-of-at-least-fifty-characters",
    "this-is-my-secret-key-please-do-not-tell-anybody-about-it",
    "ThisIsAVeryLongSecretKeyForProductionUseOnly2026!!!!!",
    "The quick brown fox jumps over the lazy dog 1234567890",
    "lezhi-production-secret-key-2026-lezhi-production-secret-key-2026",
    "我们的中心" * 10,
    DRAWN[:12] * 6,
]
SHORT = ["", "x", DRAWN[:49], safe_start.DEVELOPMENT_KEY, "django-insecure-" + DRAWN]


@pytest.mark.parametrize("key", WEAK, ids=lambda key: ascii(key[:20]))
def test_guessable_secret_key_is_refused(key):
    assert "can be guessed" in secret_key.problem_of(key)


@pytest.mark.parametrize(
    "key", SHORT, ids=["empty", "one", "49 characters", "of development", "of a new project"]
)
def test_key_that_is_short_or_a_placeholder_is_refused(key):
    assert "at least 50 characters" in secret_key.problem_of(key)


def test_refusal_tells_how_to_make_a_key_and_that_key_is_accepted():
    command = re.search(r"python3 (-c) '(.+)'", secret_key.problem_of(""))
    made = subprocess.run([sys.executable, *command.groups()], capture_output=True, text=True, check=True)
    assert secret_key.problem_of(made.stdout.strip()) == ""


def drawn_from(signs, length):
    """A function that draws `length` random characters of `signs`."""
    return lambda chance: "".join(chance.choices(signs, k=length))


MAKERS = {
    "token_urlsafe": lambda chance: base64.urlsafe_b64encode(chance.randbytes(50)).decode().rstrip("="),
    "token_hex": lambda chance: chance.randbytes(32).hex(),
    "base64": lambda chance: base64.b64encode(chance.randbytes(38)).decode(),
    "startproject": drawn_from("abcdefghijklmnopqrstuvwxyz0123456789!@#$%^&*(-_=+)", 50),
    "letters": drawn_from(string.ascii_lowercase, 50),
}


@pytest.mark.parametrize("maker", MAKERS)
def test_key_drawn_by_chance_is_accepted(maker):
    """Control, for each common way to create a key."""
    chance = random.Random(maker)
    keys = [MAKERS[maker](chance) for _each in range(40)]
    assert [key for key in keys if secret_key.problem_of(key)] == []


def test_settings_without_a_key_drawn_by_chance_are_refused(load):
    for key in WEAK:
        with pytest.raises(ImproperlyConfigured, match="can be guessed"):
            load(**SAFE | {"SECRET_KEY": key})


# (environment variables, part of the refusal or whether DEBUG is on)
STARTS = [
    ({}, True),
    ({"DEBUG": "1"}, True),
    ({"SITE_URL": "http://localhost:8001"}, True),
    ({"ALLOWED_HOSTS": "localhost,127.0.0.1", "DEBUG": "1"}, True),
    ({"ALLOWED_HOSTS": "lezhi.localhost,[::1],127.0.0.2", "DEBUG": "1"}, True),
    ({"ALLOWED_HOSTS": "*", "DEBUG": "1"}, "ALLOWED_HOSTS names \\*, but DEBUG=1"),
    ({"ALLOWED_HOSTS": "localhost,*", "DEBUG": "1"}, "ALLOWED_HOSTS names \\*"),
    ({"ALLOWED_HOSTS": ".example.org", "DEBUG": "1"}, "ALLOWED_HOSTS names .example.org"),
    ({"ALLOWED_HOSTS": "192.168.1.7", "DEBUG": "1"}, "DEBUG_ON_NETWORK=1"),
    ({"ALLOWED_HOSTS": "0.0.0.0", "DEBUG": "1"}, "ALLOWED_HOSTS names 0.0.0.0"),
    ({"ALLOWED_HOSTS": "*", "DEBUG": "1", "DEBUG_ON_NETWORK": "1"}, "SECRET_KEY must be your own"),
    ({"ALLOWED_HOSTS": "*", "DEBUG": "1", "DEBUG_ON_NETWORK": "1", "SECRET_KEY": DRAWN}, True),
    # A variable of production is set but DEBUG was forgotten: this must not start a development server.
    ({"ALLOWED_HOSTS": "*"}, "SECRET_KEY must"),
    ({"TRUSTED_PROXIES": "1"}, "SECRET_KEY must"),
    ({"HTTPS": "1"}, "SECRET_KEY must"),
    ({"SITE_URL": LOCAL}, "SECRET_KEY must"),
    ({"SECRET_KEY": DRAWN}, "ALLOWED_HOSTS must"),
    ({"SECRET_KEY": DRAWN, "ALLOWED_HOSTS": "lezhi.example.org"}, "SITE_URL must"),
    ({"SECRET_KEY": DRAWN, "ALLOWED_HOSTS": "lezhi.example.org", "SITE_URL": LOCAL}, False),
    ({"DEBUG": "0"}, "SECRET_KEY must"),
    (SAFE, False),
    (SAFE | {"DEBUG_ON_NETWORK": "1"}, False),
    (SAFE | {"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS must"),
]


@pytest.mark.parametrize(("variables", "outcome"), STARTS)
def test_start_is_what_was_meant_or_refused(load, variables, outcome):
    if isinstance(outcome, bool):
        assert load(**variables)["DEBUG"] is outcome
    else:
        with pytest.raises(ImproperlyConfigured, match=outcome):
            load(**variables)


# A development server answers this machine only.

PEERS = [
    ({"REMOTE_ADDR": "127.0.0.1"}, 200),
    ({"REMOTE_ADDR": "127.8.9.1"}, 200),
    ({"REMOTE_ADDR": "::1"}, 200),
    ({"REMOTE_ADDR": "192.168.1.20"}, 403),
    ({"REMOTE_ADDR": "203.0.113.5"}, 403),
    ({"REMOTE_ADDR": "fe80::1"}, 403),
    ({"REMOTE_ADDR": ""}, 403),
    ({"HTTP_X_FORWARDED_FOR": "203.0.113.5"}, 403),
    ({"HTTP_X_FORWARDED_FOR": "127.0.0.1, 203.0.113.5"}, 403),
    ({"HTTP_X_FORWARDED_FOR": "unknown"}, 403),
    ({"HTTP_X_FORWARDED_FOR": "127.0.0.1", "HTTP_X_FORWARDED_PROTO": "http"}, 403),
    ({"HTTP_X_REAL_IP": "10.0.0.9"}, 403),
    ({"HTTP_FORWARDED": "for=203.0.113.5"}, 403),
    ({"HTTP_VIA": "1.1 proxy"}, 403),
    ({"HTTP_X_FORWARDED_PROTO": "https"}, 403),
    ({"REMOTE_ADDR": "203.0.113.5", "HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 403),
]


@pytest.mark.parametrize(("meta", "status"), PEERS)
def test_development_answers_this_machine_only(settings, meta, status):
    settings.DEBUG = True
    site = LoopbackOnly(lambda request: HttpResponse())
    assert site(RequestFactory().get("/", **meta)).status_code == status


@pytest.mark.parametrize(("debug", "network"), [(False, False), (False, True), (True, True)])
def test_real_use_and_an_allowed_network_are_not_held_to_it(settings, debug, network):
    settings.DEBUG, settings.DEBUG_ON_NETWORK = debug, network
    with pytest.raises(MiddlewareNotUsed):
        LoopbackOnly(lambda request: HttpResponse())


def test_loopback_middleware_comes_first(settings):
    assert settings.MIDDLEWARE[0] == "lezhi.middleware.loopback.LoopbackOnly"


# Real processes.


def environment(folder, **variables):
    """The environment of a start with exactly these variables of the site."""
    clean = {name: value for name, value in os.environ.items() if name not in (*SITE_VARIABLES, "DEBUG")}
    clean.pop("DJANGO_SETTINGS_MODULE", None)
    return clean | {"VAR_DIR": str(folder)} | variables


@pytest.fixture
def gunicorn(tmp_path):
    """gunicorn(NAME=value) starts it on all interfaces. Returns its port and a function that reads its output."""
    started = []

    def start(**variables):
        port, log = free_port(), tmp_path / "log"
        with log.open("wb") as output:
            command = [sys.executable, "-m", "gunicorn", "lezhi.wsgi", f"--bind=0.0.0.0:{port}"]
            command += ["--no-control-socket", "--preload", "--workers=2"]
            process = subprocess.Popen(
                command, cwd=ROOT, env=environment(tmp_path, **variables), stdout=output, stderr=output
            )
        started.append(process)
        deadline = time.monotonic() + 60
        while status_of(port) is None:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        return port, log.read_text

    yield start
    for process in started:
        process.terminate()
        process.wait(20)


def status_of(port, **headers):
    """The status of /healthz, or None while the port is closed."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}/healthz", headers=headers)
    try:
        return urllib.request.urlopen(request, timeout=10).status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


def test_gunicorn_without_any_setting_says_so_once_and_answers_this_machine(gunicorn):
    port, output = gunicorn()
    assert output().count("DEVELOPMENT START") == 1
    assert status_of(port) == 200
    assert status_of(port, **{"X-Forwarded-For": "203.0.113.5"}) == 403


def test_worker_says_so_too(settings, capsys, monkeypatch):
    monkeypatch.setattr(safe_start, "announced", [])
    settings.DEBUG, settings.DEBUG_ON_NETWORK = True, False
    for _time in range(2):
        safe_start.announce_development(settings)
    assert capsys.readouterr().err.count("DEVELOPMENT START") == 1


def test_real_use_says_nothing(settings, capsys, monkeypatch):
    monkeypatch.setattr(safe_start, "announced", [])
    settings.DEBUG = False
    safe_start.announce_development(settings)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"DEBUG": "1", "ALLOWED_HOSTS": "*"}, "DEBUG=1 is for this machine only"),
        (SAFE | {"SECRET_KEY": "password" * 7}, "SECRET_KEY can be guessed"),
    ],
    ids=["everybody", "weak key"],
)
def test_refusal_stops_the_server(tmp_path, variables, sentence):
    outcome = subprocess.run(
        [sys.executable, "-c", "import lezhi.wsgi"],
        cwd=ROOT,
        env=environment(tmp_path, **variables),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (outcome.returncode, sentence in outcome.stderr) == (1, True), outcome.stderr


@pytest.mark.parametrize(
    ("variables", "status"),
    [
        ({"BIND": "0.0.0.0"}, 2),
        ({"BIND": "0.0.0.0", "DEBUG": "1"}, 2),
        ({"BIND": "0.0.0.0", "DEBUG": "0"}, 0),
        ({"BIND": "0.0.0.0", "DEBUG_ON_NETWORK": "1"}, 0),
        ({"BIND": "127.0.0.1"}, 0),
    ],
)
def test_make_run_binds_to_this_machine(tmp_path, variables, status):
    outcome = subprocess.run(
        [sys.executable, "deploy/serve.py", "--check"],
        cwd=ROOT,
        env=environment(tmp_path, PORT=str(free_port()), **variables),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (outcome.returncode, "lets other machines in" in outcome.stdout) == (status, status == 2)


def test_example_of_settings_is_refused_until_it_is_filled_in(load):
    lines = (ROOT / ".env.example").read_text().splitlines()
    example = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    example = {
        name: value.strip('"') for name, value in example.items() if not name.endswith(("_DIR", "_ROOT"))
    }
    with pytest.raises(ImproperlyConfigured, match="token_urlsafe"):
        load(**example)
    assert load(**example | {"SECRET_KEY": DRAWN})["DEBUG"] is False
