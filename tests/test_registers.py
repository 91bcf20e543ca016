"""Apps ask apps above them through registers only, which are filled in `<app>/registrations.py` and nowhere else."""

import ast
import re
import tomllib
from pathlib import Path

import polib
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
    "visibility of further kinds": "a kind that is not one of the four declares it itself; there is none yet"
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


def texts_of(source):
    """The texts of a module, docstrings apart."""
    tree = ast.parse(source)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in docstrings)
    return [node.value for node in texts if isinstance(node.value, str)]


def names_of_apps_above(app, source):
    """[(name, text)] of the strings of a module, without docstrings, that name an app above: `employers:list`."""
    above = LAYERS[: LAYERS.index(app)]
    name = re.compile(rf"(?<![\w-])({'|'.join(above)})(?=[.:/]|$)")
    return [(match[1], text) for text in texts_of(source) if (match := name.search(text))]


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


# Words for one kind, employers, and their measure word. What serves every kind says 对象, or what the kind declares.
OF_EMPLOYERS = re.compile(r"单位|^家$|(?:[一两几这那哪每换]|\}\}|%\(\w+\)[sd])家(?!属)")
GUIDELINE = "用人单位关系管理指引"  # the name of a document, in its clauses
ABOVE_KINDS = {"employers", "complaints", "portal"}  # folders of templates
DEMO = ("lezhi.demo",)  # made-up records

# Where such a word is right, and why.
RIGHTLY = {
    ("accounts/roles.py", "用人单位"): "the label of the kind, beside who sees it",
    ("relations/guide/points.py", "主管单位"): "the authority to which work is reported, of no kind",
    ("templates/relations/guide_about.html", "用人单位、服务对象"): "names the four kinds",
    ("templates/lezhi/dashboard.html", "对接用人单位层级安排"): "the heading of a clause",
    ("templates/lezhi/ending.html", "单位"): "a contract is signed with an employer",
    ("lezhi/dashboard/page.py", "用人单位"): "tiles that count employers",
    ("lezhi/dashboard/page.py", "家"): "their measure word",
    ("lezhi/management/commands/populate.py", "用人单位"): "the demo is made of employers",
}


def texts_for_every_kind():
    """(path, text) of every text of an app below the kinds, and of every line of its templates and of the frame."""
    for app in [*LAYERS[LAYERS.index("employers") + 1 :], *sorted(FRAME)]:
        for module, source in modules(app):
            if not module.startswith(DEMO):
                yield from ((module.replace(".", "/") + ".py", text) for text in texts_of(source))
    for page in sorted((ROOT / "templates").rglob("*.html")):
        if page.relative_to(ROOT).parts[1] not in ABOVE_KINDS:
            yield from ((str(page.relative_to(ROOT)), line.strip()) for line in page.read_text().splitlines())


def says_employer(text):
    return OF_EMPLOYERS.search(text.replace(GUIDELINE, ""))


def test_texts_for_every_kind_do_not_say_employer():
    said = [(path, text) for path, text in texts_for_every_kind() if says_employer(text)]
    right = {each: {key for key in RIGHTLY if key[0] == each[0] and key[1] in each[1]} for each in said}
    assert [each for each, keys in right.items() if not keys] == []
    assert set().union(*right.values()) == set(RIGHTLY)


def english_words_for_employers(catalogue):
    """The texts of apps below the kinds whose English, other than their Chinese, speaks of employers."""
    above = tuple(f"{place}{folder}/" for folder in ABOVE_KINDS for place in ("", "templates/"))
    return [
        entry.msgid
        for entry in catalogue
        if not all(path.startswith(above) for path, _line in entry.occurrences)
        and not OF_EMPLOYERS.search(entry.msgid)
        and re.search(r"\bemployers?\b", " ".join([entry.msgstr, *entry.msgstr_plural.values()]), re.I)
    ]


def test_english_does_not_say_employer_where_chinese_does_not():
    catalogue = polib.pofile(str(ROOT / "lezhi/locale/en/LC_MESSAGES/django.po"))
    assert english_words_for_employers(catalogue) == []


@pytest.mark.parametrize("text", ["在沟通记录里找单位", "找到%(n)s家", "找到{{ n }}家", "换一家", "家"])
def test_word_for_employers_is_found(text):
    assert says_employer(text)


@pytest.mark.parametrize("text", ["用人单位关系管理指引 二（一）", "大家", "专家一起", "第一家属"])
def test_other_words_are_not_taken_for_employers(text):
    assert not says_employer(text)


def test_english_word_for_employers_is_found():
    wrong = polib.POEntry(msgid="找对象", msgstr="Find an Employer", occurrences=[("relations/x.py", "")])
    right = polib.POEntry(msgid="找单位", msgstr="Find an employer", occurrences=[("relations/x.py", "")])
    above = polib.POEntry(msgid="合同", msgstr="Employer", occurrences=[("employers/x.py", "")])
    assert english_words_for_employers([wrong, right, above]) == ["找对象"]
