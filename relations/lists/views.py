"""Views of the list of one kind of stakeholder, of actions on several records at once, and of the export.

Each view has a ListSpec as `spec`, set in `relations.lists.urls.list_urls`.
"""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView, View

from accounts.access import PermissionRequired
from accounts.action_views import ActionMixin
from accounts.days import month_words
from accounts.keys import parse_key
from accounts.roles import Permission
from accounts.stamps import add_conflict_error
from lists.filters import condition_words, filter_bar
from lists.paging import capped_counts, format_count, page_links, page_of
from lists.query import encode, filter_conditions, filter_values, parse_query_string
from lists.sortable_headings import column_links, requested_order
from lists.tabs import Tab, tab_items
from relations.lists import actions, workbook
from relations.lists.filters import in_force_condition
from relations.lists.forms import HandOverForm, RemindForm
from relations.lists.offers import filter_choices
from relations.lists.saved_views import CreateSavedView, DeleteSavedView
from relations.parties import actions as register
from relations.parties import own_right
from reminders import clock

MAX_SELECTED = 200


class ListSpecMixin(PermissionRequired):
    """Base of the views of a list; checks the permission for the kind of its ListSpec."""

    spec = None

    def allowed(self, user):
        return self.spec.may(user, self.permission)


class StakeholderList(ListSpecMixin, TemplateView):
    """The list of the visible records of a kind; the query string has filters, order and position."""

    permission = Permission.VIEW

    def get_template_names(self):
        return [self.spec.template_name]

    def get_context_data(self, **kwargs):
        spec, user, today, query = self.spec, self.request.user, clock.today(), self.request.GET
        visible, offers = spec.visible_to(user), filter_choices(spec, user)
        values, conditions = filter_values(query), filter_conditions(query)
        tabs = spec.tabs(user, today) + [
            Tab(name, parse_query_string(saved)) for _pk, name, saved in offers["view"]
        ]
        counts = self.counts(visible, tabs, query, today)
        bar = filter_bar(spec.filters(offers), values)
        order = requested_order(query, spec.orders, spec.first_order)
        page = self.page_of_rows(visible, order, query, today)
        return super().get_context_data(
            spec=spec.of_kind,
            today=today,
            page=page,
            rows=spec.rows(page.rows, user, today),
            views=tab_items(tabs, conditions, counts[: len(tabs)]),
            filters=bar,
            columns=column_links(spec.sortable_columns, spec.orders, order, values),
            hidden_values=[(name, value) for name, value in values.items() if name != "q"],
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
        """Returns the number of records per tab, then of all active ones, then of those listed; in one query."""
        filtered = [self.spec.apply_filters(visible, tab.values, today) for tab in tabs]
        filtered.append(filtered[0].filter(in_force_condition(today)))
        filtered.append(self.spec.apply_filters(visible, query, today))
        return list(capped_counts(dict(enumerate(filtered))).values())

    def texts(self, counts, page, conditions, today):
        """Returns the texts of the page, worded for the kind; `counts` is the result of `self.counts`."""
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
        """Returns the links of the page; those not allowed to `user` are empty."""
        spec = self.spec
        return {
            "list_url": spec.url("list"),
            "clear_url": spec.url("list") if conditions else "",
            "save_url": f"{spec.url('keep_view')}?{encode(conditions)}",
            "create_url": spec.url("create")
            if spec.of_kind.forms and spec.may(user, Permission.EDIT)
            else "",
            "import_url": spec.import_url(user),
            "export_url": spec.url("export") if spec.may(user, Permission.EXPORT) else "",
            "acts": spec.bulk_acts(user),
        }


def selected_records(request, records):
    """Filters `records` (a queryset visible to the user) to those selected in the list, at most MAX_SELECTED."""
    pks = [key for text in request.GET.getlist("pick") if (key := parse_key(text))][:MAX_SELECTED]
    return records.filter(pk__in=pks).order_by("pk")


class SelectedRecordsFormView(ActionMixin, ListSpecMixin, FormView):
    """Base of the forms about the responsible workers of the records selected in the list; 404 for a kind without."""

    permission = Permission.HAND_OVER
    template_name = "relations/list_ticked.html"

    def dispatch(self, request, *args, **kwargs):
        if not self.spec.of_kind.has_worker:
            raise Http404
        model, user = self.spec.model, request.user
        self.records = (
            selected_records(request, self.spec.visible_to(user).exclude(account=user.pk))
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
        more = {"user": self.request.user, "today": clock.today(), "wording": self.spec.wording}
        return super().get_form_kwargs() | more

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
        """Returns the URL of the list as it was filtered. `back` contains only filters, so it cannot lead elsewhere."""
        return self.spec.list_url(parse_query_string(self.request.GET.get("back", "")))

    def perform(self, form):
        messages.success(self.request, self.run(form.cleaned_data))
        return redirect(self.list_redirect_url())


class HandOverSelected(SelectedRecordsFormView):
    """转交: hands the records over to another worker, with open tasks and duties."""

    form_class = HandOverForm
    act = {"title": gettext_lazy("转交负责社工"), "verb": gettext_lazy("转交")}

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"stamp": register.responsible_stamp(self.records)}

    def renew(self, form, conflict):
        """409: some of the records were handed over in the meantime; shows their present responsible workers."""
        add_conflict_error(
            form, register.responsible_stamp(self.records.all()), self.spec.wording.holders_changed
        )

    def run(self, data):
        user = self.request.user
        register.refuse_not_held(self.records, user)
        records = own_right.seen_in_own_right_by(self.records, user)
        count = register.hand_over(records, to=data["to"], by=user, today=clock.today(), seen=data["seen"])
        return self.spec.wording.handed_over % {"count": count, "name": data["to"].name}


class RemindSelectedWorkers(SelectedRecordsFormView):
    """提醒负责社工: creates one task per record for its responsible worker."""

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
    """Export of the selected records, or of all that match the filters, as a workbook."""

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
    """For the saved views of the list of a kind."""

    @property
    def page(self):
        return self.spec.page

    def list_url(self, values):
        return self.spec.list_url(values)


class CreateListSavedView(ListSavedViewMixin, CreateSavedView):
    """存为视图: saves the filters of the list of a kind."""

    template_name = "relations/list_keep_view.html"

    def bar(self, conditions):
        return filter_bar(self.spec.filters(filter_choices(self.spec, self.request.user)), conditions)

    def get_context_data(self, **kwargs):
        drop = self.spec.of_kind.url_name("drop_view")
        return super().get_context_data(title=self.spec.of_kind.label, drop=drop, **kwargs)


class DeleteListSavedView(ListSavedViewMixin, DeleteSavedView):
    """Deletes a saved view of the list of a kind."""
