"""《沟通记录表》 of all kinds: print pages and Word files (R94, R98, R101-R102)."""

from datetime import date
from pathlib import Path

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from accounts.exceptions import ActionRefused
from accounts.roles import Permission
from relations.files.word_files import word_answer
from relations.interactions import monthly
from relations.papers import content
from relations.parties.record_views import RecordMixin
from reminders import clock

FIRST_YEAR, LAST_YEAR = 2000, 2199
TEMPLATES = Path(__file__).parent


class ContactPaper(RecordMixin, TemplateView):
    """Print page of 《沟通记录表》 of one contact."""

    template_name = "relations/paper_contact.html"

    def paper(self):
        contacts = content.contacts_for(self.request.user, self.record)
        contact = get_object_or_404(contacts, pk=self.kwargs["contact"])
        return content.contact_sheet(contact, self.record, self.request.user)

    def get_context_data(self, **kwargs):
        return super().get_context_data(paper=self.paper(), **kwargs)


class ContactPaperWord(ContactPaper):
    def get(self, request, *args, **kwargs):
        paper = self.paper()
        return word_answer(
            TEMPLATES / "contact.docx", paper, f"{paper['title']}-{self.record.name}-{paper['on']}"
        )


class MonthMixin(RecordMixin):
    """For views of the printed form of a month."""

    def first(self):
        """Returns the first day of the month in the URL. Raises Http404 when it is not a month."""
        try:
            first = date.fromisoformat(f"{self.kwargs['month']}-01")
        except ValueError:
            raise Http404 from None
        if not FIRST_YEAR <= first.year <= LAST_YEAR:
            raise Http404
        return first


class MonthPaper(MonthMixin, TemplateView):
    """Print page of the monthly 《沟通记录表》, with a button to confirm that it was printed and filed (R101)."""

    template_name = "relations/paper_month.html"

    def paper(self):
        return content.month_sheet(self.record, self.first(), self.request.user)

    def get_context_data(self, **kwargs):
        task = monthly.task_of(self.record, self.first())
        may_file = self.allowed_to(Permission.LOG) and monthly.is_over(self.first(), clock.today())
        is_open = task is None or (task.done_at is None and task.dropped_at is None)
        return super().get_context_data(
            paper=self.paper(),
            may_file=may_file and is_open,
            filed=task if task and task.done_at else None,
            **kwargs,
        )


class MonthPaperWord(MonthPaper):
    def get(self, request, *args, **kwargs):
        paper = self.paper()
        return word_answer(
            TEMPLATES / "month.docx", paper, f"{paper['title']}-{self.record.name}-{self.kwargs['month']}"
        )


class FileMonth(MonthMixin, View):
    """已打印归档: confirmed by the user who printed it, not by opening the page; offers an immediate undo."""

    action_permission = Permission.LOG
    http_method_names = ["post", "options"]

    def post(self, request, pk, month):
        try:
            task = monthly.mark_filed(self.record, self.first(), by=request.user, today=clock.today())
        except ActionRefused as refusal:
            messages.warning(request, str(refusal))
        else:
            undo = reverse("relations:reopen_task", args=[task.pk])
            may_undo = self.may_act(request.user, Permission.EDIT) or task.owner_id == request.user.pk
            words = _("已归档：%(name)s %(title)s") % {
                "name": self.record.name,
                "title": task.title,
            }
            messages.success(request, words, extra_tags=f"undo:{undo}" if may_undo else "")
        return redirect("my_work")
