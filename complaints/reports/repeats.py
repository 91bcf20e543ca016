"""Repeats of the same kind: the same subject and kind once more within some months (R151)."""

from django.db.models import F, Window
from django.db.models.functions import ExtractDay, ExtractMonth, ExtractYear, Lag

from complaints.models import Complaint, ComplaintKind, State

MONTH, YEAR = (
    31,
    372,
)  # places of days in a row where every month has 31, so that months are exact in any database


def day_position():
    """The place of `received_on` in that row."""
    day = "received_on"
    return ExtractYear(day) * YEAR + ExtractMonth(day) * MONTH + ExtractDay(day)


def repeats(user, months):
    """The complaints and suggestions, within the sight of `user`, before which the same was raised in `months`.

    Praise and what was registered in error never count. A queryset of primary keys; one pass over what is visible.
    """
    counted = Complaint.objects.visible_to(user).exclude(kind=ComplaintKind.PRAISE).exclude(state=State.VOID)
    before = Window(Lag("place"), partition_by=["kind", "subject"], order_by=["received_on", "pk"])
    return (
        counted.order_by()
        .annotate(place=day_position())
        .annotate(before=before)
        .filter(before__gte=F("place") - months * MONTH)
        .values("pk")
    )
