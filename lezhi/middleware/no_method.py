"""An address that only a button leads to, opened like a page: 405 with a sentence and a way back."""

from django.shortcuts import render


class NoMethodPage:
    """Middleware: gives the empty answer of a view that takes no GET the words that a person needs."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        answer = self.get_response(request)
        if answer.status_code != 405 or request.method != "GET" or answer.content:
            return answer
        page = render(request, "405.html", status=405)
        page.headers["Allow"] = answer.headers["Allow"]
        return page
