"""Refuses to start the site with unsafe settings, and restricts a development start.

Real use (DEBUG=0) refuses insecure settings. Development (DEBUG=1) reveals internals in its error pages, so it prints
a warning and serves this machine only, unless DEBUG_ON_NETWORK allows the network.
"""

import ipaddress
import sys
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from lezhi import secret_key

# A variable that is set here means a site for others: DEBUG is then off by default.
SIGNS_OF_REAL_USE = ("SECRET_KEY", "ALLOWED_HOSTS", "HTTPS", "TRUSTED_PROXIES")
DEVELOPMENT_KEY = "development-only-" + "x" * 40
BANNER = """
  ************************************************************************************
  *  DEVELOPMENT START (DEBUG=1): error pages reveal code and settings, and the
  *  SECRET_KEY is not secret. Do not use it for real data.
  *  {who}
  *  For real use set DEBUG=0 and the variables in .env.example.
  ************************************************************************************
"""
ONLY_HERE = "It accepts connections from this machine only (127.0.0.1, ::1)."
EVERYBODY = "DEBUG_ON_NETWORK=1: IT ACCEPTS CONNECTIONS FROM THE WHOLE NETWORK."


def is_development(environ, on_sqlite):
    """The default of DEBUG: True on SQLite, unless another variable indicates real use."""
    is_real_use = any(environ.get(name) for name in SIGNS_OF_REAL_USE)
    site = urlsplit(environ.get("SITE_URL", "")).hostname
    return on_sqlite and not is_real_use and (not site or is_local(site))


def is_local(name):
    """Whether a host name or IP address always means this machine."""
    name = name.strip("[]").lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def refuse_unsafe(settings):
    """Raises ImproperlyConfigured with the variable and the fix. `settings`: a dict of the settings loaded so far."""
    problem = problem_of_development(settings) if settings["DEBUG"] else problem_of_real_use(settings)
    if problem:
        raise ImproperlyConfigured(problem)


def problem_of_real_use(settings):
    """The reason why a site in real use must not start, or ""."""
    if problem := secret_key.problem_of(settings["SECRET_KEY"]):
        return problem
    if not settings["ALLOWED_HOSTS"] or "*" in settings["ALLOWED_HOSTS"]:
        return "ALLOWED_HOSTS must name the hosts of the site (not *) when DEBUG=0."
    if settings["HTTPS"] and not settings["SITE_URL"].startswith("https://"):
        return "SITE_URL must begin with https:// when HTTPS=1."
    return ""


def problem_of_development(settings):
    """The reason why a development start would be unsafe to reach from other machines, or ""."""
    if settings["DEBUG_ON_NETWORK"]:
        if settings["SECRET_KEY"] == DEVELOPMENT_KEY:
            return f"SECRET_KEY must be your own when DEBUG_ON_NETWORK=1. {secret_key.HINT}"
        return ""
    remote = [name for name in settings["ALLOWED_HOSTS"] if not is_local(name)]
    if remote:
        return (
            f"ALLOWED_HOSTS names {', '.join(remote)}, but DEBUG=1 is for this machine only. For real use set "
            "DEBUG=0; to open a development start to your network, which can then read every error page, set "
            "DEBUG_ON_NETWORK=1."
        )
    return ""


announced = []


def announce_development(settings):
    """Prints the warning about a development start to standard error, once in a process; nothing in real use."""
    if settings.DEBUG and not announced:
        who = EVERYBODY if settings.DEBUG_ON_NETWORK else ONLY_HERE
        announced.append(who)
        print(BANNER.format(who=who), file=sys.stderr, flush=True)  # noqa: T201  whatever the log level is
