"""No file the site exports has a cell that a spreadsheet runs or a field that Word runs."""

import io
import re
import unicodedata
import zipfile
from xml.etree import ElementTree

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.http import HttpResponse
from django.urls import path, reverse
from openpyxl import Workbook, load_workbook

from accounts.roles import Role
from complaints.models import Complaint
from employers.importing.spec import EMPLOYERS
from relations.lists import workbook
from relations.lists.workbook import from_cell
from relations.models import Import, Share
from tests.attack.answers import ask, asking
from tests.attack.declared import EXPECTED, NOBODY
from tests.attack.resolver import by_name
from tests.attack.world import OWN, PERSONAL
from tests.plugins.where import deep

pytestmark = pytest.mark.django_db
SITE = {name: address for name, address in by_name().items() if name in EXPECTED}
READ = sorted(name for name in SITE if EXPECTED[name].get != NOBODY)
OFFICE = "application/vnd.openxmlformats-officedocument."
EXCEL, WORD = f"{OFFICE}spreadsheetml.sheet", f"{OFFICE}wordprocessingml.document"
WORDS = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
RUN_BY_WORD = {f"{WORDS}{tag}" for tag in ("fldSimple", "instrText", "object", "altChunk", "hyperlink")}
STARTERS = ["=", "+", "-", "@", "＝", "＋", "－", "＠", "﹦", "﹢", "﹣", "﹫"]
BEFORE = ["", *" \t\r\n\u200b\u200e\u202e\u00a0\u00ad\u2060\u3000\ufeff\u0301"]
AS_UPLOADED = {"attachment", "complaints:enclosure"}
OF_NOBODY = {"complaints:blank_word", "portal:paper_word"}  # forms that contain no text of a user
WITHOUT_TEXT = {"employer_imports:template"}  # a workbook that contains no text of a user
NOT_FREE = {"key", "file", "sha256", "content_type", "password", "roles", "username", "language"}
NOT_FREE |= {"matter", "subject"}  # of an approval request: its subject, set by the program
LIVE = [f"{starter}1+1" for starter in STARTERS] + [f"{before}=1+1" for before in BEFORE] + ["_x003D_1+1"]
WORD_OF_OURS = "标记"
KEPT = ["=标记", "'=标记", "'标记", "＝标记", "\t标记", "_x003D_标记", "007标记", "0769-标记", "#N/A标记"]
FIELDS = [
    '</w:t></w:r><w:fldSimple w:instr="DDEAUTO c:\\\\cmd.exe"/><w:r><w:t>',
    "{DDEAUTO cmd}",
    "{{ 7*7 }}{% for x in y %}",
    "]]><w:instrText>INCLUDETEXT</w:instrText>",
]


def poison(world, text):
    """Puts `text` first in every free text of every row of the family `own`, and in the names of colleagues and
    department.

    Returns the set of texts now stored.
    """
    written = set()
    rows = [row for what, row in world.families[OWN].rows.items() if what not in PERSONAL]
    for place, row in enumerate([*rows, world.people[Role.DIRECTOR], world.colleague, world.near]):
        model = type(row)
        free = [
            field
            for field in model._meta.concrete_fields
            if isinstance(field, (models.CharField, models.TextField)) and not field.choices
            if field.name not in NOT_FREE and (field.editable or model is not Complaint)
            if not (field.name == "opinion" and model is Share)
        ]
        values = {field.name: f"{text}{place}"[: field.max_length or 200] for field in free}
        model._base_manager.filter(pk=row.pk).update(**values)
        written |= set(values.values())
    return written


def with_a_register(world, text):
    """Returns the key of a faulty import by the director, with `text` in every cell."""
    book, stream = Workbook(), io.BytesIO()
    book.active.append(list(EMPLOYERS.by_label))
    book.active.append([re.sub("[\0-\x08\x0b-\x1f]", " ", text)] * len(EMPLOYERS.by_label))
    for cell in book.active[2]:
        cell.data_type = "s"
    book.save(stream)
    file = SimpleUploadedFile("登记表.xlsx", stream.getvalue())
    asking(world.sessions[Role.DIRECTOR]).post(reverse("employer_imports:start"), {"file": file})
    return Import.objects.latest("pk").pk


def handed_out(world, names, register=None):
    """Returns {name: (content type, content)} of every response that is a file to download."""
    found = {}
    for name in names:
        line = EXPECTED.get(name)
        values = world.values(line.of, OWN) if line else {}
        if register and line.of == "import":
            values["pk"] = register
        url = SITE[name].url(values) if line else f"/{name}/"
        query = line.query.format(pk=world.families[OWN].employer.pk) if line else ""
        answer = ask(world.sessions[Role.DIRECTOR], "get", url + query)
        if "attachment" in answer.get("Content-Disposition", "") and answer.status_code == 200:
            content = answer.whole if answer.streaming else answer.content
            found[name] = answer["Content-Type"], content
    return found


def is_live(text):
    """Returns whether a spreadsheet might read a text as a formula: by its first visible character, of any width.

    Excel reads _x003D_ as the character with that number.
    """
    text = re.sub("_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)
    seen = [sign for sign in text if unicodedata.category(sign)[0] not in "ZCM"]
    return text[:1] in ("\t", "\r", "\n") or unicodedata.normalize("NFKC", "".join(seen[:1]))[:1] in set(
        "=+-@"
    )


def live_cells(content):
    """Returns the live texts of a workbook, and every formula."""
    found, texts = [], ("is", "si")
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        for part in book.namelist():
            if not re.fullmatch(r"xl/(worksheets/.*|sharedStrings)\.xml", part):
                continue
            root = ElementTree.fromstring(book.read(part))
            tags = [(one.tag.rpartition("}")[2], "".join(one.itertext())) for one in root.iter()]
            found += [
                f"{part}: {text!r}" for tag, text in tags if tag == "f" or (tag in texts and is_live(text))
            ]
    return found


def run_by_word(content):
    """Returns the active elements of a Word file, and its text."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        root = ElementTree.fromstring(package.read("word/document.xml"))
    text = "".join(element.text or "" for element in root.iter(f"{WORDS}t"))
    return [element.tag for element in root.iter() if element.tag in RUN_BY_WORD], text


@pytest.fixture(scope="module")
def exports(world):
    """{URL name: content type} of the pages that export workbooks and Word files."""
    world.belongs_to(world.people[Role.DIRECTOR])
    found = handed_out(world, READ)
    kinds = {name: kind for name, (kind, _content) in found.items() if name not in AS_UPLOADED}
    assert set(kinds.values()) == {EXCEL, WORD}  # another kind of file needs a test of its own
    return kinds


def test_no_text_of_a_list_is_live():
    """Every live text through the one function that writes them; the pages below are asked with one of each sort."""
    columns = [("文字", lambda text: text), ("后面", lambda text: f"后{text}")]
    response = workbook.export(LIVE, columns, "试")
    assert live_cells(b"".join(response.streaming_content)) == []


SORTS = ("=1+1", "＝1+1", "\t=1+1", "_x003D_1+1")


@pytest.mark.parametrize(
    "text", [text if text in SORTS else deep(text) for text in LIVE], ids=lambda text: ascii(text)
)
def test_workbooks_contain_no_formula(world, exports, text):
    world.belongs_to(world.people[Role.DIRECTOR])
    names = [name for name, kind in exports.items() if kind == EXCEL]
    poison(world, text)
    found = handed_out(world, names, with_a_register(world, text))
    assert set(found) == set(names)
    assert [
        f"{name} {cell}" for name, (_kind, content) in found.items() for cell in live_cells(content)
    ] == []


@pytest.mark.parametrize("text", KEPT, ids=ascii)
def test_workbooks_hold_every_text_as_it_was(world, exports, text):
    """The characters added so that a spreadsheet does not run a text can be removed again exactly."""
    world.belongs_to(world.people[Role.DIRECTOR])
    names = [name for name, kind in exports.items() if kind == EXCEL and name not in WITHOUT_TEXT]
    there = poison(world, text)
    for name, (_kind, content) in handed_out(world, names, with_a_register(world, text)).items():
        cells = [each for each in texts_of(content) if WORD_OF_OURS in each]
        assert cells, name
        # An uploaded register counts as the import reads it. Outer blanks disappear where texts are joined.
        whole = {
            one.strip()
            for one in (there | {from_cell(text)} if name == "employer_imports:annotated_copy" else there)
        }
        assert [each for each in cells if not any(one in each for one in whole)] == [], name
        assert [each for each in cells if each.startswith("'") and not text.startswith("'")] == [], name


def texts_of(content):
    """Returns the texts of a workbook as our import reads them."""
    sheets = load_workbook(io.BytesIO(content)).worksheets
    cells = [cell.value for sheet in sheets for row in sheet.iter_rows() for cell in row]
    return [from_cell(value) for value in cells if isinstance(value, str)]


@pytest.mark.parametrize("text", FIELDS)
def test_word_files_hold_no_field_of_a_person(world, exports, text):
    world.belongs_to(world.people[Role.DIRECTOR])
    names = [name for name, kind in exports.items() if kind == WORD]
    poison(world, text)
    found = {name: run_by_word(content) for name, (_kind, content) in handed_out(world, names).items()}
    assert [name for name in names if found[name][0]] == []
    assert [name for name in set(names) - OF_NOBODY if text[:20] not in found[name][1]] == []


def test_all_exports_are_found(exports):
    """Control: the exports known today are found, so none was skipped as empty or refused."""
    known = {
        "employers:export",
        "interactions:export",
        "duties_export",
        "dashboard_export",
        "employer_imports:annotated_copy",
        "employer_imports:template",
    }
    known |= {"employers:sheet_word", "employers:contact_word", "employers:month_word"}
    assert known <= set(exports)


def careless(request):
    """A view that exports a list without escaping."""
    book, answer = Workbook(), HttpResponse(content_type=EXCEL, headers={"Content-Disposition": "attachment"})
    book.active.append(["=1+1", "\u200b＝1+1", "plain", -1])
    book.save(answer)
    return answer


urlpatterns = [path("careless/", careless, name="careless")]


def test_formula_cell_is_detected(world, settings):
    settings.ROOT_URLCONF = __name__
    _kind, content = handed_out(world, ["careless"])["careless"]
    assert len(live_cells(content)) == 2


@pytest.mark.parametrize("text", LIVE)
def test_formula_texts_are_recognised(text):
    assert is_live(text)
    assert not is_live(f"'{text}")
