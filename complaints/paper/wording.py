"""The texts of the record form as in the documents; the form is Chinese in every language of the interface."""

from django.utils.translation import override

from accounts import days
from complaints.models import ActKind, PersonClass

TITLE = "意见\\投诉收集及处理记录表"
FILE_TITLE = "意见／投诉档案夹"
KINDS = [("suggestion", "建议表"), ("complaint", "投诉表")]
PRAISE = "（表扬）"
ANONYMOUS = "匿名"
DROP_IN = "可撕下投入意见箱，或交给任何一位社工。"
SECTIONS = ("意见/投诉陈述", "跟进人回复", "处理结果或其他事宜", "负责人意见")
LABELS = {
    "strict": "严格保密",
    "choose": "选择本表格为：",
    "filled": "填写日期：",
    "method": "收集方式：",
    "name": "姓名（可匿名）：",
    "contact": "联系方式（可不填）：",
    "staff": "工作人员填写：",
    "received": "收到表格日期：",
    "handler": "跟进人：",
    "date": "日期：",
    "signature": "签名：",
    "goes_on": "（转续页）",
    "more": "（续页）",
    "continued": "（续）：",
    "number": "编号：",
}
HEADS = (
    "意见/投诉陈述：（写清反映的主题）",
    "跟进人回复：（回复对应事件的原因或应对方式）",
    "处理结果或其他事宜：（%s对回复是否满意，是否有需要进一步跟进的地方）",
    "负责人意见：",
)
WHO = {
    PersonClass.EMPLOYER: "用人单位",
    PersonClass.CLIENT: "服务对象",
    PersonClass.FAMILY: "服务对象",
    PersonClass.PARTNER: "合作方",
    PersonClass.STAFF: "员工",
    PersonClass.OTHER: "反映人",
}
EITHER = "用人单位／服务对象"
SATISFIED = {
    ActKind.SATISFIED: "%s对回复满意。",
    ActKind.UNSATISFIED: "%s对回复不满意。",
    ActKind.NO_WORD: "%s没有表态。",
}
NOTHING_LEFT = "无需进一步跟进。"
NOT_PROCESSED = "匿名的人事投诉，按规定登记，不予处理。"
INDEX = ("序号", "编号", "收到日期", "种类", "反映的主题", "反映人", "跟进人", "状态")


def heads(who):
    """The headings of the four boxes; the third one asks whether `who` is satisfied (R449)."""
    return [head % who if "%s" in head else head for head in HEADS]


def day_parts(day):
    """2026 年 9 月 28 日 as pairs (figure, unit); without a day, blanks to be filled in by hand."""
    figures = (str(day.year), str(day.month), str(day.day)) if day else ("　　", "　", "　")
    return list(zip(figures, "年月日", strict=True))


def day_words(day):
    """10月22日: the printed form is Chinese in every language of the interface."""
    with override("zh-hans"):
        return days.day_words(day)


def full_day_words(day):
    """2026年10月22日 周四."""
    with override("zh-hans"):
        return days.full_day_words(day)


def page_words(number, pages):
    return f"第{number}页，共{pages}页"
