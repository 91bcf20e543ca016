"""What a person would leave undone: asked before an account is closed, answered by every app (accounts.references)."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Department, StandIn, Supervision
from accounts.references import TAKE_OVER


@dataclass(frozen=True)
class HandOverItem:
    """So many things of one kind that somebody else has to take over; `href` shows exactly these."""

    label: str
    count: int
    href: str = ""


def hand_over_items(user, today: date, *, by):
    """What `user` still owes on the day `today` and `by` may see, as a list of Owed; kinds without any are left out."""
    asked = [reference.owed for reference in TAKE_OVER.values() if reference.owed]
    return [owed for ask in asked for owed in ask(user, by, today) if owed.count]


def sees_all(by):
    """Whether nothing can be owed that `by` does not see. Says nothing of what there is."""
    return by.sees_everything


def departments_headed(user, by, today):
    return [
        HandOverItem(
            _("担任负责人的部门"), Department.objects.filter(head=user).count(), reverse("departments")
        )
    ]


def colleagues_stood_in_for(user, by, today):
    """Today or later."""
    standing_in = StandIn.objects.held_by(user).uncancelled().filter(ends_on__gte=today)
    return [HandOverItem(_("正在或将要代理的同事"), standing_in.count(), reverse("stand_ins"))]


def colleagues_supervised(user, by, today):
    """Today or later (R299)."""
    supervising = Supervision.objects.filter(Q(ends_on=None) | Q(ends_on__gte=today), supervisor=user)
    return [HandOverItem(_("正在或将要督导的同事"), supervising.count(), reverse("supervisions"))]
