"""What the search of the whole site looks through: each app adds a source of what it keeps."""

from dataclasses import dataclass

from django.utils.html import format_html

from accounts.registry import Registry
from relations.search.pinyin import find_match

# Name: a Source.
SOURCES = Registry("sources of the search")


class Source:
    """One place to look in. A subclass says which `kinds` (texts) of results may be asked for alone."""

    def kinds(self):
        return ()

    def search(self, user, query, kind, most):
        """Groups of what `user` may see, each with at most `most` rows; of one `kind`, or of all when it is "".

        A group has `kind`, `label`, `rows` and `more` (whether there are more); a row what lezhi/_found.html draws.
        """
        raise NotImplementedError

    def page_of_all(self, kind, query):
        """The address of the list that shows all results of a kind, or "" when this search shows them itself."""
        return ""


@dataclass
class Group:
    """What was found of one kind; `more` when there is more than is shown."""

    kind: str
    label: str
    rows: list
    more: bool = False
    href: str = ""


def marked(name, query, is_person=False):
    """The name with what was asked for in <mark>."""
    span = find_match(name, query, is_person)
    if not span:
        return name
    first, end = span
    return format_html("{}<mark>{}</mark>{}", name[:first], name[first:end], name[end:])
