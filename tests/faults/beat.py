"""The Celery application of the site with a faster beat: sweeps and e-mails about every second."""

from lezhi.celery import app
from lezhi.schedule import BEAT

HURRIED = {
    "reminders.tasks.sweep": 0.7,
    "reminders.tasks.deliver": 1.0,
}  # seconds; different, so that each worker gets both

app.conf.beat_schedule = {
    row["task"]: row | {"schedule": HURRIED[row["task"]]} for row in BEAT.values() if row["task"] in HURRIED
}
