"""Notifies the user when others act on their password or address: by e-mail, and at the next login."""

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
SESSION_KEY = "account_notice"  # session key: the notice is the first page after the login


@receiver(recorded)
def send_letter_about_event(sender, event, **kwargs):
    """Queues an e-mail about actions of others; not for a reset link, which goes to the same mailbox."""
    by_link = event.reset is not None and event.reset.way == event.reset.Way.LETTER
    opening = event.reset is not None and event.reset.cause == event.reset.Cause.NEW
    if event.kind in LETTER_KINDS and not opening and not (by_link and event.kind == Kind.STARTED):
        letters.queue_letter(event.user, event.kind, lambda: event_sentence(event))


def event_sentence(event):
    """Returns the sentence of the e-mail about one event: the actor and the action."""
    who = event.by.name if event.by else _("登录页或服务器")
    return _("%(who)s：%(what)s（%(user)s的账号）。") % {
        "who": event.user.name if event.kind == Kind.USED else who,
        "what": event.get_kind_display(),
        "user": event.user.name,
    }


@receiver(post_save, sender=User)
def on_address_changed(sender, instance, created, update_fields=None, raw=False, **kwargs):
    """Notifies the old address when the address was changed, by whichever page or command.

    When the user changed it themselves, only a confirmed address is notified: any other may have been a typing error.
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
    """Returns the user who changes the account: set by the action, else the user of the request, else None."""
    by = getattr(user, "_history_user", None)
    asker = getattr(getattr(HistoricalRecords.context, "request", None), "user", None)
    return by or (asker if asker is not None and asker.is_authenticated else None)


def unacknowledged_lockouts(user):
    """The lockouts of this account that the user has not acknowledged, newest first."""
    from accounts.login.throttle import normalized_login_name

    return Lockout.objects.filter(username=normalized_login_name(user.username), acknowledged_at=None)


def unacknowledged_events(user):
    """The events of this account that the user has not acknowledged."""
    return user.account_events.unacknowledged()


def notice_for(user):
    """Returns the context of the notice page.

    `last_event` and `last_lockout` are the highest pks of unacknowledged rows on the page (0 for none): only these
    are acknowledged. The newest lockouts are listed, `earlier` is the number of the others.
    """
    unacknowledged = list(
        unacknowledged_events(user).select_related("by", "reset").order_by("pk")[:MAX_EVENTS]
    )
    lockouts = list(unacknowledged_lockouts(user).order_by("-pk"))  # deleted after ninety days
    return {
        "events": sorted(
            [*unacknowledged, *recently_acknowledged(user, MAX_EVENTS - len(unacknowledged))],
            key=lambda event: event.pk,
        ),
        "last_event": unacknowledged[-1].pk if unacknowledged else 0,
        "lockouts": lockouts[:MAX_LOCKOUTS],
        "earlier": max(0, len(lockouts) - MAX_LOCKOUTS),
        "last_lockout": lockouts[0].pk if lockouts else 0,
    }


def recently_acknowledged(user, most):
    """Returns the newest events acknowledged in this account in the last RECENT_PERIOD, at most `most`.

    An intruder with a stolen code may have acknowledged them before the owner came back.
    """
    announced = user.account_events.filter(is_announced=True, at__gt=timezone.now() - RECENT_PERIOD)
    return announced.exclude(acknowledged_at=None).select_related("by", "reset").order_by("-pk")[:most]


def has_notice(user):
    return user.account_events.unacknowledged().exists() or unacknowledged_lockouts(user).exists()
