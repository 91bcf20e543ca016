"""Exceptions of actions: refused, and EditConflict when another user was faster."""

from django.utils.translation import gettext as _


class ActionRefused(Exception):
    """An action that may not be done now; nothing was written. The message is a sentence for the user.

    `page` is the URL name of a page where the cause can be fixed, or "".
    """

    def __init__(self, sentence="", page=""):
        super().__init__(sentence)
        self.page = page


class EditConflict(ActionRefused):
    """Another user changed what was about to be written, after it was read.

    `latest` is the present row, if the code that raises this has it.
    """

    def __init__(self, sentence="", latest=None):
        super().__init__(sentence or _("刚才有人先改了，请看最新的内容再改。"))
        self.latest = latest
