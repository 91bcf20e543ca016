"""Makes tests fail for missing template variables, and for skips with LEZHI_REQUIRE_ALL=1.

Django renders a missing variable as nothing and only logs it. Here each such message is traced to its template; for one
of our templates the test fails with file, line and variable. Allowed are the places where a template tests for a
variable: `{% if x %}`, `{{ x|default:"-" }}` and `{% firstof %}`.
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
    """A filter of the logger `django.template`: records missing variables of our templates and drops the messages.

    `root` is the folder of our templates; virtualenv and node_modules inside it are excluded.
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
        """Finds template expression and node in the calling frames; records them unless they test for a variable."""
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
        """The missing variables since the last call, without duplicates, as "file:line: expression"."""
        lines, self.seen = sorted(set(self.seen)), []
        return lines


def is_question(expression, node):
    """Whether the template tests for the variable instead of requiring it."""
    if isinstance(node, IfNode | FirstOfNode):
        return True
    return bool(expression) and any(function.__name__ == "default" for function, _ in expression.filters)


MISSING = MissingVariables(ROOT)


def listen():
    """Installs the filter; repeated before each test, because Celery sets up Django's logging again."""
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
    """Turns skips into failures with LEZHI_REQUIRE_ALL=1."""
    report = yield
    if REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"Skipped although everything is required: {report.longrepr}"
    return report
