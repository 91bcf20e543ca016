"""Keys of records as they come from outside, in addresses and forms: plain digits, no more than a database holds."""

MAX_DIGITS = 18  # digits; nineteen may be more than 2**63 - 1
MAX_KEY = 10**MAX_DIGITS - 1


class KeyConverter:
    """`<key:pk>` in a route. A longer number is the address of nothing: 404 before any database is asked."""

    regex = f"[0-9]{{1,{MAX_DIGITS}}}"

    def to_python(self, value):
        return int(value)

    def to_url(self, value):
        return str(value)


def parse_key(text):
    """The number that `text` writes, or None when it writes none; signs such as ² are no digits here."""
    text = text or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS else None
