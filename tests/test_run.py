"""The last lines of `make test` say what ran, what did not, and end red when anything went wrong."""

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
    ("missing", "with_browser"),
    [
        ([], ["postgres"]),
        (["postgres"], ["sqlite"]),
        (["redis-server"], ["postgres"]),
        (["chromium"], []),
        (["postgres", "chromium"], []),
    ],
    ids=lambda value: "+".join(value) or "none",
)
def test_browser_tests_run_exactly_once_where_there_is_a_browser(missing, with_browser):
    runs = run.choose_runs(missing)
    asked = {each.database: each.arguments(["-x", run.EVERY_CASE]) for each in runs}
    assert [name for name, arguments in asked.items() if arguments == ["-x"]] == with_browser
    assert all(arguments in (["-x"], ["-m", "not browser", "-x"]) for arguments in asked.values())


def test_generated_cases_are_shared_by_two_runs_and_never_left_out_by_one():
    both = run.choose_runs([])
    assert ["--share" in each.arguments(["-x"]) for each in both] == [True, True]
    assert ["--share" in each.arguments(["-x", run.EVERY_CASE]) for each in both] == [False, False]
    (alone,) = run.choose_runs(["postgres"])
    assert "--share" not in alone.arguments([])


@pytest.mark.parametrize("program", list(run.WITHOUT))
def test_missing_program_ends_the_run_when_everything_is_required(monkeypatch, capsys, program):
    monkeypatch.setattr(run, "REQUIRE_ALL", True)
    monkeypatch.setattr(run, "find_program", lambda name: None if name == program else name)
    assert run.main([]) == 1
    assert program in capsys.readouterr().out
