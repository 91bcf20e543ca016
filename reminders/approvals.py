"""Whoever may confirm a sheet is asked to, and whoever it concerns is told of the outcome (accounts.approvals.sheets).

All of it is personal: a stand-in confirms nothing for an absent colleague. What asks is closed by the answer, what
tells by 知道了 on the page of the sheet, or when it was read.
"""

from django.dispatch import receiver
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.approvals import sheets
from accounts.approvals.models import Sheet
from reminders import clock
from reminders.models import Reminder
from reminders.raising import close, raise_all


def subject_of(sheet, what):
    """`what` is "ask", which the answer closes, or "told"."""
    return f"sheet:{sheet.pk}:{what}"


def reminder(sheet, user, what, words, today):
    """A reminder for `user`, unsaved, raised once for each state of the sheet."""
    return Reminder(
        key=f"{subject_of(sheet, what)}:{sheet.state}:{user.pk}",
        subject=subject_of(sheet, what),
        kind=Reminder.Kind.APPROVAL,
        recipient=user,
        title=(words % {"title": sheets.title_of(sheet), "state": sheet.get_state_display()})[:300],
        link=sheet.get_absolute_url(),
        is_personal=True,
        is_for_information=what == "told",
        raised_on=today,
    )


@receiver(sheets.opened)
def ask(sheet, **_signal):
    """Those who may confirm are asked; the others who are concerned are told that something waits."""
    today, confirmers = clock.today(), set(sheets.who_confirms(sheet)[0])
    with translation.override("zh-hans"):
        asking = [reminder(sheet, user, "ask", _("请您确认：%(title)s"), today) for user in confirmers]
        others = set(sheet.told.all()) - confirmers - {sheet.asked_by}
        telling = [reminder(sheet, user, "ask", _("有人提出、等待确认：%(title)s"), today) for user in others]
    raise_all(asking + telling, today)


@receiver(sheets.decided)
def tell(sheet, **_signal):
    """Everybody concerned learns of the answer, but for whoever gave it; what asked for one is over."""
    today = clock.today()
    close([subject_of(sheet, "ask")])
    actor = sheet.decided_by or (sheet.asked_by if sheet.state != Sheet.State.VOID else None)
    with translation.override("zh-hans"):
        told = [
            reminder(sheet, user, "told", _("%(state)s：%(title)s"), today)
            for user in sheet.told.all()
            if user != actor
        ]
        raise_all(told, today)
        ask_again(today)


def told_to(sheet, user):
    return Reminder.objects.open().filter(subject=subject_of(sheet, "told"), recipient=user)


@receiver(sheets.asked_for_news)
def has_news(sheet, user, **_signal):
    return told_to(sheet, user).exists()


@receiver(sheets.noted)
def put_away(sheet, user, **_signal):
    told_to(sheet, user).update(closed_at=clock.now())


def ask_again(today):
    """Rights have changed: whoever may confirm only since then (a new director, say) is asked as well, once."""
    rows = [
        reminder(sheet, user, "ask", _("请您确认：%(title)s"), today)
        for sheet in Sheet.objects.open().select_related("asked_by", "about")
        for user in sheets.who_confirms(sheet)[0]
    ]
    if rows:
        raise_all(rows, today)
