"""Settings of a site under fault: those of production, with an adjustable clock and a fast password hash.

Only what faults do not concern is left out: the manifest of static files and slow password hashes.
"""

import os
import time

from lezhi.settings import *  # noqa: F403
from lezhi.settings import DATABASES, STORAGES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}

if "LEZHI_TEST_IMPATIENT" in os.environ:  # no process waits for a lock of another
    DATABASES["default"]["OPTIONS"]["timeout"] = 0

if "LEZHI_TEST_AHEAD" in os.environ:  # seconds between the clock of the site and that of the machine
    import time_machine

    time_machine.travel(time.time() + float(os.environ["LEZHI_TEST_AHEAD"]), tick=True).start()
