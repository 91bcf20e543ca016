"""The HTML of pages without the line breaks of their templates, for comparisons."""

import re


def packed(page):
    """The HTML `page` without line breaks: nothing between elements, one space between attributes."""
    page = re.sub(r"<[^>]*>", lambda tag: re.sub(r"\s+", " ", tag.group()).replace(" >", ">"), page)
    return re.sub(r"[ \t]*\n[ \t]*", "", page)
