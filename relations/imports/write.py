"""Writes a checked register in one transaction, in bulk and with history.

Rows are written in batches of a thousand, which limits memory; each batch takes a fixed number of SQL statements.
"""

from django.conf import settings
from django.db import reset_queries, transaction

from relations import bulk
from relations.imports.plan import CHANGED, NEW

BATCH_SIZE = 1000


def write(spec, plans, *, by, today, on_progress=lambda done, of: None):
    """Writes `plans` (without faults) by means of `spec`. `on_progress` is called with the rows done and their total.

    Raises EditConflict when a record was changed since it was compared, or a new one has been registered.
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
