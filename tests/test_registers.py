"""Apps ask apps above them through registers only, which are filled in `<app>/registrations.py` and nowhere else."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from accounts.registry import REGISTRIES

ROOT = Path(__file__).resolve().parent.parent
CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
LAYERS = CONFIG["contracts"][0]["layers"]  # from top to bottom
APPS = [app for app in LAYERS if (ROOT / app / "apps.py").exists()]
FILLING = {"add", "add_all", "entry"}
REGISTER = re.compile(r"^(\w+) = Registry\(\"([^\"]+)\"\)$", re.MULTILINE)
ROW = re.compile(r"^\| `([\w.]+)` \| ([^|]+) \| ([^|]+) \| [^|]+ \|$", re.MULTILINE)

# {register that no app fills yet: why}
EMPTY = {
    "sight of further kinds": "a kind that is not one of the four says its sight itself; there is none yet"
}


def modules(app):
    """Yields (dotted name, source) of every module of an app, without migrations."""
    for path in sorted((ROOT / app).rglob("*.py")):
        if "migrations" not in path.parts:
            yield ".".join(path.relative_to(ROOT).with_suffix("").parts), path.read_text()


def registers():
    """{module.NAME: name of the register} of all registers in the source."""
    return {
        f"{module}.{variable}": name
        for app in LAYERS
        for module, source in modules(app)
        for variable, name in REGISTER.findall(source)
    }


def filled_in(source):
    """The dotted names of the objects on which a module calls `add`, `add_all` or `entry`, or reads `_entries`."""
    tree, known = ast.parse(source), {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            known |= {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
        elif isinstance(node, ast.Import):
            known |= {each.asname or each.name: each.name for each in node.names}
    touched = (node.value for node in ast.walk(tree) if isinstance(node, ast.Attribute) and is_filling(node))
    names = set()
    for each in touched:
        first, dot, rest = ast.unparse(each).partition(".")
        names.add(known.get(first, first) + dot + rest)
    return names


def is_filling(attribute):
    """Whether the attribute fills a register."""
    return attribute.attr in FILLING | {"_entries"}


def test_registers_are_found_in_the_source():
    assert set(registers().values()) == set(REGISTRIES) - {"numbers of a test"}


@pytest.mark.parametrize("app", APPS)
def test_ready_imports_registrations_and_nothing_else(app):
    assert imported_by_ready((ROOT / app / "apps.py").read_text()) == [f"{app}.registrations"]


def imported_by_ready(source):
    """The dotted names that `ready` in an apps.py imports; fails when it does anything else."""
    imported = []
    for function in ast.walk(ast.parse(source)):
        if isinstance(function, ast.FunctionDef) and function.name == "ready":
            for node in function.body:
                assert isinstance(node, ast.ImportFrom), "ready does nothing but import"
                imported += [f"{node.module}.{each.name}" for each in node.names]
    return imported


def test_another_import_of_ready_is_found():
    source = "class App:\n    def ready(self):\n        from relations import registrations, sweep\n"
    assert imported_by_ready(source) == ["relations.registrations", "relations.sweep"]
    with pytest.raises(AssertionError, match="nothing but import"):
        imported_by_ready("class App:\n    def ready(self):\n        connect()\n")


def test_registers_are_filled_in_registrations_alone():
    known, wrong = set(registers()), []
    for app in LAYERS:
        for module, source in modules(app):
            if module != f"{app}.registrations":
                wrong += [(module, name) for name in filled_in(source) & known]
    assert wrong == []


@pytest.mark.parametrize(
    "source",
    [
        "from relations.tiles import TILES\nTILES.add('x', 1)",
        "from relations.tiles import TILES as SHOWN\nSHOWN.add_all({})",
        "from relations import tiles\n@tiles.TILES.entry('x')\ndef x(): pass",
        "import relations\nrelations.tiles.TILES._entries['x'] = 1",
    ],
)
def test_filling_elsewhere_is_found(source):
    assert filled_in(source) == {"relations.tiles.TILES"}


def test_every_register_is_filled():
    empty = {name for name, register in REGISTRIES.items() if not register}
    assert empty == set(EMPTY)


def fillers():
    """{module.NAME: the apps that fill it, from bottom to top}."""
    known, apps = registers(), {}
    for app in reversed(APPS):
        for name in filled_in((ROOT / app / "registrations.py").read_text()) & set(known):
            apps.setdefault(name, []).append(app)
    return apps


def test_document_lists_every_register():
    """docs/architecture.md: the place and name of each register, and the apps that fill it."""
    text = (ROOT / "docs/architecture.md").read_text()
    documented = {name: (words.strip(), apps.strip()) for name, words, apps in ROW.findall(text)}
    by = fillers()
    assert documented == {
        place: (name, ", ".join(by.get(place, ["nobody yet"]))) for place, name in registers().items()
    }


def names_of_apps_above(app, source):
    """[(name, text)] of the strings of a module, without docstrings, that name an app above: `employers:list`."""
    above = LAYERS[: LAYERS.index(app)]
    name = re.compile(rf"(?<![\w-])({'|'.join(above)})(?=[.:/]|$)")
    tree = ast.parse(source)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in docstrings)
    texts = (node.value for node in texts if isinstance(node.value, str))
    return [(match[1], text) for text in texts if (match := name.search(text))]


@pytest.mark.parametrize("app", LAYERS[1:])
def test_app_names_nothing_above_it(app):
    assert [
        (module, *each) for module, source in modules(app) for each in names_of_apps_above(app, source)
    ] == []


def test_name_of_an_app_above_is_found():
    source = '"""Of employers:list."""\nMODELS = {"employers.employer", "relations.duty"}\nurl = "complaints:case"\n'
    assert set(names_of_apps_above("relations", source)) == {
        ("employers", "employers.employer"),
        ("complaints", "complaints:case"),
    }


# The frame of all pages, its tags and its static files belong to the top layer.
FRAME = {"lezhi"}
IN_A_TAG = re.compile(r"{%.*?%}", re.DOTALL)


def apps_above_in(app, template):
    """The apps above that the template tags name."""
    above = set(LAYERS[: LAYERS.index(app)]) - FRAME
    return {name for tag in IN_A_TAG.findall(template) for name in above if re.search(rf"\b{name}\b", tag)}


@pytest.mark.parametrize("app", LAYERS[1:])
def test_templates_name_nothing_above_their_app(app):
    pages = sorted((ROOT / "templates" / app).rglob("*.html"))
    assert {page.name: names for page in pages if (names := apps_above_in(app, page.read_text()))} == {}


def test_template_that_names_an_app_above_is_found():
    assert apps_above_in("relations", "{% url 'employers:list' %}{% load lezhi %} complaints") == {
        "employers"
    }
