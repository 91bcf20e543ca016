"""Forbids proxies and shared browsers to store responses."""


class PrivateResponseMiddleware:
    """Marks every response as private and not to be stored, unless the view has set Cache-Control.

    Static files are served before this middleware and may be stored.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response
