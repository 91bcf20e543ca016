"""Login, logout, change of password, and language of the pages."""

from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views
from django.db import transaction
from django.http import HttpResponseRedirect
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.generic import View

from accounts.editing import increment_version
from accounts.login import devices
from accounts.login.forms import ChangePasswordForm, LoginForm
from accounts.passwords import notices

A_YEAR = 365 * 24 * 3600


def safe_next_url(request, asked):
    """Returns the URL `asked` if it is on this site, else that of the start page."""
    is_safe = url_has_allowed_host_and_scheme(
        asked, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return asked if is_safe else resolve_url(settings.LOGIN_REDIRECT_URL)


class Login(views.LoginView):
    """Login with name and password; redirects to the requested page, on this site only."""

    template_name = "registration/login.html"
    form_class = LoginForm
    redirect_authenticated_user = True

    def get_redirect_url(self):
        """Returns the requested URL, never that of the login page itself."""
        goal = super().get_redirect_url()
        return "" if urlsplit(goal).path == self.request.path else goal

    def form_valid(self, form):
        """Sets the device cookie; redirects to the notice first if the password was acted on by others."""
        user = form.get_user()
        response = super().form_valid(form)
        if notices.has_notice(user):
            self.request.session[notices.SESSION_KEY] = True
            goal = urlencode({"next": self.get_success_url()})
            response = HttpResponseRedirect(f"{reverse('login_notice')}?{goal}")
        devices.set_device_cookie(self.request, response, user)
        return response


class Logout(views.LogoutView):
    """Accepts POST only, so that no link can log a user out."""


class PasswordChange(views.PasswordChangeView):
    """Ends every other session of the user; with a temporary password no other page can be opened."""

    template_name = "registration/password_change_form.html"
    form_class = ChangePasswordForm

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "request": self.request}

    def get_context_data(self, **kwargs):
        forced = self.request.user.must_change_password
        base = "base_plain.html" if forced else "base.html"
        return super().get_context_data(forced=forced, base=base, **kwargs)

    def get_success_url(self):
        return reverse(settings.LOGIN_REDIRECT_URL if self.was_forced else "me")

    def form_valid(self, form):
        self.was_forced = self.request.user.must_change_password
        response = super().form_valid(form)
        devices.set_device_cookie(self.request, response, self.request.user)
        messages.success(self.request, _("密码已改，其他设备上要重新登录。"))
        return response


class SetLanguage(View):
    """Stores the language in a cookie and, for a logged-in user, on the account."""

    http_method_names = ["post", "options"]

    def post(self, request):
        response = HttpResponseRedirect(self.get_next_url())
        language = request.POST.get("language")
        if language in dict(settings.LANGUAGES):
            self.store_language(language, response)
        return response

    def get_next_url(self):
        return safe_next_url(self.request, self.request.POST.get("next", ""))

    def store_language(self, language, answer):
        user = self.request.user
        if user.is_authenticated and user.language != language:
            with transaction.atomic():
                increment_version(user)
                user.language = language
                user.save(update_fields=["language"])
        answer.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=A_YEAR,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
