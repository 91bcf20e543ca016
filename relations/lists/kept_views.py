"""存为视图: the filters of a list that somebody keeps under a name of their own (SavedView)."""

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
    """The filters of the address under a name of one's own.

    A list says its `page`, its address for given values (`list_url`) and its bar of filters for given conditions.
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
    """Takes a view of one's own away."""

    permission = Permission.VIEW
    http_method_names = ["post", "options"]
    page = ""

    def list_url(self, values):
        raise NotImplementedError

    def post(self, request, pk):
        get_object_or_404(SavedView, pk=pk, owner=request.user, page=self.page).delete()
        messages.success(request, _("视图已删掉。"))
        return redirect(self.list_url({}).removesuffix("?"))
