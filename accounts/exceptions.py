"""What an act raises when it may not be done: Refused, and EditConflict when somebody else was quicker."""

from django.utils.translation import gettext as _


class ParameterRefused(Exception):
    """An act that may not be done now; nothing was written. Its text is a sentence for the person who tried.

    `page` is the url name of a page that mends it, or "".
    """

    def __init__(self, sentence="", page=""):
        super().__init__(sentence)
        self.page = page


class EditConflict(ParameterRefused):
    """Somebody else has changed, since it was read, what was about to be written.

    `latest` is the row that stands now, where the one who raises it knows it.
    """

    def __init__(self, sentence="", latest=None):
        super().__init__(sentence or _("刚才有人先改了，请看最新的内容再改。"))
        self.latest = latest
