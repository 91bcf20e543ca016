"""The benchmarks measure existing pages and SQL queries. Only `make bench` measures how fast they are."""

import ast
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.urls import Resolver404, resolve

from benchmarks import nightly, plans

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "benchmarks"
MODULES = sorted(".".join(file.relative_to(ROOT).with_suffix("").parts) for file in FOLDER.rglob("*.py"))
ASKING = ("pages", "plans", "complaints", "portal_flood")  # the modules that name URLs
ADDRESS = re.compile(r"/(?!proc/)(?:\w+/)*(?:\?.*)?")


def texts_in(node):
    """Yields every string below a node; in an f-string, "1" replaces the inserted values."""
    if isinstance(node, ast.JoinedStr):
        yield "".join(part.value if isinstance(part, ast.Constant) else "1" for part in node.values)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    else:
        for inner in ast.iter_child_nodes(node):
            yield from texts_in(inner)


def addresses_in(source):
    """The URL paths that a module names, each without its query string."""
    texts = [text.replace("{}", "1") for text in texts_in(ast.parse(source))]
    return [text.partition("?")[0] for text in texts if ADDRESS.fullmatch(text)]


def leads_somewhere(address):
    """Whether the site or the benchmarks have a page with this path."""
    for urls in ("lezhi.urls", "benchmarks.floor.urls"):
        try:
            return bool(resolve(address, urls))
        except Resolver404:
            continue
    return False


@pytest.mark.parametrize("name", [name for name in MODULES if not name.endswith(("settings", "__main__"))])
def test_module_can_be_imported(name):
    assert import_module(name.removesuffix(".__init__")).__doc__


def test_command_names_its_parts():
    command = [sys.executable, "-m", "benchmarks", "--help"]
    output = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {"lists", "record", "sweeps", "plans", "imports", "flood"} <= set(output.split())


@pytest.mark.parametrize("module", ASKING)
def test_every_address_is_one_of_the_site_or_of_its_floor(module):
    addresses = sorted(set(addresses_in((FOLDER / f"{module}.py").read_text(encoding="utf-8"))))
    assert addresses
    assert [address for address in addresses if not leads_somewhere(address)] == []


def test_address_that_is_gone_is_found():
    found = list(
        addresses_in('a = "/nowhere/"\nb = f"/employers/{a}/?x={a}"\nc = "no/address/"\nd = f"{a}/x/"\n')
    )
    assert found == ["/nowhere/", "/employers/1/"]
    assert [address for address in found if not leads_somewhere(address)] == ["/nowhere/"]


def test_every_large_table_is_one_of_ours():
    assert plans.LARGE - {model._meta.db_table for model in apps.get_models()} == set()


@pytest.mark.postgres
@pytest.mark.django_db
def test_floor_of_the_sweep_fits_the_tables():
    assert nightly.by_floor() == 0
