"""Benchmarks of pages: rates compared with their floors, SQL, sizes."""

import gzip
import re
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

from django.conf import settings

from benchmarks import complaints, statements
from benchmarks.load import Target, interleaved, one_at_a_time, p95_seconds
from benchmarks.people import CSRF
from reminders import clock

QUERIES = ("李", "李明", "中心", "李小红", "l", "lm", "lim", "zhong", "lxh", "liming")
FILTER = "purpose=visit&channel=phone"
SAID = quote("谈了下周的活动")


def path_of(page, pks):
    return tuple(page.format(pk) for pk in pks)


def new_contact(_number):
    """A form of the quick log, with its own token, as on each opened page."""
    return (
        f"csrfmiddlewaretoken={CSRF}&token={uuid4()}&day=today&channel=phone&purpose=ordinary&content={SAID}"
    )


def bare_contact(_number):
    return (
        f"csrfmiddlewaretoken={CSRF}&contact_on={clock.today()}&channel=phone&purpose=ordinary&content={SAID}"
    )


class Pages:
    """The measurements of the running site and the floor, with the accounts of `city`; `table` gets the results."""

    def __init__(self, ours, floor, city, table):
        self.ours, self.floor, self.city, self.table = ours, floor, city, table

    def at(self, asker, *paths, **more):
        return Target(self.ours.port, paths, asker.cookies, **more)

    def bare(self, *paths, **more):
        return Target(self.floor.port, paths, self.city.director.cookies, **more)

    def lists(self):
        city, deep = self.city, f"?after={self.city.deep}"
        rates = interleaved(
            {
                "plain": self.bare("/plain/"),
                "rich": self.bare("/rich/"),
                "first": self.at(city.director, "/interactions/"),
                "deep": self.at(city.director, f"/interactions/{deep}~1500000"),
                "rich filtered": self.bare(f"/rich/?{FILTER}"),
                "filtered": self.at(city.director, f"/interactions/?{FILTER}"),
                "head": self.at(city.head, "/interactions/"),
                "worker": self.at(city.worker, "/interactions/"),
                "employers": self.at(city.director, "/employers/"),
            }
        )
        plain, rich = rates["plain"], rates["rich"]
        share = f"{rich.best / plain.best:.2f} (median {rich.median / plain.median:.2f})"
        self.table.add("the floor rich as a share of plain", share, "0.38-0.51 by definition")
        self.table.ratio("list of contacts, first page", rates["first"], rich, 0.70, "rich")
        filtered = rates["filtered"], rates["rich filtered"]
        self.table.ratio("list of contacts, filtered twice", *filtered, 0.70, "rich, filtered")
        self.table.ratio(
            "deep page (1,500,000 down)", rates["deep"], rates["first"], 0.85, "one's first page"
        )
        for name in ("head", "worker", "employers"):
            best = rates[name].best / rich.best
            self.table.add(f"beside: list, {name}", f"{best:.2f} of rich")

    def record(self):
        pks = self.city.employers
        rates = interleaved(
            {
                "floor": self.bare(*path_of("/detail/{}/", pks)),
                "record": self.at(self.city.director, *path_of("/employers/{}/", pks)),
            }
        )
        self.table.ratio("record page with timeline", rates["record"], rates["floor"], 0.50, "detail")

    def post(self):
        pks = self.city.employers
        rates = interleaved(
            {
                "floor": self.bare(*path_of("/post/{}/", pks), expected=302, body=bare_contact),
                "post": self.at(
                    self.city.director, *path_of("/log/{}/", pks), expected=302, body=new_contact
                ),
            }
        )
        words = "log a contact, audited, duties settled"
        self.table.ratio(words, rates["post"], rates["floor"], 0.35, "post")

    def search(self):
        paths = tuple(f"/search/?q={quote(query)}" for query in QUERIES)
        askers = {"director": self.city.director, "manager": self.city.manager, "worker": self.city.worker}
        targets = {name: self.at(asker, *paths) for name, asker in askers.items()}
        rates = interleaved({"floor": self.bare(*paths)} | targets)
        for name, asker in askers.items():
            self.table.ratio(f"search, {name}", rates[name], rates["floor"], 0.50, "search")
            times = [
                (statements.slowest(statements.statements_of_page(asker, path).statements)[0], query)
                for path, query in zip(paths, QUERIES, strict=True)
            ]
            slow, query = max(times, key=lambda pair: pair[0].best)
            words = f", median {slow.median * 1000:.1f} ({query})"
            self.table.most(
                f"search, {name}: SQL, slowest of {len(QUERIES)}", slow.best * 1000, 5, "ms", words
            )

    def desks(self):
        city = self.city
        rates = interleaved(
            {
                "plain": self.bare("/plain/"),
                "work": self.at(city.worker, "/"),
                "team": self.at(city.head, "/dashboard/"),
            }
        )
        for name, words, asker, path in (
            ("work", "My work, one worker", city.worker, "/"),
            ("team", "dashboard of a team", city.head, "/dashboard/"),
        ):
            self.table.slower(words, rates[name], rates["plain"], 3, "plain")
            self.sql(f"{words}: SQL, slowest statement", asker, path, 5)

    def sql(self, what, asker, path, most):
        slow, _statement = statements.slowest(statements.statements_of_page(asker, path).statements, 9)
        self.table.most(what, slow.best * 1000, most, "ms", f", median {slow.median * 1000:.1f}")

    def whole_city(self):
        path = "/dashboard/"
        self.sql("dashboard, whole city: SQL", self.city.director, path, 60)
        page = min(one_at_a_time(self.at(self.city.director, path))) * 1000
        self.table.most("dashboard, whole city: page", page, 180, "ms", " asked alone")

    def statements(self):
        """The number of queries of a page; tests check for each page that it is the same for 10 and 1,000 rows."""
        city, own = self.city, self.city.own[0]
        data = {
            "token": uuid4(),
            "day": "today",
            "channel": "phone",
            "purpose": "ordinary",
            "content": "谈了",
        }
        for words, asker, path, most, form in (
            ("list of contacts", city.director, "/interactions/", 8, None),
            ("list of contacts, worker", city.worker, "/interactions/", 8, None),
            ("list of employers", city.head, "/employers/", 8, None),
            ("record", city.worker, f"/employers/{own}/", 12, None),
            ("post of a contact", city.worker, f"/log/{own}/", 12, data),
            ("My work", city.worker, "/", 10, None),
            ("dashboard", city.director, "/dashboard/", 10, None),
        ):
            self.table.most(
                f"SQL per page: {words}",
                statements.statements_of_page(asker, path, form).count,
                most,
                "statements",
            )

    def weight(self):
        city, own = self.city, self.city.own[0]
        for words, asker, path in (
            ("list of contacts", city.director, "/interactions/"),
            ("list of employers", city.director, "/employers/"),
            ("record", city.director, f"/employers/{city.employers[0]}/"),
            ("quick log", city.worker, f"/log/{own}/"),
            ("My work", city.worker, "/"),
            ("dashboard, team", city.head, "/dashboard/"),
            ("dashboard, whole city", city.director, "/dashboard/"),
        ):
            page = statements.statements_of_page(asker, path)
            self.table.most(f"HTML, gzipped: {words}", page.gzipped / 1024, 10, "KB")
        self.visit("first visit, gzipped", "/", 150)
        self.visit("first visit of a chart page, gzipped", "/dashboard/", 500)

    def visit(self, words, path, most):
        """Measures the page with all its scripts, style sheets and pictures."""
        page = statements.statements_of_page(self.city.head, path)
        named = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page.response.content.decode()))
        outside = re.findall(r'(?:src|href)="(?:https?:)?//[^"]+"', page.response.content.decode())
        size = page.gzipped + sum(packed(address) for address in named)
        self.table.most(words, size / 1024, most, "KB", f" with {len(named)} files")
        self.table.most("requests that leave the site", len(outside), 0, "addresses")

    def complaints(self):
        """The list and the board of a head with more complaints than a centre gets in ten years."""
        complaints.fill(self.city.director.user)
        targets = {"rich": self.bare("/rich/")}
        targets |= {name: self.at(self.city.director, path) for name, path in complaints.PATHS.items()}
        rates = interleaved(targets)
        for name, path in complaints.PATHS.items():
            self.table.ratio(f"complaints, {name}", rates[name], rates["rich"], 0.70, "rich")
            page = statements.statements_of_page(self.city.director, path)
            self.table.add(f"SQL per page: complaints, {name}", f"{page.count} statements")

    def portal(self):
        """The public form, opened and submitted without a session, each time from another IP address."""
        portal = {"cookies": f"portal_csrftoken={CSRF}", "sender": complaints.sender}
        form = Target(self.ours.port, ("/portal/form/",), **portal)
        post = Target(self.ours.port, ("/portal/form/",), expected=302, body=complaints.form, **portal)
        for words, target in (("asked for", form), ("sent", post)):
            seconds, many = p95_seconds(target)
            self.table.add(
                f"public form, {words}: p95", f"{seconds * 1000:.0f} ms, 8 at a time, {many} requests"
            )

    def memory(self):
        workers, parent = self.ours.memory()
        words = f" (their parent {parent:.0f}; the floors {sum(self.floor.memory()):.0f} in all)"
        self.table.most("memory of 2 web workers after all pages, PSS", workers, 250, "MB", words)


def packed(address):
    """The gzipped size of a static file in bytes."""
    file = Path(settings.STATIC_ROOT) / address.removeprefix(settings.STATIC_URL)
    other = file.with_name(f"{file.name}.gz")
    return other.stat().st_size if other.exists() else len(gzip.compress(file.read_bytes(), 6))
