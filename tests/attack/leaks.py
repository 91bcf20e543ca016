"""What the site tells a user of something hidden: each page as it is with it in the centre, and as it is without.

A page is made of the rows that its queries return: the site keeps no page and no count in a cache, the clock stands
still, and both requests are the same. So a page is asked once, with the hidden things in the centre, and its queries
are noted. They are run again in both centres. Where all return the same rows, the page without would be the same, and
is not drawn. Where any row differs, or the page writes more than the log of looks and the session, it is asked again
and compared, byte for byte. tests/attack/test_close_kinds.py draws the other pages of the head again, too: no page may
differ whose rows do not.
"""

import difflib
import io
import re
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.core.cache import cache
from django.db import connection
from django.test import override_settings

from tests.attack.answers import ask, errors_drawn_once, undone
from tests.attack.statements import ALLOWED, written_by

VOLATILE = [
    (re.compile(r'(name="csrfmiddlewaretoken" value=")[^"]*'), r"\1"),
    (re.compile(r'(name="(?:\w+-)?token" value=")[^"]*'), r"\1"),
    (re.compile(r'(<meta name="csrf-token" content=")[^"]*'), r"\1"),
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "uuid"),
    (re.compile(r"nonce-?=?[\"']?[\w+/=-]{16,}"), "nonce"),
]
READS = ("SELECT", "WITH", "(", "VALUES")
MARKS_IN_A_TRANSACTION = ("SAVEPOINT", "RELEASE", "ROLLBACK TO")


def told_by(response):
    """Returns status, headers and content of a response as text, without the values that change with each request."""
    content = response.whole if response.streaming else response.content
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            content = b"\n".join(package.read(part) for part in sorted(package.namelist()))
    text = content.decode("utf-8", "replace")
    for pattern, instead in VOLATILE:
        text = pattern.sub(instead, text)
    headers = [response.get(name, "") for name in ("Location", "Content-Disposition", "Content-Type")]
    return f"{response.status_code} {headers}\n{text}"


def difference(before, after):
    """Returns the changed lines of two texts on one line, at most 300 characters."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return " | ".join(line.strip() for line in lines if line[:2] not in ("--", "++", "@@"))[:300]


def answers(world, who, urls):
    """Returns {URL: response as text} for the user `who`."""
    with errors_drawn_once():
        return {url: told_by(ask(world.sessions[who], "get", url)) for url in urls}


@dataclass
class Queries:
    """The queries of a walk: which each page ran, and which pages cannot be told by them."""

    known: dict = field(default_factory=dict)  # {key: (sql, params)}
    of_page: dict = field(default_factory=dict)  # {URL: keys}
    unsure: set = field(default_factory=set)  # URLs of pages that write, or had a query that failed

    @contextmanager
    def noted_for(self, url):
        """Notes every query inside as one of the page `url`."""
        keys = self.of_page[url] = set()

        def note(execute, sql, params, many, context):
            words, written = sql.lstrip().upper(), written_by(sql)
            is_read = words.startswith(READS) and not written
            if not is_read and written not in ALLOWED and not words.startswith(MARKS_IN_A_TRANSACTION):
                self.unsure.add(url)
            try:
                result = execute(sql, params, many, context)
            except Exception:
                self.unsure.add(url)
                raise
            if is_read:
                key = (sql, repr(params))
                self.known[key] = (sql, params)
                keys.add(key)
            return result

        with connection.execute_wrapper(note):
            yield

    def rows(self):
        """Runs all queries; returns {key: hash of its rows}."""
        found = {}
        with connection.cursor() as cursor:
            for key, (sql, params) in self.known.items():
                cursor.execute(sql, params)
                found[key] = hash(repr(cursor.fetchall()))
        return found

    def pages_with(self, changed):
        """Returns the URLs whose page may be another where the rows of the queries `changed` are others."""
        return [url for url, keys in self.of_page.items() if url in self.unsure or keys & changed]


def changed(rows, other_rows):
    """Returns the keys of the queries that returned other rows."""
    return {key for key in rows if rows[key] != other_rows[key]}


def noted(world, who, urls):
    """Returns ({URL: response as text} for the user `who`, the Queries that these pages ran)."""
    queries, told = Queries(), {}
    cache.clear()
    with (
        errors_drawn_once(),
        override_settings(PREPARED_STATEMENTS=False),
    ):  # the queries are run again as noted
        for url in urls:
            with queries.noted_for(url):
                response = ask(world.sessions[who], "get", url)
            told[url] = told_by(response)
    return told, queries


@dataclass
class Walk:
    """What one user was told, with the hidden things there, and which of it may be another page without them."""

    told: dict  # {URL: response as text}
    doubtful: list  # the URLs that have to be asked again without them


def walk(world, who, hide, chosen=lambda url: True):
    """Returns the Walk of `who` over the URLs that `hide()` returns, as far as `chosen`.

    `hide` puts the hidden things into the centre; all of it is rolled back.
    """
    with undone():
        told, queries = noted(world, who, filter(chosen, hide()))
        rows = queries.rows()
    return Walk(told, queries.pages_with(changed(rows, queries.rows())))


def revealed(world, who, told, urls):
    """Returns those of `urls` whose page is another without the hidden things, each with the difference."""
    without = answers(world, who, urls)
    return [f"{url}: {difference(without[url], told[url])}" for url in urls if without[url] != told[url]]


def leaks(world, who, hide, some=None):
    """Returns the URLs (only those below one of the URLs `some`) that reveal it to `who`, each with the difference."""
    walked = walk(world, who, hide, lambda url: some is None or url.startswith(tuple(some)))
    return revealed(world, who, walked.told, walked.doubtful)
