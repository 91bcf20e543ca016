"""Every view that grants rights requires a second person: only accounts.rights calls the actions that grant them."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("accounts", "reminders", "relations", "employers", "complaints", "lezhi")
GIVING = {
    "open_account",
    "change_account",
    "save_rights",
    "deactivate",
    "reactivate",
    "save_stand_in",
    "assign_supervisor",
}
MAY = {
    *(path.relative_to(ROOT).as_posix() for path in (ROOT / "accounts/rights").glob("*.py")),
    "accounts/people/actions.py",
}
# Fills an empty database, from the command line.
DEMO = {"lezhi/demo/people.py", "lezhi/demo/city.py"}


def modules():
    """Yields (path, syntax tree) of every module of the apps, without migrations."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text())


def unguarded_calls(tree):
    """Yields the uses of `actions.<name in GIVING>` and the imports of such names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in GIVING and ast.unparse(node.value) == "actions":
            yield f"actions.{node.attr}"
        if isinstance(node, ast.ImportFrom) and node.module == "accounts.people.actions":
            yield from (alias.name for alias in node.names if alias.name in GIVING)


def roles_written(tree):
    """Yields assignments to `.roles` and queryset updates of it."""
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else []
        flat = [
            one for target in targets for one in (target.elts if isinstance(target, ast.Tuple) else [target])
        ]
        yield from (one.attr for one in flat if isinstance(one, ast.Attribute) and one.attr == "roles")
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("update", "bulk_update"):
            yield from (word.arg for word in node.keywords if word.arg == "roles")


def test_only_rights_module_calls_granting_functions():
    used = {name: set(unguarded_calls(tree)) for name, tree in modules() if name not in MAY}
    assert {name: calls for name, calls in used.items() if calls} == {}


def test_only_rights_and_the_demo_write_roles():
    writers = {name: list(roles_written(tree)) for name, tree in modules() if name not in MAY | DEMO}
    assert {name: written for name, written in writers.items() if written} == {}


@pytest.mark.parametrize(
    "code",
    ["actions.change_account(user, by=by)", "from accounts.people.actions import reactivate"],
)
def test_call_bypassing_rights_module_is_detected(code):
    assert list(unguarded_calls(ast.parse(code)))


@pytest.mark.parametrize(
    "code", ["user.roles = ['x']", "a.name, a.roles = 1, 2", "User.objects.update(roles=['x'])"]
)
def test_role_assignment_elsewhere_is_detected(code):
    assert list(roles_written(ast.parse(code)))
