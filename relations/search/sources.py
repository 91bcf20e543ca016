"""Sources of the site-wide search: each app registers one for its records."""

from dataclasses import dataclass

from django.utils.html import format_html

from accounts.registry import Registry
from relations.search.pinyin import find_match

# By name: a SearchSource each.
SOURCES = Registry("sources of the search")


class SearchSource:
    """The searchable records of one app. `kinds` (a tuple of str) are the kinds that can be searched alone."""

    def kinds(self):
        return ()

    def search(self, user, query, kind, most):
        """Returns a list of ResultGroup of what `user` may see, of one `kind`, or of all when it is "".

        Each group has at most `most` rows, with the attributes that the template lezhi/_found.html uses.
        """
        raise NotImplementedError

    def all_results_url(self, kind, query):
        """Returns the URL of the list with all results of a kind, or "" when the search page itself shows them."""
        return ""


@dataclass
class ResultGroup:
    """The matches of one kind; `more` is True when not all are shown."""

    kind: str
    label: str
    rows: list
    more: bool = False
    href: str = ""


def highlighted(name, query, is_person=False):
    """Returns the name as HTML with the match in <mark>, or the plain name when it does not match."""
    span = find_match(name, query, is_person)
    if not span:
        return name
    first, end = span
    return format_html("{}<mark>{}</mark>{}", name[:first], name[first:end], name[end:])
