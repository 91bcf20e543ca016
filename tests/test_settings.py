"""Settings come from the environment; in production (DEBUG=0) unsafe ones are refused by name."""

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.plugins.services import SITE_VARIABLES

ROOT = Path(__file__).resolve().parent.parent
SAFE = {
    "DEBUG": "0",
    "SECRET_KEY": "3iuZRDzscZolUvdlTyG_kX_NLrf2t6pnFurXdabR1YgxfT2fP2Qjswu5kDtEQgXU1kE",
    "ALLOWED_HOSTS": "lezhi.example.org",
    "SITE_URL": "https://lezhi.example.org",
}


@pytest.fixture
def load(monkeypatch, tmp_path):
    """load(NAME=value, ...) returns the settings under exactly these environment variables."""

    def run(**variables):
        for name in (*SITE_VARIABLES, "DEBUG"):
            monkeypatch.delenv(name, raising=False)
        for name, value in ({"VAR_DIR": str(tmp_path / "var")} | variables).items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(ROOT / "lezhi" / "settings.py"))

    return run


def test_safe_settings_are_accepted(load):
    settings = load(**SAFE)
    assert settings["DEBUG"] is False
    assert settings["SESSION_COOKIE_SECURE"] is True
    assert settings["SECURE_SSL_REDIRECT"] is True


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "x" * 49),
        ("SECRET_KEY", "development-only-" + "x" * 40),
        ("SECRET_KEY", "a" * 50),
        ("SECRET_KEY", "password" * 7),
        ("ALLOWED_HOSTS", ""),
        ("ALLOWED_HOSTS", "*"),
        ("ALLOWED_HOSTS", "lezhi.example.org,*"),
        ("SITE_URL", "http://lezhi.example.org"),
    ],
)
def test_unsafe_setting_is_refused_by_name(load, name, value):
    with pytest.raises(ImproperlyConfigured, match=name):
        load(**SAFE | {name: value})


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS", "SITE_URL"])
def test_setting_that_real_use_needs_is_missed_by_name(load, name):
    with pytest.raises(ImproperlyConfigured, match=name):
        load(**{key: value for key, value in SAFE.items() if key != name})


def test_postgres_without_debug_is_real_use(load):
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY"):
        load(DATABASE_URL="postgres://lezhi@127.0.0.1/lezhi")


def test_refusal_stops_every_command(tmp_path):
    clean = {name: value for name, value in os.environ.items() if name not in SITE_VARIABLES}
    clean.pop("DJANGO_SETTINGS_MODULE", None)
    outcome = subprocess.run(
        [sys.executable, "manage.py", "migrate"],
        cwd=ROOT,
        env=clean | {"DEBUG": "0", "VAR_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode != 0
    assert "SECRET_KEY must be a random text of at least 50 characters" in outcome.stderr
    assert list(tmp_path.glob("*.sqlite3")) == []


def test_nothing_set_is_sqlite_without_services(load, tmp_path):
    settings = load()
    assert settings["DEBUG"] is True
    assert settings["DATABASES"]["default"]["ENGINE"] == "django.db.backends.sqlite3"
    assert settings["DATABASES"]["default"]["NAME"] == str(tmp_path / "var" / "lezhi.sqlite3")
    assert settings["CELERY_BROKER_URL"].startswith("filesystem://")
    assert settings["CACHES"]["default"]["BACKEND"].endswith("DatabaseCache")


def test_sqlite_waits_for_other_writers(load):
    options = load()["DATABASES"]["default"]["OPTIONS"]
    assert options["transaction_mode"] == "IMMEDIATE"
    assert options["timeout"] == 20
    assert "journal_mode=WAL" in options["init_command"]


def test_database_url_is_honoured(load):
    database = load(DEBUG="1", DATABASE_URL="postgres://li:se%23cret@db.example.org:5433/lezhi")["DATABASES"]
    expected = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "lezhi",
        "USER": "li",
        "PASSWORD": "se#cret",
        "HOST": "db.example.org",
        "PORT": 5433,
    }
    assert {name: database["default"][name] for name in expected} == expected
    assert "transaction_mode" not in database["default"].get("OPTIONS", {})


def test_redis_url_is_broker_and_cache(load):
    settings = load(REDIS_URL="redis://127.0.0.1:6379/3")
    assert settings["CELERY_BROKER_URL"] == "redis://127.0.0.1:6379/3"
    assert settings["CACHES"]["default"]["LOCATION"] == "redis://127.0.0.1:6379/3"


def test_media_root_and_var_dir_are_honoured(load, tmp_path):
    assert load(MEDIA_ROOT=str(tmp_path / "uploads"))["MEDIA_ROOT"] == tmp_path / "uploads"
    assert load()["MEDIA_ROOT"] == tmp_path / "var" / "media"


def test_plain_http_can_be_chosen_for_an_internal_network(load):
    settings = load(**SAFE | {"HTTPS": "0", "SITE_URL": "http://lezhi.internal"})
    assert settings["SESSION_COOKIE_SECURE"] is False
    assert "SECURE_SSL_REDIRECT" not in settings


def test_no_proxy_is_trusted_unless_told(load):
    assert load()["TRUSTED_PROXIES"] == 0
    assert load(**SAFE, TRUSTED_PROXIES="1")["TRUSTED_PROXIES"] == 1


def test_psycopg_3_is_not_beside_psycopg2():
    for lock in ("requirements.lock", "requirements-dev.lock"):
        names = {line.partition("==")[0].lower() for line in (ROOT / lock).read_text().splitlines()}
        assert "psycopg2-binary" in names
        assert not {"psycopg", "psycopg-binary"} & names


def test_locks_hold_the_versions_asked_for():
    """requirements*.txt and the lock files agree: `make lock` was run after every change."""
    for name in ("requirements", "requirements-dev"):
        lines = [line.partition("#")[0].strip() for line in (ROOT / f"{name}.txt").read_text().splitlines()]
        pinned = {plain(line) for line in lines if "==" in line}
        locked = {plain(line) for line in (ROOT / f"{name}.lock").read_text().splitlines() if "==" in line}
        assert pinned - locked == set()


def plain(requirement):
    """A requirement without extras, spelled as pip does."""
    project, _, version = requirement.partition("==")
    return f"{project.partition('[')[0].lower().replace('_', '-')}=={version}"
