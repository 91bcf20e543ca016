"""Account management: list, new, change, close, reopen, password reset, history."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import CreateView, DetailView, ListView, UpdateView
from django.views.generic.base import View
from django.views.generic.detail import SingleObjectMixin

from accounts import rights
from accounts.access import PermissionRequired
from accounts.approvals.models import Sheet
from accounts.approvals.views import add_sheet_message
from accounts.editing import VersionedUpdate
from accounts.history import revisions
from accounts.login import throttle
from accounts.models import AccountEvent, PasswordReset, SecurityLetter, User
from accounts.offboarding import hand_over_items, sees_everything_of
from accounts.passwords import letters, resets
from accounts.passwords.event_log import record_event
from accounts.passwords.views import first_half_response
from accounts.people import actions
from accounts.people.forms import AccountForm, NewAccountForm, OwnAccountForm
from accounts.people.listing import AccountFilters, bar_filters, state_tabs
from accounts.roles import Permission, Role, is_sensitive
from accounts.wording import role_summary
from lists.query import link

MAX_EVENTS = 200


class AccountsPermissionMixin(PermissionRequired):
    permission = Permission.MANAGE_ACCOUNTS


class AccountList(AccountsPermissionMixin, ListView):
    template_name = "accounts/list.html"
    paginate_by = 50

    @cached_property
    def account_filters(self):
        return AccountFilters.from_query(self.request.GET)

    def get_queryset(self):
        return self.account_filters.accounts(self.request.user)

    def paginate_queryset(self, queryset, page_size):
        """Shows the nearest page for a page number that does not exist."""
        paginator = self.get_paginator(queryset, page_size)
        page = paginator.get_page(self.request.GET.get("page"))
        return paginator, page, page.object_list, page.has_other_pages()

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        page, wanted = context["page_obj"], self.account_filters
        return context | {
            "wanted": wanted,
            "views": state_tabs(wanted),
            "filters": bar_filters(wanted),
            "count": page.paginator.count,
            "newer": page_link(wanted, page.previous_page_number()) if page.has_previous() else "",
            "older": page_link(wanted, page.next_page_number()) if page.has_next() else "",
        }


def page_link(wanted, number):
    return link(wanted.values | {"page": str(number)})


class RoleChoicesMixin:
    """Shows next to each role's checkbox what the role permits, and whether it needs a confirmation."""

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        choices = context["form"]["roles"] if "roles" in context["form"].fields else ()
        boxes = [
            (box, role_summary(Role(box.data["value"])), is_sensitive(box.data["value"])) for box in choices
        ]
        return context | {"role_boxes": boxes}


class NewAccount(AccountsPermissionMixin, RoleChoicesMixin, CreateView):
    template_name = "accounts/new.html"
    form_class = NewAccountForm

    def form_valid(self, form):
        try:
            (reset, first), sheet = rights.open_account(
                form.instance, by=self.request.user, reason=form.cleaned_data["reason"]
            )
        except IntegrityError:
            form.add_error("username", form.TAKEN)
            return self.form_invalid(form)
        add_sheet_message(self.request, sheet)
        return first_half_response(self.request, reset, first)


class AccountDetail(AccountsPermissionMixin, RoleChoicesMixin, VersionedUpdate, UpdateView):
    """The account as a form, with its state and the actions on it in a side column."""

    template_name = "accounts/account.html"
    context_object_name = "account"

    @property
    def is_own(self):
        return self.object.pk == self.request.user.pk

    def get_form_class(self):
        return OwnAccountForm if self.is_own else AccountForm

    def post(self, request, *args, **kwargs):
        if self.get_object().pk == request.user.pk and changes_own_rights(request):
            rights.report_own_rights_attempt(request.user)
            raise PermissionDenied
        return super().post(request, *args, **kwargs)

    def get_queryset(self):
        return User.objects.visible_to(self.request.user).select_related("department")

    def get_context_data(self, **kwargs):
        account = User.objects.select_related("department").get(pk=self.object.pk)
        context = super().get_context_data(**kwargs)
        waiting = Sheet.objects.open().filter(matter=rights.ROLES, about=account).first()
        return context | {
            "saved": account,
            "supervisor": User.objects.supervisor_on(account, self.request.user.request_day).first(),
            "own": self.is_own,
            "shut": throttle.is_locked_out(account),
            "waiting": waiting,
            "has_password": account.has_usable_password(),
            "reset": account.resets.open().select_related("started_by", "printed_by").first(),
            "unsent": SecurityLetter.objects.filter(user=account, state=SecurityLetter.State.FAILED).count(),
        }

    def get_success_url(self):
        return reverse("accounts:edit", args=[self.object.pk])

    def claim(self, version):
        """Locks administrators first, as every change of accounts does, so that two of them do not deadlock."""
        actions.lock_administrators()
        super().claim(version)

    def form_valid(self, form):
        try:
            return super().form_valid(form)
        except ValidationError as refusal:
            form.add_error(None if self.is_own else "roles", refusal)
            return self.form_invalid(form)

    def save_form(self, form):
        reason = form.cleaned_data.get("reason", "")
        sheet = rights.change_account(form.instance, by=self.request.user, reason=reason)
        messages.success(self.request, _("已保存%(name)s的账号") % {"name": form.instance.name})
        add_sheet_message(self.request, sheet)
        return redirect(self.get_success_url())


def changes_own_rights(request):
    """Whether a submitted form for the user's own account contains other roles or another department.

    The forms of the site never do.
    """
    user, data = request.user, request.POST
    roles = "roles" in data and set(data.getlist("roles")) != {str(Role(role)) for role in user.roles}
    return roles or ("department" in data and data["department"] != str(user.department_id or ""))


class AccountActionView(AccountsPermissionMixin, SingleObjectMixin, View):
    """An action on one account, by POST; a refusal is shown on the page of the account."""

    http_method_names = ["post", "options"]

    def get_queryset(self):
        return User.objects.visible_to(self.request.user)

    def post(self, request, pk):
        account = self.get_object()
        try:
            return self.act(account)
        except ValidationError as refusal:
            messages.error(request, " ".join(refusal.messages))
            return redirect("accounts:edit", pk=account.pk)


class Deactivate(AccountActionView):
    """Requires a confirmation that lists what other users have to take over; then closes the account."""

    http_method_names = ["get", "head", "post", "options"]

    def get(self, request, pk):
        account = self.get_object()
        items = hand_over_items(account, request.user.request_day, by=request.user)
        context = {"account": account, "owed": items, "sees_all": sees_everything_of(request.user)}
        return render(request, "accounts/deactivate.html", context)

    def act(self, account):
        items = rights.close_account(account, by=self.request.user, today=self.request.user.request_day)
        words = {"name": account.name, "count": sum(item.count for item in items)}
        if items:
            messages.warning(
                self.request, _("%(name)s的账号已停用。还有%(count)d项要转交给别的同事，见下面。") % words
            )
            return redirect("accounts:deactivate", pk=account.pk)
        messages.success(self.request, _("%(name)s的账号已停用") % words)
        return redirect("accounts:edit", pk=account.pk)


class Reactivate(AccountActionView):
    def act(self, account):
        headed = account.headed_departments.count()
        (reset, first), sheet = rights.reopen_account(account, by=self.request.user)
        if headed:
            messages.warning(
                self.request, _("%(name)s不再是部门负责人，要的话请重新指定。") % {"name": account.name}
            )
        add_sheet_message(self.request, sheet)
        return first_half_response(self.request, reset, first)


class StartReset(AccountActionView):
    """Starts a password reset, by a link to the owner's mailbox or by a slip; neither gives access to the account."""

    def act(self, account):
        way = PasswordReset.Way.LETTER if "letter" in self.request.POST else PasswordReset.Way.SLIP
        reset, halves = resets.start_reset(account, by=self.request.user, way=way)
        if way == PasswordReset.Way.SLIP:
            return first_half_response(self.request, reset, halves[0])
        self.send(reset, halves)
        return redirect("accounts:edit", pk=account.pk)

    def send(self, reset, halves):
        kind = AccountEvent.Kind
        sent = letters.send_link(reset, halves)
        record_event(reset.user, kind.SENT if sent else kind.NOT_SENT, by=self.request.user, reset=reset)
        if sent:
            messages.success(self.request, _("链接已发到%(name)s确认过的邮箱") % {"name": reset.user.name})
        else:
            messages.error(self.request, _("链接没有发出去：邮件服务器没有接收。请稍后再发，或者改用纸条。"))


class CancelReset(AccountActionView):
    def act(self, account):
        if resets.cancel_reset(account, by=self.request.user):
            messages.success(self.request, _("已取消，原来的密码照旧"))
        return redirect("accounts:edit", pk=account.pk)


class EndSessions(AccountActionView):
    """Ends all sessions, for example of a lost phone; with `void` the password becomes unusable too."""

    def act(self, account):
        void = "void" in self.request.POST
        (resets.void_password if void else resets.end_sessions)(account, by=self.request.user)
        message = (
            _("%(name)s的密码已停用，全部设备已退出。请接着重设密码。")
            if void
            else _("%(name)s的全部设备已退出")
        )
        messages.success(self.request, message % {"name": account.name})
        return redirect("accounts:edit", pk=account.pk)


class ResetAttemptsView(AccountActionView):
    def act(self, account):
        throttle.reset_attempts(account)
        messages.success(self.request, _("%(name)s可以再试着登录了") % {"name": account.name})
        return redirect("accounts:edit", pk=account.pk)


class AccountHistory(AccountsPermissionMixin, DetailView):
    template_name = "accounts/history.html"
    context_object_name = "account"

    def get_queryset(self):
        return User.objects.visible_to(self.request.user)

    def get_context_data(self, **kwargs):
        versions = revisions(self.object, without=("session_epoch", "tier_mask", "version"))
        events = self.object.account_events.select_related("by", "reset")[:MAX_EVENTS]
        return super().get_context_data(revisions=versions, events=events, **kwargs)
