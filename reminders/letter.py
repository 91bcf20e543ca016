"""The e-mail to a reader: one for all waiting reminders, in the reader's language, without names in the subject.

Its lines are the titles of the reminders, worded where they are raised: those of duties and tasks in
relations.reminding.wording, of complaints in complaints.clocks.notices, of requests in reminders.approvals.

An address that the user has not confirmed gets only their number, because an administrator may have mistyped it.
"""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.roles import is_close, kind_label

MAX_REMINDERS = 50  # reminders listed in one e-mail; the page of notices shows the others


def write_letter(reader, reminders, now):
    """An unsent EmailMultiAlternatives to `reader` (a User) about `reminders` (a list)."""
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
    """The title as e-mails may contain it: never with the name of a client or colleague."""
    if not reminder.record_kind or not is_close(reminder.record_kind):
        return reminder.title
    words = {"kind": kind_label(reminder.record_kind), "what": reminder.get_kind_display()}
    return _("%(what)s：%(kind)s，请登录后查看") % words


def absolute_url(path):
    """The absolute URL of `path` for an e-mail; "" for ""."""
    return f"{settings.SITE_URL}{path}" if path else ""
