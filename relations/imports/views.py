"""Views of the import of a register; `spec` is the ImportSpec of the kind."""

from urllib.parse import quote

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.generic import DetailView, FormView, View
from openpyxl import Workbook

from accounts.access import PermissionRequired
from relations.imports import life_cycle, uploads
from relations.imports.check_page import ImportUrls, Page, ProgressLine
from relations.imports.forms import UploadForm
from relations.models import Import
from relations.parties.kinds import may_for_kind
from relations.tasks import check_import, write_import
from reminders import clock
from reminders.wake import run_on_commit

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ImportMixin(PermissionRequired):
    """Limits the views to the user's own imports of the kind."""

    spec = None
    model = Import

    def allowed(self, user):
        return may_for_kind(user, self.spec.permission, self.spec.kind)

    def get_queryset(self):
        return Import.objects.filter(by=self.request.user, kind=self.spec.kind)

    def visible_import(self):
        """Returns the import of the URL, with its long report deferred. Raises Http404 when there is none."""
        upload = self.get_queryset().defer("report").filter(pk=self.kwargs["pk"]).first()
        if upload is None:
            raise Http404
        return upload

    def redirect_to_check(self, pk):
        return redirect(f"{self.spec.namespace}:check", pk)


class StartView(ImportMixin, FormView):
    """Step 1: choose a file."""

    form_class = UploadForm
    template_name = "relations/imports/start.html"

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"label": self.spec.wording.file_label}

    def form_valid(self, form):
        try:
            upload = uploads.store(form.cleaned_data["file"], kind=self.spec.kind, by=self.request.user)
        except uploads.UploadRefused as problem:
            form.add_error("file", str(problem))
            return self.form_invalid(form)
        if uploads.is_small(upload):
            life_cycle.check_import(upload.pk, clock.today())
        else:
            run_on_commit(check_import, upload.pk)
        return self.redirect_to_check(upload.pk)

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs):
        recent = self.get_queryset().defer("report")[:10]
        return super().get_context_data(
            recent=[(upload, ImportUrls(self.spec, upload).check) for upload in recent],
            links=self.spec.links(self.request.user),
            wording=self.spec.wording,
            urls=ImportUrls(self.spec),
            **kwargs,
        )


class CheckView(ImportMixin, DetailView):
    """Step 2: shows what was read, the faults and the changes; after step 3, what was written."""

    template_name = "relations/imports/check.html"
    context_object_name = "upload"

    def get_context_data(self, **kwargs):
        page = Page(
            self.object,
            self.request.GET.get("only", ""),
            self.request.GET.get("page", "1"),
            self.request.user,
        )
        return super().get_context_data(page=page, **kwargs)


class ProgressView(ImportMixin, View):
    """The progress line, polled while the worker process is busy; then reloads the page."""

    def get(self, request, pk):
        line = ProgressLine(self.visible_import())
        response = render(request, "relations/imports/_progress.html", {"line": line})
        if not line.busy:
            response["HX-Refresh"] = "true"
        return response


class CommitView(ImportMixin, View):
    """Step 3: writes everything or nothing."""

    http_method_names = ["post"]

    def post(self, request, pk):
        upload = self.visible_import()
        if not life_cycle.begin_writing(upload):
            messages.info(request, _("这个文件已经在导入，或者还不能导入。"))
            return self.redirect_to_check(pk)
        if uploads.is_small(upload):
            life_cycle.write_import(upload.pk, clock.today())
        else:
            run_on_commit(write_import, upload.pk)
        return self.redirect_to_check(pk)


class CancelView(ImportMixin, View):
    """Cancels reading or writing; a write in progress is rolled back as a whole."""

    http_method_names = ["post"]

    def post(self, request, pk):
        life_cycle.cancel(self.visible_import(), clock.today())
        return self.redirect_to_check(pk)


class AnnotatedCopyView(ImportMixin, View):
    """Download of the file with its faults in red."""

    def get(self, request, pk):
        upload = self.visible_import()
        if upload.state != Import.State.FAULTY:
            raise Http404
        with upload.file.storage.open(uploads.annotated_name(upload)) as content:
            return with_filename(HttpResponse(content.read(), content_type=XLSX), _("标好错误的登记表"))


class TemplateFileView(ImportMixin, View):
    """Download of an empty register with our headings."""

    def get(self, request):
        book = Workbook()
        book.active.title = str(self.spec.wording.sheet_title)
        book.active.append(self.spec.blank_headings)
        response = HttpResponse(content_type=XLSX)
        book.save(response)
        return with_filename(response, str(self.spec.wording.file_label))


def with_filename(response, name):
    response["Content-Disposition"] = (
        f"attachment; filename=\"register.xlsx\"; filename*=UTF-8''{quote(name)}.xlsx"
    )
    response["Cache-Control"] = "private, no-store"
    return response
