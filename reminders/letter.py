"""The letter a reader gets: one for all that waits, in the reader's language, no names in the subject.

To an address that the person has not confirmed goes only how many wait: whoever manages accounts may have typed it.
"""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.roles import is_close, kind_label

MAX_REMINDERS = 50  # reminders named in one letter; the page of notices has the others


def write_letter(reader, reminders, now):
    """An EmailMultiAlternatives to `reader` (a User) about `reminders` (a list); nothing is sent yet."""
    with translation.override(reader.language):
        count, shown = len(reminders), reminders[:MAX_REMINDERS] if reader.has_confirmed_email else []
        subject = ngettext("乐知：您有%(count)d项提醒", "乐知：您有%(count)d项提醒", count) % {"count": count}
        context = {
            "reader": reader,
            "lines": [
                {"title": title_without_names(each), "href": absolute_url(each.link)} for each in shown
            ],
            "count": count,
            "left": count - len(shown) if shown else 0,
            "notices": absolute_url(reverse("notices")),
            "account": absolute_url(reverse("me")),
            "today": now.date(),
        }
        letter = EmailMultiAlternatives(
            subject, render_to_string("reminders/letter.txt", context), to=[reader.email]
        )
        letter.attach_alternative(render_to_string("reminders/letter.html", context), "text/html")
    return letter


def title_without_names(reminder):
    """What may leave the house: never the name of a client or colleague."""
    if not reminder.record_kind or not is_close(reminder.record_kind):
        return reminder.title
    words = {"kind": kind_label(reminder.record_kind), "what": reminder.get_kind_display()}
    return _("%(what)s：%(kind)s，请登录后查看") % words


def absolute_url(path):
    """The address people can click in a letter; empty for nothing."""
    return f"{settings.SITE_URL}{path}" if path else ""
