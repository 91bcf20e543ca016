"""Views of attachments: download with a permission check at each request, adding to a contact, withdrawing."""

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
from relations.parties.own_right import may_change_entry
from reminders import clock


class Download(PermissionRequired, View):
    """The file, always as a download: it is never rendered in the browser under our domain."""

    permission = Permission.VIEW

    def get(self, request, pk):
        attachment = get_object_or_404(Attachment.objects.visible_to(request.user), pk=pk)
        try:
            content = attachment.file.open("rb")
        except OSError as missing:
            raise Http404 from missing
        response = FileResponse(
            content, as_attachment=True, filename=attachment.name, content_type=attachment.content_type
        )
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "private, no-store"
        return response


class FilesForm(UploadFormMixin, CrispyFormMixin, forms.Form):
    files = FilesField(
        label=gettext_lazy("附件"),
        required=True,
        error_messages={"required": gettext_lazy("请选择文件。")},
    )

    def get_layout(self):
        return Layout(Field("files", hint=self.fields["files"].limits()))


class AddFiles(OwnContactMixin, FormView):
    """Adds files to a contact that was already logged (R91)."""

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
    """撤下: withdraws a file, which no user can open afterwards; for its uploader and for leaders."""

    permission = Permission.LOG
    template_name = "relations/file_withdraw.html"
    context_object_name = "attachment"

    def get_queryset(self):
        return Attachment.objects.visible_to(self.request.user).select_related("stakeholder", "uploaded_by")

    def get_object(self, queryset=None):
        attachment, user = super().get_object(queryset), self.request.user
        if not may_change_entry(user, attachment.stakeholder, attachment.uploaded_by_id):
            raise PermissionDenied
        return attachment

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | {"back": self.redirect_back(self.object)}

    def post(self, request, *args, **kwargs):
        attachment = self.get_object()
        Attachment.objects.filter(pk=attachment.pk, withdrawn_at=None).update(
            withdrawn_at=timezone.now(), withdrawn_by=request.user
        )
        messages.success(request, _("“%s”已撤下") % attachment.name)
        return HttpResponseRedirect(self.redirect_back(attachment))

    def redirect_back(self, found):
        if found.interaction_id:
            return reverse("interactions:detail", args=[found.interaction_id])
        return record_urls.record_url(found.stakeholder) or reverse("my_work")
