"""The list of employers that may stand twice: find, settle, tell, redirect."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from accounts.access import PermissionRequired
from accounts.roles import Permission
from employers import duplicates
from employers.models import PossibleDuplicate

SHOWN = 100


def waiting(user):
    """The pairs that nobody has settled, both of which `user` may see."""
    return PossibleDuplicate.objects.open().visible_to(user)


class Duplicates(PermissionRequired, TemplateView):
    """Pairs with what tells them apart; one is taken back on its own page, or both stay."""

    permission = Permission.HAND_OVER
    template_name = "employers/duplicates.html"

    def get_context_data(self, **kwargs):
        related = [
            f"{side}__{field}" for side in ("first", "second") for field in ("responsible", "department")
        ]
        found = waiting(self.request.user).select_related(*related)[:SHOWN]
        return super().get_context_data(pairs=found, **kwargs)


class SettleDuplicate(PermissionRequired, View):
    """不是同一家."""

    permission = Permission.HAND_OVER
    http_method_names = ["post"]

    def post(self, request, pk):
        pair = get_object_or_404(waiting(request.user).select_related("first", "second"), pk=pk)
        duplicates.settle_pair(pair, by=request.user)
        words = {"first": pair.first.number, "second": pair.second.number}
        messages.success(request, _("已记下：%(first)s和%(second)s不是同一家。") % words)
        return redirect("employers:duplicates")
