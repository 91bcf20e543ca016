"""Attachments: handed out after a permission check at each request, added to a contact, taken back."""

from crispy_forms.layout import Layout
from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import DetailView, FormView, View

from accounts.access import PermissionRequired
from accounts.form_layout import CrispyFormMixin, Field
from accounts.roles import Permission
from relations.files import attachments as files
from relations.files.fields import FilesField, UploadFormMixin
from relations.log.after_views import OwnContactMixin
from relations.models import Attachment
from relations.parties import record_urls
from reminders import clock


class Download(PermissionRequired, View):
    """The file itself, always as a download, never shown by the browser in our name."""

    permission = Permission.VIEW

    def get(self, request, pk):
        found = get_object_or_404(Attachment.objects.visible_to(request.user), pk=pk)
        try:
            content = found.file.open("rb")
        except OSError as missing:
            raise Http404 from missing
        answer = FileResponse(
            content, as_attachment=True, filename=found.name, content_type=found.content_type
        )
        answer["X-Content-Type-Options"] = "nosniff"
        answer["Cache-Control"] = "private, no-store"
        return answer


class FilesForm(UploadFormMixin, CrispyFormMixin, forms.Form):
    files = FilesField(
        label=gettext_lazy("附件"),
        required=True,
        error_messages={"required": gettext_lazy("请选择文件。")},
    )

    def get_layout(self):
        return Layout(Field("files", hint=self.fields["files"].limits()))


class AddFiles(OwnContactMixin, FormView):
    """More files for a contact that was already logged (R91)."""

    form_class = FilesForm
    template_name = "relations/interaction_files.html"

    def get_form(self, form_class=None):
        self.found, form = self.contact(), super().get_form(form_class)
        form.fields["files"].day = clock.today()
        return form

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | {"contact": self.found}

    @files.atomic_with_files()
    def form_valid(self, form):
        for file, content_type in form.cleaned_data["files"]:
            files.attach(
                file,
                stakeholder=self.found.stakeholder,
                interaction=self.found,
                by=self.request.user,
                content_type=content_type,
            )
        messages.success(self.request, _("附件已存好"))
        return HttpResponseRedirect(reverse("interactions:detail", args=[self.found.pk]))


class WithdrawFile(PermissionRequired, DetailView):
    """撤下: the file can be opened by nobody any more; who uploaded it or who leads may do so."""

    permission = Permission.LOG
    template_name = "relations/file_withdraw.html"
    context_object_name = "attachment"

    def get_queryset(self):
        return Attachment.objects.visible_to(self.request.user).select_related("stakeholder", "uploaded_by")

    def get_object(self, queryset=None):
        found, user = super().get_object(queryset), self.request.user
        if found.uploaded_by_id != user.pk and not user.may(Permission.APPROVE):
            raise PermissionDenied
        return found

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | {"back": self.redirect_back(self.object)}

    def post(self, request, *args, **kwargs):
        found = self.get_object()
        Attachment.objects.filter(pk=found.pk, withdrawn_at=None).update(
            withdrawn_at=timezone.now(), withdrawn_by=request.user
        )
        messages.success(request, _("“%s”已撤下") % found.name)
        return HttpResponseRedirect(self.redirect_back(found))

    def redirect_back(self, found):
        if found.interaction_id:
            return reverse("interactions:detail", args=[found.interaction_id])
        return record_urls.record_url(found.stakeholder) or reverse("my_work")
