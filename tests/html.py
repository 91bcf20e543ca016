"""What a page says, whatever the layout of its template."""

import re


def packed(page):
    """The HTML `page` without its line breaks: none between elements, one space where it stands between attributes."""
    page = re.sub(r"<[^>]*>", lambda tag: re.sub(r"\s+", " ", tag.group()).replace(" >", ">"), page)
    return re.sub(r"[ \t]*\n[ \t]*", "", page)
