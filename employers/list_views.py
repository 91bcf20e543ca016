"""The list of employers, the views people keep of it, and what may be done with several at once."""

from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView, View

from accounts.access import PermissionRequired
from accounts.editing import Overtaken
from accounts.keys import key_in
from accounts.roles import Permission
from accounts.stamps import overtake, status_of
from accounts.wording import month_words
from employers import export_columns, listing
from employers.filters import narrowed
from employers.models import Employer
from relations.lists.forms import HandOverForm, NudgeForm, ViewForm
from relations.lists.paging import page_of
from relations.models import SavedView
from relations.parties import actions as register
from reminders import clock

PICKED_AT_MOST = 200


class EmployerList(PermissionRequired, TemplateView):
    """Every employer within one's sight; the address holds view, filters, order and place."""

    permission = Permission.VIEW
    template_name = "employers/list.html"

    def get_context_data(self, **kwargs):
        user, today, query = self.request.user, clock.today(), self.request.GET
        visible = Employer.objects.visible_to(user)
        offers = listing.offered(user)
        views, counts = listing.views_and_counts(user, visible, query, offers["view"], today)
        order = listing.ORDERS.get(query.get("sort"), listing.ORDERS[listing.DEFAULT_ORDER])
        page = self.page(visible, query, order, today)
        conditions = listing.without(query, *listing.CURSORS, "sort")
        return super().get_context_data(
            today=today,
            page=page,
            rows=listing.rows_of(page.rows, user, today),
            views=views,
            counts=counts,
            total=listing.few(counts["tab0"]),
            active=listing.few(counts["active"]),
            prospective=listing.few(max(counts["tab0"] - counts["active"], 0)),
            shown=listing.few(counts["shown"]) or "0",
            month_label=month_words(today),
            month_words=_("%(month)s应尽") % {"month": month_words(today)},
            caution_words=_("有特殊事项"),
            condition_words=condition_words(query) if conditions and not page.rows else "",
            clear_url=reverse("employers:list") if conditions else "",
            save_url=f"{reverse('employers:keep_view')}?{listing.address(conditions)}",
            import_url=page_of_import(),
            filters=listing.bar(query, offers),
            kept=[(name, value) for name, value in listing.without(query, *listing.CURSORS, "q").items()],
            conditions=conditions,
            query=listing.address(listing.without(query, *listing.CURSORS)),
            columns=columns(query),
            acts=bulk_acts(user),
            may_create=user.may(Permission.EDIT),
            may_import=user.may(Permission.IMPORT),
            may_export=user.may(Permission.EXPORT),
            q=query.get("q", ""),
            newer=page.newer and self.link(query, before=page.newer),
            older=page.older and self.link(query, after=page.older),
            **kwargs,
        )

    def page(self, visible, query, order, today):
        keys = listing.sort_keys(today)
        rows = narrowed(visible, query, today)
        if order.key in keys:
            rows = rows.annotate(**{order.key: keys[order.key]})
        return page_of(rows, order, query, dress=lambda pks: listing.dressed(pks, order, today))

    def link(self, query, **cursor):
        return f"?{listing.address(listing.without(query, *listing.CURSORS) | cursor)}"


def page_of_import():
    """Where an import begins, or nothing while that page is not there."""
    try:
        return reverse("imports:start")
    except NoReverseMatch:
        return ""


def columns(query):
    """The headings that order the list: {name: (address, aria-sort)}."""
    current = query.get("sort") or listing.DEFAULT_ORDER
    bare = listing.without(query, *listing.CURSORS, "sort")
    found = {}
    for name in ("standing", "name", "last", "end"):
        turned = f"-{name}" if current == name and f"-{name}" in listing.ORDERS else name
        state = {name: "ascending", f"-{name}": "descending"}.get(current, "")
        found[name] = {"href": f"?{listing.address(bare | {'sort': turned})}", "state": state}
    return found


def bulk_acts(user):
    """The buttons of the bar that appears with a selection."""
    acts = []
    if user.may(Permission.HAND_OVER):
        acts.append(
            {
                "label": _("转交负责社工"),
                "icon": "person-up",
                "href": reverse("employers:hand_over"),
                "method": "get",
            }
        )
        acts.append(
            {"label": _("提醒负责社工"), "icon": "bell", "href": reverse("employers:nudge"), "method": "get"}
        )
    acts.append(
        {"label": _("打印信息表"), "icon": "printer", "href": reverse("employers:sheets"), "method": "get"}
    )
    if user.may(Permission.EXPORT):
        acts.append(
            {"label": _("导出"), "icon": "download", "href": reverse("employers:export"), "method": "get"}
        )
    return acts


def picked(request):
    """The employers ticked in the list, as far as the person may see them."""
    pks = [key for text in request.GET.getlist("pick") if (key := key_in(text))][:PICKED_AT_MOST]
    return Employer.objects.visible_to(request.user).filter(pk__in=pks).order_by("pk")


class OnPicked(PermissionRequired, FormView):
    """A small form about the employers ticked in the list."""

    permission = Permission.HAND_OVER
    template_name = "employers/picked.html"

    def dispatch(self, request, *args, **kwargs):
        self.employers = picked(request) if request.user.is_authenticated else Employer.objects.none()
        return super().dispatch(request, *args, **kwargs)

    def get(self, request, *args, **kwargs):
        if not self.employers:
            messages.error(request, _("请先在列表里选中单位。"))
            return redirect(self.back())
        return super().get(request, *args, **kwargs)

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"user": self.request.user, "today": clock.today()}

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            employers=self.employers.select_related("responsible"), act=self.act, back=self.back(), **kwargs
        )

    def back(self):
        """The list as it was filtered; `back` holds conditions only, so it never leads elsewhere."""
        conditions = QueryDict(self.request.GET.get("back", "")).dict()
        return f"{reverse('employers:list')}?{listing.address(conditions)}"

    def form_valid(self, form):
        messages.success(self.request, self.run(form.cleaned_data))
        return redirect(self.back())


class HandOver(OnPicked):
    """转交: to another worker, with the open tasks and duties."""

    form_class = HandOverForm
    act = {"title": gettext_lazy("转交负责社工"), "verb": gettext_lazy("转交")}

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"stamp": register.holders_stamp(self.employers)}

    def form_valid(self, form):
        try:
            return super().form_valid(form)
        except Overtaken:
            return self.overtaken(form)

    def overtaken(self, form):
        """Somebody has just handed over some of them: who holds them now stands below (409)."""
        overtake(form, register.holders_stamp(self.employers.all()), _("有的单位刚刚换了负责社工，见下面。"))
        return self.render_to_response(self.get_context_data(form=form), status=status_of(form))

    def run(self, data):
        count = register.hand_over(
            self.employers, to=data["to"], by=self.request.user, today=clock.today(), seen=data["seen"]
        )
        return _("%(count)d家单位转交给了%(name)s。") % {"count": count, "name": data["to"].name}


class Nudge(OnPicked):
    """提醒负责社工: one task each, on the list of the responsible worker."""

    form_class = NudgeForm
    act = {"title": gettext_lazy("提醒负责社工"), "verb": gettext_lazy("提醒")}

    def run(self, data):
        count = register.nudge(
            self.employers,
            title=data["title"],
            due_on=data["due_on"],
            by=self.request.user,
            today=clock.today(),
        )
        return _("已提醒%(count)d家单位的负责社工。") % {"count": count}


class Export(PermissionRequired, View):
    """The ticked employers, or all that the filters show, as a workbook."""

    permission = Permission.EXPORT

    def get(self, request):
        today, user = clock.today(), request.user
        rows = picked(request) if "pick" in request.GET else self.filtered(user, today)
        return export_columns.workbook(rows, user=user, today=today)

    def filtered(self, user, today):
        return narrowed(Employer.objects.visible_to(user), self.request.GET, today).order_by("pk")


class KeepView(PermissionRequired, FormView):
    """存为视图: the filters of the address under a name of one's own."""

    permission = Permission.VIEW
    template_name = "employers/keep_view.html"
    form_class = ViewForm

    def conditions(self):
        return listing.address(listing.without(self.request.GET, *listing.CURSORS, "sort"))

    def get_context_data(self, **kwargs):
        own = SavedView.objects.filter(owner=self.request.user, page=listing.PAGE)
        return super().get_context_data(
            own=own,
            words=condition_words(self.request.GET),
            back=f"{reverse('employers:list')}?{self.conditions()}",
            **kwargs,
        )

    def form_valid(self, form):
        register.keep_view(self.request.user, listing.PAGE, form.cleaned_data["name"], self.conditions())
        return redirect(f"{reverse('employers:list')}?{self.conditions()}")


class DropView(PermissionRequired, View):
    """Takes a view of one's own away."""

    permission = Permission.VIEW

    def post(self, request, pk):
        get_object_or_404(SavedView, pk=pk, owner=request.user, page=listing.PAGE).delete()
        messages.success(request, _("视图已删掉。"))
        return redirect("employers:list")


def condition_words(query):
    """The filters of an address in words: 显在、青岚镇."""
    offers = {"department": [], "worker": [], "town": []}
    named = [found["value"] for found in listing.bar(query, offers) if found["value"]]
    named += [query[name] for name in listing.TYPED.values() if query.get(name)]
    named += [_("“%s”") % query["q"]] if query.get("q") else []
    return _("、").join(str(words) for words in named)
