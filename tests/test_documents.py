"""The documents: every cited rule exists, every link has a target, and every name exists in the code."""

import ast
import re
import subprocess
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
APPS = ("accounts", "reminders", "relations", "employers", "complaints", "lezhi")
CITING = {".py", ".html", ".md", ".js", ".css", ".sh", ".toml", ".txt", ".po"}
RULES = "docs/requirements.md"
GLOSSARY = "docs/glossary.md"
CATALOGUE = "lezhi/locale/en/LC_MESSAGES/django.po"

# {built rule that no test cites: why there is nothing to prove}
NOTHING_TO_PROVE = {
    2: "the library of policies is not built",
    3: "data of the guide's own title page; the seeded rules hold from its month",
    7: "gathers what R15-R28 say one by one",
    9: "partners are to come",
    10: "staff records are to come",
    11: "clients are to come",
    122: "an aim",
    165: "sanctions are part of the staff records, which are to come",
}

CITATION = re.compile(r"(?<![\w./#-])R([1-9]\d{0,2})(?:[-–]R?([1-9]\d{0,2}))?(?!\w)")
RULE = re.compile(r'^- <a id="r(\d+)"></a>\*\*R(\d+)\*\* \S', re.MULTILINE)
BUILT = re.compile(
    r"^\| \[[A-Z]\]\S* \| \[R(\d+)\]\S*?-\[R(\d+)\]\S* \|.*\| built(?:,[^|]*)? \|$", re.MULTILINE
)
FENCE = re.compile(r"^(```|~~~).*?^\1[^\n]*$", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"^(?: {4}|\t).*$", re.MULTILINE)
CODE = re.compile(r"`[^`\n]+`")
PATH = re.compile(r"[\w.-]+/(?:[\w.*-]+/?)*")
DOTTED = re.compile(r"[a-z_]+(?:\.\w+)+")
LINK = re.compile(r"\[[^\]\n]*\]\(\s*<?([^)\s>]+)>?[^)\n]*\)")
ANCHOR = re.compile(r'<a id="([^"]+)"')
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)


@cache
def tracked():
    """The files of the repository as paths from its root; without git, all files in our folders."""
    answer = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if answer.returncode == 0:
        names = answer.stdout.splitlines()
    else:
        folders = [*APPS, "tests", "templates", "docs", "benchmarks", "deploy", "tools"]
        paths = [*ROOT.glob("*"), *(path for folder in folders for path in (ROOT / folder).rglob("*"))]
        names = [path.relative_to(ROOT).as_posix() for path in paths]
    return tuple(name for name in sorted(names) if (ROOT / name).is_file())


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


# --- the numbered rules


def rules_in(text):
    """The numbers of the rules that `text` lists, in this order; checks that the anchor of each has the same number."""
    pairs = RULE.findall(text)
    assert [pair for pair in pairs if pair[0] != pair[1]] == []
    return [int(number) for number, _ in pairs]


def cited_in(text):
    """The set of numbers cited in `text`; a range cites its two ends and all numbers between."""
    return {
        number
        for first, last in CITATION.findall(text)
        for number in range(int(first), int(last or first) + 1)
    }


def unknown_citations(texts, rules):
    """{name: sorted numbers} of the citations in `texts` (name -> text) that are not rules."""
    known = set(rules)
    wrong = {name: sorted(cited_in(text) - known) for name, text in texts.items()}
    return {name: numbers for name, numbers in wrong.items() if numbers}


def test_rules_are_numbered_without_a_gap():
    numbers = rules_in(read(RULES))
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 454


def test_every_cited_rule_stands_in_the_document():
    texts = {name: read(name) for name in tracked() if Path(name).suffix in CITING and name != __file__}
    texts.pop("tests/test_documents.py")
    assert len([name for name, text in texts.items() if cited_in(text)]) > 100
    assert unknown_citations(texts, rules_in(read(RULES))) == {}


# Numbers of no rule, so that a search for a rule does not find these lines.
@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("(R901, R903-R905)", {901, 903, 904, 905}),
        ("R940-942", {940, 941, 942}),
        ("nothing: ER912, R0, R912x, docs/R905, #R905, R9D2, r907", set()),
        ("（R953）", {953}),
    ],
)
def test_citations_are_read(text, numbers):
    assert cited_in(text) == numbers


def test_citation_of_no_rule_is_found():
    texts = {"good.py": "R901 R902", "bad.py": "see R903 and R998-R999"}
    assert unknown_citations(texts, [901, 902, 903]) == {"bad.py": [998, 999]}


def built_rules(text):
    """The numbers of the rules in the sections that the table of the document marks as built."""
    rows = BUILT.findall(text)
    return {number for first, last in rows for number in range(int(first), int(last) + 1)}


def unproved(document, texts, excused):
    """Two lists: built rules of `document` that none of `texts` cites, and rules of `excused` that one does cite.

    `excused` are the rules with nothing to prove, and why.
    """
    cited = set().union(*(cited_in(text) for text in texts))
    return sorted(built_rules(document) - cited - set(excused)), sorted(set(excused) & cited)


def test_every_built_rule_is_cited_in_a_test():
    tests = [read(name) for name in tracked() if name.startswith("tests/") and name.endswith(".py")]
    assert len(built_rules(read(RULES))) > 150
    assert unproved(read(RULES), tests, NOTHING_TO_PROVE) == ([], [])


def test_built_rule_without_a_test_is_found():
    document = (
        "| [A](#section-a) | [R901](#r901)-[R904](#r904) | x | built |\n"
        "| [B](#section-b) | [R905](#r905)-[R909](#r909) | x | to come |\n"
    )
    assert unproved(document, ["R901", "R902"], {904: "an aim"}) == ([903], [])
    assert unproved(document, ["R901-R904"], {904: "an aim"}) == ([], [904])


# --- the links


def prose(text):
    """A Markdown document without its code, where brackets are not links."""
    return CODE.sub("", INDENTED.sub("", FENCE.sub("", text)))


def slug(heading):
    """The anchor that Markdown renderers make of a heading: lower case, words joined by hyphens."""
    plain = LINK.sub(lambda link: link[0].partition("](")[0][1:], heading).replace("`", "")
    return re.sub(r"[^\w\- ]", "", plain.strip().lower()).replace(" ", "-")


def anchors_of(text):
    """The anchors to which a link to the page `text` can lead."""
    return set(ANCHOR.findall(text)) | {slug(heading) for heading in HEADING.findall(FENCE.sub("", text))}


def broken_links(page, root):
    """The links of a Markdown `page` (a path below `root`) to missing files or headings; other sites are skipped."""
    wrong = []
    for target in LINK.findall(prose(page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z][a-z+.-]*:", target):
            continue
        path, _, anchor = unquote(target).partition("#")
        aim = (page.parent / path).resolve() if path else page
        is_ours = aim.is_relative_to(root.resolve()) and aim.exists()
        if not is_ours or (
            anchor and aim.suffix == ".md" and anchor not in anchors_of(aim.read_text("utf-8"))
        ):
            wrong.append(target)
    return wrong


def test_every_relative_link_leads_somewhere():
    pages = [ROOT / name for name in tracked() if name.endswith(".md")]
    assert len(pages) > 10
    wrong = {page.relative_to(ROOT).as_posix(): broken_links(page, ROOT) for page in pages}
    assert {name: links for name, links in wrong.items() if links} == {}


def test_broken_links_are_found(tmp_path):
    (tmp_path / "there.md").write_text('# A heading, `with` marks\n\n<a id="r5"></a>\n')
    page = tmp_path / "page.md"
    page.write_text(
        "# Here\n[a](there.md) [b](there.md#a-heading-with-marks) [c](there.md#r5) [d](#here) [e](https://example.org/x)\n"
        "`[code](nowhere.md)`\n\n    [code](nowhere.md)\n\n```\n[code](nowhere.md)\n```\n"
        "[f](nowhere.md) [g](there.md#r6) [h](#there) [i](../outside.md)\n"
    )
    (tmp_path.parent / "outside.md").write_text("")
    assert broken_links(page, tmp_path) == ["nowhere.md", "there.md#r6", "#there", "../outside.md"]


def test_readme_leads_to_every_document():
    aims = {target.partition("#")[0] for target in LINK.findall(prose(read("README.md")))}
    documents = [name for name in tracked() if re.fullmatch(r"docs/(adr/)?[^/]+\.md", name)]
    assert [
        name for name in [*documents, "CONTRIBUTING.md", "LICENSE", "CHANGELOG.md"] if name not in aims
    ] == []


# --- the paths and modules


def named_in(text):
    """Two lists of names in backticks: paths in our folders, and dotted names of our apps."""
    codes = [code.strip("`") for code in CODE.findall(FENCE.sub("", text))]
    folders = {name.partition("/")[0] for name in tracked() if "/" in name}
    paths = [code for code in codes if PATH.fullmatch(code) and code.partition("/")[0] in folders]
    return paths, [code for code in codes if DOTTED.fullmatch(code) and code.partition(".")[0] in APPS]


def is_path(name, root=ROOT):
    """Whether `name`, which may contain wildcards, is a file or folder."""
    return any(root.glob(name.rstrip("/")))


def is_name(name, root=ROOT):
    """Whether `name` exists: a module, a name defined or imported in one, or a member of a class."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        folder = root.joinpath(*parts[:end])
        sources = [path for path in (folder.with_suffix(".py"), folder / "__init__.py") if path.is_file()]
        if sources or folder.is_dir():
            bodies = [ast.parse(path.read_text(encoding="utf-8")).body for path in sources]
            return end == len(parts) or any(defines(body, parts[end:]) for body in bodies)
    return False


def defines(body, names):
    """Whether the module or class with this `body` defines `names`, a list such as ["Class", "member"]."""
    first, *rest = names
    if rest:
        classes = [node for node in body if isinstance(node, ast.ClassDef) and node.name == first]
        return any(defines(node.body, rest) for node in classes)
    imports = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    return first in members(body) | {alias.asname or alias.name for node in imports for alias in node.names}


def files_in_rows(text):
    """The paths of files that a table row names after its folder: | `folder/` | `file.py`: ... |"""
    rows = [re.match(r"\| `([\w/]+/)`(.*)", line) for line in text.splitlines()]
    return [row[1] + name for row in rows if row for name in re.findall(r"`(\w+\.py)`", row[2])]


def gone_from(text, root=ROOT):
    """The paths and names in `text` that do not exist."""
    paths, names = named_in(text)
    return [path for path in paths + files_in_rows(text) if not is_path(path, root)] + [
        name for name in names if not is_name(name, root)
    ]


def test_every_path_and_module_in_the_documents_exists():
    # The change log states what was true at the time.
    pages = [name for name in tracked() if name.endswith(".md") and name != "CHANGELOG.md"]
    gone = {name: gone_from(read(name)) for name in pages}
    assert {name: missing for name, missing in gone.items() if missing} == {}


def test_path_and_module_that_are_gone_are_found(tmp_path):
    (tmp_path / "accounts").mkdir()
    (tmp_path / "accounts/roles.py").write_text(
        "from accounts.tiers import Tier\nGRANTS = {}\nclass Role:\n    HEAD = 1  # not a TAIL\n"
    )
    text = "`accounts/roles.py` `accounts/` `accounts/*.py` `accounts.roles` `accounts.roles.GRANTS` `other/x.py`"
    text += "`accounts.roles.Tier` `accounts.roles.Role.HEAD`"
    assert gone_from(text, tmp_path) == []
    wrong = "`accounts/rules.py` `accounts.rules` `accounts.roles.TAIL` `accounts.roles.Role.TAIL`"
    assert gone_from(text + wrong, tmp_path) == wrong.replace("`", "").split()
    row = "| `accounts/` | `roles.py`: who; `rights.py` |"
    assert gone_from(row, tmp_path) == ["accounts/rights.py"]


# --- the glossary


def rows_of(text):
    """The rows of the glossary's tables with four columns: (Chinese, English, names, meaning)."""
    cells = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    rows = [tuple(cell.strip() for cell in row) for row in cells if len(row) == 4]
    return [row for row in rows if row[0] != "中文" and not re.fullmatch("-{3,}", row[0])]


def terms_of(text):
    """The names in the column "Name in code"."""
    return [name.strip("`") for row in rows_of(text) for name in CODE.findall(row[2])]


def members(body):
    """The names defined in the body of a class or module."""
    names = set()
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
        elif isinstance(node, ast.Assign):
            targets = [item for target in node.targets for item in getattr(target, "elts", [target])]
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


def names_in(sources):
    """The names that `sources` (texts of modules) define: names of modules and classes, and Class.member."""
    names = set()
    for source in sources:
        tree = ast.parse(source)
        names |= members(tree.body)
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                inside = members(node.body)
                names |= inside | {f"{node.name}.{name}" for name in inside}
    return names


def test_every_name_of_the_glossary_exists_in_the_code():
    modules = [name for name in tracked() if name.endswith(".py") and name.partition("/")[0] in APPS]
    names = names_in(read(name) for name in modules if "/migrations/" not in name)
    terms = terms_of(read(GLOSSARY))
    assert len(terms) > 80
    assert [term for term in terms if term not in names] == []


def test_name_that_does_not_exist_is_found():
    names = names_in(
        ["class Contract:\n    starts_on = 1\n    class Kind:\n        NEW: str = ''\n\ndef due(): ...\n"]
    )
    table = "|中文|E|N|M|\n|---|---|---|---|\n|合同|-|`Contract`, `Contract.starts_on`|x|\n|-|-|`Kind.NEW`, `due`|x|\n"
    wrong = "|合同|Contract|`Agreement`, `Contract.due`|x|\n"
    assert [term for term in terms_of(table) if term not in names] == []
    assert [term for term in terms_of(table + wrong) if term not in names] == ["Agreement", "Contract.due"]


@cache
def words_of_the_interface():
    """The texts of the English catalogue, in lower case."""
    with (ROOT / CATALOGUE).open("rb") as file:
        strings = [message.string for message in read_po(file) if message.id]
    return {text.lower() for string in strings for text in ([string] if isinstance(string, str) else string)}


def unknown_words(text, words):
    """The English terms in the second column of the glossary that no page uses."""
    terms = [part.strip() for row in rows_of(text) for part in row[1].split(" / ")]
    return [word for word in terms if word != "-" and word.lower() not in words]


def test_every_english_word_of_the_glossary_is_on_a_page():
    assert unknown_words(read(GLOSSARY), words_of_the_interface()) == []


def test_english_word_on_no_page_is_found():
    text = "|潜在 / 显在|Prospective / Latent|`Term`|x|\n"
    assert unknown_words(text, {"prospective"}) == ["Latent"]
