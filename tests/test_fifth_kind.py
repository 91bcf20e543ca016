"""A fifth kind (tests/schools) gets everything from its declarations, in under 250 lines.

Only settings of its own install it, so that other tests do not contain it: its tests (tests/fifth_kind), its lines of
the permission matrix and its references run in a separate process.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APP = ROOT / "tests" / "schools"
MOST_LINES = 250
OURS = ("PYTEST", "LEZHI_TEST", "VAR_DIR", "DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE")
CHOSEN = (
    "tests/fifth_kind",
    "tests/test_references.py",
    "tests/attack/test_permission_matrix.py",
    "-k",
    "fifth_kind or test_references or schools or school_imports or every_address or every_declared",
)


def test_fifth_kind_takes_few_lines():
    """Counts all of its modules and templates, without blank lines."""
    files = [*APP.rglob("*.py"), *APP.rglob("*.html")]
    lines = [line for path in files for line in path.read_text().splitlines() if line.strip()]
    assert 0 < len(lines) < MOST_LINES


@pytest.mark.sqlite
def test_fifth_kind_passes():
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-n0",
        "-q",
        "--database=sqlite",
        "--ds=tests.schools.settings",
    ]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    done = subprocess.run(
        [*command, *CHOSEN], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
