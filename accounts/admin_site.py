"""The admin site, with the login, password and logout pages of the rest of the site."""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache


class LezhiAdminSite(admin.AdminSite):
    """Reference tables and audited corrections; roles.ADMIN_MODELS decides what a user finds here."""

    site_header = _("乐知 管理")
    site_title = _("乐知 管理")
    index_title = _("参照表与留痕更正")

    @method_decorator(never_cache)
    def login(self, request, extra_context=None):
        """Redirects to the only login page; a logged-in user who may not use the admin site gets 403."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied
        goal = request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index", current_app=self.name)
        return redirect(f"{reverse(settings.LOGIN_URL)}?{urlencode({REDIRECT_FIELD_NAME: goal})}")

    def logout(self, request, extra_context=None):
        from accounts.login.views import Logout

        return Logout.as_view()(request)

    def password_change(self, request, extra_context=None):
        return redirect("password_change")

    def password_change_done(self, request, extra_context=None):
        return redirect("password_change")
