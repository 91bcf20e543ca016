"""Actions offered after a contact: a reminder for a promise, and undo; also 核对无变化."""

from contextlib import suppress

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from accounts.access import PermissionRequired
from accounts.days import day_words
from accounts.roles import Permission
from accounts.stored_texts import stored_in_chinese
from relations.log.actions import log_sheet_check, open_task, withdraw_interaction
from relations.log.promises import find_promise
from relations.log.views import StakeholderMixin, draft_key
from relations.models import Channel, Interaction, Task
from relations.parties import record_urls
from relations.parties.kinds import KINDS
from relations.parties.own_right import may_change_entry
from relations.work.wording import log_address
from reminders import clock


class SheetCheck(StakeholderMixin, TemplateView):
    """核对无变化: logs that the information sheet was checked and nothing has changed (R69).

    With ?from=record it leads back to the record, else to My work.
    """

    template_name = "relations/log_check.html"

    def stakeholder(self):
        """Finds the record as always; 404 for a kind without an information sheet."""
        record = super().stakeholder()
        if record.kind not in KINDS or not KINDS[record.kind].record.has_sheet:
            raise Http404
        return record

    def get_context_data(self, **kwargs):
        stakeholder = self.stakeholder()
        return super().get_context_data(**kwargs) | {
            "stakeholder": stakeholder,
            "record": record_urls.record_url(stakeholder),
            "today": clock.today(),
        }

    def post(self, request, pk):
        record = self.stakeholder()
        saved = log_sheet_check(record, by=request.user, today=clock.today())
        completed = getattr(saved, "completed", [])
        words = _("已核对，完成了“%s”") % _("”“").join(completed) if completed else _("已核对，无变化")
        messages.success(request, words, extra_tags=f"undo:{reverse('interactions:undo', args=[saved.pk])}")
        return redirect(record_urls.record_url(record) if "from" in request.GET else "my_work")


class OwnContactMixin(PermissionRequired):
    """For actions on a contact: 404 if it is not visible to the user, 403 if the user may not correct it."""

    permission = Permission.LOG

    def contact(self):
        rows = Interaction.objects.visible_to(self.request.user).select_related("stakeholder")
        contact = get_object_or_404(rows, pk=self.kwargs["pk"])
        if not may_change_entry(self.request.user, contact.stakeholder, contact.entered_by_id):
            raise PermissionDenied
        return contact


class CreateReminderTask(OwnContactMixin, View):
    """Creates a task for the promise found in the text of a contact, once per contact."""

    http_method_names = ["post"]

    def post(self, request, pk):
        contact, today = self.contact(), clock.today()
        promise = find_promise(contact.content, today)
        if promise is None:
            raise Http404
        with suppress(IntegrityError), transaction.atomic():
            open_task(contact, request.user, Task.Origin.FOLLOW_UP, promise.text, promise.due_on)
        messages.success(request, _("%s会提醒您") % day_words(promise.due_on))
        return redirect(f"{reverse('my_work')}?done={contact.pk}")


class UndoContact(OwnContactMixin, View):
    """撤销 in the toast: withdraws the contact and opens the form again with the same text."""

    http_method_names = ["post"]

    def post(self, request, pk):
        contact = self.contact()
        with stored_in_chinese():
            reason = _("刚记下就撤销")
        withdraw_interaction(contact, by=request.user, reason=reason)
        messages.success(request, _("已撤销"), extra_tags=f"draft-clear:{draft_key(contact.stakeholder)}")
        if contact.channel == Channel.DESK:
            return redirect("my_work")
        return redirect(log_address(contact.stakeholder_id, again=contact.pk))
