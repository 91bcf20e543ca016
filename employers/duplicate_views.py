"""Views of employers that may be registered twice: the list, and the decision that a pair are different."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from accounts.access import PermissionRequired
from accounts.roles import Permission
from employers import duplicates
from employers.models import PossibleDuplicate

MAX_SHOWN = 100


def open_pairs(user):
    """The open pairs of which `user` may see both employers."""
    return PossibleDuplicate.objects.open().visible_to(user)


class Duplicates(PermissionRequired, TemplateView):
    """The pairs with distinguishing details. The user voids one on its record page, or settles the pair."""

    permission = Permission.HAND_OVER
    template_name = "employers/duplicates.html"

    def get_context_data(self, **kwargs):
        related = [
            f"{side}__{field}" for side in ("first", "second") for field in ("responsible", "department")
        ]
        pairs = open_pairs(self.request.user).select_related(*related)[:MAX_SHOWN]
        return super().get_context_data(pairs=pairs, **kwargs)


class SettleDuplicate(PermissionRequired, View):
    """不是同一家: settles a pair as two different employers."""

    permission = Permission.HAND_OVER
    http_method_names = ["post"]

    def post(self, request, pk):
        pair = get_object_or_404(open_pairs(request.user).select_related("first", "second"), pk=pk)
        duplicates.settle_pair(pair, by=request.user)
        words = {"first": pair.first.number, "second": pair.second.number}
        messages.success(request, _("已记下：%(first)s和%(second)s不是同一家。") % words)
        return redirect("employers:duplicates")
