"""An address that carries a NUL is refused before anybody reads it: no database holds that sign."""

from lezhi.errors import bad_request


class AddressCharactersMiddleware:
    """Answers 400. Forms say for themselves what they cannot take."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if "%00" in request.META.get("QUERY_STRING", "") or "\0" in request.path_info:
            return bad_request(request)
        return self.get_response(request)
