"""Templates are indented for those who read them; a browser is sent the lines without it."""

import re

from django.template.loaders.filesystem import Loader

INDENTATION = re.compile(r"\n[ \t]+")


class UnindentedLoader(Loader):
    """Loads the templates of DIRS without the spaces at the start of a line: pages weigh a tenth less after gzip.

    It costs nothing at a request: Django's cached loader keeps what was loaded. Line numbers stay, and so does what a
    browser shows, for a line break is a space in HTML whatever follows it (our templates have no <pre>).
    """

    def get_contents(self, origin):
        return INDENTATION.sub("\n", super().get_contents(origin))
