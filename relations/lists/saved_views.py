"""存为视图: views that save the filters of a list under a name (SavedView)."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.generic import FormView, View

from accounts.access import PermissionRequired
from accounts.roles import Permission
from lists.filters import condition_words
from lists.query import encode, filter_conditions
from relations.lists.forms import SavedViewForm
from relations.models import SavedView
from relations.parties import actions as register

MAX_QUERY_LENGTH = SavedView._meta.get_field("query").max_length


class CreateSavedView(PermissionRequired, FormView):
    """Saves the filters of the query string as a view of the user.

    A list defines its `page` (SavedView.page), its URL for given filter values (`list_url`) and its filter bar.
    """

    permission = Permission.VIEW
    form_class = SavedViewForm
    page = ""

    def list_url(self, values):
        raise NotImplementedError

    def bar(self, conditions):
        raise NotImplementedError

    def conditions(self):
        return filter_conditions(self.request.GET)

    def get_context_data(self, **kwargs):
        conditions = self.conditions()
        return super().get_context_data(
            own=SavedView.objects.filter(owner=self.request.user, page=self.page),
            words=condition_words(self.bar(conditions), conditions.get("q", "")),
            list_url=self.list_url({}),
            back=self.list_url(conditions),
            **kwargs,
        )

    def form_valid(self, form):
        conditions = self.conditions()
        register.save_view(
            self.request.user, self.page, form.cleaned_data["name"], encode(conditions)[:MAX_QUERY_LENGTH]
        )
        return redirect(self.list_url(conditions))


class DeleteSavedView(PermissionRequired, View):
    """Deletes one of the user's own saved views."""

    permission = Permission.VIEW
    http_method_names = ["post", "options"]
    page = ""

    def list_url(self, values):
        raise NotImplementedError

    def post(self, request, pk):
        get_object_or_404(SavedView, pk=pk, owner=request.user, page=self.page).delete()
        messages.success(request, _("视图已删掉。"))
        return redirect(self.list_url({}).removesuffix("?"))
