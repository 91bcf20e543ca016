"""The Celery application. Tasks only wake the work: what is due lives in database rows."""

import os

from celery import Celery

from lezhi.schedule import BEAT

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lezhi.settings")

app = Celery("lezhi")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = BEAT
app.autodiscover_tasks()
