"""Reminders for the tests of their notices and e-mails."""

from reminders import clock
from reminders.actions import remind
from reminders.models import Reminder


def make_reminder(reader, number=1, **changed):
    """Creates reminder `number` for `reader`, raised today unless `today` is passed, and returns it."""
    fields = {
        "kind": "due",
        "key": f"duty:{number}:{reader.pk}",
        "subject": f"duty:{number}",
        "title": f"第{number}件事",
        "link": "/relations/1/",
        "today": clock.today(),
    } | changed
    assert remind(reader, **fields)
    return Reminder.objects.get(key=fields["key"])
