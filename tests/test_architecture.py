"""Imports point downwards only: lezhi -> complaints -> employers -> relations -> reminders -> accounts -> lists."""

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent
CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
LAYERS = CONFIG["contracts"][0]["layers"]
NOT_APPS = {"lists"}  # packages without models


def lint_imports(folder):
    """Run import-linter in a folder. Returns its exit status and what it said."""
    program = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    outcome = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False
    )
    return outcome.returncode, outcome.stdout + outcome.stderr


def test_imports_point_downwards():
    status, said = lint_imports(ROOT)
    assert status == 0, said


def test_wrong_imports_are_found(tmp_path):
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in CONFIG["root_packages"]:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("static", "locale"))
    wrong = [*zip(LAYERS[1:], LAYERS, strict=False), ("accounts", "lezhi")]
    for lower, upper in wrong:
        with (tmp_path / lower / "__init__.py").open("a") as module:
            module.write(f"\nfrom {upper} import apps\n")
    status, said = lint_imports(tmp_path)
    assert status == 1
    assert [pair for pair in wrong if "{} is not allowed to import {}:".format(*pair) not in said] == []


def test_every_app_of_ours_has_its_layer():
    ours = {config.name for config in apps.get_app_configs() if Path(config.path).parent == ROOT}
    named = {name.strip() for layer in LAYERS for name in layer.replace("|", ":").split(":")}
    assert ours | NOT_APPS == named == set(CONFIG["root_packages"])
