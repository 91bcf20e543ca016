"""谁负责意见与投诉: for those who appoint; it shows no complaint and no number of them."""

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import FormView

from accounts.access import PermissionRequired
from accounts.roles import Permission
from complaints import charge, handing_over
from complaints.charge_forms import ChargeForm
from complaints.models import InCharge
from reminders import clock

HISTORY = 50


class Charge(PermissionRequired, FormView):
    """Who is head and who the alternate, since when, and the form that changes it."""

    permission = Permission.APPOINT_HEAD
    form_class = ChargeForm
    template_name = "complaints/charge.html"

    def get_initial(self):
        now = charge.current()
        return {"head": now.head_id, "alternate": now.alternate_id} if now else {}

    def get_context_data(self, **kwargs):
        rows = InCharge.objects.select_related("head", "alternate", "set_by")[:HISTORY]
        return super().get_context_data(**kwargs, now=charge.current(), history=rows, today=clock.today())

    @transaction.atomic
    def form_valid(self, form):
        former, told = charge.current(), form.cleaned_data
        head, by = told["head"], self.request.user
        charge.put_in_charge(head=head, alternate=told["alternate"], by=by, reason=told["reason"])
        if former and told["open_ones_too"]:
            handing_over.take_over(former.head, head, by=by, today=clock.today(), reason=told["reason"])
        messages.success(self.request, _("从现在起，意见和投诉由%s负责。") % head.name)
        return redirect("complaints:charge")
