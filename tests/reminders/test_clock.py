"""Date and time are those of Shanghai, whatever the time zone of the server."""

from datetime import UTC, date, datetime, timedelta

import pytest

from reminders import clock


@pytest.mark.parametrize(
    ("moment", "today"),
    [
        (datetime(2026, 10, 12, 15, 59, 59, tzinfo=UTC), date(2026, 10, 12)),
        (datetime(2026, 10, 12, 16, 0, tzinfo=UTC), date(2026, 10, 13)),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), date(2027, 1, 1)),
    ],
)
def test_day_begins_at_midnight_in_shanghai(time_machine, moment, today):
    time_machine.move_to(moment, tick=False)
    assert clock.today() == today


def test_now_is_this_moment_told_in_shanghai(time_machine):
    moment = datetime(2026, 10, 12, 1, 30, tzinfo=UTC)
    time_machine.move_to(moment, tick=False)
    assert clock.now() == moment
    assert clock.now().utcoffset() == timedelta(hours=8)
