"""通知: views of the user's reminders, and of e-mails that could not be delivered."""

from django.contrib import messages
from django.db.models import Count, Max
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView, View

from accounts.access import PermissionRequired
from accounts.keys import parse_key
from accounts.roles import Permission
from reminders import clock, deliveries, notices
from reminders.kinds import KINDS, ReminderDisplay
from reminders.models import Delivery, Reminder


class NoticesView(PermissionRequired, TemplateView):
    """The user's open reminders, today's first."""

    template_name = "reminders/notices.html"

    def get_context_data(self):
        today, user = clock.today(), self.request.user
        shown, next_before = notices.notices_page(user, self.before())
        for notice in shown:
            notice.icon = kind_of(notice).icon
            notice.words = kind_words(notice, today)
        return super().get_context_data(
            groups=[
                (_("今天"), [each for each in shown if each.raised_on >= today]),
                (_("更早"), [each for each in shown if each.raised_on < today]),
            ],
            today=today,
            has_any=bool(shown),
            has_unread=any(each.is_unread for each in shown),
            next_before=next_before,
            is_first=self.before() is None,
            may_see_undelivered=user.may(Permission.MANAGE_ACCOUNTS),
        )

    def before(self):
        """The valid pk in the query string, or None."""
        return parse_key(self.request.GET.get("before"))


def kind_of(notice):
    """The ReminderDisplay of a notice; a kind that is no longer declared is shown by its value."""
    return KINDS.get(notice.kind, ReminderDisplay(notice.kind))


def kind_words(notice, today):
    """The label of the kind of notice; for one that falls due, 今天到期 or 逾期 once its due date has come."""
    if kind_of(notice).falls_due and notice.due_on and notice.due_on <= today:
        return _("今天到期") if notice.due_on == today else _("逾期")
    return notice.get_kind_display()


class NoticeView(PermissionRequired, View):
    """Redirects to the page of a notice. POST, by the button of the list, marks it as read first.

    GET does not, because browsers may fetch links in advance.
    """

    def get(self, request, pk):
        return redirect(self.notice(pk).link or "notices")

    def post(self, request, pk):
        notice = self.notice(pk)
        notices.mark_read(request.user, Reminder.objects.filter(pk=notice.pk))
        return redirect(notice.link or "notices")

    def notice(self, pk):
        return get_object_or_404(Reminder.objects.visible_to(self.request.user), pk=pk)


class ReadAllView(PermissionRequired, View):
    """全部已读: marks all notices of the user as read."""

    def post(self, request):
        count = notices.mark_read(request.user)
        text = ngettext("%(count)d条通知已标为已读", "%(count)d条通知已标为已读", count) % {"count": count}
        messages.success(request, text if count else _("没有未读的通知"))
        return redirect("notices")


class UndeliveredView(PermissionRequired, TemplateView):
    """没送到的提醒: recipients and errors of failed e-mails, without their content and without personal ones (R153)."""

    permission = Permission.MANAGE_ACCOUNTS
    template_name = "reminders/undelivered.html"

    def get_context_data(self):
        failed = Delivery.objects.visible_to(self.request.user).filter(state=Delivery.State.FAILED).order_by()
        readers = failed.values("recipient", "recipient__name", "recipient__email").annotate(
            count=Count("pk"), error=Max("error"), raised_on=Max("reminder__raised_on")
        )
        return super().get_context_data(readers=list(readers.order_by("recipient__name", "recipient")[:200]))


class SendAgainView(PermissionRequired, View):
    """再发一次: queues all failed e-mails of one reader again; the message depends on those visible to the user."""

    permission = Permission.MANAGE_ACCOUNTS

    def post(self, request, pk):
        failed = Delivery.objects.filter(recipient=pk, state=Delivery.State.FAILED)
        is_known = failed.visible_to(request.user).exists()
        deliveries.send_again(failed)
        if is_known:
            messages.success(request, _("已放回发送队列，工作时间内会再发一次"))
        else:
            messages.info(request, _("没有要再发的提醒，可能已经有人处理了"))
        return redirect("undelivered")
