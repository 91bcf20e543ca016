"""The Celery application. Tasks only start the work; what is due is stored in database rows."""

import os

from celery import Celery
from celery.signals import beat_init, celeryd_init
from django.conf import settings

from lezhi.safe_start import announce_development
from lezhi.schedule import BEAT

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lezhi.settings")

app = Celery("lezhi")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = BEAT
app.autodiscover_tasks()


@celeryd_init.connect
@beat_init.connect
def announce_development_start(**event):
    """Prints the warning about a development start in worker and beat, as the web server does."""
    announce_development(settings)
