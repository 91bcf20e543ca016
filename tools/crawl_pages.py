"""Visits all pages that a role can reach by links and records the responses; compares two such records.

    python -m tools.crawl_pages --out before.json
    python -m tools.crawl_pages --out after.json
    python -m tools.crawl_pages --compare before.json after.json

It uses Django's test client on the database of the environment (VAR_DIR, DATABASE_URL; `manage.py prepare` creates a
demo) and rolls back what a visit writes. It records for each role and language: status, content type, visible text,
bytes after gzip, and the number of SQL queries. Times of day, tokens and UUIDs are normalized; dates are not, because
they are the content of the pages: make both records on the same day. `--pages DIRECTORY` also stores the HTML.

Of URLs that differ only in numbers (`/employers/7/`, `/employers/8/`) or in the value of one query parameter, `--each`
are visited (default 3); all combinations of several parameters of one path count as one kind.
"""

import argparse
import gzip
import json
import os
import re
import sys
from collections import Counter, deque
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qsl, urljoin, urlsplit

import django

USERS = "su,wu,luo,director,council,head,admin"
LANGUAGES = "zh-hans,en"
STARTS = ["/", "/portal/", "/login/", "/this-page-is-not-there/"]
NOT_FOLLOWED = re.compile(r"^/(static|admin/jsi18n|logout)")
CHANGING = [
    (re.compile(r"(csrfmiddlewaretoken\W+value=|nonce=|X-CSRFToken\W{1,14})[\"'][^\"']*[\"']"), r'\1""'),
    (re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"), "UUID"),
    (re.compile(r"(\d{4}-\d\d-\d\d) \d\d:\d\d"), r"\1 00:00"),
    (re.compile(r"(name=\"(?:token|once|stamp|made|seen)\"[^>]*value=)\"[^\"]*\""), r'\1""'),
]
BLOCKS = frozenset(
    "address article aside blockquote body br caption dd details div dl dt fieldset figcaption figure footer form"
    " h1 h2 h3 h4 head header hr html legend li main nav ol optgroup option p pre section select summary table tbody"
    " td textarea tfoot th thead title tr ul".split()
)
SILENT = {"script", "style", "svg", "template"}


class Reader(HTMLParser):
    """Collects the visible text of a page, one line per block element, and the URLs that it links to."""

    def __init__(self):
        super().__init__()
        self.parts = []
        self.links = []
        self.silent = 0

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if tag in SILENT:
            self.silent += 1
        if tag in BLOCKS:
            self.parts.append("\n")
        for name in ("href", "hx-get"):
            if values.get(name) and tag != "link":
                self.links.append(values[name])
        for name in ("placeholder", "aria-label", "title", "value"):
            if values.get(name) and values.get("type") != "hidden":
                self.parts.append(f"[{' '.join(values[name].split())}]")

    def handle_endtag(self, tag):
        if tag in SILENT:
            self.silent -= 1
        if tag in BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data):
        if not self.silent:
            self.parts.append(re.sub(r"\s+", " ", data))

    def text(self):
        """The non-empty lines of the page, with single spaces and none at the ends of a line."""
        lines = (" ".join(line.split()) for line in "".join(self.parts).split("\n"))
        return [line for line in lines if line]


def shape(address):
    """The part that URLs of one kind of page have in common: the path without numbers, and one parameter name."""
    parts = urlsplit(address)
    names = {name for name, _value in parse_qsl(parts.query, keep_blank_values=True)}
    query = min(names, default="") if len(names) < 2 else "several"
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+", "#", parts.path) + "?" + query


def steady(html):
    """The page without values that differ at every visit."""
    for pattern, instead in CHANGING:
        html = pattern.sub(instead, html)
    return html


def visit(client, address):
    """Visits one page. Returns (its record, its HTML or "", the URLs that it links to)."""
    from django.db import connection, reset_queries
    from django.test.utils import CaptureQueriesContext

    reset_queries()  # the log is limited to 9,000 queries
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
        content = b"".join(response.streaming_content) if response.streaming else response.content
    kind = response.headers.get("Content-Type", "").split(";")[0]
    record = {"status": response.status_code, "kind": kind, "sql": len(queries)}
    if response.status_code in (301, 302, 303):
        record["to"] = response.headers["Location"]
        return record, "", [response.headers["Location"]]
    if kind != "text/html":
        return record, "", []
    html = steady(content.decode())
    reader = Reader()
    reader.feed(html)
    record |= {"gzip": len(gzip.compress(html.encode(), mtime=0)), "text": reader.text()}
    return record, html, reader.links


def crawl(client, each):
    """Yields (URL, record, HTML) of the pages that can be reached, at most `each` of one shape."""
    queue = deque(STARTS)
    known = set(STARTS)
    visited = Counter()
    while queue:
        address = queue.popleft()
        visited[shape(address)] += 1
        if visited[shape(address)] > each:
            continue
        record, html, links = visit(client, address)
        yield address, record, html
        for link in links:
            target = urlsplit(urljoin(f"http://testserver{address}", link))
            further = target.path + (f"?{target.query}" if target.query else "")
            if target.netloc == "testserver" and further not in known and not NOT_FOLLOWED.match(further):
                known.add(further)
                queue.append(further)


def crawl_as(username, language, each):
    """Runs `crawl` as one user ("": anonymous) in one language, and rolls back all changes of the database."""
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.db import transaction
    from django.test import Client

    with transaction.atomic():
        client = Client(raise_request_exception=False)
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        if username:
            people = get_user_model().objects
            people.filter(username=username).update(language=language)
            client.force_login(people.get(username=username))
        yield from crawl(client, each)
        transaction.set_rollback(True)


def record_all(options):
    """Visits the pages as every user in every language and writes the record. Returns 1 after server errors, else 0."""
    from django.conf import settings
    from django.test.utils import setup_test_environment

    setup_test_environment()
    settings.ALLOWED_HOSTS = ["*"]
    records = {}
    if options.pages:
        Path(options.pages).mkdir(parents=True, exist_ok=True)
    for username in ["", *options.users.split(",")]:
        for language in options.languages.split(","):
            count = 0
            for address, record, html in crawl_as(username, language, options.each):
                key = f"{username or 'nobody'} {language} {address}"
                records[key] = record
                count += 1
                if options.pages and html:
                    Path(options.pages, re.sub(r"[^\w?=&.-]", "_", key)[:180] + ".html").write_text(html)
            print(f"{username or 'nobody':10} {language:8} {count} pages", flush=True)
    Path(options.out).write_text(json.dumps(records, ensure_ascii=False, indent=1))
    broken = sorted(key for key, record in records.items() if record["status"] >= 500)
    for key in broken:
        print(f"server error: {key}")
    return 1 if broken else 0


def differences(before, after):
    """Yields a line for each difference between two records of a page: status, kind, target, number of queries, text.

    Spaces in the text are ignored, because whether they are visible depends on the style sheet.
    """
    for name in ("status", "kind", "to", "sql"):
        if before.get(name) != after.get(name):
            yield f"{name}: {before.get(name)} -> {after.get(name)}"
    old, new = (["".join(line.split()) for line in record.get("text", [])] for record in (before, after))
    if old != new:
        lost = [line for line in old if line not in new]
        gained = [line for line in new if line not in old]
        yield from [f"- {line[:200]}" for line in lost[:6]] + [f"+ {line[:200]}" for line in gained[:6]]
        if not lost and not gained:
            yield "the same lines in another order or number"


def compare(first, second):
    """Prints the differences between two record files. Returns 1 if anything but the size differs, else 0."""
    before, after = (json.loads(Path(name).read_text()) for name in (first, second))
    different = 0
    for key in sorted(before.keys() | after.keys()):
        if key not in before or key not in after:
            lines = ["only in " + (second if key in after else first)]
        else:
            lines = list(differences(before[key], after[key]))
        if lines:
            different += 1
            print(key, *lines, sep="\n    ")
    both = [key for key in before if key in after and "gzip" in before[key] and "gzip" in after[key]]
    for name, records in ((first, before), (second, after)):
        weights = sorted(records[key]["gzip"] for key in both) or [0]
        print(
            f"{name}: gzip median {weights[len(weights) // 2]}, most {weights[-1]}, sum {sum(weights)} bytes"
        )
    print(f"{len(before)} and {len(after)} pages, {different} differ")
    return 1 if different else 0


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", help="the file to write")
    parser.add_argument("--pages", help="a directory that keeps the HTML of every page")
    parser.add_argument("--compare", nargs=2, metavar=("BEFORE", "AFTER"))
    parser.add_argument(
        "--users", default=USERS, help=f"user names (default {USERS}); nobody is always visited"
    )
    parser.add_argument("--languages", default=LANGUAGES)
    parser.add_argument("--each", type=int, default=3, help="visits to addresses of one shape")
    options = parser.parse_args()
    if options.compare:
        return compare(*options.compare)
    if not options.out:
        parser.error("--out or --compare")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lezhi.settings")
    django.setup()
    return record_all(options)


if __name__ == "__main__":
    sys.exit(main())
