"""The person's own language for the whole request, and the forced change of a first password."""

from django.conf import settings
from django.shortcuts import redirect
from django.utils import translation


class AskingMiddleware:
    """Speaks the language of the account; sends those with a temporary password to change it."""

    OPEN = ("/password/", "/logout/", "/language/", "/static/")

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        language = self.language_of(request)
        translation.activate(language)
        request.LANGUAGE_CODE = language
        if self.must_change_password(request):
            return redirect("password_change")
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
