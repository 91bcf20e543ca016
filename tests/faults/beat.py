"""The site's own Celery application, whose beat is in a hurry: sweeps and letters about every second."""

from lezhi.celery import app
from lezhi.schedule import BEAT

HURRIED = {
    "reminders.tasks.sweep": 0.7,
    "reminders.tasks.deliver": 1.0,
}  # seconds, out of step: each worker gets both

app.conf.beat_schedule = {
    row["task"]: row | {"schedule": HURRIED[row["task"]]} for row in BEAT.values() if row["task"] in HURRIED
}
