"""谁负责意见与投诉: pages for users who appoint; they show neither a complaint nor how many there are."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import FormView, View

from accounts.access import PermissionRequired
from accounts.action_views import ActionMixin
from accounts.approvals import engine
from accounts.approvals.models import Sheet
from accounts.approvals.views import add_sheet_message
from accounts.roles import Permission
from complaints.appointments import in_charge
from complaints.appointments import matter as appointment
from complaints.appointments.forms import AppointmentForm
from complaints.models import Appointment
from reminders import clock

MAX_HISTORY = 50


class AppointmentView(ActionMixin, PermissionRequired, FormView):
    """The head and the alternate with the history of appointments, and the form that requests other ones."""

    permission = Permission.APPOINT_HEAD
    form_class = AppointmentForm
    template_name = "complaints/charge.html"

    def get_initial(self):
        now = in_charge.current_appointment()
        people = {"head": now.head_id, "alternate": now.alternate_id} if now else {}
        return people | {"seen": appointment.current_stamp()}

    def get_context_data(self, **kwargs):
        rows = Appointment.objects.select_related("head", "alternate", "set_by", "sheet__decided_by")[
            :MAX_HISTORY
        ]
        return super().get_context_data(
            **kwargs,
            now=in_charge.current_appointment(),
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
        add_sheet_message(self.request, sheet)
        return redirect("complaints:charge")

    def renew(self, form, conflict):
        form.data = form.data.copy()
        form.data["seen"] = appointment.current_stamp()
        form.add_error(None, str(conflict))


class ConfirmHandOverView(PermissionRequired, View):
    """Records the agreement to hand the open complaints over to the new head."""

    http_method_names = ["post", "options"]

    def post(self, request, pk):
        sheet = engine.visible_sheets(request.user).filter(matter=appointment.MATTER, pk=pk).first()
        if sheet is None:
            raise Http404
        try:
            appointment.confirm_hand_over(sheet, by=request.user, today=clock.today())
            messages.success(request, _("已记下，现有的也交给新的负责人。"))
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
        return redirect("sheet", pk=pk)
