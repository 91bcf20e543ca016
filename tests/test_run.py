"""The summary of `make test` lists what ran and what did not, and the exit status is not 0 when anything went wrong."""

import pytest

from tests import run
from tests.run import Outcome


def test_summary_ends_with_a_plain_line(capsys):
    status = run.summarise([Outcome("SQLite", 3, 10, 0, 1), Outcome("PostgreSQL", 4, 12, 0, 0)], [])
    assert status == 0
    assert capsys.readouterr().out.splitlines()[-1] == "22 passed, 0 failed, 1 skipped"


def test_summary_names_what_was_not_run(capsys):
    run.summarise([Outcome("SQLite", 3, 10)], ["chromium"])
    assert (
        "*** NOT RUN: the browser tests: chromium is not on this machine (apt-get install chromium fonts-noto-cjk)"
        in capsys.readouterr().out.splitlines()
    )


@pytest.mark.parametrize(
    "outcome",
    [Outcome("SQLite", 3, 10, failed=1), Outcome("SQLite", 3, 10, crashed=True), Outcome("SQLite", 3, 0)],
)
def test_failure_crash_and_no_test_at_all_are_red(outcome):
    assert run.summarise([Outcome("PostgreSQL", 4, 0), outcome], []) == 1


def test_run_without_postgres_is_one_run():
    assert [each.database for each in run.choose_runs(["postgres"])] == ["sqlite"]


@pytest.mark.parametrize(
    ("missing", "options"),
    [
        ([], {"sqlite": ("--shared",), "postgres": ("--shared",)}),
        (["postgres"], {"sqlite": ()}),
        (["redis-server"], {"sqlite": ("--shared",), "postgres": ("--shared",)}),
        (
            ["chromium"],
            {"sqlite": ("-m", "not browser", "--shared"), "postgres": ("-m", "not browser", "--shared")},
        ),
        (["postgres", "chromium"], {"sqlite": ("-m", "not browser")}),
    ],
    ids=lambda value: "+".join(value) or "none",
)
def test_sqlite_leaves_to_postgres_what_runs_once_only_where_there_is_one(missing, options):
    assert {each.database: each.options for each in run.choose_runs(missing)} == options


REPORT = """<testsuites><testsuite tests="4" failures="1" errors="0" skipped="0">
<testcase classname="tests.faults.test_kills" time="2.5"/><testcase classname="tests.faults.test_kills" time="3"/>
<testcase classname="tests.complaints.portal.test_pages" time="1"/><testcase classname="tests.test_run" time="0.25"/>
</testsuite></testsuites>"""


def test_seconds_and_tests_are_told_by_suite(tmp_path):
    (tmp_path / "report.xml").write_text(REPORT)
    sqlite = run.count(Outcome("SQLite and the filesystem broker", 5), tmp_path / "report.xml")
    assert (sqlite.passed, sqlite.failed) == (3, 1)
    lines = run.table_of_suites([sqlite, Outcome("PostgreSQL", 4, suites={"faults": (7, 30.0)})])
    assert [line.split() for line in lines] == [
        ["suite", "SQLite", "PostgreSQL"],
        "faults 2 in 6 s 7 in 30 s".split(),
        "complaints 1 in 1 s 0 in 0 s".split(),
        "tests 1 in 0 s 0 in 0 s".split(),
    ]


@pytest.mark.parametrize("program", list(run.WITHOUT))
def test_missing_program_ends_the_run_when_everything_is_required(monkeypatch, capsys, program):
    monkeypatch.setattr(run, "REQUIRE_ALL", True)
    monkeypatch.setattr(run, "find_program", lambda name: None if name == program else name)
    assert run.main([]) == 1
    assert program in capsys.readouterr().out
