"""Writing a checked register: everything in one transaction, in bulk, with history; or nothing.

The rows are taken a thousand at a time, so that memory stays small; the number of statements for each portion does
not depend on its rows.
"""

from django.conf import settings
from django.db import reset_queries, transaction

from employers.importing import write_changed, write_new
from employers.importing.compare import CHANGED, NEW
from relations import bulk

AT_ONCE = 1000


def write(plans, *, by, today, tell=lambda done, of: None):
    """Writes what `plans` (without any fault) say. `tell` is called with how many rows are written, and of how many.

    Employers, contact persons, contracts, first cycles, search tokens, standing and duties all follow. Raises
    bulk.Moved when somebody has changed one of the employers since it was compared, or registered a new one.
    """
    new = [made for made in plans if made.result == NEW]
    changed = [made for made in plans if made.result == CHANGED]
    done, of = 0, len(new) + len(changed)
    with bulk.roomy(), transaction.atomic():
        for writing, chosen in ((write_new.write, new), (write_changed.write, changed)):
            for start in range(0, len(chosen), AT_ONCE):
                some = chosen[start : start + AT_ONCE]
                writing(some, by, today)
                done += len(some)
                tell(done, of)
                if settings.DEBUG:
                    reset_queries()
