"""Mutations of SQL text: comparison operators, connectives, dropped conditions, order, numbers."""

import re
from collections.abc import Iterator

IS_SQL = re.compile(r"\b(SELECT|WHERE|AND|OR|CASE|JOIN|COALESCE|UPDATE|IS NULL|LEAST|GREATEST|MIN|MAX)\b")
WORDS = [
    (r"<=", "<"),
    (r">=", ">"),
    (r"<>", "="),
    (r"(?<=[\w)}] )=(?= )", "<>"),
    (r"(?<= )<(?= )", "<="),
    (r"(?<= )>(?= )", ">="),
    (r"\bAND\b", "OR"),
    (r"\bOR\b", "AND"),
    (r"\bIS NULL\b", "IS NOT NULL"),
    (r"\bIS NOT NULL\b", "IS NULL"),
    (r"\bNOT EXISTS\b", "EXISTS"),
    (r"(?<!NOT )\bEXISTS\b", "NOT EXISTS"),
    (r"\bNOT (?=\w+\.)", ""),
    (r"\bLEFT JOIN\b", "JOIN"),
    (r"\bMIN\b", "MAX"),
    (r"\bMAX\b", "MIN"),
    (r"\bLEAST\b", "GREATEST"),
    (r"\bGREATEST\b", "LEAST"),
    (r" \* 2\b", ""),
    (r" [+-] 1\b", ""),
    (r"(?<=ORDER BY )[\w.]+", r"\g<0> DESC"),
    (r"(?<=(?:THEN|ELSE) )\d+\b", "7"),
    (r"'[a-z_]+'", "'nothing'"),
    (r"\bUNION ALL\b", "UNION"),
]
ENDS = re.compile(
    r"\b(AND|OR|GROUP|ORDER|LEFT|JOIN|UNION|THEN|WHEN|ELSE|END|RETURNING|WHERE|ON|FROM)\b|\"\"\"|\{scope\}|\{contacts\}"
)
HAS_PARAMETERS = re.compile(r"%s|\{(date|first|last|scope|which|places)\}")


def edits(text) -> Iterator[tuple[int, int, str]]:
    """Yields (start, end, replacement) for every mutant of one string literal."""
    assigned = [match.span() for match in re.finditer(r"\bSET\b.*?(?=\bWHERE\b|\Z)", text, re.DOTALL)]
    for pattern, instead in WORDS:
        for match in re.finditer(pattern, text):
            is_assignment = any(first <= match.start() < last for first, last in assigned)
            if not (is_assignment and match.group() == "="):
                yield match.start(), match.end(), match.expand(instead)
    yield from dropped_conditions(text)
    yield from swapped_defaults(text)
    for first, last in assigned:
        yield from dropped_assignments(text, first, last)


def dropped_conditions(text):
    for match in re.finditer(r"\bAND ", text):
        end = condition_end(text, match.end())
        if not HAS_PARAMETERS.search(text[match.end() : end]):
            yield match.end(), end, "1 = 1 "


def condition_end(text, start):
    depth = 0
    for place in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if depth < 0 or (depth == 0 and ENDS.match(text, place)):
            return place
    return len(text)


def swapped_defaults(text):
    """Yields edits that turn COALESCE(a, b) into COALESCE(b, a)."""
    for match in re.finditer(r"COALESCE\(([\w.]+), ([\w.]+)(?=[,)])", text):
        yield match.start(), match.end(), f"COALESCE({match[2]}, {match[1]}"


def dropped_assignments(text, first, last):
    for match in re.finditer(r"\w+ = [\w.]+, ", text[first:last]):
        yield first + match.start(), first + match.end(), ""
