"""The site's own Celery application, whose beat is in a hurry: sweeps and letters every second."""

from lezhi.celery import app
from lezhi.schedule import BEAT

HURRIED = ("reminders.tasks.sweep", "reminders.tasks.deliver")

app.conf.beat_schedule = {
    row["task"]: row | {"schedule": 1.0} for row in BEAT.values() if row["task"] in HURRIED
}
