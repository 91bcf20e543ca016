"""The registrations of lezhi: the checks of `manage.py check`, which register themselves."""

from lezhi import checks, kind_checks  # noqa: F401
