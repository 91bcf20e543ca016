"""The error pages for expensive work that is refused, now or altogether (relations.files.slots)."""

from django.shortcuts import render

from relations.files.slots import WAIT_SECONDS, NoFreeSlot, RequestTooLarge


class BusyMiddleware:
    """Returns 503 with Retry-After while no slot is free, and 422 when the user has to request less."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if isinstance(exception, NoFreeSlot):
            response = render(request, "503.html", status=503)
            response.headers["Retry-After"] = str(WAIT_SECONDS)
            return response
        if isinstance(exception, RequestTooLarge):
            return render(request, "503.html", {"problem": exception}, status=422)
        return None
