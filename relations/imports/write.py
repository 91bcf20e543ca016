"""Writing a checked register: everything in one transaction, in bulk, with history; or nothing.

The rows are taken a thousand at a time, so that memory stays small; the number of statements for each portion does
not depend on its rows.
"""

from django.conf import settings
from django.db import reset_queries, transaction

from relations import bulk
from relations.imports.plan import CHANGED, NEW

BATCH_SIZE = 1000


def write(spec, plans, *, by, today, on_progress=lambda done, of: None):
    """Writes what `plans` (without any fault) say, as `spec` does. `on_progress` is called with rows done, and of all.

    Raises EditConflict when somebody has changed a record since it was compared, or registered a new one.
    """
    new = [plan for plan in plans if plan.result == NEW]
    changed = [plan for plan in plans if plan.result == CHANGED]
    done, of = 0, len(new) + len(changed)
    with bulk.larger_cache(), transaction.atomic():
        for write_some, chosen in ((spec.write_new, new), (spec.write_changed, changed)):
            for start in range(0, len(chosen), BATCH_SIZE):
                some = chosen[start : start + BATCH_SIZE]
                write_some(some, by, today)
                done += len(some)
                on_progress(done, of)
                if settings.DEBUG:
                    reset_queries()
