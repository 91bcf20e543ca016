"""Confirmation of the user's e-mail address.

Reset links are sent only to a mailbox that the user has confirmed with their password.
"""

import logging

from django.conf import settings
from django.contrib import messages
from django.core.mail import EmailMessage
from django.core.signing import BadSignature, TimestampSigner
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic.base import View

from accounts.access import PermissionRequired
from accounts.models import AccountEvent, User
from accounts.passwords.event_log import record_event
from accounts.passwords.forms import ConfirmationForm, RequestConfirmationForm

logger = logging.getLogger(__name__)

SIGNER = TimestampSigner(salt="accounts.email", sep="/")
VALID_SECONDS = 24 * 3600
SESSION_KEY = "confirming_email"


def confirmation_code(user):
    """Returns a code that proves that the user reads this mailbox.

    It is void once the address or the password is changed.
    """
    return SIGNER.sign_object([user.pk, user.email, user.get_session_auth_hash()[:16]])


def is_confirmation_code_of(code, user):
    try:
        signed = SIGNER.unsign_object(code.strip(), max_age=VALID_SECONDS)
    except (BadSignature, ValueError):
        return False
    return signed == [user.pk, user.email, user.get_session_auth_hash()[:16]]


@method_decorator(sensitive_post_parameters(), name="dispatch")
class ConfirmEmail(PermissionRequired, View):
    """Requires the password first, then the code from the e-mail. In the URL the code is in the fragment (#...)."""

    def get(self, request):
        return self.show()

    def post(self, request):
        if not request.user.email:
            return redirect("me")
        return self.confirm() if "code" in request.POST else self.send()

    def show(self, ask=None, confirm=None):
        context = {
            "form": ask or RequestConfirmationForm(request=self.request),
            "confirm": confirm or ConfirmationForm(),
            "sent": self.request.session.get(SESSION_KEY) == self.request.user.email,
        }
        return render(self.request, "accounts/confirm_email.html", context)

    def send(self):
        form = RequestConfirmationForm(self.request.POST, request=self.request)
        if not form.is_valid():
            return self.show(ask=form)
        user = self.request.user
        link = f"{settings.SITE_URL}{reverse('confirm_email')}#{confirmation_code(user)}"
        text = _("%(name)s，您好：\n\n打开下面的链接，确认这个邮箱是您的，24小时内有效：\n%(link)s\n") % {
            "name": user.name,
            "link": link,
        }
        try:
            EmailMessage(_("乐知：确认您的邮箱"), text, to=[user.email]).send()
        except Exception as problem:  # shown on the page, so that the user tries again
            logger.warning("An e-mail to confirm an address was not sent: %s", type(problem).__name__)
            form.add_error(None, _("信没有发出去，请稍后再试。"))
            return self.show(ask=form)
        self.request.session[SESSION_KEY] = user.email
        messages.success(self.request, _("信已发出，请打开信里的链接"))
        return redirect("confirm_email")

    def confirm(self):
        form = ConfirmationForm(self.request.POST)
        user = self.request.user
        if form.is_valid() and not is_confirmation_code_of(form.cleaned_data["code"], user):
            form.add_error("code", _("这个确认码不对或已过期，请重新发一封信。"))
        if not form.is_valid():
            return self.show(confirm=form)
        if not User.objects.filter(pk=user.pk, email=user.email).update(confirmed_email=user.email):
            form.add_error("code", _("您的邮箱刚被改了，没有确认。请刷新页面，给现在的邮箱重新发一封信。"))
            return self.show(confirm=form)
        user.confirmed_email = user.email
        record_event(user, AccountEvent.Kind.CONFIRMED, by=user)
        self.request.session.pop(SESSION_KEY, None)
        messages.success(self.request, _("邮箱已确认"))
        return redirect("me")
