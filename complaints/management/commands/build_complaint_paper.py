"""Writes the Word template of the record form; run it after changing what the form holds.

The template in complaints/paper is committed. Its fields are those of complaints.paper.content, filled in by docxtpl:
`pages` is a list of forms, continuation pages (with `sections`) and at most one index (with `rows`), each on a page
of its own.
"""

from pathlib import Path

from django.core.management.base import BaseCommand
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from relations.files.word_files import styled

PAPER = Path(__file__).resolve().parents[2] / "paper"
TEXT, HEAD = "仿宋", "黑体"
LINE = 420  # twentieths of a point: 21 pt
EDGE = 136  # above and below the text of a row: 2.4 mm
SIDE = 198  # left and right of it: 3.5 mm
WIDTH = 166  # mm
INDEX_WIDTHS = (11, 29, 25, 13, 38, 16, 17, 17)


def element(name, **attributes):
    made = OxmlElement(f"w:{name}")
    for key, value in attributes.items():
        made.set(qn(f"w:{key}"), str(value))
    return made


class Form:
    """The document: one kind of page after the other inside a loop over `pages`."""

    def __init__(self):
        self.document = Document()
        section = self.document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin = section.right_margin = Mm(22)
        section.top_margin, section.bottom_margin = Mm(12), Mm(10)
        style = self.document.styles["Normal"]
        style.font.name, style.font.size = TEXT, Pt(12)
        style.element.rPr.rFonts.set(qn("w:eastAsia"), TEXT)
        spacing = style.paragraph_format
        spacing.space_after, spacing.line_spacing_rule = Pt(0), WD_LINE_SPACING.EXACTLY
        spacing.line_spacing = Pt(LINE / 20)

    def tag(self, words):
        """A paragraph that docxtpl takes out."""
        self.document.add_paragraph("{%p " + words + " %}")

    def head(self, title):
        """The mark of secrecy in its box, then the title, at the top of a page."""
        mark = self.document.add_paragraph()
        mark.alignment, mark.paragraph_format.page_break_before = WD_ALIGN_PARAGRAPH.RIGHT, True
        boxed = styled(mark.add_run("{% if page.is_strict %} {{ page.label.strict }} {% endif %}"), HEAD, 12)
        boxed._element.get_or_add_rPr().append(element("bdr", val="single", sz=10, space=0, color="000000"))
        heading = self.document.add_paragraph()
        heading.alignment = WD_ALIGN_PARAGRAPH.CENTER
        heading.paragraph_format.line_spacing, heading.paragraph_format.space_after = Pt(25), Mm(5)
        styled(heading.add_run(title), HEAD, 18)

    def foot(self):
        line = self.document.add_paragraph()
        line.alignment, line.paragraph_format.space_before = WD_ALIGN_PARAGRAPH.RIGHT, Mm(2)
        styled(line.add_run("{{ page.foot }}"), TEXT, 9)

    def table(self, columns=1):
        table = self.document.add_table(rows=0, cols=columns)
        table.style, table.autofit = "Table Grid", False
        lines = element("tblBorders")
        for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
            lines.append(element(side, val="single", sz=6, space=0, color="000000"))
        table._tbl.tblPr.find(qn("w:tblLayout")).addprevious(lines)
        return table

    def save(self):
        self.document.core_properties.author = self.document.core_properties.comments = ""
        self.document.save(PAPER / "record.docx")


def row(table, height, open_to=""):
    """A row of one cell, at least `height` high (a number or what docxtpl makes of it); no line at `open_to`."""
    made = table.add_row()
    made._tr.get_or_add_trPr().extend(
        [element("cantSplit"), element("trHeight", val=height, hRule="atLeast")]
    )
    cell = made.cells[0]
    cell.width = Mm(WIDTH)
    properties = cell._tc.get_or_add_tcPr()
    if open_to:
        borders = element("tcBorders")
        borders.append(element(open_to, val="nil"))
        properties.append(borders)
    margins = element("tcMar")
    for side in ("top", "left", "bottom", "right"):
        room = SIDE if side in ("left", "right") else 0 if side == open_to else EDGE
        margins.append(element(side, w=room, type="dxa"))
    properties.append(margins)
    return cell


def write(cell, lines, right=False):
    """Lines of text in a cell."""
    for place, words in enumerate(lines):
        line = cell.paragraphs[0] if place == 0 else cell.add_paragraph()
        line.paragraph_format.tab_stops.add_tab_stop(Mm(84))
        if right:
            line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        styled(line.add_run(words), TEXT, 12)


def label(key):
    return "{{ page.label." + key + " }}"


def day(of):
    return "{% for part, unit in " + of + " %}{{ part }}{{ unit }}{% endfor %}"


def or_room(field, signs):
    """The field, or a line to write on."""
    return "{{ " + field + " or '" + "＿" * signs + "' }}"


def paragraphs(of):
    """The lines of docxtpl that write the paragraphs of `of`, an indented one two signs in."""
    text = "{% if one.is_indented %}　　{% endif %}{{ one.text }}"
    return ["{%p for one in " + of + ".paragraphs %}", text, "{%p endfor %}"]


def first_page(form):
    form.head("{{ page.title }}")
    table = form.table()
    write(
        row(table, 4 * LINE + 2 * EDGE),
        [
            label("choose") + "{{ page.kinds|join('　') }}{{ page.beside }}",
            label("filled") + day("page.filled_on"),
            label("method") + "{{ page.methods|join('　') }}",
            f"{label('name')}{or_room('page.name', 8)}\t{label('contact')}{or_room('page.contact', 8)}",
        ],
    )
    handler = f"{label('handler')}{or_room('page.handler', 8)}"
    write(
        row(table, 2 * LINE + 2 * EDGE),
        [label("staff"), f"{label('received')}{day('page.received_on')}\t{handler}"],
    )
    date = label("date") + day("box.on")
    signature = label("signature") + or_room("page.signed_by", 8)
    for place, below in enumerate([[date], [date], [], [signature, date]]):
        box(table, place, below)
    form.foot()


def box(table, place, below):
    """One box: head and text in a row, and date or signature at its lower edge in another without a line between."""
    name = f"page.boxes[{place}]"
    high = "{{ " + f"({name}.height - {len(below)}) * {LINE} + {EDGE if below else 2 * EDGE}" + " }}"
    cell = row(table, high, "bottom" if below else "")
    goes_on = "{% if " + name + ".goes_on %}{{ page.label.goes_on }}{% endif %}"
    write(cell, ["{{ " + name + ".head }}", *paragraphs(name)])
    write_if(cell, f"{name}.goes_on", goes_on)
    if below:
        lines = [words.replace("box.", f"{name}.") for words in below]
        write(row(table, len(below) * LINE + EDGE, "top"), lines, right=True)


def write_if(cell, condition, words):
    """A line that is there only under a condition."""
    for text in ("{%p if " + condition + " %}", words, "{%p endif %}"):
        line = cell.add_paragraph()
        line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        styled(line.add_run(text), TEXT, 12)


def more_page(form):
    form.head("{{ page.title }}{{ page.label.more }}")
    styled(form.document.add_paragraph().add_run(label("number") + "{{ page.number }}"), TEXT, 12)
    table = form.table()
    write(row(table, LINE), ["{%tr for section in page.sections %}"])
    write(row(table, LINE), ["{{ section.name }}{{ page.label.continued }}", *paragraphs("section")])
    write(row(table, LINE), ["{%tr endfor %}"])
    form.foot()


def index_page(form):
    form.head("{{ page.title }}")
    span = form.document.add_paragraph()
    styled(span.add_run("{{ page.span }}"), TEXT, 12)
    table = form.table(len(INDEX_WIDTHS))
    for column, wide in zip(table.columns, INDEX_WIDTHS, strict=True):
        column.width = Mm(wide)
    head = index_row(table, [f"{{{{ page.head[{place}] }}}}" for place in range(len(INDEX_WIDTHS))], HEAD)
    head._tr.get_or_add_trPr().append(element("tblHeader"))
    index_row(table, ["{%tr for row in page.rows %}"])
    index_row(table, [f"{{{{ row[{place}] }}}}" for place in range(len(INDEX_WIDTHS))])
    index_row(table, ["{%tr endfor %}"])
    form.foot()


def index_row(table, words, font=TEXT):
    made = table.add_row()
    for cell, wide, text in zip(made.cells, INDEX_WIDTHS, [*words, *[""] * 8], strict=False):
        cell.width = Mm(wide)
        line = cell.paragraphs[0]
        line.paragraph_format.line_spacing = Pt(16)
        styled(line.add_run(text), font, 10)
    return made


class Command(BaseCommand):
    help = "Write the Word template of the record form of opinions and complaints anew."

    def handle(self, **options):
        PAPER.mkdir(exist_ok=True)
        form = Form()
        form.tag("for page in pages")
        form.tag("if page.rows is defined")
        index_page(form)
        form.tag("elif page.sections is defined")
        more_page(form)
        form.tag("else")
        first_page(form)
        form.tag("endif")
        form.tag("endfor")
        form.save()
