"""The pages for work that is too dear just now, or for one request at all (relations.files.slots)."""

from django.shortcuts import render

from relations.files.slots import WAIT_SECONDS, NoFreeSlot, RequestTooLarge


class BusyMiddleware:
    """Answers 503 with Retry-After while others are at it, 422 where the person has to ask for less."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if isinstance(exception, NoFreeSlot):
            answer = render(request, "503.html", status=503)
            answer.headers["Retry-After"] = str(WAIT_SECONDS)
            return answer
        if isinstance(exception, RequestTooLarge):
            return render(request, "503.html", {"problem": exception}, status=422)
        return None
