"""All pytest-xdist workers collect the same tests, or the run stops (tests/plugins/collecting.py)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DIFFERENT = "Different tests were collected between"
MADE = {
    "clock": "[time.strftime('%Y-%m')]",
    "order of a set": "{str(number) for number in range(40)}",
    "bytes": "[str(time.time()).encode(), b'\\x00' * 3]",
    "objects": "[object(), object()]",
}
SAMPLE = """
import time
import pytest

@pytest.mark.parametrize("value", {values}, ids={ids})
def test_sample(value):
    assert value
"""

pytestmark = pytest.mark.sqlite


def run(folder, made, *options, ids=None):
    """Runs a sample test with two workers. Returns (exit status, output)."""
    (folder / "test_sample.py").write_text(SAMPLE.format(values=MADE[made], ids=ids))
    (folder / "pytest.ini").write_text("[pytest]\n")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    environment.pop("PYTHONHASHSEED", None)
    environment |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT)}
    outcome = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "xdist.plugin", "-n2", "-v", *options, "."],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return outcome.returncode, outcome.stdout + outcome.stderr


CHECKED = ("-p", "tests.plugins.collecting")


@pytest.mark.parametrize("made", ["clock", "order of a set"])
def test_name_that_differs_from_process_to_process_is_found(tmp_path, made):
    status, output = run(tmp_path, made, *CHECKED)
    assert (status, DIFFERENT in output) == (1, True), output


def test_clock_is_found_because_it_is_another_one(tmp_path):
    """Control: without the plugin both workers see the same month; the fault would show only at its end."""
    status, output = run(tmp_path, "clock")
    assert (status, "1 passed" in output) == (0, True), output


def test_bytes_are_called_after_their_argument(tmp_path):
    """A zip contains the time of its creation: tests/relations/test_files.py."""
    status, output = run(tmp_path, "bytes", *CHECKED)
    assert (status, "2 passed" in output) == (0, True), output
    assert "test_sample[value0]" in output
    assert "test_sample[value1]" in output


@pytest.mark.parametrize(
    ("made", "ids"), [("bytes", "str"), ("bytes", "lambda value: value"), ("objects", "str")]
)
def test_name_made_of_bytes_or_of_an_address_in_memory_is_refused(tmp_path, made, ids):
    status, output = run(tmp_path, made, *CHECKED, "-n0", ids=ids)
    assert (status, "names of tests from text, not from bytes: test_sample.py" in output) == (4, True), output


def test_name_made_of_bytes_would_pass_without_the_check(tmp_path):
    """Control."""
    status, output = run(tmp_path, "objects", "-n0", ids="str")
    assert (status, "2 passed" in output) == (0, True), output
