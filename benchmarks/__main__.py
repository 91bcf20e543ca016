"""The command: python -m benchmarks [--database-url postgres://.../city] [--keep] [names]."""

import argparse
import os
import sys
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path

from benchmarks import servers
from benchmarks.table import Table
from tests.plugins.services import find_program, start_redis

PAGES = ("lists", "record", "post", "search", "desks", "whole_city", "statements", "weight")
PAGES += ("complaints", "portal", "memory")
OTHERS = ("profile", "sweeps", "rebuild", "plans", "imports", "setup", "flood")
WITHOUT_CITY = {"setup", "flood"}
KEPT = servers.ROOT / "var" / "benchmarks"


def arguments():
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"what to measure (default all): {' '.join(PAGES + OTHERS)}")
    parser.add_argument(
        "--database-url", help="a PostgreSQL database with a city in it, or an empty one to fill"
    )
    parser.add_argument(
        "--keep", action="store_true", help="keep the cluster in var/benchmarks for the next time"
    )
    parser.add_argument("--write", type=Path, help="also write the table to this file, as Markdown")
    options = parser.parse_args()
    if unknown := set(options.names) - {*PAGES, *OTHERS}:
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    return options


def database(given, scratch, cleanups):
    """The URL of the city's database: from the command line, or `city` in a cluster started here."""
    if given.database_url:
        return given.database_url
    import psycopg2

    server = servers.start_postgres(KEPT if given.keep else scratch / "cluster", cleanups)
    admin = psycopg2.connect(server)
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = 'city'")
        if not cursor.fetchone():
            cursor.execute("CREATE DATABASE city")
    admin.close()
    return f"{server.rpartition('/')[0]}/city"


def fill(variables):
    """Migrates, and creates the city's data if there is none yet (about seven minutes)."""
    from django.core.management import call_command
    from django.db import connection

    from accounts.models import User

    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    if not User.objects.filter(username="city0000").exists():
        call_command("populate", scale="city")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    connection.close()


def main():
    options, table = arguments(), Table()
    names = options.names or [*PAGES, *OTHERS]
    with ExitStack() as cleanups:
        cleanups.callback(write, options.write, table)
        scratch = servers.scratch_folder(cleanups)
        if set(names) <= WITHOUT_CITY:
            measure_others(names, "", "", scratch, table)
            return verdict(table)
        url = database(options, scratch, cleanups)
        redis = f"{start_redis(cleanups)}/0" if find_program("redis-server") else ""
        variables = servers.environment(url, redis, scratch)
        os.environ |= variables | {"DJANGO_SETTINGS_MODULE": "benchmarks.settings"}
        import django

        django.setup()
        fill(variables)
        measure_pages([name for name in PAGES if name in names], variables, table)
        measure_others([name for name in OTHERS if name in names], url, redis, scratch, table)
    return verdict(table)


def verdict(table):
    return 1 if any(row.is_met is False for row in table.rows) else 0


def write(file, table):
    """Writes the rows measured so far, also after an error."""
    if file:
        file.write_text(table.markdown() + "\n", encoding="utf-8")


def measure_pages(names, variables, table):
    from benchmarks.pages import Pages
    from benchmarks.people import city

    if not names:
        return
    with ExitStack() as cleanups:
        ours = servers.start_site("benchmarks.settings", variables, cleanups)
        floor = servers.start_site("benchmarks.floor.settings", variables, cleanups)
        pages = Pages(ours, floor, city(), table)
        for name in names:
            getattr(pages, name)()


def measure_others(names, url, redis, scratch, table):
    acts = {
        "profile": profile,
        "sweeps": lambda: import_module("benchmarks.nightly").sweeps(table),
        "rebuild": lambda: import_module("benchmarks.nightly").rebuild(table),
        "plans": lambda: plans(table),
        "imports": lambda: import_module("benchmarks.imports").measure(table, url, redis, scratch),
        "setup": lambda: import_module("benchmarks.setup").second_start(table, scratch),
        "flood": lambda: import_module("benchmarks.portal_flood").measure(table, scratch),
    }
    for name in names:
        acts[name]()


def profile():
    """Prints how the time of the most frequent pages is spent."""
    from benchmarks.people import city
    from benchmarks.plans import pages
    from benchmarks.profile import report_lines

    for line in report_lines(pages(city())):
        print(f"    {line}", flush=True)


def plans(table):
    """Checks the query plans of the most frequent pages for full scans of large tables."""
    from benchmarks import statements
    from benchmarks.people import city
    from benchmarks.plans import large, pages, scans_of

    lines, tables = [], large()
    for words, (asker, path, form) in pages(city()).items():
        scans = scans_of(statements.statements_of_page(asker, path, form).statements, tables)
        lines += [f"{words}: {name}: {sql}" for name, sql in scans]
    table.most("large tables read from end to end, frequent pages", len(lines), 0, "scans")
    for line in lines:
        print(f"    {line}")


if __name__ == "__main__":
    sys.exit(main())
