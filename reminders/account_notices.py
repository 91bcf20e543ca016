"""Notifies others of password events: users who print the second half of a code, and users who confirm rights."""

from django.dispatch import receiver
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import AccountEvent, User
from accounts.passwords import resets
from accounts.passwords.event_log import recorded
from accounts.roles import Permission
from accounts.stored_texts import stored_in_chinese
from reminders import clock
from reminders.models import Reminder
from reminders.raising import close_reminders, create_reminders

Kind = AccountEvent.Kind
START_EVENTS = {Kind.OPENED, Kind.REOPENED, Kind.STARTED}
END_EVENTS = {Kind.PRINTED, Kind.USED, Kind.CANCELLED}
# Events of accounts with a sensitive role of which the users who confirm rights are notified.
SENSITIVE_EVENTS = {
    Kind.REOPENED,
    Kind.STARTED,
    Kind.USED,
    Kind.SESSIONS,
    Kind.VOIDED,
    Kind.COMMAND,
    Kind.ADDRESS,
}


@receiver(recorded)
def remind_of_second_half(sender, event, **kwargs):
    """Reminds all users who may print the second half; closed when it is printed or the slip is used or cancelled."""
    reset = event.reset
    if event.kind in START_EVENTS:
        close_reminders(_open_slips_of(event.user))
    if reset is None or reset.way != reset.Way.SLIP:
        return
    subject = f"slip:{reset.pk}"
    if event.kind in START_EVENTS:
        words = {"who": event.by.name, "name": event.user.name}
        with stored_in_chinese():
            title = _("%(who)s为%(name)s发起了登录纸条，请您打印另一半，亲手交给本人") % words
        people = resets.second_half_printers(event.user, event.by)
        _raise(people, f"slip:{reset.pk}", subject, title, reverse("slips"))
    elif event.kind in END_EVENTS:
        close_reminders([subject])


@receiver(recorded)
def notify_confirmers(sender, event, **kwargs):
    """Notifies users who confirm rights of events of accounts with a sensitive role, and of every objection."""
    objected = event.kind == Kind.OBJECTED
    own_act = event.kind == Kind.ADDRESS and event.by == event.user
    if not objected and (
        own_act or event.kind not in SENSITIVE_EVENTS or not resets.is_sensitive(event.user)
    ):
        return
    apart = [event.user_id] + ([event.by_id] if event.by_id else [])
    people = User.objects.active().with_permission(Permission.CONFIRM_RIGHTS).exclude(pk__in=apart)
    with stored_in_chinese():
        title = _("%(name)s的账号：%(what)s") % {"name": event.user.name, "what": event.get_kind_display()}
        if event.by and not objected:
            title = _("%(title)s（%(who)s）") % {"title": title, "who": event.by.name}
    _raise(people, f"account:{event.pk}", f"account:{event.user_id}", title, "", is_for_information=True)


def _open_slips_of(user):
    return [f"slip:{pk}" for pk in user.resets.values_list("pk", flat=True)]


def _raise(people, key, subject, title, link, *, is_for_information=False):
    today = clock.today()
    create_reminders(
        [
            Reminder(
                key=f"{key}:{person.pk}",
                subject=subject,
                kind=Reminder.Kind.ACCOUNT,
                recipient=person,
                title=title,
                link=link,
                is_personal=True,
                is_for_information=is_for_information,
                raised_on=today,
            )
            for person in people
        ],
        today,
    )
