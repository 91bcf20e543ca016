"""The list of one kind of stakeholder, what may be done with several at once, and the workbook made of it.

Each view reads a ListSpec; `relations.lists.urls.list_urls` gives it to them.
"""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView, View

from accounts.access import PermissionRequired
from accounts.act_views import ActMixin
from accounts.days import month_words
from accounts.keys import parse_key
from accounts.roles import Permission
from accounts.stamps import add_conflict_error
from lists.columns import column_links, requested_order
from lists.filters import condition_words, filter_bar
from lists.paging import capped_counts, format_count, page_links, page_of
from lists.query import encode, filter_conditions, filter_values, parse_query_string
from lists.tabs import Tab, tab_items
from relations.lists import actions, workbook
from relations.lists.filters import in_force_condition
from relations.lists.forms import HandOverForm, RemindForm
from relations.lists.kept_views import CreateSavedView, DeleteSavedView
from relations.lists.offers import filter_choices
from relations.parties import actions as register
from reminders import clock

MAX_SELECTED = 200


class ListSpecMixin(PermissionRequired):
    """For views of the list that a ListSpec describes."""

    spec = None

    def allowed(self, user):
        return self.spec.may(user, self.permission)


class StakeholderList(ListSpecMixin, TemplateView):
    """Every record of a kind within one's sight; the address holds view, filters, order and place."""

    permission = Permission.VIEW

    def get_template_names(self):
        return [self.spec.template_name]

    def get_context_data(self, **kwargs):
        spec, user, today, query = self.spec, self.request.user, clock.today(), self.request.GET
        visible, offers = spec.visible_to(user), filter_choices(spec, user)
        values, conditions = filter_values(query), filter_conditions(query)
        tabs = spec.tabs(user, today) + [
            Tab(name, parse_query_string(kept)) for _pk, name, kept in offers["view"]
        ]
        counts = self.counts(visible, tabs, query, today)
        bar = filter_bar(spec.filters(offers), values)
        order = requested_order(query, spec.orders, spec.default_order)
        page = self.page_of_rows(visible, order, query, today)
        return super().get_context_data(
            today=today,
            page=page,
            rows=spec.rows(page.rows, user, today),
            views=tab_items(tabs, conditions, counts[: len(tabs)]),
            filters=bar,
            columns=column_links(spec.sorted_columns, spec.orders, order, values),
            kept=[(name, value) for name, value in values.items() if name != "q"],
            q=query.get("q", ""),
            conditions=conditions,
            condition_words=condition_words(bar, query.get("q", "")) if conditions and not page.rows else "",
            query=encode(values),
            **self.texts(counts, page, conditions, today),
            **self.links(user, conditions),
            **page_links(page, values),
            **kwargs,
        )

    def page_of_rows(self, visible, order, query, today):
        spec, by = self.spec, self.spec.orders[order]
        records, keys = spec.apply_filters(visible, query, today), spec.sort_keys(today)
        if by.key in keys:
            records = records.annotate(**{by.key: keys[by.key]})
        return page_of(records, by, query, with_columns=lambda pks: spec.with_columns(pks, by, today))

    def counts(self, visible, tabs, query, today):
        """How many each tab holds, then how many of all are active, then how many the list shows; one statement."""
        narrowed = [self.spec.apply_filters(visible, tab.values, today) for tab in tabs]
        narrowed.append(narrowed[0].filter(in_force_condition(today)))
        narrowed.append(self.spec.apply_filters(visible, query, today))
        return list(capped_counts(dict(enumerate(narrowed))).values())

    def texts(self, counts, page, conditions, today):
        """The sentences of the page, in the words of the kind; `counts` as `self.counts` gave them."""
        wording, month = self.spec.wording, month_words(today)
        total, active, shown = counts[0], counts[-2], counts[-1]
        return {
            "wording": wording,
            "title": self.spec.of_kind.label,
            "shown": format_count(shown),
            "total_words": wording.total % {"total": format_count(total)},
            "active": format_count(active),
            "prospective": format_count(max(total - active, 0)),
            "find": wording.find % {"shown": format_count(shown)},
            "export_words": wording.export % {"shown": format_count(shown)},
            "place_words": wording.place
            % {"first": page.first, "last": page.last, "shown": format_count(shown)},
            "nothing_words": wording.nothing_found % {"n": len(conditions)} if conditions else "",
            "month_label": month,
            "month_words": _("%(month)s应尽") % {"month": month},
            "caution_words": _("有特殊事项"),
        }

    def links(self, user, conditions):
        """Where the page leads: acts that are not open to `user` are empty."""
        spec = self.spec
        return {
            "list_url": spec.url("list"),
            "clear_url": spec.url("list") if conditions else "",
            "save_url": f"{spec.url('keep_view')}?{encode(conditions)}",
            "create_url": spec.url("create") if spec.may(user, Permission.EDIT) else "",
            "import_url": spec.import_url(user),
            "export_url": spec.url("export") if spec.may(user, Permission.EXPORT) else "",
            "acts": spec.bulk_acts(user),
        }


def selected_records(request, records):
    """Those of `records` (a queryset within sight) that are ticked in the list, 200 at most."""
    pks = [key for text in request.GET.getlist("pick") if (key := parse_key(text))][:MAX_SELECTED]
    return records.filter(pk__in=pks).order_by("pk")


class SelectedRecordsFormView(ActMixin, ListSpecMixin, FormView):
    """A small form about the records ticked in the list."""

    permission = Permission.HAND_OVER
    template_name = "relations/list_ticked.html"

    def dispatch(self, request, *args, **kwargs):
        model, user = self.spec.model, request.user
        self.records = (
            selected_records(request, self.spec.visible_to(user))
            if user.is_authenticated
            else model.objects.none()
        )
        return super().dispatch(request, *args, **kwargs)

    def get(self, request, *args, **kwargs):
        if not self.records:
            messages.error(request, self.spec.wording.tick_first)
            return redirect(self.list_redirect_url())
        return super().get(request, *args, **kwargs)

    def get_form_kwargs(self):
        given = {"user": self.request.user, "today": clock.today(), "wording": self.spec.wording}
        return super().get_form_kwargs() | given

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            wording=self.spec.wording,
            title=self.spec.of_kind.label,
            records=self.records.select_related("responsible"),
            ticked_words=self.spec.wording.ticked_count % {"count": len(self.records)},
            act=self.act,
            back=self.list_redirect_url(),
            **kwargs,
        )

    def list_redirect_url(self):
        """The list as it was filtered; `back` holds conditions only, so it never leads elsewhere."""
        return self.spec.list_url(parse_query_string(self.request.GET.get("back", "")))

    def perform(self, form):
        messages.success(self.request, self.run(form.cleaned_data))
        return redirect(self.list_redirect_url())


class HandOverSelected(SelectedRecordsFormView):
    """转交: to another worker, with the open tasks and duties."""

    form_class = HandOverForm
    act = {"title": gettext_lazy("转交负责社工"), "verb": gettext_lazy("转交")}

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"stamp": register.responsible_stamp(self.records)}

    def renew(self, form, conflict):
        """Somebody has just handed over some of them: who holds them now stands below."""
        add_conflict_error(
            form, register.responsible_stamp(self.records.all()), self.spec.wording.holders_changed
        )

    def run(self, data):
        count = register.hand_over(
            self.records, to=data["to"], by=self.request.user, today=clock.today(), seen=data["seen"]
        )
        return self.spec.wording.handed_over % {"count": count, "name": data["to"].name}


class RemindSelectedWorkers(SelectedRecordsFormView):
    """提醒负责社工: one task each, on the list of the responsible worker."""

    form_class = RemindForm
    act = {"title": gettext_lazy("提醒负责社工"), "verb": gettext_lazy("提醒")}

    def run(self, data):
        count = actions.remind_workers(
            self.records,
            title=data["title"],
            due_on=data["due_on"],
            by=self.request.user,
            today=clock.today(),
        )
        return self.spec.wording.reminded % {"count": count}


class Export(ListSpecMixin, View):
    """The ticked records, or all that the filters show, as a workbook."""

    permission = Permission.EXPORT

    def get(self, request):
        spec, today, visible = self.spec, clock.today(), self.spec.visible_to(request.user)
        if "pick" in request.GET:
            records = selected_records(request, visible)
        else:
            records = spec.apply_filters(visible, request.GET, today).order_by("pk")
        rows = spec.export_rows(records, today)
        return workbook.export(rows, spec.export_columns(), str(spec.of_kind.label), by=request.user)


class ListSavedViewMixin(ListSpecMixin):
    """For the views that somebody keeps of the list of a kind."""

    @property
    def page(self):
        return self.spec.page

    def list_url(self, values):
        return self.spec.list_url(values)


class CreateListSavedView(ListSavedViewMixin, CreateSavedView):
    """存为视图 of the list of a kind."""

    template_name = "relations/list_keep_view.html"

    def bar(self, conditions):
        return filter_bar(self.spec.filters(filter_choices(self.spec, self.request.user)), conditions)

    def get_context_data(self, **kwargs):
        drop = self.spec.of_kind.url_name("drop_view")
        return super().get_context_data(title=self.spec.of_kind.label, drop=drop, **kwargs)


class DeleteListSavedView(ListSavedViewMixin, DeleteSavedView):
    """Takes such a view away."""
