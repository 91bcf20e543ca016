"""Days and months without a sweep: the next sweep catches up, as if none had been missed."""

from datetime import date

import pytest

from tests.faults import rightly
from tests.faults.centre import DAY


@pytest.mark.parametrize("before", [date(2026, 10, 24), date(2026, 9, 4)], ids=["a day", "a month"])
def test_sweep_after_missed_days(site, post_office, before):
    site.sweep(before)
    assert rightly.differences(site)
    site.sweep(DAY)
    assert rightly.differences(site) == {}
    assert rightly.doubled_rows(site) == 0
    assert rightly.letters_come(post_office) == rightly.letters_owed(site)
