"""The forms on paper: pages to print and Word files (R69, R94, R98, R101-R102)."""

from datetime import date
from pathlib import Path

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from accounts.access import PermissionRequired
from accounts.roles import Permission
from employers import papers
from employers.models import Employer
from employers.record_views import OfEmployer
from relations.cycle.lifecycle import Refused
from relations.files.word_files import word_answer
from relations.interactions import monthly
from relations.lists.views import TICKED_AT_MOST, ticked
from reminders import clock

FIRST_YEAR, LAST_YEAR = 2000, 2199
PAPER = Path(__file__).parent / "paper"


class OnPaper(OfEmployer):
    """For the papers of one employer."""

    def within_sight(self, user):
        return papers.sheets_for(user, clock.today())


class Sheet(OnPaper, TemplateView):
    """《用人单位信息表》."""

    template_name = "employers/paper_sheets.html"

    def get_context_data(self, **kwargs):
        sheet = papers.sheet_of(self.employer, self.request.user, clock.today())
        return super().get_context_data(
            sheets=[sheet], title=sheet["title"], word="employers:sheet_word", **kwargs
        )


class Sheets(PermissionRequired, TemplateView):
    """《用人单位信息表》 of those ticked in the list, one after the other."""

    permission = Permission.VIEW
    template_name = "employers/paper_sheets.html"

    def get_context_data(self, **kwargs):
        user, today = self.request.user, clock.today()
        pks = ticked(self.request, Employer.objects.visible_to(user)).values("pk")
        employers = papers.sheets_for(user, today).filter(pk__in=pks).order_by("pk")[:TICKED_AT_MOST]
        sheets = [papers.sheet_of(employer, user, today) for employer in employers]
        if not sheets:
            raise Http404
        return super().get_context_data(
            sheets=sheets, title=_("用人单位信息表"), word="", employer=None, **kwargs
        )


class SheetWord(OnPaper, View):
    def get(self, request, pk):
        sheet = papers.sheet_of(self.employer, request.user, clock.today())
        return word_answer(PAPER / "sheet.docx", sheet, f"{sheet['title']}-{self.employer.name}")


class Contact(OnPaper, TemplateView):
    """《沟通记录表》 of one contact."""

    template_name = "employers/paper_contact.html"

    def paper(self):
        contacts = papers.contacts_for(self.request.user, self.employer)
        contact = get_object_or_404(contacts, pk=self.kwargs["contact"])
        return papers.contact_of(contact, self.employer, self.request.user)

    def get_context_data(self, **kwargs):
        return super().get_context_data(paper=self.paper(), **kwargs)


class ContactWord(Contact):
    def get(self, request, *args, **kwargs):
        paper = self.paper()
        return word_answer(
            PAPER / "contact.docx", paper, f"{paper['title']}-{self.employer.name}-{paper['on']}"
        )


class OfMonth(OnPaper):
    """For what is done with the sheet of a month."""

    def first(self):
        """The first of the month in the address; a month nobody can read is not there."""
        try:
            first = date.fromisoformat(f"{self.kwargs['month']}-01")
        except ValueError:
            raise Http404 from None
        if not FIRST_YEAR <= first.year <= LAST_YEAR:
            raise Http404
        return first


class Month(OfMonth, TemplateView):
    """《沟通记录表》 by the month, with the button that says it has been printed and filed (R101)."""

    template_name = "employers/paper_month.html"

    def paper(self):
        return papers.month_of(self.employer, self.first(), self.request.user)

    def get_context_data(self, **kwargs):
        task = monthly.task_of(self.employer, self.first())
        may_file = self.request.user.may(Permission.LOG) and monthly.is_over(self.first(), clock.today())
        is_open = task is None or (task.done_at is None and task.dropped_at is None)
        return super().get_context_data(
            paper=self.paper(),
            may_file=may_file and is_open,
            filed=task if task and task.done_at else None,
            **kwargs,
        )


class MonthWord(Month):
    def get(self, request, *args, **kwargs):
        paper = self.paper()
        return word_answer(
            PAPER / "month.docx", paper, f"{paper['title']}-{self.employer.name}-{self.kwargs['month']}"
        )


class FileMonth(OfMonth, View):
    """已打印归档: said by whoever printed it, never by a look; it can be taken back at once."""

    act = Permission.LOG
    http_method_names = ["post", "options"]

    def post(self, request, pk, month):
        try:
            task = monthly.mark_filed(self.employer, self.first(), by=request.user, today=clock.today())
        except Refused as refusal:
            messages.warning(request, str(refusal))
        else:
            undo = reverse("relations:reopen_task", args=[task.pk])
            may_undo = request.user.may(Permission.EDIT) or task.owner_id == request.user.pk
            words = _("已归档：%(employer)s %(title)s") % {
                "employer": self.employer.name,
                "title": task.title,
            }
            messages.success(request, words, extra_tags=f"undo:{undo}" if may_undo else "")
        return redirect("my_work")
