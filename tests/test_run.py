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
    assert [each.database for each in runs if each.arguments(["-x"]) == ["-x"]] == with_browser
    assert all(each.arguments(["-x"]) in (["-x"], ["-m", "not browser", "-x"]) for each in runs)


@pytest.mark.parametrize("program", list(run.WITHOUT))
def test_missing_program_ends_the_run_when_everything_is_required(monkeypatch, capsys, program):
    monkeypatch.setattr(run, "REQUIRE_ALL", True)
    monkeypatch.setattr(run, "find_program", lambda name: None if name == program else name)
    assert run.main([]) == 1
    assert program in capsys.readouterr().out
