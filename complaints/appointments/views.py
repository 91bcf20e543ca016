"""谁负责意见与投诉: for those who appoint; it shows no complaint and no number of them."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import FormView, View

from accounts.access import PermissionRequired
from accounts.act_views import ActMixin
from accounts.approvals import engine
from accounts.approvals.models import Sheet
from accounts.approvals.views import tell_of_sheet
from accounts.roles import Permission
from complaints.appointments import in_charge
from complaints.appointments import matter as appointment
from complaints.appointments.forms import ChargeForm
from complaints.models import InCharge
from reminders import clock

HISTORY = 50


class Charge(ActMixin, PermissionRequired, FormView):
    """Who is head and who the alternate, since when, and the form that asks for others."""

    permission = Permission.APPOINT_HEAD
    form_class = ChargeForm
    template_name = "complaints/charge.html"

    def get_initial(self):
        now = in_charge.current()
        people = {"head": now.head_id, "alternate": now.alternate_id} if now else {}
        return people | {"seen": appointment.seen_words()}

    def get_context_data(self, **kwargs):
        rows = InCharge.objects.select_related("head", "alternate", "set_by", "sheet__decided_by")[:HISTORY]
        return super().get_context_data(
            **kwargs,
            now=in_charge.current(),
            history=rows,
            waiting=Sheet.objects.open().about_matter(appointment.MATTER, appointment.SUBJECT).first(),
            today=clock.today(),
        )

    def perform(self, form):
        try:
            sheet = appointment.propose(**form.cleaned_data, by=self.request.user)
        except ValidationError as refusal:
            form.add_error(None, refusal)
            return self.form_invalid(form)
        tell_of_sheet(self.request, sheet)
        return redirect("complaints:charge")

    def renew(self, form, conflict):
        form.data = form.data.copy()
        form.data["seen"] = appointment.seen_words()
        form.add_error(None, str(conflict))


class Word(PermissionRequired, View):
    """The word on which what is open goes over to the new head."""

    http_method_names = ["post", "options"]

    def post(self, request, pk):
        sheet = engine.visible_to(request.user).filter(matter=appointment.MATTER, pk=pk).first()
        if sheet is None:
            raise Http404
        try:
            appointment.give_word(sheet, by=request.user, today=clock.today())
            messages.success(request, _("已记下，现有的也交给新的负责人。"))
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        return redirect("sheet", pk=pk)
