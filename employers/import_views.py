"""Import of a register: find, bind, act, tell, redirect."""

from urllib.parse import quote

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import DetailView, FormView, View
from openpyxl import Workbook

from accounts.access import PermissionRequired
from accounts.roles import Permission
from employers import import_progress, imports
from employers.import_page import Page, is_busy
from employers.importing.columns import BLANK
from employers.models import Import
from employers.tasks import check_import, write_import
from relations.files.fields import WithUploads
from reminders import clock
from reminders.wake import wake

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class UploadForm(WithUploads, forms.Form):
    """One workbook; refused by its name and size before anything looks into it."""

    file = forms.FileField(
        label=gettext_lazy("用人单位登记表"), widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"})
    )

    def clean_file(self):
        try:
            imports.accept(self.cleaned_data["file"])
        except imports.NotAccepted as problem:
            raise forms.ValidationError(str(problem)) from problem
        return self.cleaned_data["file"]


class ImportMixin(PermissionRequired):
    """An import belongs to the one who uploaded it; nobody else sees it."""

    permission = Permission.IMPORT
    model = Import

    def get_queryset(self):
        return Import.objects.filter(by=self.request.user)

    def found(self):
        """The import of the address, without its long report until somebody asks for it; 404 when there is none."""
        made = self.get_queryset().defer("report").filter(pk=self.kwargs["pk"]).first()
        if made is None:
            raise Http404
        return made


class StartView(ImportMixin, FormView):
    """Step 1: choose a file."""

    form_class = UploadForm
    template_name = "employers/import_start.html"

    def form_valid(self, form):
        try:
            made = imports.store(form.cleaned_data["file"], by=self.request.user)
        except imports.NotAccepted as problem:
            form.add_error("file", str(problem))
            return self.form_invalid(form)
        if imports.is_small(made):
            imports.check(made.pk, clock.today())
        else:
            wake(check_import, made.pk)
        return redirect("imports:check", made.pk)

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs):
        recent = self.get_queryset().defer("report")[:10]
        can_hand_over = self.request.user.may(Permission.HAND_OVER)
        return super().get_context_data(recent=recent, can_hand_over=can_hand_over, **kwargs)


class CheckView(ImportMixin, DetailView):
    """Step 2: what was read, what is wrong, what would change; and step 3, what was written."""

    template_name = "employers/import_check.html"
    context_object_name = "made"

    def get_context_data(self, **kwargs):
        page = Page(self.object, self.request.GET.get("only", ""), self.request.GET.get("page", "1"))
        return super().get_context_data(page=page, **kwargs)


class ProgressView(ImportMixin, View):
    """The line of progress, asked for again and again while the worker is busy."""

    def get(self, request, pk):
        made = self.found()
        context = {"made": made, "progress": import_progress.of(made.pk), "busy": is_busy(made)}
        response = render(request, "employers/_import_progress.html", context)
        if not is_busy(made):
            response["HX-Refresh"] = "true"
        return response


class CommitView(ImportMixin, View):
    """Step 3: write, all or nothing."""

    http_method_names = ["post"]

    def post(self, request, pk):
        made = self.found()
        if not imports.begin_writing(made):
            messages.info(request, _("这个文件已经在导入，或者还不能导入。"))
            return redirect("imports:check", made.pk)
        if imports.is_small(made):
            imports.write(made.pk, clock.today())
        else:
            wake(write_import, made.pk)
        return redirect("imports:check", made.pk)


class CancelView(ImportMixin, View):
    """Stops the reading or the writing; what was written of it is taken back as a whole."""

    http_method_names = ["post"]

    def post(self, request, pk):
        imports.cancel(self.found(), clock.today())
        return redirect("imports:check", pk)


class MarkedView(ImportMixin, View):
    """The file again, with its faults in red."""

    def get(self, request, pk):
        made = self.found()
        if made.state != Import.State.FAULTY:
            raise Http404
        with made.file.storage.open(imports.marked_name(made)) as content:
            return named(HttpResponse(content.read(), content_type=XLSX), _("标好错误的登记表"))


class TemplateFileView(PermissionRequired, View):
    """An empty register with our headings."""

    permission = Permission.IMPORT

    def get(self, request):
        book = Workbook()
        book.active.title = _("用人单位信息表")
        book.active.append(BLANK)
        response = HttpResponse(content_type=XLSX)
        book.save(response)
        return named(response, _("用人单位登记表"))


def named(response, name):
    response["Content-Disposition"] = (
        f"attachment; filename=\"register.xlsx\"; filename*=UTF-8''{quote(name)}.xlsx"
    )
    response["Cache-Control"] = "private, no-store"
    return response
