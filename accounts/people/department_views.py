"""Departments (R413): list, new, rename, head."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.views.generic import CreateView, ListView, UpdateView

from accounts.access import PermissionRequired
from accounts.approvals.views import add_sheet_message
from accounts.editing import VersionedUpdate
from accounts.models import Department
from accounts.people.forms import DepartmentForm
from accounts.roles import Permission


class DepartmentList(PermissionRequired, ListView):
    permission = Permission.MANAGE_ACCOUNTS
    template_name = "accounts/departments.html"

    def get_queryset(self):
        people = Count("members", filter=Q(members__is_active=True))
        return Department.objects.select_related("head").annotate(people=people).order_by("name")


class DepartmentFormMixin(PermissionRequired):
    permission = Permission.MANAGE_ACCOUNTS
    model = Department
    form_class = DepartmentForm
    template_name = "accounts/department.html"
    success_url = reverse_lazy("departments")

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "by": self.request.user}

    def form_valid(self, form):
        """Catches refusals outside the transaction, so that nothing of a refused change is saved (VersionedUpdate)."""
        try:
            return super().form_valid(form)
        except ValidationError as refusal:
            form.add_error("head", refusal)
            return self.form_invalid(form)

    def save_form(self, form):
        self.object = form.save()
        messages.success(self.request, _("已保存%(name)s") % {"name": self.object.name})
        add_sheet_message(self.request, form.sheet)
        return redirect(self.success_url)


class NewDepartment(DepartmentFormMixin, CreateView):
    def form_valid(self, form):
        return self.save_form(form)


class ChangeDepartment(DepartmentFormMixin, VersionedUpdate, UpdateView):
    """Changes the name or the head; of two users who change one department the second sees the difference."""
