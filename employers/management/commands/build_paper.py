"""Writes the Word templates of the printed forms; run it after changing what a form holds.

The templates in employers/paper are committed. Their fields are those of employers.papers, filled in by docxtpl.
"""

from pathlib import Path

from django.core.management.base import BaseCommand
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from relations.files.word_files import styled

PAPER = Path(__file__).resolve().parents[2] / "paper"
TEXT, HEAD = "仿宋", "黑体"
COLUMNS = 6
WIDTH = 174  # mm of text on A4 with margins of 18 mm


class Form:
    """One A4 form: a title, then rows of a table with six columns."""

    def __init__(self, widths=None):
        self.document = Document()
        self.widths = widths or [WIDTH / COLUMNS] * COLUMNS
        self.set_page()
        self.set_fonts()
        self.title()
        self.table = self.document.add_table(rows=0, cols=COLUMNS)
        self.table.style = "Table Grid"
        self.table.autofit = False

    def set_page(self):
        section = self.document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin = section.right_margin = Mm(18)
        section.top_margin, section.bottom_margin = Mm(16), Mm(14)
        foot = section.footer.paragraphs[0]
        foot.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        styled(foot.add_run("{{ number }}　{{ foot }}"), TEXT, 9)

    def set_fonts(self):
        style = self.document.styles["Normal"]
        style.font.name, style.font.size = TEXT, Pt(10.5)
        style.element.rPr.rFonts.set(qn("w:eastAsia"), TEXT)
        style.paragraph_format.space_after = Pt(0)

    def title(self):
        mark = self.document.add_paragraph()
        mark.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        styled(mark.add_run("{% if is_confidential %}严格保密{% endif %}"), HEAD, 12)
        title = self.document.add_paragraph()
        title.alignment = WD_ALIGN_PARAGRAPH.CENTER
        styled(title.add_run("{{ title }}"), HEAD, 18)

    def line(self, *cells):
        """A row; a cell is (text, how many columns, is a heading)."""
        row = self.table.add_row()
        repeat_no_break(row)
        place = 0
        for text, span, is_head in cells:
            cell = row.cells[place]
            if span > 1:
                cell = cell.merge(row.cells[place + span - 1])
            cell.width = Mm(sum(self.widths[place : place + span]))
            styled(cell.paragraphs[0].add_run(text), HEAD if is_head else TEXT, 10 if is_head else 10.5)
            place += span
        return row

    def fact(self, label, text):
        return self.line((label, 1, True), (text, COLUMNS - 1, False))

    def facts(self, label, text, other, words):
        return self.line((label, 1, True), (text, 2, False), (other, 1, True), (words, 2, False))

    def tags(self, tag):
        """A row that only opens or closes a loop over rows; docxtpl takes it out."""
        self.line((tag, COLUMNS, False))

    def save(self, name):
        self.document.core_properties.author = self.document.core_properties.comments = ""
        self.document.save(PAPER / name)


def repeat_no_break(row):
    """A row is not torn over two pages."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def as_head(row):
    """The row is repeated on every page."""
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def joined(name):
    return "{{ " + name + "|join('　') }}"


def sheet():
    """《用人单位信息表》."""
    form = Form()
    form.facts("编号", "{{ number }}", "登记日期", "{{ registered_on }}")
    form.fact("单位名称", "{{ name }}")
    form.fact("单位类型", joined("body_type"))
    form.fact("与中心的关系", joined("relation") + "\n" + joined("supervision"))
    form.facts("主管单位", "{{ parent_unit }}", "所属镇街", "{{ town }}")
    form.fact("地址", "{{ address }}")
    form.fact("服务区域", "{{ service_area }}")
    form.fact("来源", joined("source") + "{% if source_detail %}　说明：{{ source_detail }}{% endif %}")
    form.fact("首次联系", "{{ first_contact }}")
    form.fact("分类", joined("standing") + "　{{ standing_words }}")
    form.facts("负责社工", "{{ responsible }}", "部门", "{{ department }}")
    heads = ("对接人", "主要", "职务", "层级")
    form.line(*((head, 1, True) for head in heads), ("联系方式", 2, True))
    form.tags("{%tr for person in people %}")
    fields = ("name", "main", "title", "level")
    form.line(
        *((f"{{{{ person.{field} }}}}", 1, False) for field in fields), ("{{ person.phone }}", 2, False)
    )
    form.tags("{%tr endfor %}")
    form.fact(
        "合同",
        "{% if contract %}{{ contract.number }}　{{ contract.term }}"
        "{% if contract.ended %}　提前终止：{{ contract.ended }}{% endif %}"
        "{% if contract.signed_on %}\n签订日期：{{ contract.signed_on }}{% endif %}"
        "{% if contract.parties %}\n签约方：{{ contract.parties }}{% endif %}"
        "{% if contract.content %}\n服务内容：{{ contract.content }}{% endif %}"
        "{% if contract.amount %}\n金额（元）：{{ contract.amount }}{% endif %}{% else %}没有签过{% endif %}",
    )
    form.fact("目标", "{% if contract %}{{ contract.goals }}{% endif %}")
    form.fact("约束", "{% if contract %}{{ contract.constraints }}{% endif %}")
    form.fact("以往合作", "{% for one in earlier %}{{ one }}\n{% endfor %}{{ past_cooperation }}")
    form.fact("合作机会和意愿", "{{ prospects }}")
    form.fact("备注", "{{ note }}")
    form.line(("{{ year }}年核对", 1, True), ("日期", 1, True), ("核对人", 1, True), ("结果", 3, True))
    form.tags("{%tr for check in checks %}")
    form.line(
        *((f"{{{{ check.{field} }}}}", 1, False) for field in ("period", "on", "by")),
        ("{{ check.what }}", 3, False),
    )
    form.tags("{%tr endfor %}")
    form.line(("填表人：＿＿＿＿＿＿＿＿", 3, False), ("审核人：＿＿＿＿＿＿＿＿", 3, False))
    form.save("sheet.docx")


def contact():
    """《沟通记录表》 of one contact."""
    form = Form()
    form.facts("用人单位", "{{ employer }}", "编号", "{{ number }}")
    form.facts("沟通日期", "{{ on }}", "填写日期", "{{ entered_on }}")
    form.facts("方式", "{{ channel }}", "结果", "{{ outcome }}")
    form.facts(
        "事由",
        "{{ purpose }}{% if guest_role %}（{{ guest_role }}）{% endif %}",
        "性质",
        joined("formal_boxes"),
    )
    form.fact("发起", joined("started_by") + "{% if starter %}　发起人：{{ starter }}{% endif %}")
    form.fact("我方人员", "{{ ours }}")
    form.fact("陪同", "{{ accompanying }}")
    form.fact("对方人员", "{{ theirs }}")
    form.fact("计划行动", "{{ plan_action }}")
    form.fact("沟通内容", "{{ content }}").height = Mm(88)
    form.fact("需跟进事项", "{{ follow_up }}").height = Mm(34)
    form.fact("附件", "{{ files }}")
    form.line(("填表人：{{ entered_by }}", 3, False), ("审阅：＿＿＿＿＿＿＿＿", 3, False))
    form.save("contact.docx")


def month():
    """《沟通记录表》 by the month."""
    form = Form([16, 26, 27, 27, 48, 30])
    form.line(
        ("{{ employer }}（{{ number }}）", 3, False), ("{{ month }}　负责社工：{{ responsible }}", 3, False)
    )
    heads = ("日期", "方式、事由", "我方人员", "对方人员", "内容", "需跟进事项")
    as_head(form.line(*((head, 1, True) for head in heads)))
    form.tags("{%tr for row in rows %}")
    form.line(
        (
            "{{ row.on[5:] }}{% if row.entered_on != row.on %}\n填写{{ row.entered_on[5:] }}{% endif %}",
            1,
            False,
        ),
        ("{{ row.channel }}\n{{ row.purpose }}\n（{{ row.formality }}）", 1, False),
        ("{{ row.ours }}{% if row.accompanying %}\n陪同：{{ row.accompanying }}{% endif %}", 1, False),
        ("{{ row.theirs }}", 1, False),
        ("{{ row.content }}{% if row.files %}\n附件：{{ row.files }}{% endif %}", 1, False),
        ("{{ row.follow_up }}", 1, False),
    )
    form.tags("{%tr endfor %}")
    form.line(
        ("本月沟通{{ count }}次。　填表人：＿＿＿＿＿＿", 3, False), ("审阅：＿＿＿＿＿＿＿＿", 3, False)
    )
    form.save("month.docx")


class Command(BaseCommand):
    help = "Write the Word templates of the printed forms anew."

    def handle(self, **options):
        PAPER.mkdir(exist_ok=True)
        for build in (sheet, contact, month):
            build()
