"""The record form on paper, as a page to print and a Word file: blank, filled, and the complaint file of a period.

Every printing of a filled form is logged; the complainant is shown in full only after a POST by head or handler.
"""

from pathlib import Path

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from accounts.access import PermissionRequired
from complaints.access import access_list
from complaints.models import Complaint, Viewing
from complaints.paper import content as papers
from complaints.paper import period_file
from complaints.paper.wording import FILE_TITLE, TITLE
from relations.duties.periods import Period, period_of
from relations.files import slots
from relations.files.word_files import word_answer
from reminders import clock

MAX_PAGES = 600  # of one Word file, including continuation pages
TEMPLATE = Path(__file__).parent / "record.docx"


def word_response(sheets, name, index=None):
    """A Word file: the index if there is one, then each sheet with its continuation pages.

    Raises slots.RequestTooLarge for more than MAX_PAGES pages.
    """
    pages = [index] if index else []
    for sheet in sheets:
        pages += [sheet, *(sheet | page for page in sheet["more"])]
    if len(pages) > MAX_PAGES:
        raise slots.RequestTooLarge(_("这些表超过%d页，一份Word放不下。请把时间选短一些。") % MAX_PAGES)
    return word_answer(TEMPLATE, {"pages": pages}, name.replace("\\", "／"))


class Blank(PermissionRequired, TemplateView):
    """The blank form."""

    template_name = "complaints/paper.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(sheets=[papers.blank_sheet()], complaint=None, **kwargs)


class BlankWord(PermissionRequired, View):
    def get(self, request):
        return word_response([papers.blank_sheet()], TITLE)


class PaperMixin(PermissionRequired):
    """One complaint among those visible to the user; GET prints it masked, POST in full."""

    def get(self, request, number):
        return self.answer(self.sheet(number))

    def post(self, request, number):
        return self.answer(self.sheet(number, full=True), is_full=True)

    def sheet(self, number, full=False):
        user = self.request.user
        visible = papers.with_paper_fields(Complaint.objects.visible_to(user))
        self.complaint = get_object_or_404(visible, number=number)
        self.may_show_identity = access_list.may_show_identity(self.complaint, user)
        if full and not self.may_show_identity:
            raise PermissionDenied
        if full:
            access_list.record_viewing(self.complaint, user, Viewing.What.IDENTITY)
        access_list.record_viewing(self.complaint, user, Viewing.What.PAPER)
        return papers.form_of(self.complaint, by=user, full=full)


class PaperView(PaperMixin, TemplateView):
    template_name = "complaints/paper.html"

    def answer(self, sheet, is_full=False):
        return self.render_to_response(
            {
                "sheets": [sheet],
                "complaint": self.complaint,
                "may_show_identity": self.may_show_identity,
                "is_full": is_full,
            }
        )


class PaperWordView(PaperMixin, View):
    def answer(self, sheet, is_full=False):
        return word_response([sheet], f"{TITLE}-{self.complaint.number}")


class PeriodFileView(PermissionRequired, View):
    """意见／投诉档案夹: asks for the period, then shows the forms of the complaints received in it."""

    def get(self, request):
        form = self.form()
        if form.is_bound and form.is_valid():
            with slots.slot(slots.LARGE):
                response = self.answer(form)
            period_file.record_printing(form.found, request.user)
            return response
        return render(request, "complaints/paper_file.html", {"form": form, "most": period_file.MAX_FORMS})

    def form(self):
        """The form of the period; suggests the current half-year up to today until a period is requested."""
        today = clock.today()
        usual = {"first": period_of(Period.HALF, today).starts_on, "last": today}
        data = self.request.GET if {"first", "last"} & self.request.GET.keys() else None
        return period_file.FileForm(data, initial=usual, user=self.request.user)

    def sheets(self, form):
        return [papers.form_of(complaint, by=self.request.user) for complaint in form.found]

    def index(self, form):
        return period_file.index_of(form.found, by=self.request.user, **form.cleaned_data)

    def answer(self, form):
        pages = {"sheets": self.sheets(form), "index": self.index(form), "query": form.cleaned_data}
        return render(self.request, "complaints/paper_of_period.html", pages)


class PeriodFileWordView(PeriodFileView):
    def answer(self, form):
        days = form.cleaned_data
        name = f"{FILE_TITLE}-{days['first']}-{days['last']}"
        return word_response(self.sheets(form), name, self.index(form))
