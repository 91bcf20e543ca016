"""The pages around a new password: the halves of a slip, setting the password, what is told at the next log-in."""

from urllib.parse import urlencode

import segno
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView, TemplateView
from django.views.generic.base import View

from accounts.access import PermissionRequired
from accounts.login import throttle
from accounts.login.views import safe_next_url
from accounts.models import AccountEvent, ForgottenRequest, PasswordReset, User
from accounts.passwords import notices as telling
from accounts.passwords import resets
from accounts.passwords.event_log import record_event
from accounts.passwords.forms import ActivationForm, ForgottenPasswordForm
from accounts.roles import Permission

# Not "no-referrer": with it a browser sends "Origin: null", and the form of the page would be refused.
NO_STORE_HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin"}


def with_no_store_headers(answer):
    """The answer, which no browser keeps and no other page hears of."""
    for header, value in NO_STORE_HEADERS.items():
        answer.headers[header] = value
    return answer


def activation_url():
    """Where a code is typed, by the name of the site that people use."""
    return settings.SITE_URL + reverse("activate")


def qr_code_svg(address):
    """The QR of an address without any code in it."""
    inline = segno.make(address, error="m", micro=False).svg_inline(
        svgclass="qr", lineclass=None, border=2, omitsize=True
    )
    return mark_safe(inline)  # noqa: S308  drawn by segno from our own address


def code_half_response(request, reset, half, part, back):
    """Half a code on a sheet to print; it cannot be shown again."""
    address = activation_url()
    context = {
        "reset": reset,
        "half": half,
        "part": part,
        "address": address,
        "qr": qr_code_svg(address),
        "back": back,
    }
    if part == 1:
        context["second_people"] = resets.second_half_printers(reset.user, reset.started_by)
    return with_no_store_headers(render(request, "accounts/slip.html", context))


def first_half_response(request, reset, half):
    """What the one who started sees: their half, and who may print the other."""
    at_home = request.user.may(Permission.MANAGE_ACCOUNTS)
    back = reverse("accounts:edit", args=[reset.user_id]) if at_home else reverse("slips")
    return code_half_response(request, reset, half, 1, back)


class PrintSlipsView(PermissionRequired, TemplateView):
    """The slips of which one may print the second half, and the administrators whom one may start a reset for."""

    template_name = "accounts/slips.html"

    def get_context_data(self, **kwargs):
        user = self.request.user
        waiting = PasswordReset.objects.printable_by(user).select_related("user", "started_by")
        administrators = User.objects.none()
        if user.may(Permission.CONFIRM_RIGHTS):
            administrators = (
                User.objects.active().with_permission(Permission.MANAGE_ACCOUNTS).exclude(pk=user.pk)
            )
        return super().get_context_data(waiting=waiting, administrators=administrators, **kwargs)


class PrintSlip(PermissionRequired, View):
    """Asks first, because the half is shown once; then shows it."""

    def get_reset(self, pk):
        """The slip, or 404 for whoever it was never offered to. Who is late, by a notice or a tab, did no wrong."""
        offered = PasswordReset.objects.offered_to(self.request.user)
        return get_object_or_404(offered.select_related("user", "started_by"), pk=pk)

    def get(self, request, pk):
        reset = self.get_reset(pk)
        if not PasswordReset.objects.printable_by(request.user).filter(pk=pk).exists():
            return self.slip_expired_response(resets.slip_expired_error())
        return render(request, "accounts/slip_ask.html", {"reset": reset})

    def post(self, request, pk):
        reset = self.get_reset(pk)
        try:
            half = resets.print_second_half(reset, by=request.user)
        except ValidationError as refusal:
            return self.slip_expired_response(refusal)
        return code_half_response(request, reset, half, 2, reverse("slips"))

    def slip_expired_response(self, refusal):
        messages.error(self.request, " ".join(refusal.messages))
        return redirect("slips")


class StartForAdministrator(PermissionRequired, View):
    """Who confirms rights starts the slip of an administrator: the only one may have forgotten the password."""

    http_method_names = ["post", "options"]
    permission = Permission.CONFIRM_RIGHTS

    def post(self, request, pk):
        account = get_object_or_404(User.objects.active().with_permission(Permission.MANAGE_ACCOUNTS), pk=pk)
        if not resets.may_start(request.user, account):
            raise PermissionDenied
        reset, halves = resets.start_reset(account, by=request.user, way=PasswordReset.Way.SLIP)
        return first_half_response(request, reset, halves[0])


@method_decorator(sensitive_post_parameters(), name="dispatch")
class Activate(FormView):
    """Both halves and a new password; then one logs in like always. In the address of a letter the code stands behind
    the #, which no browser sends: it is in no log and in no Referer, and a script takes it out of the history."""

    template_name = "accounts/activate.html"
    form_class = ActivationForm

    def dispatch(self, request, *args, **kwargs):
        minutes = throttle.minutes_blocked_by_address(request, throttle.CODES_SUFFIX)
        if minutes:
            return with_no_store_headers(too_many_attempts_response(request, minutes))
        return with_no_store_headers(super().dispatch(request, *args, **kwargs))

    def form_invalid(self, form):
        if form.is_wrong:
            throttle.count_attempt_by_address(self.request, throttle.CODES_SUFFIX)
        return super().form_invalid(form)

    def form_valid(self, form):
        try:
            resets.use_reset(form.reset, form.cleaned_data["new_password1"])
        except ValidationError as refusal:
            form.add_error(None, refusal)
            return self.form_invalid(form)
        messages.success(self.request, _("密码设好了，请登录"))
        return redirect("login")


def too_many_attempts_response(request, minutes):
    """429 with the minutes to wait."""
    answer = render(request, "accounts/locked.html", {"minutes": minutes}, status=429)
    answer.headers["Retry-After"] = str(minutes * 60)
    return answer


class Forgotten(FormView):
    """A link to the mailbox one has confirmed. The page says and does the same for every name; the worker answers."""

    template_name = "accounts/forgotten.html"
    form_class = ForgottenPasswordForm

    def post(self, request, *args, **kwargs):
        minutes = throttle.minutes_blocked_by_address(request, throttle.LETTERS_SUFFIX)
        if minutes:
            return with_no_store_headers(too_many_attempts_response(request, minutes))
        return super().post(request, *args, **kwargs)

    def form_valid(self, form):
        throttle.count_attempt_by_address(self.request, throttle.LETTERS_SUFFIX)
        asked = throttle.normalized_login_name(form.cleaned_data["username"])
        ForgottenRequest.objects.create(username=asked, at=timezone.now())
        return with_no_store_headers(render(self.request, "accounts/forgotten.html", {"asked": True}))


class LoginNotice(PermissionRequired, View):
    """What others did to the password since one last acknowledged it; it stands before every page until one does."""

    def get(self, request):
        if not request.session.get(telling.SESSION_KEY):
            return HttpResponseRedirect(self.goal())
        context = telling.notice_for(request.user) | {"next": request.GET.get("next", "")}
        return render(request, "accounts/login_notice.html", context)

    def post(self, request):
        user = request.user
        if "objected" in request.POST:
            record_event(user, AccountEvent.Kind.OBJECTED, by=user)
            messages.warning(request, _("已告诉总干事和理事会。请现在改密码，其他设备会全部退出。"))
        telling.unacknowledged_events(user).filter(pk__lte=self.last_shown_key("event")).acknowledge()
        read = telling.unacknowledged_lockouts(user).filter(pk__lte=self.last_shown_key("lockout"))
        read.update(acknowledged_at=timezone.now())
        if not telling.has_notice(user):
            request.session.pop(telling.SESSION_KEY, None)
        return redirect("password_change") if "objected" in request.POST else self.redirect_onwards()

    def redirect_onwards(self):
        """To where the person wanted to go; first to what came meanwhile or did not fit on the page."""
        goal = self.goal()
        if self.request.session.get(telling.SESSION_KEY):
            goal = f"{reverse('login_notice')}?{urlencode({'next': goal})}"
        return HttpResponseRedirect(goal)

    def last_shown_key(self, what):
        """The key of the last line of which the page that is answered has told; 0 for none."""
        given = self.request.POST.get(what, "")[:19]
        return int(given) if given.isascii() and given.isdigit() else 0

    def goal(self):
        given = self.request.GET if self.request.method == "GET" else self.request.POST
        return safe_next_url(self.request, given.get("next", ""))
