"""What one person reads under 通知: the open reminders of their own and of those they stand in for."""

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import StandIn
from reminders.models import Delivery, Reminder

PAGE_SIZE = 30


def unread(user):
    """The unread in-app rows of `user` about reminders that the person may still see; a queryset of Delivery."""
    mine = Q(reminder__recipient=user)
    if StandIn.objects.may_be_held_by(user):
        mine |= Q(reminder__recipient__in=StandIn.objects.absent_for(user))
    return Delivery.objects.unread_by(user).filter(mine)


def open_for(user):
    """Open reminders, newest first, with `is_unread` for this reader and the names the page shows."""
    unread_row = Delivery.objects.unread_by(user).filter(reminder=OuterRef("pk"))
    seen = Reminder.objects.visible_to(user).open().select_related("recipient")
    return seen.annotate(is_unread=Exists(unread_row)).order_by("-pk")


def notices_page(user, before=None):
    """One page: (reminders, the pk below which the next page begins or None)."""
    rows = open_for(user)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: PAGE_SIZE + 1])
    return found[:PAGE_SIZE], found[PAGE_SIZE - 1].pk if len(found) > PAGE_SIZE else None


def mark_read(user, reminders=None):
    """Marks the unread rows of `user` as read, all or those about `reminders` (a queryset). Returns how many."""
    rows = Delivery.objects.unread_by(user)
    if reminders is not None:
        rows = rows.filter(reminder__in=reminders)
    return Delivery.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).update(
        read_at=timezone.now()
    )
