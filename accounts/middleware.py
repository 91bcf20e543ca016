"""Sets the language of the user for the whole request, and enforces two pages that come first after a login."""

from django.conf import settings
from django.shortcuts import redirect
from django.utils import translation

from accounts.passwords import notices


class AccountMiddleware:
    """Activates the language of the account, and redirects to pages that come before all others.

    First the change of a password that another user knows, then the notice of what was done to the password.
    """

    OPEN = ("/password/", "/logout/", "/language/", "/static/")
    NOTICE = "/login/notice/"

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        language = self.language_of(request)
        translation.activate(language)
        request.LANGUAGE_CODE = language
        if self.must_change_password(request):
            return redirect("password_change")
        if self.must_read_notice(request):
            return redirect("login_notice")
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response

    def language_of(self, request):
        if request.user.is_authenticated:
            return request.user.language
        return (
            translation.get_language_from_request(request)
            if settings.LANGUAGE_COOKIE_NAME in request.COOKIES
            else settings.LANGUAGE_CODE
        )

    def must_change_password(self, request):
        user = request.user
        return (
            user.is_authenticated
            and user.must_change_password
            and not request.path_info.startswith(self.OPEN)
        )

    def must_read_notice(self, request):
        """Whether the user still has to read the notice of what was done to the password."""
        return (
            request.user.is_authenticated
            and not request.path_info.startswith((self.NOTICE, *self.OPEN))
            and request.session.get(notices.SESSION_KEY, False)
        )
