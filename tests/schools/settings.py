"""Test settings with a fifth kind in addition to those of the site: `pytest --ds=tests.schools.settings`."""

from tests.settings import *  # noqa: F403
from tests.settings import INSTALLED_APPS

ROOT_URLCONF = "tests.schools.site"
INSTALLED_APPS = [*INSTALLED_APPS, "tests.schools"]
