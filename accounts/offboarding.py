"""What a person would leave undone: asked before an account is closed, answered by every room of the house.

A room above connects a receiver to `leaving`; it is called with `user`, `by` and `today` and returns a list of `Owed`,
in which only what `by`, who asks, may see is counted:

    @receiver(leaving)
    def relationships(sender, user, by, today, **kwargs):
        return [Owed(_("用人单位"), 7, "/employers/?worker=3")]
"""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.dispatch import Signal, receiver
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Department, StandIn, Supervision, User

leaving = Signal()


@dataclass(frozen=True)
class Owed:
    """So many things of one kind that somebody else has to take over; `href` shows exactly these."""

    label: str
    count: int
    href: str = ""


def owed_by(user, today: date, *, by):
    """What `user` still owes on the day `today` and `by` may see, as a list of Owed; kinds without any are left out."""
    answers = leaving.send(sender=User, user=user, by=by, today=today)
    return [owed for _receiver, told in answers for owed in told if owed.count]


def sees_all(by):
    """Whether nothing can be owed that `by` does not see. Says nothing of what there is."""
    return by.sees_everything


@receiver(leaving)
def own_offices(sender, user, today, **kwargs):
    """The departments the person heads, the colleagues they stand in for, and those they supervise (R299)."""
    supervising = Supervision.objects.filter(Q(ends_on=None) | Q(ends_on__gte=today), supervisor=user)
    standing_in = StandIn.objects.held_by(user).uncancelled().filter(ends_on__gte=today)
    return [
        Owed(_("担任负责人的部门"), Department.objects.filter(head=user).count(), reverse("departments")),
        Owed(_("正在或将要代理的同事"), standing_in.count(), reverse("stand_ins")),
        Owed(_("正在或将要督导的同事"), supervising.count(), reverse("supervisions")),
    ]
