"""Sweep step: closes reminders about a record after the right to see it has ended by its date.

It runs before the other steps of a day, and before the first letter of a day is sent.
"""

from accounts.models import StandIn, Supervision
from relations.models import Share
from relations.reminding.raising import reassign_reminders
from relations.reminding.stale_reminders import close_stale_reminders

STEP = "access that has ended"


def close_outlived(day):
    """Once a day: closes and reassigns reminders about records that their recipient may no longer see."""
    if day.is_done_today:
        return {"reminders_reassigned": 0}
    if day.done_for is None:
        return {"reminders_reassigned": reassign_reminders(day.today)}
    people = people_with_ended_rights(day.done_for, day.today)
    close_stale_reminders(day.today)
    reassigned = reassign_reminders(day.today, recipients=people) if people else 0
    return {"reminders_reassigned": reassigned}


def people_with_ended_rights(first, today):
    """Returns the pks of the users of whom a share, a supervision or a standing-in ended from `first` to yesterday.

    One query.
    """
    ended = {"ends_on__gte": first, "ends_on__lt": today}
    shares = Share.objects.filter(**ended).order_by().values_list("user")
    supervisions = Supervision.objects.filter(**ended).order_by().values_list("supervisor")
    stand_ins = StandIn.objects.filter(**ended).order_by().values_list("stand_in")
    return sorted(pk for (pk,) in shares.union(supervisions, stand_ins))
