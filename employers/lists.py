"""The list of employers, in addition to what relations.lists provides for every kind of stakeholder."""

from datetime import date

from django.db.models import DateField, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from employers import export_columns
from employers.filters import EmployerFilter
from employers.models import BodyType
from employers.parameters import NOTICE_DAYS
from lists.paging import Order
from lists.tabs import Tab
from relations.lists import rows
from relations.lists.filters import EndFilter, ends_of
from relations.lists.spec import ListSpec, choice_filter, text_filter
from relations.lists.wording import ListWording
from relations.models import Kind, Term
from relations.models.stakeholder import NO_END
from relations.parties.term_words import end_words
from relations.parties.terms import notice_days
from reminders.models import Parameter

SHOW_DAYS_LEFT_BELOW = 100  # days before the end of a contract from which the remaining days are shown
WORDING = ListWording(
    name=gettext_lazy("单位"),
    unit=gettext_lazy("家"),
    icon="building",
    total=gettext_lazy("%(total)s家"),
    find=gettext_lazy("在这%(shown)s家里找"),
    export=gettext_lazy("导出%(shown)s家"),
    place=gettext_lazy("第%(first)s—%(last)s家，共%(shown)s家"),
    create=gettext_lazy("新增单位"),
    nothing_found=ngettext_lazy("没有符合这%(n)s个条件的单位", "没有符合这%(n)s个条件的单位", "n"),
    none_yet=gettext_lazy("还没有用人单位"),
    none_yet_create=gettext_lazy("登记第一家，或从 Excel 导入名册。"),
    none_yet_import=gettext_lazy("把现在用的登记表从Excel导入，单位、对接人和合同就都在这里了。"),
    none_yet_own=gettext_lazy("您负责的单位会出现在这里。"),
    ticked=gettext_lazy("选中的单位"),
    ticked_count=gettext_lazy("已选%(count)s家"),
    tick_first=gettext_lazy("请先在列表里选中单位。"),
    hand_over_help=gettext_lazy("单位跟着归到对方的部门；转给别的部门以后，本部门的同事就看不到了。"),
    holders_changed=gettext_lazy("有的单位刚刚换了负责社工，见下面。"),
    handed_over=gettext_lazy("%(count)d家单位转交给了%(name)s。"),
    reminded=gettext_lazy("已提醒%(count)d家单位的负责社工。"),
)


class Row(rows.Row):
    """One employer as the list shows it, with the end of its last contract."""

    def __init__(self, employer, marks, user, today):
        super().__init__(employer, marks, user, today)
        end = employer.end_key
        self.ends_on = None if end == NO_END else end
        days, soon = (end - today).days if self.ends_on else None, employer.notice_days
        self.says_left = days is not None and days <= max(soon, SHOW_DAYS_LEFT_BELOW)
        state, self.end_words = end_words(days, soon) if self.says_left else ("plain", "")
        self.ends_soon = state != "plain"


def contract_end():
    """The latest last day of the employer's contracts; NO_END without a contract."""
    own = Term.objects.valid().filter(stakeholder=OuterRef("pk")).order_by("-last_day")
    return Coalesce(Subquery(own.values("last_day")[:1]), NO_END, output_field=DateField())


class EmployerList(ListSpec):
    """The list of employers."""

    kind = Kind.EMPLOYER
    page = "employers"
    wording = WORDING
    template_name = "employers/list.html"

    filterset = EmployerFilter
    shown_filters = (
        "closed",
        "standing",
        "department",
        "worker",
        "town",
        "stage",
        "ends",
        "type",
        "contact",
        "duty",
    )
    text_filters = ("town",)

    orders = rows.ORDERS | {
        "end": Order("end_key", date.fromisoformat),
        "-end": Order("end_key", date.fromisoformat, descending=True),
    }
    sort_headings = ("name", "standing", "last", "end")

    row = Row
    unread = ("past_cooperation", "prospects", "note", "address", "service_area")

    def tabs(self, user, today):
        *others, prospective = super().tabs(user, today)
        days = notice_days(self.of_kind.terms, today)
        return [*others, Tab(_("%(days)d天内到期") % {"days": days}, {"ends": str(days)}), prospective]

    def own_filters(self, offers):
        return {
            "town": text_filter("town", _("镇街"), offers),
            "ends": EndFilter("ends", _("合同到期"), ends_of(self.of_kind.terms.word)),
            "type": choice_filter("type", _("单位类型"), BodyType.choices),
        }

    def with_columns(self, pks, order, today):
        """Adds the number of days from which the end of a contract is coloured."""
        notice = Parameter.objects.value_expression(NOTICE_DAYS, today)
        return super().with_columns(pks, order, today).annotate(notice_days=notice)

    def sort_keys(self, today):
        return super().sort_keys(today) | {"end_key": contract_end()}

    def keys_shown(self, order):
        return super().keys_shown(order) | {"end_key"}

    def export_rows(self, records, today):
        return export_columns.with_exported_values(records, today)

    def export_columns(self):
        return export_columns.columns()


EMPLOYER_LIST = EmployerList()
