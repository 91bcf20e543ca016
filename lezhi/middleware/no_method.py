"""The page for a GET request to a URL that accepts POST only: 405 with an explanation and a link back."""

from django.shortcuts import render


class NoMethodPage:
    """Replaces the empty 405 response to a GET request by a readable page."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if response.status_code != 405 or request.method != "GET" or response.content:
            return response
        page = render(request, "405.html", status=405)
        page.headers["Allow"] = response.headers["Allow"]
        return page
