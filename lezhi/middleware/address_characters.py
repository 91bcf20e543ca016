"""Refuses URLs with a NUL character, which no database can store."""

from lezhi.errors import bad_request


class AddressCharactersMiddleware:
    """Returns 400 for a NUL in path or query string. NULs in form data are refused by the forms."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if "%00" in request.META.get("QUERY_STRING", "") or "\0" in request.path_info:
            return bad_request(request)
        return self.get_response(request)
