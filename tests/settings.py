"""Settings of the tests: those of the site, with files in a temporary folder, e-mails in memory and a fast hash.

tests/plugins/services.py sets the environment (VAR_DIR, DATABASE_URL, REDIS_URL) before this module is loaded. Each
worker of pytest-xdist, and the Celery worker it may start, has its own folder, database, cache and queue.
"""

import os
import tempfile
from pathlib import Path

SCRATCH = Path(os.environ.get("LEZHI_TEST_SCRATCH") or tempfile.mkdtemp(prefix="lezhi-tests-"))
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
os.environ["VAR_DIR"] = str(SCRATCH / WORKER)

REDIS = os.environ.get("LEZHI_TEST_REDIS", "")
if REDIS:
    NUMBER = int(WORKER.removeprefix("gw")) if WORKER.startswith("gw") else 0
    os.environ["REDIS_URL"] = f"{REDIS}/{2 * NUMBER}"

from lezhi.settings import *  # noqa: E402, F403
from lezhi.settings import CACHES, DATABASES, ON_SQLITE, REDIS_URL, VAR_DIR  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
WHITENOISE_AUTOREFRESH = True

if ON_SQLITE:
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}
if REDIS_URL:
    for cache in CACHES.values():
        cache["LOCATION"] = f"{REDIS}/{2 * NUMBER + 1}"
else:
    # A cache without SQL queries, so that both databases have the same number of them, and shared between processes.
    CACHES["default"] = {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": str(VAR_DIR / "cache"),
    }

CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True

if "LEZHI_TEST_DATABASE" in os.environ:  # in a Celery worker started by a test
    DATABASES["default"]["NAME"] = os.environ["LEZHI_TEST_DATABASE"]
    CELERY_TASK_ALWAYS_EAGER = False
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(VAR_DIR / "letters")
