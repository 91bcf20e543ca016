"""A page loads the style sheet of every class it uses: otherwise the rule is written and nobody sees it."""

import re
from pathlib import Path

from django.conf import settings

STYLES = settings.BASE_DIR / "lezhi" / "static" / "lezhi"
TEMPLATES = settings.BASE_DIR / "templates"
EVERYWHERE = ("tokens.css", "components.css", "icons.css")  # templates/_partials/head.html

NOT_SELECTORS = re.compile(r"/\*.*?\*/|\{[^{}]*\}", re.DOTALL)
CLASS = re.compile(r"\.([a-zA-Z_][\w-]*)")
PART = re.compile(r"{% (?:include|extends) [\"']([^\"']+)[\"']")
LOADED = re.compile(r"lezhi/(\w+\.css)")
CLASS_ATTRIBUTE = re.compile(r'class="([^"]*)"')
TAG = re.compile(r"{%.*?%}|{{.*?}}")


def classes_of_sheets():
    """Returns {class: names of the style sheets that have a rule for it}, without classes styled on every page."""
    sheets = {
        path.name: set(CLASS.findall(NOT_SELECTORS.sub(" ", path.read_text())))
        for path in STYLES.glob("*.css")
    }
    everywhere = set().union(*(sheets[name] for name in EVERYWHERE))
    styled = {}
    for name, classes in sheets.items():
        for each in classes - everywhere:
            styled.setdefault(each, set()).add(name)
    return styled


def parts_of(name, texts):
    """Returns the template `name` with all it extends and includes, as a set of names."""
    found, waiting = set(), [name]
    while waiting:
        part = waiting.pop()
        if part in texts and part not in found:
            found.add(part)
            waiting += PART.findall(texts[part])
    return found


def unstyled(texts, styled):
    """Returns (page, class) of every class that a page uses without loading a style sheet that has a rule for it."""
    missing = []
    for page in sorted(name for name, text in texts.items() if "{% extends" in text):
        markup = "".join(texts[part] for part in parts_of(page, texts))
        loaded = set(LOADED.findall(markup))
        used = {word for words in CLASS_ATTRIBUTE.findall(markup) for word in TAG.sub(" ", words).split()}
        missing += [(page, word) for word in sorted(used) if word in styled and not styled[word] & loaded]
    return missing


def test_every_page_loads_the_style_sheets_of_its_classes():
    texts = {str(path.relative_to(TEMPLATES)): path.read_text() for path in Path(TEMPLATES).rglob("*.html")}
    assert unstyled(texts, classes_of_sheets()) == []


def test_class_of_a_sheet_that_is_not_loaded_is_found():
    base = "{% block head %}{% endblock %}"
    link = "<link href=\"{% static 'lezhi/rules.css' %}\">"
    use = '{% extends "base.html" %}{% include "row.html" %}'
    texts = {"base.html": base, "row.html": '<td class="ruled wide">', "a.html": use, "b.html": use + link}
    assert unstyled(texts, {"ruled": {"rules.css"}}) == [("a.html", "ruled")]
