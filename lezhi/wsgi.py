"""The WSGI application for gunicorn."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from lezhi.safe_start import announce_development

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lezhi.settings")
application = get_wsgi_application()
announce_development(settings)
