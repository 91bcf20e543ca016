"""The person is told: by letter when somebody acts on the password or the address, and at the next log-in."""

from datetime import timedelta

from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext as _
from simple_history.models import HistoricalRecords

from accounts.models import AccountEvent, Lockout, User
from accounts.passwords import letters
from accounts.passwords.event_log import record_event, recorded

Kind = AccountEvent.Kind
LETTER_KINDS = {Kind.STARTED, Kind.USED, Kind.SESSIONS, Kind.VOIDED, Kind.COMMAND, Kind.REOPENED}
RECENT_PERIOD = timedelta(days=30)
MAX_EVENTS = 20
MAX_LOCKOUTS = 5
SESSION_KEY = "account_notice"  # in the session: the first page after the log-in is the notice


@receiver(recorded)
def send_letter_about_event(sender, event, **kwargs):
    """A letter for what others do; a link that goes to the same mailbox says it itself."""
    by_link = event.reset is not None and event.reset.way == event.reset.Way.LETTER
    opening = event.reset is not None and event.reset.cause == event.reset.Cause.NEW
    if event.kind in LETTER_KINDS and not opening and not (by_link and event.kind == Kind.STARTED):
        letters.queue_letter(event.user, event.kind, lambda: event_sentence(event))


def event_sentence(event):
    """What a letter says of one event: who, and what."""
    who = event.by.name if event.by else _("登录页或服务器")
    return _("%(who)s：%(what)s（%(user)s的账号）。") % {
        "who": event.user.name if event.kind == Kind.USED else who,
        "what": event.get_kind_display(),
        "user": event.user.name,
    }


@receiver(post_save, sender=User)
def on_address_changed(sender, instance, created, update_fields=None, raw=False, **kwargs):
    """Whatever page or command has changed the address, the old one is written to.

    When the person has done it, only an address that was confirmed: another may have been a slip of the pen.
    """
    before = getattr(instance, "email_as_read", None)
    written = update_fields is None or "email" in update_fields
    instance.email_as_read = instance.email if written else before
    if created or raw or not written or before is None or before == instance.email:
        return
    by = acting_user(instance)
    record_event(instance, Kind.ADDRESS, by=by)
    if before and (before == instance.confirmed_email or by is None or by.pk != instance.pk):

        def sentence():
            return _("您在乐知的邮箱不再是这一个。新邮箱要等您本人确认，才能用来重设密码。")

        letters.queue_letter(instance, Kind.ADDRESS, sentence, address=before)


def acting_user(user):
    """Who changes the account: as the act has said, or whoever asks for the page."""
    by = getattr(user, "_history_user", None)
    asker = getattr(getattr(HistoricalRecords.context, "request", None), "user", None)
    return by or (asker if asker is not None and asker.is_authenticated else None)


def unacknowledged_lockouts(user):
    """When wrong passwords shut this account and the person has not been told yet, newest first."""
    from accounts.login.throttle import normalized_login_name

    return Lockout.objects.filter(username=normalized_login_name(user.username), acknowledged_at=None)


def unacknowledged_events(user):
    """What others did to the password and nobody has acknowledged from this account."""
    return user.account_events.unacknowledged()


def notice_for(user):
    """What the notice shows, and `last_event` and `last_lockout`: up to which key it has told of what was untold.

    Of the lockouts the newest are shown one by one, `earlier` ones by their number.
    """
    untold = list(unacknowledged_events(user).select_related("by", "reset").order_by("pk")[:MAX_EVENTS])
    lockouts = list(unacknowledged_lockouts(user).order_by("-pk"))  # kept for ninety days
    return {
        "events": sorted(
            [*untold, *recently_acknowledged(user, MAX_EVENTS - len(untold))], key=lambda event: event.pk
        ),
        "last_event": untold[-1].pk if untold else 0,
        "lockouts": lockouts[:MAX_LOCKOUTS],
        "earlier": max(0, len(lockouts) - MAX_LOCKOUTS),
        "last_lockout": lockouts[0].pk if lockouts else 0,
    }


def recently_acknowledged(user, most):
    """The newest of what somebody in this account has acknowledged this month.

    Whoever came in by a stolen code may have acknowledged it before the person came back.
    """
    told = user.account_events.filter(tell=True, at__gt=timezone.now() - RECENT_PERIOD)
    return told.exclude(acknowledged_at=None).select_related("by", "reset").order_by("-pk")[:most]


def has_notice(user):
    return user.account_events.unacknowledged().exists() or unacknowledged_lockouts(user).exists()
