"""What Django lets pass and our tests do not: a template variable that is not there, a skip when all is required.

Django draws a missing variable as nothing and says so only to a logger. Here each such message is traced to the
template it came from; if that is one of ours, the test fails with file, line and variable. Allowed are the places where
a template asks whether something is there: `{% if x %}`, `{{ x|default:"-" }}` and `{% firstof %}`.
"""

import logging
import os
import sys
from pathlib import Path

import pytest
from django.template import Node, VariableDoesNotExist
from django.template.base import FilterExpression
from django.template.defaulttags import FirstOfNode, IfNode

ROOT = Path(__file__).resolve().parents[2]
REQUIRE_ALL = os.environ.get("LEZHI_REQUIRE_ALL") == "1"


class MissingVariables(logging.Filter):
    """A filter of the logger `django.template` that keeps what our templates missed and lets nothing through.

    `root` is the folder whose templates are ours; virtualenv and node_modules inside it are not.
    """

    def __init__(self, root):
        super().__init__()
        self.root = root
        self.seen = []

    def filter(self, record):
        if record.levelno != logging.DEBUG:
            return True
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, VariableDoesNotExist) or getattr(error, "silent_variable_failure", False):
            self.note(sys._getframe(1))
        return False

    def note(self, frame):
        """Walk outwards to the expression and the node of the template; keep them if nobody asked for the gap."""
        expression = None
        while frame:
            caller = frame.f_locals.get("self")
            if expression is None and isinstance(caller, FilterExpression):
                expression = caller
            if frame.f_code is Node.render_annotated.__code__:
                break
            frame = frame.f_back
        if frame and self.is_ours(caller) and not is_question(expression, caller):
            line = f"{Path(caller.origin.name).relative_to(self.root)}:{caller.token.lineno}"
            self.seen.append(f"{line}: {expression.token if expression else caller.token.contents}")

    def is_ours(self, node):
        path = Path(getattr(getattr(node, "origin", None), "name", None) or "<unknown>")
        return path.is_relative_to(self.root) and not {".venv", "node_modules", "site-packages"} & set(
            path.parts
        )

    def collect(self):
        """Each missing variable since the last call, once, as "file:line: expression"."""
        found, self.seen = sorted(set(self.seen)), []
        return found


def is_question(expression, node):
    """Does the template ask whether the variable is there, instead of counting on it?"""
    if isinstance(node, IfNode | FirstOfNode):
        return True
    return bool(expression) and any(function.__name__ == "default" for function, _ in expression.filters)


MISSING = MissingVariables(ROOT)


def listen():
    """Hear of every missing variable; said before each test, as Celery sets Django and its logging up once more."""
    logger = logging.getLogger("django.template")
    logger.setLevel(logging.DEBUG)
    logger.addFilter(MISSING)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    listen()
    result = yield
    allowed = [name for mark in item.iter_markers("allow_missing") for name in mark.args]
    missing = [line for line in MISSING.collect() if not any(line.endswith(f": {name}") for name in allowed)]
    if missing:
        pytest.fail("Missing template variables:\n  " + "\n  ".join(missing), pytrace=False)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    listen()
    MISSING.collect()
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """With LEZHI_REQUIRE_ALL=1 a skip is a failure: what is skipped is not tested."""
    report = yield
    if REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"Skipped although everything is required: {report.longrepr}"
    return report
