"""Word templates can be edited by users: each opens, uses what the code fills in, and prints the same as the page."""

import re
from datetime import date
from pathlib import Path

import pytest
from docx import Document
from docx.oxml.ns import qn
from docxtpl import DocxTemplate
from jinja2 import Environment, StrictUndefined

from complaints.models import Complaint
from complaints.paper import content as complaint_papers
from complaints.paper import period_file
from employers.papers import sheet_of, sheets_for
from relations.papers import content
from tests.factories.accounts import UserFactory
from tests.factories.complaints import ComplaintFactory
from tests.factories.employers import ContractFactory, EmployerFactory
from tests.factories.relations import ContactPersonFactory, InteractionFactory

HERE = Path(__file__).parents[1]
CONTACT, MONTH = "relations/papers/contact.docx", "relations/papers/month.docx"
SHEET, COMPLAINT = "employers/paper/sheet.docx", "complaints/paper/record.docx"
TEMPLATES = (CONTACT, MONTH, SHEET, COMPLAINT)
PAGES = {
    CONTACT: "relations/paper_contact.html",
    MONTH: "relations/paper_month.html",
    SHEET: "employers/paper_sheets.html",
}
# only on the page: keys of rows, and the tags of headings that Word adds automatically
ON_PAGE_ALONE = {
    CONTACT: {"pk", "formality"},
    MONTH: {"kind", "rows.pk"},
    SHEET: {"contract.scan"},
    COMPLAINT: {"pages.more"},
}
TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
CHINESE = re.compile(r"[\u3400-\u9fff]")


def test_every_word_file_of_the_repository_is_a_template_of_this_list():
    rooms = ("accounts", "reminders", "relations", "employers", "complaints", "lezhi")
    files = {str(path.relative_to(HERE)) for room in rooms for path in (HERE / room).rglob("*.docx")}
    assert files == set(TEMPLATES)


class Watched(dict):
    """A dict that records in `read` the paths of the keys that a template reads; `name` is its own path."""

    def __init__(self, values, name, read):
        super().__init__({key: watched(value, f"{name}{key}", read) for key, value in values.items()})
        self._path, self._read = name, read

    def __getitem__(self, key):
        self._read.add(f"{self._path}{key}")
        return super().__getitem__(key)


def watched(value, name, read):
    """`value` with Watched in place of its dicts."""
    if isinstance(value, dict):
        return Watched(value, f"{name}.", read)
    return [watched(one, name, read) for one in value] if isinstance(value, list) else value


def keys_of(value, name=""):
    """The paths of all keys: title, rows, rows.on."""
    if isinstance(value, dict):
        inner = [keys_of(one, f"{name}{key}.") | {f"{name}{key}"} for key, one in value.items()]
        return set().union(*inner)
    return set().union(*(keys_of(one, name) for one in value)) if isinstance(value, list) else set()


@pytest.fixture
def user(db, at):
    at("2026-10-12")
    return UserFactory(director=True)


@pytest.fixture
def employer(user):
    employer = EmployerFactory(responsible=user, department=user.department)
    ContractFactory(stakeholder=employer, ends_on=date(2025, 12, 31), starts_on=date(2025, 1, 1))
    ContractFactory(stakeholder=employer, signed_on=date(2026, 1, 1), amount=5, ended_on=date(2026, 12, 1))
    person = ContactPersonFactory(stakeholder=employer, main=True)
    for day in (date(2026, 9, 22), date(2026, 9, 23)):
        InteractionFactory(
            stakeholder=employer, contact_on=day, ours=[user], accompanying=[UserFactory()], theirs=[person]
        )
    return employer


def values(template, user, employer):
    """The values that the code passes to a template, for records that fill as many of them as possible."""
    if template == SHEET:
        return sheet_of(sheets_for(user, date(2026, 10, 12)).get(pk=employer.pk), user, date(2026, 10, 12))
    if template == MONTH:
        return content.month_sheet(employer, date(2026, 9, 1), user)
    if template == CONTACT:
        contact = content.contacts_for(user, employer).first()
        return content.contact_sheet(contact, employer, user)
    case = ComplaintFactory(statement="很长的经过。" * 900, is_strictly_confidential=True)
    cases = list(complaint_papers.with_paper_fields(Complaint.objects.filter(pk=case.pk)))
    sheet = complaint_papers.form_of(cases[0], by=user)
    days = {"first": date(2026, 1, 1), "last": date(2026, 12, 31)}
    return {
        "pages": [
            period_file.index_of(cases, by=user, **days),
            sheet,
            *(sheet | one for one in sheet["more"]),
        ]
    }


@pytest.mark.parametrize("template", TEMPLATES)
def test_template_asks_for_what_the_code_fills_and_for_nothing_else(template, user, employer):
    read, passed = set(), values(template, user, employer)
    filled = DocxTemplate(HERE / template)
    strict = Environment(undefined=StrictUndefined, autoescape=True)
    filled.render({name: watched(value, name, read) for name, value in passed.items()}, strict)
    top = DocxTemplate(HERE / template).get_undeclared_template_variables()
    assert top <= set(passed)
    unread = {key for key in keys_of(passed) if "." in key and key not in read} | (set(passed) - top)
    assert {key for key in unread if not is_page_alone(key, template)} == set()


def is_page_alone(key, template):
    """Whether only the page shows the key, or what contains it."""
    return any(key == one or key.startswith(f"{one}.") for one in ON_PAGE_ALONE[template])


def test_placeholder_that_nobody_fills_is_noticed(tmp_path, user, employer):
    document = Document(HERE / CONTACT)
    document.add_paragraph("{{ nobody }}")
    document.save(tmp_path / "contact.docx")
    variables = DocxTemplate(tmp_path / "contact.docx").get_undeclared_template_variables()
    assert variables - set(values(CONTACT, user, employer)) == {"nobody"}


def runs_of(template):
    """(the document, all text runs in its body and footers)."""
    document = Document(HERE / template)
    parts = [document.element.body, *(section.footer._element for section in document.sections)]
    return document, [run for part in parts for run in part.iter(qn("w:r"))]


def font_of(element):
    """The East Asian font of an element, or None."""
    fonts = element.find(f"{qn('w:rPr')}/{qn('w:rFonts')}") if element is not None else None
    return fonts.get(qn("w:eastAsia")) if fonts is not None else None


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_text_has_an_east_asian_font(template):
    document, runs = runs_of(template)
    usual = font_of(document.styles["Normal"].element)
    without = [run.text for run in runs if (run.text or "").strip() and not (font_of(run) or usual)]
    assert without == []
    assert usual


@pytest.mark.parametrize("template", PAGES)
def test_page_prints_the_labels_of_the_word_file(template):
    """Labels next to the fields, without the lines to write on."""
    page = "".join((HERE / "templates" / PAGES[template]).read_text().split())
    _document, runs = runs_of(template)
    text = TAG.sub("\n", "\n".join(run.text or "" for run in runs))
    labels = {piece.strip(" 　＿（）()，。") for piece in re.split(r"[\n＿　]", text)}
    missing = {label for label in labels if CHINESE.search(label) and "".join(label.split()) not in page}
    assert missing == set()
