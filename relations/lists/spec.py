"""The declaration of the list of a kind of stakeholder; used by its views and its export.

A kind subclasses ListSpec and passes one instance to `list_urls`.
"""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.days import month_words
from accounts.roles import Permission
from lists.filters import Filter
from lists.query import encode
from lists.tabs import Tab
from relations.lists import export_columns, filters, rows
from relations.lists.wording import ListWording
from relations.models import Stage
from relations.parties.kinds import KINDS

TYPED_WORKER = "worker_name"  # query parameter of a worker whose name is typed


class ListSpec:
    """The list of one kind of stakeholder.

    Model, URLs and permissions are those of the KindSpec of `kind`. The columns of the page are in `template_name`:
    those of all kinds in templates/relations/list.html, those of one kind in its blocks `headings` and `cells`. The
    columns of the workbook are in export_columns().

    page: name under which saved views of the list are stored (SavedView.page)
    shown_filters: names of the filters in the order of the bar: shared ones and those of `own_filters`
    text_filters: text columns whose values can be chosen as filters
    orders: {name: Order}; `sort_headings` are the names that can be sorted by a column heading
    row: class of the rows
    unread: fields of the model that are not loaded
    """

    kind = None
    page = ""
    wording = ListWording()
    template_name = "relations/list.html"

    filterset = filters.StakeholderFilter
    shown_filters = ("closed", "standing", "department", "worker", "stage", "contact", "duty")
    text_filters = ()

    orders = rows.ORDERS
    default_order = "standing"
    sort_headings = ("name", "standing", "last")

    row = rows.Row
    unread = ()

    @property
    def of_kind(self):
        """The KindSpec of the kind."""
        return KINDS[self.kind]

    @property
    def model(self):
        return self.of_kind.model

    def applies(self, name):
        """Whether the kind has what the filter or column `name` is about: terms, a cycle, responsible workers."""
        has = {
            "standing": self.of_kind.terms,
            "stage": self.of_kind.has_cycle,
            "worker": self.of_kind.has_worker,
        }
        return bool(has.get(name, True))

    @property
    def first_order(self):
        """The order of a list that was not sorted yet."""
        return self.default_order if self.applies(self.default_order) else "name"

    @property
    def sortable_columns(self):
        return [name for name in self.sort_headings if self.applies(name)]

    def may(self, user, permission):
        return self.of_kind.may(user, permission)

    def url(self, name):
        """Returns the URL named `name` in the namespace of the kind."""
        return reverse(self.of_kind.url_name(name))

    def list_url(self, values):
        """Returns the URL of the list filtered by `values` (a dict)."""
        return f"{self.url('list')}?{encode(values)}"

    def import_url(self, user):
        """Returns the URL of the import of this kind; "" when there is none or the user may not import."""
        imports = self.of_kind.imports
        return reverse(f"{imports.namespace}:start") if imports and self.may(user, Permission.IMPORT) else ""

    def visible_to(self, user):
        return self.model.objects.visible_to(user)

    def apply_filters(self, records, query, today):
        """Filters `records` by `query` (a QueryDict or dict)."""
        return self.filterset(query, records, today=today).qs

    def tabs(self, user, today):
        """Returns the standard tabs whose filters apply to the kind; the first is the whole list."""
        tabs = [
            Tab(_("全部"), {}),
            Tab(_("我负责的"), {"worker": str(user.pk)}),
            Tab(_("有逾期"), {"duty": "overdue"}, is_alarm=True),
            Tab(_("%(month)s还没联系") % {"month": month_words(today)}, {"contact": "month"}),
            Tab(_("潜在，30天没联系"), {"standing": "prospective", "contact": "30"}),
        ]
        return [tab for tab in tabs if all(self.applies(name) for name in tab.values)]

    def filters(self, offers):
        """Returns the filters of the bar in order; `offers` is the result of filter_choices."""
        by_name = shared_filters(self.kind, offers) | self.own_filters(offers)
        return [by_name[name] for name in self.shown_filters if self.applies(name)]

    def own_filters(self, offers):
        """Returns {name: Filter} of the filters that only this kind has."""
        return {}

    def sort_keys(self, today):
        """Returns {name: expression}: the annotations named in `orders`."""
        return rows.sort_keys(today)

    def with_columns(self, pks, order, today):
        """Returns a queryset of the records of `pks` (a queryset) with all that a row shows, in one query."""
        keys = {name: key for name, key in self.sort_keys(today).items() if name in self.keys_shown(order)}
        return rows.with_columns(self.model.objects.filter(pk__in=pks), keys).defer(*self.unread)

    def keys_shown(self, order):
        """Returns the sort keys that a row needs: that of the order, and `rank` (is the relationship in force)."""
        return {order.key, "rank"} if self.applies("standing") else {order.key}

    def rows(self, records, user, today):
        """Returns the rows of these records (a list); loads their marks in one query."""
        marks = rows.duty_marks([record.pk for record in records], today)
        return [self.row(record, marks.get(record.pk, []), user, today) for record in records]

    def bulk_acts(self, user):
        """Returns the buttons of the bar shown when records are selected."""
        acts = []
        if self.of_kind.has_worker and self.may(user, Permission.HAND_OVER):
            acts.append(self.bulk_act(_("转交负责社工"), "person-up", "hand_over"))
            acts.append(self.bulk_act(_("提醒负责社工"), "bell", "nudge"))
        if self.of_kind.record.has_sheet:
            acts.append(self.bulk_act(_("打印信息表"), "printer", "sheets"))
        if self.may(user, Permission.EXPORT):
            acts.append(self.bulk_act(_("导出"), "download", "export"))
        return acts

    def bulk_act(self, label, icon, name):
        return {"label": label, "icon": icon, "href": self.url(name), "method": "get"}

    def export_rows(self, records, today):
        """Adds to `records` (visible to the user) what the columns of the workbook read."""
        return export_columns.with_exported_values(records, today)

    def export_columns(self):
        """Returns (heading, function from a record to the value), in order."""
        return export_columns.columns(self.applies)


def shared_filters(kind, offers):
    """Returns {name: Filter} of the filters common to all kinds, with the texts of `kind`."""
    people = {name: [(str(pk), label) for pk, label, _x in offers[name]] for name in ("department", "worker")}
    stages = [(value, rows.stage_words(value, kind)) for value in Stage.values]
    return {
        "closed": choice_filter("closed", _("没有关闭的"), filters.CLOSED),
        "standing": choice_filter("standing", _("关系"), filters.STANDINGS),
        "department": choice_filter("department", _("部门"), people["department"]),
        "worker": choice_filter("worker", _("负责社工"), people["worker"], typed=TYPED_WORKER),
        "stage": choice_filter("stage", _("阶段"), stages),
        "contact": Filter("contact", _("联系"), filters.CONTACTS, only_when_on=True),
        "duty": Filter("duty", _("应尽"), filters.DUTIES, only_when_on=True),
    }


def choice_filter(name, label, choices, **more):
    """Returns a filter that is shown only when it has at least two choices."""
    return Filter(name, label, choices, min_choices=2, **more)


def text_filter(name, label, offers):
    """Returns a filter by the texts in a column (one of ListSpec.text_filters)."""
    return choice_filter(name, label, [(text, text) for _pk, text, _x in offers[name]], typed=name)
