"""The queries behind 通知: open reminders of a user and of the colleagues for whom the user stands in."""

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import StandIn
from reminders.models import Delivery, Reminder

PAGE_SIZE = 30


def unread(user):
    """The unread in-app rows of `user` for reminders still visible to the user; a queryset of Delivery."""
    mine = Q(reminder__recipient=user)
    if StandIn.objects.may_exist_for(user):
        absent = StandIn.objects.absent_for(user)
        mine |= Q(reminder__recipient__in=absent, reminder__is_personal=False)
    return Delivery.objects.unread_by(user).filter(mine)


def open_for(user):
    """Open reminders visible to `user`, newest first, annotated with `is_unread`, and with their recipients."""
    unread_row = Delivery.objects.unread_by(user).filter(reminder=OuterRef("pk"))
    reminders = Reminder.objects.visible_to(user).open().select_related("recipient")
    return reminders.annotate(is_unread=Exists(unread_row)).order_by("-pk")


def notices_page(user, before=None):
    """One page of open reminders: (reminders, pk below which the next page starts, or None)."""
    rows = open_for(user)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    shown = list(rows[: PAGE_SIZE + 1])
    return shown[:PAGE_SIZE], shown[PAGE_SIZE - 1].pk if len(shown) > PAGE_SIZE else None


def mark_read(user, reminders=None):
    """Marks the unread rows of `user` as read, all or those of `reminders` (a queryset). Returns their number."""
    rows = Delivery.objects.unread_by(user)
    if reminders is not None:
        rows = rows.filter(reminder__in=reminders)
    return Delivery.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).update(
        read_at=timezone.now()
    )
