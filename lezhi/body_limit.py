"""A request that is far too large is refused before a byte of it is read."""

from django.shortcuts import render


class BodyLimit:
    """Answers 413 by the announced length; forms within it judge each file by themselves and lose nothing.

    A body without an announced length is read by no form: the server takes it for empty.
    """

    MOST = 128 * 1024 * 1024  # five files of the largest size that may be set, and the form around them

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if self.announced(request) > self.MOST:
            return render(request, "413.html", {"most": self.MOST // 1024 // 1024}, status=413)
        return self.get_response(request)

    def announced(self, request):
        try:
            return int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            return 0
