"""Benchmarks of the import: an Excel file of 50,000 employers into its own database, and a zip bomb."""

import os
import subprocess
import sys
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from benchmarks import servers

ROWS = 50_000
MEGABYTES = 500


@dataclass(frozen=True)
class Run:
    """The result of a command: exit status, time (s), peak memory (MB) and output."""

    status: int
    seconds: float
    memory: float
    words: str


def run(*arguments, variables):
    """Runs a management command in its own process and waits for it. Returns a Run."""
    command = [sys.executable, "manage.py", *map(str, arguments)]
    started = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=servers.ROOT, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    words = process.stdout.read()
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Run(process.returncode, time.perf_counter() - started, usage.ru_maxrss / 1024, words)


def write_zip_bomb(path):
    """Writes a workbook with half a gigabyte of empty rows, compressed to half a megabyte."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for part in ("[Content_Types].xml", "xl/workbook.xml"):
            package.writestr(part, "<x/>")
        with package.open("xl/worksheets/sheet1.xml", "w") as part:
            for _megabyte in range(MEGABYTES):
                part.write(b"<row/>" * ((1 << 20) // 6))


def measure(table, url, redis, scratch):
    name = "benchmarks_import"
    admin = psycopg2.connect(url)
    admin.autocommit = True
    with admin.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name}")
    variables = servers.environment(f"{url.rpartition('/')[0]}/{name}", redis, scratch)
    try:
        servers.manage("migrate", variables=variables)
        servers.manage("createcachetable", variables=variables)
        servers.manage("populate", "--scale", "demo", variables=variables)
        crafted(table, variables, scratch)
        register(table, variables, scratch)
    finally:
        with admin.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name}")


def register(table, variables, scratch):
    file = Path(scratch) / "register.xlsx"
    command = [sys.executable, "-m", "benchmarks.register", str(ROWS), str(file)]
    subprocess.run(command, cwd=servers.ROOT, check=True)
    result = run("import_employers", file, "--commit", variables=variables)
    if result.status:
        raise AssertionError(result.words[-2000:])
    table.most(f"import of {ROWS:,} rows: time", result.seconds, 120, "s")
    table.most(f"import of {ROWS:,} rows: memory", result.memory, 500, "MB")
    again = run("import_employers", file, "--commit", variables=variables)
    table.add(
        "the same file again", again.words.splitlines()[0], "0 new", "新增0家，有变化0家" in again.words
    )


def crafted(table, variables, scratch):
    file = Path(scratch) / "bomb.xlsx"
    write_zip_bomb(file)
    bare = run("import_employers", Path(scratch) / "missing.xlsx", variables=variables)
    result = run("import_employers", file, variables=variables)
    table.add("crafted workbook", result.words.strip().splitlines()[-1], "refused", result.status == 1)
    table.most("crafted workbook: time beyond a start", result.seconds - bare.seconds, 10, "s")
    table.most("crafted workbook: memory beyond a start", result.memory - bare.memory, 300, "MB")
