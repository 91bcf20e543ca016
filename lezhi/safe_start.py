"""What the site does not start on, and what a development start is held to.

Real use (DEBUG=0) refuses settings that would leave the door open. Development (DEBUG=1) shows its inside to whoever
asks, so it says so loudly and answers this machine only, unless the network is allowed with a variable of its own.
"""

import ipaddress
import sys
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from lezhi import secret_key

# Whoever sets one of these means a site for others: without a DEBUG they get no development start.
SIGNS_OF_REAL_USE = ("SECRET_KEY", "ALLOWED_HOSTS", "HTTPS", "TRUSTED_PROXIES")
DEVELOPMENT_KEY = "development-only-" + "x" * 40
BANNER = """
  ************************************************************************************
  *  DEVELOPMENT START (DEBUG=1): errors show the inside of the site, its SECRET_KEY
  *  is not secret. Not for real data.
  *  {who}
  *  Real use: DEBUG=0 and the variables of .env.example.
  ************************************************************************************
"""
ONLY_HERE = "It answers this machine only (127.0.0.1, ::1)."
EVERYBODY = "DEBUG_ON_NETWORK=1: IT ANSWERS EVERYBODY WHO REACHES IT."


def is_development(environ, on_sqlite):
    """What DEBUG is when it is not set: on SQLite, as long as nothing speaks of real use."""
    speaks = any(environ.get(name) for name in SIGNS_OF_REAL_USE)
    site = urlsplit(environ.get("SITE_URL", "")).hostname
    return on_sqlite and not speaks and (not site or is_local(site))


def is_local(name):
    """Whether a host name or address can be this machine only."""
    name = name.strip("[]").lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def refuse_unsafe(settings):
    """Raises ImproperlyConfigured naming the variable and how to mend it. `settings` are those loaded so far."""
    problem = problem_of_development(settings) if settings["DEBUG"] else problem_of_real_use(settings)
    if problem:
        raise ImproperlyConfigured(problem)


def problem_of_real_use(settings):
    """Why a site for others must not start; "" when nothing is wrong."""
    if problem := secret_key.problem_of(settings["SECRET_KEY"]):
        return problem
    if not settings["ALLOWED_HOSTS"] or "*" in settings["ALLOWED_HOSTS"]:
        return "ALLOWED_HOSTS must name the hosts of the site (not *) when DEBUG=0."
    if settings["HTTPS"] and not settings["SITE_URL"].startswith("https://"):
        return "SITE_URL must begin with https:// when HTTPS=1."
    return ""


def problem_of_development(settings):
    """Why a development start must not be reached by others; "" when it cannot be, or is meant to be."""
    if settings["DEBUG_ON_NETWORK"]:
        if settings["SECRET_KEY"] == DEVELOPMENT_KEY:
            return f"SECRET_KEY must be your own when DEBUG_ON_NETWORK=1. {secret_key.HOW}"
        return ""
    strange = [name for name in settings["ALLOWED_HOSTS"] if not is_local(name)]
    if strange:
        return (
            f"ALLOWED_HOSTS names {', '.join(strange)}, but DEBUG=1 is for this machine only. For real use set "
            "DEBUG=0; to show a development start to your network, which sees the inside of every error, set "
            "DEBUG_ON_NETWORK=1."
        )
    return ""


announced = []


def announce_development(settings):
    """Says on standard error, once in a process, that this is no site for others. Silent in real use."""
    if settings.DEBUG and not announced:
        who = EVERYBODY if settings.DEBUG_ON_NETWORK else ONLY_HERE
        announced.append(who)
        print(BANNER.format(who=who), file=sys.stderr, flush=True)  # noqa: T201  whatever the log level is
