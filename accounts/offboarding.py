"""Counts what somebody leaves to others: headed departments, stand-ins, open work.

Shown on the page that closes an account. Closing is refused for none of it and moves nothing by itself
(accounts.people.actions.deactivate). Every app lists its own through accounts.references.
"""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Department, StandIn, Supervision
from accounts.references import TAKE_OVER


@dataclass(frozen=True)
class HandOverItem:
    """A number of things of one kind that another user has to take over; `href` is a list of exactly these."""

    label: str
    count: int
    href: str = ""


def hand_over_items(user, today: date, *, by):
    """Returns what others have to take over from `user` on the day `today`, and is visible to `by`.

    A list of HandOverItem; kinds without any are left out.
    """
    queries = [reference.hand_over_items for reference in TAKE_OVER.values() if reference.hand_over_items]
    return [item for query in queries for item in query(user, by, today) if item.count]


def sees_everything_of(by):
    """Whether `by` sees everything that there may be to hand over. Reveals nothing about what there is."""
    return by.sees_everything


def departments_headed(user, by, today):
    return [
        HandOverItem(
            _("担任负责人的部门"), Department.objects.filter(head=user).count(), reverse("departments")
        )
    ]


def colleagues_stood_in_for(user, by, today):
    """Counts arrangements that run today or later."""
    standing_in = StandIn.objects.held_by(user).uncancelled().filter(ends_on__gte=today)
    return [HandOverItem(_("正在或将要代理的同事"), standing_in.count(), reverse("stand_ins"))]


def colleagues_supervised(user, by, today):
    """Counts supervisions that run today or later (R299)."""
    supervising = Supervision.objects.filter(Q(ends_on=None) | Q(ends_on__gte=today), supervisor=user)
    return [HandOverItem(_("正在或将要督导的同事"), supervising.count(), reverse("supervisions"))]
