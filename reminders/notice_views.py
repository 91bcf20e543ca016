"""通知: reading one's reminders, and the letters that did not arrive."""

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
from reminders.kinds import KINDS, ReminderKind
from reminders.models import Delivery, Reminder


class NoticesView(PermissionRequired, TemplateView):
    """My open notices, today's first."""

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
        """The pk the address names, or None when it names none that can be."""
        return parse_key(self.request.GET.get("before"))


def kind_of(notice):
    """Its ReminderKind; one that no app declares any more is shown by its value."""
    return KINDS.get(notice.kind, ReminderKind(notice.kind))


def kind_words(notice, today):
    """What kind of notice it is; of a thing that was to fall due, whether its day has come meanwhile."""
    if kind_of(notice).falls_due and notice.due_on and notice.due_on <= today:
        return _("今天到期") if notice.due_on == today else _("逾期")
    return notice.get_kind_display()


class NoticeView(PermissionRequired, View):
    """Leads to the thing a notice is about. By the button of the list (POST) it is marked as read before.

    A look by address, such as that of a browser that fetches links in advance, marks nothing.
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
    """全部已读."""

    def post(self, request):
        count = notices.mark_read(request.user)
        text = ngettext("%(count)d条通知已标为已读", "%(count)d条通知已标为已读", count) % {"count": count}
        messages.success(request, text if count else _("没有未读的通知"))
        return redirect("notices")


class UndeliveredView(PermissionRequired, TemplateView):
    """没送到的提醒: whose letters failed and why; nothing of what they say, and nothing of personal ones (R153)."""

    permission = Permission.MANAGE_ACCOUNTS
    template_name = "reminders/undelivered.html"

    def get_context_data(self):
        failed = Delivery.objects.visible_to(self.request.user).filter(state=Delivery.State.FAILED).order_by()
        readers = failed.values("recipient", "recipient__name", "recipient__email").annotate(
            count=Count("pk"), error=Max("error"), raised_on=Max("reminder__raised_on")
        )
        return super().get_context_data(readers=list(readers.order_by("recipient__name", "recipient")[:200]))


class SendAgainView(PermissionRequired, View):
    """再发一次: all failed letters of one reader go back into the queue; the answer counts those one may know of."""

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
