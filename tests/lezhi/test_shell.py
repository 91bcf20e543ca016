"""The page frame with every component: nothing missing, nothing inline, and a small first load."""

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.staticfiles import finders
from django.utils import translation

from lezhi import icons
from tests.lezhi import pages

pytestmark = pytest.mark.urls("tests.lezhi.pages")
ROOT = Path(__file__).resolve().parents[2]
ICON = re.compile(r"""\bbi-([a-z0-9-]+)|{%\s*icon\s+["']([a-z0-9-]+)["']""")


@pytest.fixture
def page(rf):
    """Returns a function: the HTML of the page of all components in `language`."""

    def draw(language="zh-hans"):
        request = rf.get("/all/")
        request.session = {}
        request._messages = CookieStorage(request)
        with translation.override(language):
            return pages.everything(request).content.decode()

    return draw


def test_shell_draws_every_component(page):
    drawn = page()
    for name in (
        "chip",
        "stand",
        "dots",
        "stages",
        "warning-box",
        "tl",
        "strip",
        "errsum",
        "fig",
        "diff",
        "empty",
        "pager",
    ):
        assert re.search(rf'class="{name}[" ]', drawn), name


def test_shell_holds_no_inline_style_script_or_handler(page):
    drawn = page()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", drawn)
    assert not re.search(r"<script(?![^>]*(\ssrc=|application/json))", drawn)


def test_shell_loads_nothing_from_elsewhere(page):
    assert not re.findall(r'(?:src|href)="(?:https?:)?//[^"]+"', page())


def test_shell_has_one_heading_one_main_and_a_skip_link(page):
    drawn = page()
    assert drawn.count("<h1") == 1
    assert drawn.count("<main") == 1
    assert '<a class="skip" href="#main">' in drawn


def test_shell_names_its_language(page):
    assert '<html lang="zh-Hans-CN">' in page()
    assert '<html lang="en">' in page("en")


def test_shell_offers_undo_and_ends_the_draft(page):
    drawn = page()
    assert 'action="/undo/"' in drawn
    assert 'data-draft-clear="quick"' in drawn


def test_shell_keeps_errors_out_of_toasts(page):
    main, toasts = page().split('id="toasts"')
    assert "比合同开始早" in main
    assert "比合同开始早" not in toasts


def test_first_page_load_is_small(page):
    files = re.findall(r'(?:src|href)="/static/([^"]+\.(?:css|js))"', page())
    needed = [name for name in files if "chart" not in name]
    assert len(needed) >= 8
    weight = len(gzip.compress(page().encode())) + sum(packed(name) for name in needed)
    assert weight <= 150 * 1024
    assert sum(packed(name) for name in files if "chart" in name) <= 350 * 1024


def packed(name):
    """Returns the compressed size of a static file in bytes."""
    return len(gzip.compress(Path(finders.find(name)).read_bytes()))


def templates():
    """Returns the paths of all templates."""
    return [*(ROOT / "templates").rglob("*.html"), *(ROOT / "templates").rglob("*.txt")]


def test_every_icon_named_in_a_template_is_drawn():
    drawn = set(re.findall(r"^\.bi-([a-z0-9-]+) ", icons.STYLES.read_text(encoding="utf-8"), re.M))
    assert drawn == set(icons.names())
    named = {
        (path.relative_to(ROOT).as_posix(), hit[0] or hit[1])
        for path in templates()
        for hit in ICON.findall(path.read_text(encoding="utf-8"))
    }
    assert not sorted((path, name) for path, name in named if name not in drawn)


def test_every_icon_of_the_navigation_is_drawn():
    from lezhi import nav

    entries = [*nav.entries(), *nav.TABS, *nav.PERSONAL, nav.NOTICES, nav.SEARCH]
    assert {entry.icon for entry in entries} <= set(icons.names())


def test_no_template_holds_inline_style_or_handlers():
    found = [
        path.relative_to(ROOT).as_posix()
        for path in templates()
        if re.search(
            r"<style|\sstyle=|\shx-on|\son(click|change|load|submit|input)=", path.read_text(encoding="utf-8")
        )
    ]
    assert found == []


def test_icon_sheet_is_one_rule_a_drawing():
    sheet = icons.sheet([("dot", '<svg class="x" viewBox="0 0 16 16">\n  <circle r="1"/>\n</svg>')])
    assert sheet.endswith(
        ".bi-dot { --bi: url(\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' "
        "viewBox='0 0 16 16'%3E%3Ccircle r='1'/%3E%3C/svg%3E\"); }\n"
    )
