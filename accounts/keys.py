"""Primary keys in URLs and forms: plain digits, no more than a database integer holds."""

MAX_DIGITS = 18  # nineteen digits may be more than 2**63 - 1
MAX_KEY = 10**MAX_DIGITS - 1


class KeyConverter:
    """`<key:pk>` in a route. A longer number matches no URL: 404 without a database query."""

    regex = f"[0-9]{{1,{MAX_DIGITS}}}"

    def to_python(self, value):
        return int(value)

    def to_url(self, value):
        return str(value)


def parse_key(text):
    """Returns the number in `text`, or None when it is none; characters such as ² do not count as digits."""
    text = text or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS else None
