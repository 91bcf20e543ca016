"""Profiles pages: `python -m benchmarks profile` prints the shares of time by kind of work."""

import cProfile
import pstats
from collections import Counter
from time import perf_counter

from django.test import Client

TIMES = 20
OURS = ("lezhi", "complaints", "employers", "relations", "reminders", "accounts", "lists")
# The first text that occurs in the file name (or name) of a function determines its group.
GROUPS = (
    ("psycopg2", "waiting for PostgreSQL"),
    ("execute' of", "waiting for PostgreSQL"),
    ("django/template", "templates"),
    ("django/utils/html", "templates"),
    ("django/utils/safestring", "templates"),
    ("django/utils/translation", "templates"),
    ("django/utils/formats", "templates"),
    ("gettext", "templates"),
    ("templatetags", "templates"),
    ("django/db", "building queries and objects"),
    ("django/forms", "forms"),
    ("crispy", "forms"),
    ("django/core/handlers", "request and middleware"),
    ("middleware", "request and middleware"),
    ("django/contrib", "request and middleware"),
    ("django/http", "request and middleware"),
    ("csp/", "request and middleware"),
    *((f"/{package}/", "ours") for package in OURS),
)
OTHER = "python itself"


def group_of(function):
    """The group of `function`, a tuple (file, line, name) of pstats."""
    path = f"{function[0]} {function[2]}"
    return next((words for part, words in GROUPS if part in path), OTHER)


def shares(asker, path):
    """(milliseconds of one GET request, {group: share between 0 and 1})."""
    client = Client(SERVER_NAME="127.0.0.1")
    client.cookies.load(asker.cookies)
    client.get(path)
    started = perf_counter()
    for _time in range(TIMES):
        client.get(path)
    taken = (perf_counter() - started) * 1000 / TIMES
    watch = cProfile.Profile()
    watch.enable()
    for _time in range(TIMES):
        client.get(path)
    watch.disable()
    spent = Counter()
    for function, (_calls, _all, own, _with, _callers) in pstats.Stats(watch).stats.items():
        spent[group_of(function)] += own
    return taken, {words: own / spent.total() for words, own in spent.most_common()}


def report_lines(pages):
    """Yields a line for each GET request in `pages` ({description: (asker, path, form or None)})."""
    for words, (asker, path, form) in pages.items():
        if form is None:
            taken, groups = shares(asker, path)
            parts = ", ".join(f"{what} {share:.0%}" for what, share in groups.items() if share >= 0.01)
            yield f"{words}: {taken:.1f} ms: {parts}"
