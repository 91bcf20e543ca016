"""No GET, HEAD or OPTIONS writes anything but the log of viewings (R153): every URL, as every role.

Writes are read from the SQL statements of each request. Writes that no statement shows (COPY, a trigger, a file) are
found by comparing every table and every stored file before and after all requests of a role.
"""

import hashlib
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.http import HttpResponse
from django.urls import path
from django.views import View

from accounts.roles import GRANTS, Role
from complaints.models import State
from employers.models import Employer
from relations.interactions.monthly import key_of, title_of
from relations.models import Task
from reminders.models import Delivery, Reminder
from tests.attack.answers import Answer, asking, kind_of, session_for, undone
from tests.attack.declared import EXPECTED, NOBODY
from tests.attack.resolver import by_name
from tests.attack.statements import ALLOWED, written_by
from tests.attack.world import FAR, OWN, TODAY
from tests.plugins.where import deep

pytestmark = pytest.mark.django_db
SITE = {name: address for name, address in by_name().items() if name in EXPECTED}
EARLIER = date(2026, 9, 1)
# Roles with the same permissions cannot differ here: the first of each group.
EACH = list({grant.permissions: role for role, grant in reversed(GRANTS.items())}.values())
HTMX = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "main"}
PREFETCH = {"HTTP_SEC_PURPOSE": "prefetch", "HTTP_PURPOSE": "prefetch"}
# How pages are requested: by scripts with the parameters of lists, and by prefetching with the parameters of actions.
WAYS = [
    (
        HTMX,
        "tab=contacts&view=all&sort=name&q=局&since=2026-01-01&until=2026-12-31&month=2026-09&start=2026-10-08&days=7",
    ),
    (
        PREFETCH,
        "draft=1&task={task}&pick={pk}&renew={term}&sheet=1&act=save&done=1&read=1&undo=1&_method=POST",
    ),
]


@contextmanager
def writes():
    """Yields a list that collects (verb, table) for every statement inside that is not in ALLOWED."""
    found = []

    def note(execute, sql, params, many, context):
        what = written_by(sql)
        if what and what not in ALLOWED:
            found.append(what)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield found


def tables():
    """Returns {table: digest of its rows} for every table except those that a read request may write."""
    open_ones = {table for _verb, table in ALLOWED}
    found = {}
    for model in apps.get_models(include_auto_created=True):
        table = model._meta.db_table
        if model._meta.managed and table not in open_ones:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
                rows = sorted(repr(row) for row in cursor.fetchall())
            found[table] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


def files():
    """Returns {path: (size, modification time)} of all stored files except databases and locks."""
    places = {Path(settings.MEDIA_ROOT), Path(settings.VAR_DIR)}
    stored = [file for place in places if place.exists() for file in place.rglob("*") if file.is_file()]
    return {
        str(file): (file.stat().st_size, file.stat().st_mtime_ns)
        for file in stored
        if "sqlite" not in file.name and file.parent.name != "slots"
    }


def differences(before, after):
    """Returns the keys whose values differ, sorted."""
    return sorted(key for key in {*before, *after} if before.get(key) != after.get(key))


@pytest.fixture(scope="module")
def ripe(world):
    """The centre with all a careless GET could settle: a form to file, unread notices, a voided complaint."""
    rows = world.families[OWN].rows
    world.filing = Task.objects.create(
        key=key_of(rows["employer"].pk, EARLIER),
        stakeholder_id=rows["employer"].pk,
        origin=Task.Origin.MONTHLY_SHEET,
        title=title_of(EARLIER),
        due_on=TODAY,
        owner=world.colleague,
    )
    remind("filing", world.filing.key, world.colleague)
    Delivery.objects.create(
        reminder=rows["notice"], recipient=world.colleague, channel=Delivery.Channel.IN_APP
    )
    case = world.families[FAR].rows["complaint"]
    type(case).objects.filter(pk=case.pk).update(state=State.VOID)
    remind("voided", f"complaint:{case.pk}:voided", world.worker)
    world.sessions["worker"] = session_for(world.worker)
    return world


def remind(key, subject, recipient):
    """Creates an open reminder for `recipient`; returns it."""
    kind = "due"
    fields = {"kind": kind, "recipient": recipient, "title": "x", "raised_on": TODAY}
    return Reminder.objects.create(key=f"test:{key}", subject=subject, **fields)


def give(world, role):
    """Gives the records of the family `own` and the unread notice to the user in `role`."""
    person = world.people.get(role) or world.colleague
    world.belongs_to(person)
    Delivery.objects.filter(reminder=world.families[OWN].rows["notice"]).update(recipient=person)


def urls_of(world, name, kin=OWN):
    """Yields the URLs of one page: as declared, and for a past month."""
    line, address = EXPECTED[name], SITE[name]
    values = world.values(line.of, kin)
    query = line.query.format(pk=world.families[kin].employer.pk)
    yield address.url(values) + query
    if "month" in address.parameters:
        yield address.url(values | {"month": f"{EARLIER:%Y-%m}"}) + query


def look(session, method, url, **headers):
    """Returns (response, list of writes) of one read request; the response is read to its end."""
    with writes() as found:
        response = getattr(asking(session), method)(url, **headers)
        if response.streaming:
            b"".join(response.streaming_content)
    return response, found


def walk(session, asked):
    """Returns a line for each of `asked` (method, url, headers) that writes or crashes, and for all changes."""
    found = []
    before, stored = tables(), files()
    for method, url, headers in asked:
        response, written = look(session, method, url, **headers)
        found += [f"{method.upper()} {url} {headers or ''}: {verb} {table}" for verb, table in written]
        if kind_of(response) == Answer.CRASH:
            found.append(f"{method.upper()} {url}: {response.status_code}")
    changed = differences(before, tables()) + differences(stored, files())
    return found + [f"changed: {name}" for name in changed]


def plainly(world, methods=("get",), kin=OWN):
    """Yields a request of every URL by each of `methods`, also where the URL does not support it."""
    for name in sorted(SITE):
        for url in urls_of(world, name, kin):
            for method in methods:
                yield method, url, {}


def variously(world):
    """Yields a request of every page as scripts, prefetching browsers and old links send it."""
    rows = world.families[OWN].rows
    words = {"pk": rows["employer"].pk, "task": world.filing.pk, "term": rows["contract"].pk}
    for name in sorted(name for name in SITE if EXPECTED[name].get != NOBODY):
        for url in urls_of(world, name):
            for headers, query in WAYS:
                yield "get", f"{url}{'&' if '?' in url else '?'}{query.format(**words)}", headers


# Of the first two the pages are the most; the head sees the complaints; the volunteer has no page.
SOME = (Role.DIRECTOR, Role.ADMINISTRATOR, Role.RESIDENT, Role.HEAD, Role.VOLUNTEER)


@pytest.mark.parametrize(
    "role",
    [
        None,
        "left",
        *(role if role in SOME else deep(role) for role in EACH),
    ],
)
def test_get_requests_write_nothing(ripe, role, without_drawing):
    give(ripe, role)
    methods = ("get", "head", "options") if role in (None, Role.DIRECTOR) else ("get",)
    assert walk(ripe.sessions[role], plainly(ripe, methods)) == []


def test_looking_at_whole_pages_writes_nothing(ripe):
    """With rendering, as a template may run more queries than its view; requests of scripts, prefetching, old links."""
    give(ripe, Role.DIRECTOR)
    assert walk(ripe.sessions[Role.DIRECTOR], variously(ripe)) == []


def test_whoever_is_asked_to_look_settles_nothing_by_looking(ripe, without_drawing):
    """The worker of the family `far`, whose voided complaint waits for a review."""
    assert walk(ripe.sessions["worker"], plainly(ripe, kin=FAR)) == []


# Controls: a view that writes on GET is caught, by its statement and by the comparison.


class Careless(View):
    """A GET that writes."""

    def get(self, request):
        Employer.objects.update(town="改了")
        return HttpResponse("done")


class Secretive(View):
    """A GET that writes without a statement that Django sees."""

    def get(self, request):
        default_storage.save("looked.txt", ContentFile(b"x"))
        cursor = connection.connection.cursor()
        cursor.execute("UPDATE accounts_department SET version = version + 1")
        cursor.close()
        return HttpResponse("done")


urlpatterns = [path("careless/", Careless.as_view()), path("secretive/", Secretive.as_view())]


def test_view_writing_on_get_is_detected(ripe, settings):
    settings.ROOT_URLCONF = __name__
    with undone():
        found = walk(None, [("get", "/careless/", {})])
    table = Employer.town.field.model._meta.db_table
    assert found == [f"GET /careless/ : UPDATE {table}", f"changed: {table}"]


def test_write_that_no_statement_shows_is_found(ripe, settings):
    settings.ROOT_URLCONF = __name__
    with undone():
        found = walk(None, [("get", "/secretive/", {})])
    default_storage.delete("looked.txt")
    assert found == ["changed: accounts_department", f"changed: {Path(settings.MEDIA_ROOT) / 'looked.txt'}"]


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("SELECT 1", None),
        ("SELECT 1 FOR UPDATE", None),
        ('INSERT INTO "a" (x) VALUES (1)', ("INSERT", "a")),
        ('INSERT OR IGNORE INTO "a" (x) VALUES (1)', ("INSERT", "a")),
        ('  update "a" SET x = 1', ("UPDATE", "a")),
        ('DELETE FROM "a"', ("DELETE", "a")),
        ('WITH b AS (SELECT 1) UPDATE "a" SET x = 1', ("UPDATE", "a")),
        ('WITH b AS (SELECT 1) SELECT * FROM "a"', None),
        ('COPY "a" FROM STDIN', ("COPY", "a")),
    ],
)
def test_statements_that_write_are_told_from_those_that_read(sql, found):
    assert written_by(sql) == found
