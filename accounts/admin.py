"""Admin pages for corrections of accounts and departments; rights are changed on other pages (accounts.rights).

Roles, department, headship and stand-ins are read-only here: each opens records, so none of them is a correction.
"""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts import rights
from accounts.admin_base import REASON, CorrectionAdmin, ReadOnlyAdmin, ReasonForm
from accounts.models import Department, StandIn, User
from accounts.people.forms import UniqueNameMixin


class UserForm(UniqueNameMixin, ReasonForm):
    """The form for corrections of an account."""


@admin.register(User)
class UserAdmin(CorrectionAdmin):
    form = UserForm
    fields = ["username", "name", "email", "phone", "department", "roles_in_words", "is_active", "last_login"]
    exclude = ["session_epoch", "tier_mask", "version"]
    readonly_fields = ["username", "department", "roles_in_words", "is_active", "last_login"]
    list_display = ["name", "username", "department", "roles_in_words", "is_active"]
    list_filter = ["is_active", "department"]
    search_fields = ["name", "username"]

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if "name" in form.changed_data:
            reason = form.cleaned_data[REASON]
            rights.notify_of_new_name(obj, form.initial["name"], by=request.user, reason=reason)

    @admin.display(description=_("角色"))
    def roles_in_words(self, user):
        return "、".join(str(name) for name in user.role_names) or "—"


@admin.register(Department)
class DepartmentAdmin(CorrectionAdmin):
    fields = ["name", "head"]
    readonly_fields = ["head"]
    list_display = ["name", "head"]
    search_fields = ["name"]


@admin.register(StandIn)
class StandInAdmin(ReadOnlyAdmin):
    fields = ["absent", "stand_in", "starts_on", "ends_on", "reason", "created_by", "cancelled_at"]
    list_display = ["absent", "stand_in", "starts_on", "ends_on", "cancelled_at"]
    search_fields = ["absent__name", "stand_in__name"]
