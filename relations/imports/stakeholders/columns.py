"""The columns common to the registers of all kinds of stakeholders, with their accepted headings."""

from django.utils.translation import gettext_lazy as _

from relations.imports.columns import Column

NUMBER = Column("number", ("编号",), _("编号"), on_page=False)
CONTACTS = Column(
    "contacts",
    ("对接人", "联系人", "主要对接人", "对接人姓名", "联系人姓名", "主要联系人"),
    _("主要对接人"),
)
TITLES = Column("titles", ("职务", "对接人职务", "联系人职务", "职位", "岗位"), _("职务"))
PHONES = Column(
    "phones",
    ("联系电话", "电话", "手机", "联系方式", "手机号", "手机号码", "电话号码", "对接人电话"),
    _("联系电话"),
)
WORKER = Column(
    "worker", ("驻点社工", "负责社工", "社工", "驻点社工姓名", "负责人", "跟进社工"), _("负责社工")
)
SERIAL = Column("serial", ("序号", "号"), on_page=False)
