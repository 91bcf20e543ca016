"""The specification of the import of employers, for relations.imports."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.roles import Permission
from employers.importing import columns, levels
from employers.models import Contract, Employer
from employers.renewals import settle_tasks
from relations.imports.specs import PageWording
from relations.imports.stakeholders.rows import StakeholderEntry
from relations.imports.stakeholders.spec import RowWording, StakeholderImport, TermColumns
from relations.models import Kind, Task


@dataclass(slots=True)
class EmployerEntry(StakeholderEntry):
    """One employer in the file; `body_type_word` is the type as written in the file."""

    body_type: str = ""
    body_type_word: str = ""
    town: str = ""
    address: str = ""
    note: str = ""


CONTRACTS = TermColumns(
    model=Contract,
    number=columns.CONTRACT_NUMBER,
    starts_on=columns.STARTS_ON,
    ends_on=columns.ENDS_ON,
    incomplete=_("有合同的单位要写全合同编号、合同开始和合同结束。"),
    doubled=_("这个合同编号在%s已经有了。"),
    elsewhere=_("这个合同编号已经登记在别的单位。"),
    wrong_order=_("比合同开始（%s）早，请检查年份。"),
    follow=lambda pks: settle_tasks(Task.objects.filter(stakeholder__in=pks)),
)


class EmployerImport(StakeholderImport):
    """用人单位登记表: columns, texts and rules of the import of employers."""

    kind = Kind.EMPLOYER
    model = Employer
    entry = EmployerEntry
    name_column = columns.NAME
    own_columns = (columns.BODY_TYPE, columns.TOWN, columns.ADDRESS, columns.NOTE)
    term = CONTRACTS
    reason = "导入用人单位登记表"
    namespace = "employer_imports"
    list_view = "employers:list"
    wording = PageWording(
        title=_("导入用人单位"),
        list_title=_("用人单位"),
        to_list=_("看用人单位"),
        file_label=_("用人单位登记表"),
        sheet_title=_("用人单位信息表"),
        hints=(
            _("您现在用的登记表就可以：有标题行、合并单元格、列的次序不同都能读。"),
            _(
                "一定要有“单位名称”一列；对接人、职务、电话、合同编号、合同开始、合同结束、驻点社工、备注，"
                "有哪列读哪列。"
            ),
            _("驻点社工写姓名，要和系统里在职社工的姓名一样。"),
            _("没有合同的单位，导入后是潜在。"),
        ),
        unit=_("家"),
        read=_("读到%(read)s家"),
        comparing=_("正在核对：%(done)s家，共%(of)s家"),
        writing=_("正在写入：%(done)s家，共%(of)s家"),
        total=_("共%(count)s家。没有合同的单位导入后是潜在。"),
        no_headings=_("没有找到表头。表头里要有“单位名称”，以及“对接人”“联系电话”“合同编号”等至少两列。"),
    )
    row_wording = RowWording(
        no_name=_("没有单位名称。"),
        same_record=_("和%s是同一家单位。"),
        same_name=_("和%s同名，一家单位只能有一行。"),
        unknown_number=_("您负责的范围里没有编号是%s的单位，请检查编号；新单位请把编号留空。"),
        several_named=_("有%(count)s家单位叫这个名称，请加一列“编号”写明是哪一家（%(numbers)s）。"),
        too_many_people=_("一家单位最多%s位对接人。"),
        same_person=_("这家单位已经有同名同职务的对接人。"),
    )

    def level_of(self, title):
        return levels.level_of(title)

    def links(self, user):
        if not user.may(Permission.HAND_OVER):
            return ()
        return ((_("可能重复的单位"), reverse("employers:duplicates")),)


EMPLOYERS = EmployerImport()
