"""Refused attempts are kept as long as the centre has set, and no longer."""

from datetime import timedelta

from accounts.refusals import recording as refusals


def delete_old_refusals(day):
    kept = timedelta(days=day.numbers["refusals_kept_days"])
    return {"refusals_forgotten": refusals.delete_before(day.today - kept)}
