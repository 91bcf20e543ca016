"""《用人单位信息表》: the printable page and the Word file (R69)."""

from pathlib import Path

from django.http import Http404
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from accounts.access import PermissionRequired
from accounts.roles import Permission
from employers import papers
from employers.models import Employer
from relations.files.word_files import word_answer
from relations.lists.views import MAX_SELECTED, selected_records
from relations.parties.record_views import RecordMixin
from reminders import clock

TEMPLATE = Path(__file__).parent / "paper" / "sheet.docx"


class SheetMixin(RecordMixin):
    def visible_rows(self, user):
        return papers.sheets_for(user, clock.today())


class InformationSheetPage(SheetMixin, TemplateView):
    """《用人单位信息表》 of one employer."""

    template_name = "employers/paper_sheets.html"

    def get_context_data(self, **kwargs):
        sheet = papers.sheet_of(self.record, self.request.user, clock.today())
        return super().get_context_data(
            sheets=[sheet], title=sheet["title"], word="employers:sheet_word", **kwargs
        )


class Sheets(PermissionRequired, TemplateView):
    """《用人单位信息表》 of the employers selected in the list, one after the other."""

    permission = Permission.VIEW
    template_name = "employers/paper_sheets.html"

    def get_context_data(self, **kwargs):
        user, today = self.request.user, clock.today()
        pks = selected_records(self.request, Employer.objects.visible_to(user)).values("pk")
        employers = papers.sheets_for(user, today).filter(pk__in=pks).order_by("pk")[:MAX_SELECTED]
        sheets = [papers.sheet_of(employer, user, today) for employer in employers]
        if not sheets:
            raise Http404
        return super().get_context_data(
            sheets=sheets, title=_("用人单位信息表"), word="", record=None, **kwargs
        )


class SheetWord(SheetMixin, View):
    def get(self, request, pk):
        sheet = papers.sheet_of(self.record, request.user, clock.today())
        return word_answer(TEMPLATE, sheet, f"{sheet['title']}-{self.record.name}")
