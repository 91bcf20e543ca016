"""Repeats: complaints of the same kind and subject received again within some months (R151)."""

from django.db.models import F, Window
from django.db.models.functions import ExtractDay, ExtractMonth, ExtractYear, Lag

from complaints.models import Complaint, ComplaintKind, State

# Days are numbered as if every month had 31, so that months can be subtracted exactly in any database.
MONTH, YEAR = 31, 372


def day_position():
    """The number of the day `received_on` in that numbering, as an expression."""
    day = "received_on"
    return ExtractYear(day) * YEAR + ExtractMonth(day) * MONTH + ExtractDay(day)


def repeats(user, months):
    """Visible complaints and suggestions after another one of the same kind and subject within the `months` before.

    Praise and complaints entered in error never count. A queryset of primary keys; one pass over the visible
    complaints.
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
