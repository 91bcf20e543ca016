"""Finding the heading row and which column is which, in whatever order a register has them."""

from dataclasses import dataclass
from functools import cache
from itertools import islice

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from employers.importing.cells import squeezed
from employers.importing.faults import Unreadable

# field -> the heading under which our own list goes out, in the language of whoever takes it out
EXPORTED = {
    "number": gettext_lazy("编号"),
    "name": gettext_lazy("单位名称"),
    "body_type": gettext_lazy("单位类型"),
    "town": gettext_lazy("所属镇街"),
    "address": gettext_lazy("地址"),
    "contacts": gettext_lazy("主要对接人"),
    "titles": gettext_lazy("职务"),
    "phones": gettext_lazy("联系电话"),
    "contract_number": gettext_lazy("合同编号"),
    "starts_on": gettext_lazy("合同开始"),
    "ends_on": gettext_lazy("合同结束"),
    "worker": gettext_lazy("负责社工"),
}
REMARKS = gettext_lazy("要改的地方")  # the last column of a register that was given back with its faults
# field -> the headings under which registers keep it; the first is ours
HEADINGS = {
    "number": ("编号",),
    "name": ("单位名称", "用人单位名称", "用人单位", "名称", "单位", "购买方", "单位全称"),
    "body_type": ("单位类型", "类型", "单位性质", "性质", "单位类别"),
    "town": ("所属镇街", "镇街", "所在镇街", "镇区", "所属镇区", "街镇", "所属街道"),
    "address": ("地址", "单位地址", "详细地址", "办公地址"),
    "contacts": ("对接人", "联系人", "主要对接人", "对接人姓名", "联系人姓名", "主要联系人"),
    "titles": ("职务", "对接人职务", "联系人职务", "职位", "岗位"),
    "phones": ("联系电话", "电话", "手机", "联系方式", "手机号", "手机号码", "电话号码", "对接人电话"),
    "contract_number": ("合同编号", "协议编号", "合同号"),
    "starts_on": (
        "合同开始",
        "合同开始日期",
        "合同起始日期",
        "合同起始",
        "服务开始",
        "开始日期",
        "起始日期",
        "合同起",
    ),
    "ends_on": (
        "合同结束",
        "合同结束日期",
        "合同终止日期",
        "合同到期",
        "合同到期日期",
        "服务结束",
        "结束日期",
        "合同止",
    ),
    "worker": ("驻点社工", "负责社工", "社工", "驻点社工姓名", "负责人", "跟进社工"),
    "note": ("备注", "说明"),
    "serial": ("序号", "号"),
}
FIELD_OF = {heading: field for field, headings in HEADINGS.items() for heading in headings}
LABELS = {field: headings[0] for field, headings in HEADINGS.items()}
BLANK = [heading for field, heading in LABELS.items() if field != "number"]  # of a register of new employers
FEWEST = 3
LOOK_AT = 30


@dataclass(frozen=True)
class Layout:
    """Where the headings stand: their row number, {field: column index}, and headings that mean nothing to us.

    `remarks` is the place of what we wrote ourselves about the faults of a file that was read before, or None.
    """

    row: int
    places: dict
    unused: list
    headings: dict
    remarks: int | None = None


@cache
def known_headings():
    """{heading without spaces: field}, our own in every language."""
    own = {squeezed(words): field for field, each in EXPORTED.items() for words in in_every_language(each)}
    return own | FIELD_OF


@cache
def remarks_headings():
    return {squeezed(words) for words in in_every_language(REMARKS)}


def in_every_language(words):
    """The texts that lazy `words` have, one for each language of the site."""
    found = set()
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            found.add(str(words))
    return found


def find(sheet):
    """The Layout of the row that looks most like headings, or None."""
    best = None
    for number, values in islice(sheet.rows, LOOK_AT):
        layout = layout_of(number, values)
        is_heading = "name" in layout.places and len(layout.places) >= FEWEST
        if is_heading and (best is None or len(layout.places) > len(best.places)):
            best = layout
    return best


def layout_of(number, values):
    places, unused, headings, remarks = {}, [], {}, None
    for index, value in enumerate(values):
        heading = squeezed(value)
        field = known_headings().get(heading)
        if field and field not in places:
            places[field] = index
            headings[field] = heading
        elif heading in remarks_headings():
            remarks = index
        elif heading:
            unused.append(heading)
    return Layout(number, places, unused, headings, remarks)


def find_any(sheets):
    """The sheets that hold a register, as a list of (Sheet, Layout). Raises Unreadable when there is none."""
    found = [(sheet, layout) for sheet in sheets if (layout := find(sheet))]
    if not found:
        raise Unreadable(
            _("没有找到表头。表头里要有“单位名称”，以及“对接人”“联系电话”“合同编号”等至少两列。")
        )
    return found
