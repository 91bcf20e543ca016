"""Sweep step: deletes refused attempts after the retention period set by the centre."""

from datetime import timedelta

from accounts.refusals import recording as refusals


def delete_old_refusals(day):
    period = timedelta(days=day.numbers["refusals_kept_days"])
    return {"refusals_forgotten": refusals.delete_before(day.today - period)}
