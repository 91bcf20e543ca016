"""Imports point downwards only: lezhi -> complaints -> employers -> relations -> reminders -> accounts -> lists.

No module imports itself through others, and the product imports nothing from the folders around it. The present day is
read in one module. Migrations take no names from the modules of today.
"""

import ast
import shutil
import subprocess
import sys
import tomllib
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent
CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
LAYERS_CONTRACT, AROUND_CONTRACT = CONFIG["contracts"]
LAYERS = LAYERS_CONTRACT["layers"]
AROUND = AROUND_CONTRACT["forbidden_modules"]
NOT_APPS = {"lists"}  # packages without models
CLOCK = "reminders.clock"
ABOVE_THE_CLOCK = LAYERS[: LAYERS.index("reminders") + 1]  # accounts lies below and asks timezone.localdate()


def lint_imports(folder):
    """Runs import-linter in a folder. Returns its exit status and its output."""
    program = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    outcome = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False
    )
    return outcome.returncode, outcome.stdout + outcome.stderr


def test_imports_point_downwards():
    status, output = lint_imports(ROOT)
    assert status == 0, output


def test_wrong_imports_are_found(tmp_path):
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in CONFIG["root_packages"]:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("static", "locale"))
    wrong = [
        *zip(LAYERS[1:], LAYERS, strict=False),
        ("accounts", "lezhi"),
        *zip(LAYERS, AROUND, strict=False),
    ]
    for importer, imported in wrong:
        with (tmp_path / importer / "__init__.py").open("a") as module:
            module.write(f"\nfrom {imported} import apps\n")
    status, output = lint_imports(tmp_path)
    assert status == 1
    assert [pair for pair in wrong if "{} is not allowed to import {}:".format(*pair) not in output] == []


def test_every_app_of_ours_has_its_layer():
    ours = {config.name for config in apps.get_app_configs() if Path(config.path).parent == ROOT}
    named = {name.strip() for layer in LAYERS for name in layer.replace("|", ":").split(":")}
    assert ours | NOT_APPS == named == set(CONFIG["root_packages"])


def test_everything_around_the_product_is_out_of_its_reach():
    """Every folder of ours with Python in it is either a layer of the product or listed as a folder around it."""
    folders = {path.relative_to(ROOT).parts[0] for path in ROOT.glob("*/*.py")} - {
        ".venv",
        "node_modules",
        "var",
    }
    assert folders == set(LAYERS) | set(AROUND)
    assert set(AROUND_CONTRACT["source_modules"]) == set(LAYERS)


def modules_of(root, packages):
    """{dotted name: file} of every module of `packages`, without migrations."""
    files = [file for package in packages for file in (root / package).rglob("*.py")]
    names = {file: file.relative_to(root).with_suffix("").parts for file in files}
    return {
        ".".join(parts[:-1] if parts[-1] == "__init__" else parts): file
        for file, parts in names.items()
        if "migrations" not in parts
    }


def imported_by(file, known):
    """The modules among `known` that a file imports, at module level or inside functions."""
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            inside = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= inside if inside <= known else {node.module} | (inside & known)
    return names & known


def find_circle(root, packages):
    """A list of modules each of which imports the next, ending with the first one; empty when there is no cycle."""
    modules = modules_of(root, packages)
    graph = {name: imported_by(file, set(modules)) - {name} for name, file in modules.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))
    return []


def test_no_module_imports_itself_by_way_of_others():
    assert len(modules_of(ROOT, LAYERS)) > 300
    assert find_circle(ROOT, LAYERS) == []


def test_circle_is_found(tmp_path):
    (tmp_path / "room").mkdir()
    (tmp_path / "room/__init__.py").write_text("")
    (tmp_path / "room/act.py").write_text("from room import case\n")
    (tmp_path / "room/case.py").write_text("def visible():\n    from room.access import Access\n")
    (tmp_path / "room/access.py").write_text("Access = 1\n")
    assert find_circle(tmp_path, ["room"]) == []
    (tmp_path / "room/access.py").write_text("import room.act\n\nAccess = 1\n")
    circle = find_circle(tmp_path, ["room"])
    assert circle[0] == circle[-1]
    assert set(circle) == {"room.act", "room.case", "room.access"}


def readings_of_the_day(source):
    """The calls in a module that ask for the present day or local time, as text."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    found = []
    for call in calls:
        name = ast.unparse(call.func)
        is_local = name.rpartition(".")[2] in ("localdate", "localtime") and not call.args
        if is_local or name in ("date.today", "datetime.today", "datetime.now", "datetime.utcnow"):
            found.append(ast.unparse(call))
    return found


def test_day_is_read_in_one_module():
    files = modules_of(ROOT, ABOVE_THE_CLOCK)
    readings = {name: readings_of_the_day(file.read_text(encoding="utf-8")) for name, file in files.items()}
    assert {name: calls for name, calls in readings.items() if calls and name != CLOCK} == {}


def test_reading_of_the_day_is_found():
    source = "timezone.localdate()\ntimezone.localtime()\ndate.today()\nlocaldate(at)\ntimezone.now()\nclock.today()\n"
    assert readings_of_the_day(source) == ["timezone.localdate()", "timezone.localtime()", "date.today()"]


def names_of_today(source):
    """The modules of ours from which a migration takes names: lists and functions that change later.

    Fields and choices that makemigrations writes are reached by `import accounts.fields`, which is allowed.
    """
    imports = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom))
    return [node.module for node in imports if node.module.partition(".")[0] in LAYERS]


def test_migrations_take_no_names_from_the_modules_of_today():
    files = [file for app in LAYERS for file in (ROOT / app).rglob("migrations/*.py")]
    assert len(files) > 40
    taken = {file.relative_to(ROOT).as_posix(): names_of_today(file.read_text()) for file in files}
    assert {file: names for file, names in taken.items() if names} == {}


def test_name_of_today_in_a_migration_is_found():
    source = "import accounts.fields\nfrom django.db import models\nfrom accounts.roles import Tier\n"
    assert names_of_today(source) == ["accounts.roles"]
