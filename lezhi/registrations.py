"""The registrations of lezhi: the checks of `manage.py check`, and the counts of the navigation."""

from lezhi import checks, nav  # noqa: F401  the checks register themselves
from lezhi.counts import counts

nav.COUNTS.add("work", counts)
