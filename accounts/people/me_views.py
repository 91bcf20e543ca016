"""The user's own page, and the page with the permissions of every role."""

from django.contrib import messages
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, UpdateView

from accounts.access import PermissionRequired
from accounts.editing import VersionedUpdate
from accounts.models import Department, StandIn, User
from accounts.people.forms import ProfileForm
from accounts.roles import GRANTS, Permission, Role, kinds, scope_over
from accounts.wording import SCOPE_WORDS, SINGLE_RECORD_WORDS, permission_full, permission_short, role_summary


class OwnAccountView(PermissionRequired, VersionedUpdate, UpdateView):
    """The user's own page: account, roles, stand-ins and settings.

    A form left open in another browser meets a conflict and overwrites nothing.
    """

    template_name = "accounts/me.html"
    form_class = ProfileForm
    success_url = reverse_lazy("me")

    def get_object(self, queryset=None):
        return User.objects.select_related("department").get(pk=self.request.user.pk)

    def latest(self):
        return self.get_object()

    def get_context_data(self, **kwargs):
        user = self.request.user
        today = user.request_day
        arranged = StandIn.objects.uncancelled().filter(ends_on__gte=today)
        return super().get_context_data(
            roles=[(Role(role).label, role_summary(Role(role))) for role in user.roles],
            away=arranged.filter(absent=user).select_related("stand_in").order_by("starts_on")[:3],
            standing_in=arranged.filter(stand_in=user).select_related("absent").order_by("starts_on")[:3],
            **kwargs,
        )

    def save_form(self, form):
        messages.success(self.request, _("已保存"))
        return super().save_form(form)


class RolesView(PermissionRequired, TemplateView):
    """The permission matrix of accounts.roles, and the holders of each role (R406-R418); open to every user."""

    template_name = "accounts/roles.html"

    def get_context_data(self, **kwargs):
        people = list(User.objects.visible_to(self.request.user).active())
        return super().get_context_data(
            columns=[
                (permission_short(permission), permission_full(permission)) for permission in Permission
            ],
            kinds=[visibility.label for visibility in kinds().values()],
            rows=[role_row(role, people) for role in Role],
            departments=Department.objects.select_related("head") if people else [],
            **kwargs,
        )


def scope_display(visibility):
    """Returns the labels of the scopes over a kind: for a close kind, OWN covers more than the responsible worker."""
    return SINGLE_RECORD_WORDS if visibility.is_close else SCOPE_WORDS


def role_row(role, people):
    """Returns one row of the matrix: the role, its tier and scopes, a flag for each permission, and its holders."""
    grant = GRANTS[role]
    return {
        "role": role.label,
        "tier": grant.tier.label if grant.tier else "",
        "scopes": [scope_display(visibility)[scope_over(role, kind)] for kind, visibility in kinds().items()],
        "cells": [
            (permission_short(permission), permission in grant.permissions) for permission in Permission
        ],
        "opens": role_summary(role),
        "holders": [person.name for person in people if role in person.roles],
    }
