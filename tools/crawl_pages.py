"""Visits every page a role can reach by links and writes down what it gave; compares two such records.

    python -m tools.crawl_pages --out before.json
    python -m tools.crawl_pages --out after.json
    python -m tools.crawl_pages --compare before.json after.json

It runs inside the process on the database of the environment (VAR_DIR, DATABASE_URL; `manage.py prepare` fills a demo)
and rolls back what a visit writes. For each role and language: status, kind of content, visible text, weight in bytes
after gzip, and the number of SQL statements. Times of day, tokens and UUIDs are made equal; days are not, for they are
what the pages are about: make both records on the same day. `--pages DIRECTORY` also keeps the HTML.

Of addresses that differ only in numbers (`/employers/7/`, `/employers/8/`) or in the value of a query, `--each` are
visited (default 3); all combined queries of one path count as one kind.
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
    """Collects the visible text of a page, a block element to a line, and the addresses that it links to."""

    def __init__(self):
        super().__init__()
        self.parts = []
        self.links = []
        self.silent = 0

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag in SILENT:
            self.silent += 1
        if tag in BLOCKS:
            self.parts.append("\n")
        for name in ("href", "hx-get"):
            if given.get(name) and tag != "link":
                self.links.append(given[name])
        for name in ("placeholder", "aria-label", "title", "value"):
            if given.get(name) and given.get("type") != "hidden":
                self.parts.append(f"[{' '.join(given[name].split())}]")

    def handle_endtag(self, tag):
        if tag in SILENT:
            self.silent -= 1
        if tag in BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data):
        if not self.silent:
            self.parts.append(re.sub(r"\s+", " ", data))

    def text(self):
        """The lines of the page; a run of spaces is one space, and none stands at the ends of a line."""
        lines = (" ".join(line.split()) for line in "".join(self.parts).split("\n"))
        return [line for line in lines if line]


def shape(address):
    """What two addresses have in common that lead to the same kind of page."""
    parts = urlsplit(address)
    names = {name for name, _value in parse_qsl(parts.query, keep_blank_values=True)}
    query = min(names, default="") if len(names) < 2 else "several"
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+", "#", parts.path) + "?" + query


def steady(html):
    """The page without what differs at every visit."""
    for pattern, instead in CHANGING:
        html = pattern.sub(instead, html)
    return html


def visit(client, address):
    """One page: (its record, its HTML or "", the addresses that it links to)."""
    from django.db import connection, reset_queries
    from django.test.utils import CaptureQueriesContext

    reset_queries()  # the log keeps 9,000 statements
    with CaptureQueriesContext(connection) as statements:
        answer = client.get(address)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    kind = answer.headers.get("Content-Type", "").split(";")[0]
    record = {"status": answer.status_code, "kind": kind, "sql": len(statements)}
    if answer.status_code in (301, 302, 303):
        record["to"] = answer.headers["Location"]
        return record, "", [answer.headers["Location"]]
    if kind != "text/html":
        return record, "", []
    html = steady(content.decode())
    reader = Reader()
    reader.feed(html)
    record |= {"gzip": len(gzip.compress(html.encode(), mtime=0)), "text": reader.text()}
    return record, html, reader.links


def crawl(client, each):
    """Yields (address, record, HTML) of every page that can be reached, `each` of a shape."""
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
    """As `crawl`, for one user (empty: nobody) in one language; nothing of it stays in the database."""
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
    """Visits as everybody in every language and writes the record."""
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
    """Yields a line for each thing in which one page differs: status, kind, target, statements, and text but for its
    spaces: whether a space can be seen depends on the style, of which HTML alone tells nothing.
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
    """Prints what differs between two records; 1 if anything but the weight does."""
    before, after = (json.loads(Path(name).read_text()) for name in (first, second))
    different = 0
    for key in sorted(before.keys() | after.keys()):
        if key not in before or key not in after:
            told = ["only in " + (second if key in after else first)]
        else:
            told = list(differences(before[key], after[key]))
        if told:
            different += 1
            print(key, *told, sep="\n    ")
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
    if options.check_conflicts:
        return compare(*options.check_conflicts)
    if not options.out:
        parser.error("--out or --compare")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lezhi.settings")
    django.setup()
    return record_all(options)


if __name__ == "__main__":
    sys.exit(main())
