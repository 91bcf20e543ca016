"""The mutation tool: what it changes, and what it leaves alone."""

import pytest

from tools.mutation import sql
from tools.mutation.equivalent import EQUIVALENT
from tools.mutation.mutants import mutants_of
from tools.mutation.targets import TARGETS
from tools.mutation.trial import ROOT


def changed(source, **which):
    """The replacement texts of all mutants of `source`."""
    return [mutant.new for mutant in mutants_of(source, **which)]


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ("a <= b", ["a < b", "a > b"]),
        ("a is not None", ["a is None"]),
        ("a and not b", ["a or not b", "a and b"]),
        ("a + 1", ["a - 1", "a + 2"]),
        ("Q(a) | Q(b)", ["Q(a) & Q(b)"]),
        ("rows.filter(day__lte=d)", ["rows.exclude(day__lte=d)", "rows.filter()", "rows.filter(day__lt=d)"]),
        ("rows.order_by('-pk')", ["rows.order_by('pk')"]),
        ("kind == 'x'", ["kind != 'x'", 'kind == "nothing"']),
        ("[x for x in y if x]", ["[x for x in y if True]"]),
        ("{a, b}", ["{b}", "{a}"]),
    ],
)
def test_one_place_is_changed_at_a_time(line, instead):
    mutants = changed(f"def f():\n    return {line}\n")
    assert set(mutants) == {"return None", *(f"return {each}" for each in instead)}


def test_statements_and_guards_are_dropped():
    source = "@transaction.atomic\ndef f(x):\n    x.save()\n    if x:\n        raise ValueError\n"
    assert changed(source) == ["", "pass", "if not (x):", "pass"]


def test_wide_signs_before_a_place_do_not_shift_it():
    assert changed('def f(a):\n    return "用人单位" if a else 1\n') == [
        "return None",
        'return "用人单位" if not (a) else 1',
        'return "用人单位" if a else 2',
    ]


def test_docstrings_and_other_functions_are_left_alone():
    source = 'def f():\n    """A AND B <= C."""\n    return x\n\n\ndef g():\n    return y\n'
    assert changed(source, only=("g",)) == ["return None"]
    assert changed(source, beyond=("g",)) == ["return None"]


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("WHERE a <= b", {"WHERE a < b"}),
        (
            "WHERE a AND b IS NULL",
            {"WHERE a OR b IS NULL", "WHERE a AND b IS NOT NULL", "WHERE a AND 1 = 1 "},
        ),
        ("COALESCE(a, b)", {"COALESCE(b, a)"}),
        ("MIN(x) * 2", {"MAX(x) * 2", "MIN(x)"}),
        ("UPDATE t SET a = 1, b = c WHERE d", {"UPDATE t SET b = c WHERE d"}),
        ("NOT EXISTS (SELECT 1)", {"EXISTS (SELECT 1)"}),
        ("ORDER BY a, b", {"ORDER BY a DESC, b"}),
        ("LEFT JOIN t", {"JOIN t"}),
    ],
)
def test_sql_is_changed_where_it_decides(text, instead):
    assert {text[:start] + new + text[end:] for start, end, new in sql.edits(text)} == instead


def test_condition_with_a_parameter_is_not_dropped():
    """Such a mutant would only fail because of the number of parameters, which proves nothing about the tests."""
    assert not any("1 = 1" in new for _start, _end, new in sql.edits("WHERE a AND b = %s"))


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.module)
def test_tests_of_every_target_are_there(target):
    source = (ROOT / target.module).read_text()
    assert [name for name in target.tests if not (ROOT / name).exists()] == []
    assert [name for name in target.beyond if f"def {name}(" not in source] == []


def test_every_target_has_mutants_and_every_equivalent_one_exists_and_has_a_reason():
    of_targets = [
        (target.module, mutants_of((ROOT / target.module).read_text(), target.only, target.beyond))
        for target in TARGETS
    ]
    assert [module for module, mutants in of_targets if not mutants] == []
    made = {(module, mutant.old, mutant.new) for module, mutants in of_targets for mutant in mutants}
    assert set(EQUIVALENT) - made == set()
    assert all(EQUIVALENT.values())
