"""No answer of ours is kept by a proxy, nor by a browser that the next person may use."""


class PrivateResponseMiddleware:
    """Marks every answer as one person's own and not to be stored, unless the view has said otherwise.

    Static files are answered before this and may be kept.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response
