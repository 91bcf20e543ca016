"""Generates the mutants of a module, each with one changed place."""

import ast
import difflib
import re
from dataclasses import dataclass
from itertools import accumulate

from tools.mutation import sql
from tools.mutation.mistakes import COMPARED, COMPUTED, CONDITIONS, GUARDING, LOOKUPS, RENAMED


@dataclass(frozen=True)
class Mutant:
    """A changed source text of a module. `old` and `new` are the lines that differ, stripped and joined."""

    line: int
    old: str
    new: str
    source: str

    def __str__(self):
        return f"line {self.line}\n    - {self.old}\n    + {self.new}"


def mutants_of(source, only=(), beyond=()):
    """The Mutants of a module that compile, in order: of the functions `only` (all when empty) without `beyond`."""
    mutants, seen = [], {source}
    for start, end, text in sorted(Finder(source, only, beyond).edits()):
        data = source.encode()
        changed = (data[:start] + text.encode() + data[end:]).decode()
        if changed not in seen and compiles(changed):
            seen.add(changed)
            mutants.append(Mutant(data[:start].count(b"\n") + 1, *differing(source, changed), changed))
    return mutants


def compiles(source):
    try:
        compile(source, "mutant", "exec")
    except SyntaxError:
        return False
    return True


def differing(source, changed):
    lines = list(difflib.unified_diff(source.splitlines(), changed.splitlines(), n=0, lineterm=""))[3:]
    sides = ([line[1:].strip() for line in lines if line[0] == sign] for sign in "-+")
    return (" ⏎ ".join(side) for side in sides)


class Finder(ast.NodeVisitor):
    """Collects edits: (first byte, last byte, replacement)."""

    def __init__(self, source, only, beyond):
        self.source, self.data = source, source.encode()
        self.only, self.beyond = set(only), set(beyond)
        lengths = [len(line) for line in self.data.splitlines(keepends=True)]
        self.starts = list(accumulate(lengths, initial=0))
        self.found = []

    def edits(self):
        tree = ast.parse(self.source)
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        for node in [each for each in functions if each.name in self.only] if self.only else [tree]:
            self.visit(node)
        return self.found

    def first(self, node):
        return self.starts[node.lineno - 1] + node.col_offset

    def last(self, node):
        return self.starts[node.end_lineno - 1] + node.end_col_offset

    def text(self, node):
        return self.data[self.first(node) : self.last(node)].decode()

    def instead(self, node, text):
        self.found.append((self.first(node), self.last(node), text))

    def between(self, left, right, old, new):
        """Replaces the operator `old` between two operands."""
        start = self.last(left)
        gap = self.data[start : self.first(right)].decode()
        match = re.search(rf"(?<![\w<>=]){re.escape(old)}(?![\w<>=])", gap)
        if match:
            self.found.append((start + match.start(), start + match.end(), new))

    def visit_JoinedStr(self, node):
        """Handles the f-string as a whole, because positions inside it are wrong before Python 3.12."""
        text, start = self.text(node), self.first(node)
        if sql.IS_SQL.search(text):
            for first, last, new in sql.edits(text):
                self.found.append(
                    (start + len(text[:first].encode()), start + len(text[:last].encode()), new)
                )

    def visit_Compare(self, node):
        for left, operator, right in zip(
            [node.left, *node.comparators], node.ops, node.comparators, strict=False
        ):
            old, instead = COMPARED[type(operator)]
            for new in instead:
                self.between(left, right, old, new)
            if isinstance(right, ast.Constant) and isinstance(right.value, str):
                self.instead(right, '"nothing"')
        self.generic_visit(node)

    def visit_BoolOp(self, node):
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:], strict=False):
            self.between(left, right, old, new)
        self.generic_visit(node)

    def visit_BinOp(self, node):
        if type(node.op) in COMPUTED:
            self.between(node.left, node.right, *COMPUTED[type(node.op)])
        self.generic_visit(node)

    def visit_UnaryOp(self, node):
        self.instead(node, self.text(node.operand))
        self.generic_visit(node)

    def negate(self, test):
        if not isinstance(test, ast.Compare | ast.BoolOp | ast.UnaryOp):
            self.instead(test, f"not ({self.text(test)})")

    def visit_If(self, node):
        self.negate(node.test)
        self.generic_visit(node)

    visit_While = visit_IfExp = visit_If

    def visit_comprehension(self, node):
        for test in node.ifs:
            self.instead(test, "True")
        self.generic_visit(node)

    def visit_Constant(self, node):
        if isinstance(node.value, bool):
            self.instead(node, str(not node.value))
        elif isinstance(node.value, int):
            self.instead(node, str(node.value + 1))
        elif isinstance(node.value, str):
            self.visit_JoinedStr(node)

    def visit_Set(self, node):
        for place, member in enumerate(node.elts):
            rest = [self.text(each) for each in node.elts[:place] + node.elts[place + 1 :]]
            self.instead(node, "{" + ", ".join(rest) + "}" if rest else "set()")
            self.visit(member)

    def visit_Return(self, node):
        if node.value is not None and not (isinstance(node.value, ast.Constant) and node.value.value is None):
            self.instead(node, "return None")
        self.generic_visit(node)

    def visit_Expr(self, node):
        if not isinstance(node.value, ast.Constant):  # a docstring
            self.instead(node, "pass")
            self.generic_visit(node)

    def visit_Raise(self, node):
        self.instead(node, "pass")

    visit_Continue = visit_Break = visit_AugAssign = visit_Raise

    def visit_Assign(self, node):
        if any(isinstance(target, ast.Attribute | ast.Subscript) for target in node.targets):
            self.instead(node, "pass")
        self.generic_visit(node)

    def visit_FunctionDef(self, node):
        if node.name in self.beyond:
            return
        for decorator in node.decorator_list:
            if GUARDING & set(re.findall(r"\w+", self.text(decorator))):
                start = self.first(decorator) - 1
                self.found.append((start, self.last(decorator), ""))
            self.visit(decorator)
        for statement in node.body:
            self.visit(statement)

    def visit_ClassDef(self, node):
        """Skips decorators: whether a dataclass is frozen makes no difference to behaviour."""
        for statement in node.body:
            self.visit(statement)

    def visit_Call(self, node):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in RENAMED:
            end = self.last(node.func)
            self.found.append((end - len(name), end, RENAMED[name]))
        if name in CONDITIONS:
            for keyword in node.keywords:
                self.drop_or_shift(node, keyword)
        if name == "order_by" and node.args and isinstance(node.args[0], ast.Constant):
            self.turn(node.args[0])
        self.generic_visit(node)

    def drop_or_shift(self, call, keyword):
        start, end = self.first(keyword), self.last(keyword)
        following = re.match(rb",\s*", self.data[end:])
        if len(call.keywords) + len(call.args) > 1 or getattr(call.func, "attr", "") != "update":
            self.found.append((start, end + (following.end() if following else 0), ""))
        for old, new in LOOKUPS.items():
            if keyword.arg and keyword.arg.endswith(old):
                self.found.append((start, start + len(keyword.arg), keyword.arg.removesuffix(old) + new))

    def turn(self, column):
        value = column.value
        self.instead(column, repr(value[1:] if value.startswith("-") else f"-{value}"))
