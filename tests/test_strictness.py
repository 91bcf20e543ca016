"""The strictness checks of the tests themselves: each is shown to fire."""

import warnings
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.template import Context, Engine
from django.utils.log import configure_logging

from tests.plugins import strictness


@pytest.fixture
def missing_in(tmp_path, monkeypatch):
    """missing_in("{{ x }}", y=1) renders a template of ours and returns its missing variables."""
    monkeypatch.setattr(strictness.MISSING, "root", tmp_path)

    def draw(source, folder=".", **values):
        path = tmp_path / folder / "page.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
        (tmp_path / "part.html").write_text("{{ label }}")
        Engine(dirs=[path.parent, tmp_path]).get_template("page.html").render(Context(values))
        return strictness.MISSING.collect()

    return draw


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("{{ absent }}", "page.html:1: absent"),
        ("\n{{ there.absent|upper }}", "page.html:2: there.absent|upper"),
        ("{% for each in absent %}{% endfor %}", "page.html:1: absent"),
        ("{% if there %}{{ absent }}{% endif %}", "page.html:1: absent"),
        ("{% include 'part.html' %}", "part.html:1: label"),
        ("{% include 'part.html' with label=absent %}", "page.html:1: absent"),
        ("{% with label=absent %}{% endwith %}", "page.html:1: absent"),
    ],
)
def test_missing_variable_is_noticed(missing_in, source, line):
    assert missing_in(source, there={"a": 1}) == [line]


@pytest.mark.parametrize(
    "source",
    [
        "{{ there.a }}",
        "{{ nothing }}",
        "{% if absent %}{% elif absent.more %}{% endif %}",
        "{{ absent|default:'-' }}",
        "{% firstof absent there.a %}",
    ],
)
def test_template_if_on_a_missing_variable_is_allowed(missing_in, source):
    assert missing_in(source, there={"a": 1}, nothing=None) == []


def test_templates_of_others_are_left_alone(missing_in):
    assert missing_in("{{ absent }}", folder="site-packages") == []


def test_missing_variable_is_noticed_after_logging_was_set_up_anew(missing_in, request):
    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)
    assert missing_in("{{ absent }}") == []
    next(strictness.pytest_runtest_call(request.node))
    assert missing_in("{{ absent }}") == ["page.html:1: absent"]


@pytest.fixture
def call_hook(request, monkeypatch):
    """call_hook(line) runs our hook around a test with the missing variable of that line."""

    def run(line):
        monkeypatch.setattr(strictness.MISSING, "seen", [])
        hook = strictness.pytest_runtest_call(request.node)
        next(hook)
        strictness.MISSING.seen.append(line)
        hook.send(None)

    return run


def test_missing_variable_fails_the_test(call_hook):
    with pytest.raises(pytest.fail.Exception, match="templates/a.html:3: absent"):
        call_hook("templates/a.html:3: absent")


@pytest.mark.allow_missing("absent")
def test_missing_variable_may_be_allowed_by_name(call_hook):
    with pytest.raises(StopIteration):
        call_hook("templates/a.html:3: absent")


@pytest.mark.parametrize(("required", "outcome"), [(True, "failed"), (False, "skipped")])
def test_skip_fails_when_everything_is_required(monkeypatch, required, outcome):
    monkeypatch.setattr(strictness, "REQUIRE_ALL", required)
    report = SimpleNamespace(skipped=True, outcome="skipped", longrepr="no browser")
    hook = strictness.pytest_runtest_makereport(None, None)
    next(hook)
    with pytest.raises(StopIteration):
        hook.send(report)
    assert report.outcome == outcome


def test_warning_fails_the_test():
    with pytest.raises(UserWarning):
        warnings.warn("anything", UserWarning, stacklevel=1)
