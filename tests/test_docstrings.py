"""A name that a docstring quotes exists: in the code, or in what the code stands on."""

import ast
import re
from pathlib import Path

from tests.test_architecture import CONFIG, ROOT

QUOTED = re.compile(r"`([A-Za-z_]\w*(?:\.\w+)*)`")
# Names of Django and of HTML, and a pattern of permission names.
ELSEWHERE = {"diff_against", "contains", "app.action_model", "lang", "json_script"}


def docstring_of(node):
    """The node of the docstring of a module, class or function, or None."""
    body = getattr(node, "body", None)
    if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) or not body:
        return None
    value = getattr(body[0], "value", None)
    return value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None


def names_of(node):
    """The names that a node of the code brings in."""
    match node:
        case ast.Name():
            return [node.id]
        case ast.Attribute():
            return [node.attr]
        case ast.FunctionDef() | ast.ClassDef():
            return [node.name]
        case ast.arg() | ast.keyword() if node.arg:
            return [node.arg]
        case ast.alias():
            return node.name.split(".")
        case ast.Constant() if isinstance(node.value, str):
            return re.findall(r"\w+", node.value)
    return []


def names_that_are_gone(root, packages):
    """(path, name) for each name that a docstring quotes and no code has."""
    quoted, known = [], set()
    for path in sorted(path for package in packages for path in (root / package).rglob("*.py")):
        known |= set(path.relative_to(root).with_suffix("").parts)
        nodes = list(ast.walk(ast.parse(path.read_text())))
        docstrings = [found for node in nodes if (found := docstring_of(node))]
        quoted += [
            (str(path.relative_to(root)), name) for each in docstrings for name in QUOTED.findall(each.value)
        ]
        known.update(name for node in nodes if node not in docstrings for name in names_of(node))
    return [
        (path, name)
        for path, name in quoted
        if name not in ELSEWHERE and not known.issuperset(name.split("."))
    ]


def test_name_that_a_docstring_quotes_exists():
    assert names_that_are_gone(ROOT, CONFIG["root_packages"]) == []


def test_name_that_is_gone_is_found(tmp_path):
    package = tmp_path / "rooms"
    package.mkdir()
    Path(package / "doors.py").write_text('def shut(door):\n    """Shuts `door` as `open_door` does."""\n')
    assert names_that_are_gone(tmp_path, ["rooms"]) == [("rooms/doors.py", "open_door")]
