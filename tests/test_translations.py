"""The interface is Chinese in the source and completely translated into English."""

import re
from pathlib import Path

import polib
import pytest

from tools.catalogue import differences, faults, keys, read

ROOT = Path(__file__).resolve().parent.parent
CHINESE = re.compile(r"[\u3400-\u9fff]+")
BRAND = {"乐", "乐知", "中文", "简体中文"}  # a name and the names of languages are not translated

MARKED = [
    r"{%\s*comment\b.*?{%\s*endcomment\s*%}",
    r"{#.*?#}",
    r"{%\s*blocktrans(?:late)?\b.*?{%\s*endblocktrans(?:late)?\s*%}",
    r"{%\s*trans(?:late)?\s.*?%}",
    r"""{%\s*clause\s.*?%}|\bclause=(?:"[^"]*"|'[^']*')""",  # places in a Chinese document are quoted as they are
    r"""_\((?:"[^"]*"|'[^']*')\)""",
]


def unmarked(source):
    """[(line number, text)] of Chinese in a template outside translation tags."""
    for pattern in MARKED:
        source = re.sub(pattern, lambda match: "\n" * match.group().count("\n"), source, flags=re.DOTALL)
    chinese = [
        (number, text) for number, line in enumerate(source.splitlines(), 1) for text in CHINESE.findall(line)
    ]
    return [(number, text) for number, text in chinese if text not in BRAND]


def catalogue(**entry):
    """A catalogue with one entry."""
    po = polib.POFile()
    po.append(polib.POEntry(**entry))
    return po


def test_english_catalogue_is_complete():
    committed = read(ROOT)
    assert "django" in committed
    assert [line for each in committed.values() for line in faults(each)] == []


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.html")), ids=lambda path: path.name)
def test_template_marks_its_chinese_for_translation(path):
    assert unmarked(path.read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        "<b>名称</b>",
        "{% include 'x' with label='名称' %}",
        "{% translate '名称' %}\n名称",
        "{{ x|default:'无' }}",
    ],
)
def test_unmarked_chinese_is_found(source):
    assert unmarked(source)


@pytest.mark.parametrize(
    "source",
    [
        "{% translate '名称' %}",
        "{% include 'x' with label=_('名称') %}",
        "{# 名称 #}",
        "<i>乐</i>",
        "<b>name</b>",
    ],
)
def test_marked_chinese_is_left_alone(source):
    assert unmarked(source) == []


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ({"msgid": "名称", "msgstr": ""}, "untranslated"),
        ({"msgid": "名称", "msgstr": "Name", "flags": ["fuzzy"]}, "fuzzy"),
        ({"msgid": "%(n)s 条", "msgstr": "rows", "flags": ["python-format"]}, "other placeholders"),
        ({"msgid": "%(n)s 条", "msgstr": "%(m)s rows", "flags": ["python-format"]}, "other placeholders"),
    ],
)
def test_fault_of_an_entry_is_named(entry, fault):
    (line,) = faults(catalogue(**entry))
    assert line.startswith(fault)


def test_good_entry_has_no_fault():
    assert faults(catalogue(msgid="%(n)s 条", msgstr="%(n)s rows", flags=["python-format"])) == []


def test_catalogue_that_lags_behind_the_code_is_noticed():
    committed, fresh = catalogue(msgid="旧", msgstr="old"), catalogue(msgid="新")
    assert keys(committed) == {("", "旧")}
    assert differences({"django": committed}, {"django": fresh}) == [
        "django: not collected yet: '新'",
        "django: no longer in the code: '旧'",
    ]


# One word for one idea (docs/glossary.md)


OF_CONTACTS = (
    "relations/interactions/",
    "relations/log/",
    "relations/models/interaction",
    "templates/relations/interaction",
)
OTHER_WORDS = {
    "联系人": ("",),  # 对接人
    "撤回": OF_CONTACTS,  # 撤销; a request for approval is withdrawn (撤回)
}


def texts_with(word, places):
    """The texts of the catalogue with a word that another one is used for in these places; "" is everywhere."""
    entries = polib.pofile(ROOT / "lezhi/locale/en/LC_MESSAGES/django.po")
    return [
        entry.msgid
        for entry in entries
        if word in entry.msgid and any(path.startswith(places) for path, _line in entry.occurrences)
    ]


@pytest.mark.parametrize(("word", "places"), OTHER_WORDS.items())
def test_word_that_another_one_is_used_for_stands_in_no_text(word, places):
    assert texts_with(word, places) == []


def test_word_of_another_place_is_found_there():
    assert "只有提出的人可以撤回。" in texts_with("撤回", ("accounts/approvals/",))
