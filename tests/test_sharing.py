"""Generated cases run on one database or the other, each on exactly one (tests/plugins/sharing.py)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.plugins.sharing import DATABASES

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = """
import pytest

pytestmark = pytest.mark.shared

@pytest.mark.parametrize("number", range(40))
def test_generated(number):
    pass

def test_control():
    pass

@pytest.mark.sqlite
@pytest.mark.parametrize("number", range(4))
def test_bound(number):
    pass

@pytest.mark.on_both
@pytest.mark.parametrize("number", range(4))
def test_counted(number):
    pass
"""
OPTION = """
def pytest_addoption(parser):
    parser.addoption("--database")
"""

pytestmark = pytest.mark.sqlite


def collected(folder, *options):
    """The names of the tests that would run."""
    (folder / "test_sample.py").write_text(SAMPLE)
    (folder / "conftest.py").write_text(OPTION)
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n    shared\n    sqlite\n    on_both\n")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    environment |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "pytest", "-p", "tests.plugins.sharing", "--collect-only", "-q"]
    outcome = subprocess.run(
        [*command, *options, "."],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return [line.partition("::")[2] for line in outcome.stdout.splitlines() if "::" in line]


def test_each_case_runs_once_and_the_rest_everywhere(tmp_path):
    """In processes with other orders of sets: which database takes a case hangs on its name alone."""
    first, second = (collected(tmp_path, "--share", f"--database={name}") for name in DATABASES)
    bound = {f"test_{name}[{number}]" for name in ("bound", "counted") for number in range(4)}
    everywhere = {"test_control"} | bound
    assert set(first) & set(second) == everywhere
    assert len(set(first) | set(second)) == 49
    assert min(len(first), len(second)) > 10


def test_run_of_one_s_own_takes_every_case(tmp_path):
    """The control."""
    assert len(collected(tmp_path, "--database=sqlite")) == 49
