"""Settings of a site under fault: those of real use, with a clock that may be set and a cheap hash.

Left out is only what faults say nothing about: the manifest of static files and the cost of a password.
"""

import os
import time

from lezhi.settings import *  # noqa: F403
from lezhi.settings import DATABASES, STORAGES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}

if "LEZHI_TEST_IMPATIENT" in os.environ:  # nobody waits for another one's lock
    DATABASES["default"]["OPTIONS"]["timeout"] = 0

if "LEZHI_TEST_AHEAD" in os.environ:  # seconds between the clock of the site and that of the machine
    import time_machine

    time_machine.travel(time.time() + float(os.environ["LEZHI_TEST_AHEAD"]), tick=True).start()
