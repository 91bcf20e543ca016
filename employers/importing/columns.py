"""The columns of an Excel file of employers, with all headings under which they are recognized."""

from django.utils.translation import gettext_lazy as _

from employers.models import BodyType
from relations.imports.columns import ChoiceColumn, Column, DateColumn
from relations.imports.stakeholders.columns import CONTACTS, NUMBER, PHONES, TITLES, WORKER

NAME = Column(
    "name",
    ("单位名称", "用人单位名称", "用人单位", "名称", "单位", "购买方", "单位全称"),
    _("单位名称"),
    longest=120,
)
BODY_TYPE = ChoiceColumn(
    "body_type",
    ("单位类型", "类型", "单位性质", "性质", "单位类别"),
    _("单位类型"),
    choices=BodyType,
    words={
        BodyType.GOVERNMENT: ("政府部门", "政府", "机关", "行政单位", "行政机关", "党政机关"),
        BodyType.ENTERPRISE: ("企业", "公司", "国企", "民企", "国有企业", "民营企业"),
        BodyType.INSTITUTION: ("事业单位", "学校", "医院", "事业"),
        BodyType.MASS: ("群团组织", "群团", "人民团体", "群众团体", "社会团体"),
        BodyType.OTHER: ("其他", "其它"),
    },
    problem=_("没有这个单位类型，可以填：%s。"),
)
TOWN = Column("town", ("所属镇街", "镇街", "所在镇街", "镇区", "所属镇区", "街镇", "所属街道"), _("所属镇街"))
ADDRESS = Column(
    "address", ("地址", "单位地址", "详细地址", "办公地址"), _("地址"), longest=200, on_page=False
)
CONTRACT_NUMBER = Column(
    "contract_number",
    ("合同编号", "协议编号", "合同号"),
    _("合同编号"),
    longest=60,
    attribute="term_number",
)
STARTS_ON = DateColumn(
    "starts_on",
    (
        "合同开始",
        "合同开始日期",
        "合同起始日期",
        "合同起始",
        "服务开始",
        "开始日期",
        "起始日期",
        "合同起",
    ),
    _("合同开始"),
)
ENDS_ON = DateColumn(
    "ends_on",
    (
        "合同结束",
        "合同结束日期",
        "合同终止日期",
        "合同到期",
        "合同到期日期",
        "服务结束",
        "结束日期",
        "合同止",
    ),
    _("合同结束"),
)
NOTE = Column("note", ("备注", "说明"), longest=2000, on_page=False)

ALL = (
    NUMBER,
    NAME,
    BODY_TYPE,
    TOWN,
    ADDRESS,
    CONTACTS,
    TITLES,
    PHONES,
    CONTRACT_NUMBER,
    STARTS_ON,
    ENDS_ON,
    WORKER,
)
# {field: heading in our own export, in the language of the user}
EXPORTED = {column.field: column.exported for column in ALL}
