"""The texts of a list of stakeholders; a kind replaces them with its own words and measure word (家, 位, 个)."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy, pgettext_lazy


@dataclass(frozen=True)
class ListWording:
    """The texts of a list of stakeholders (lazy). They must have the placeholders of the defaults."""

    name: str = _("名称")
    unit: str = pgettext_lazy("stakeholders", "个")
    icon: str = "people"
    total: str = _("%(total)s个")
    find: str = _("在这%(shown)s个里找")
    export: str = _("导出%(shown)s个")
    place: str = _("第%(first)s—%(last)s个，共%(shown)s个")
    create: str = _("新增")
    nothing_found: str = ngettext_lazy("没有符合这%(n)s个条件的", "没有符合这%(n)s个条件的", "n")
    none_yet: str = _("还没有登记")
    none_yet_create: str = _("登记第一个。")
    none_yet_import: str = _("把现在用的登记表从Excel导入。")
    none_yet_own: str = _("您负责的会出现在这里。")
    import_title: str = _("导入登记表")
    ticked: str = _("选中的")
    ticked_count: str = _("已选%(count)s个")
    tick_first: str = _("请先在列表里选中。")
    hand_over_help: str = _("跟着归到对方的部门；转给别的部门以后，本部门的同事就看不到了。")
    holders_changed: str = _("有的刚刚换了负责社工，见下面。")
    handed_over: str = _("%(count)d个转交给了%(name)s。")
    reminded: str = _("已提醒%(count)d个的负责社工。")
