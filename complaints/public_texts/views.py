"""Maintenance of the public portal: its texts with all their versions, and the poster that leads there."""

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView

from accounts.access import PermissionRequired
from accounts.action_views import ActionMixin
from accounts.roles import Permission
from accounts.stamps import add_conflict_error
from complaints.models import PublicText
from complaints.portal.pages import qr_code_svg, site_url
from complaints.public_texts import texts
from complaints.public_texts.forms import TextForm
from reminders import clock

START = "portal:start"


class Texts(PermissionRequired, TemplateView):
    """公开说明: all texts as the public reads them now."""

    permission = Permission.MANAGE_RULES
    template_name = "complaints/texts.html"

    def get_context_data(self, **kwargs):
        written, today = texts.newest_texts(), clock.today()
        rows = [
            {
                "key": key,
                "label": label,
                "version": written.get(key),
                "text": written[key].text if key in written else texts.default_text(key, today),
            }
            for key, label in PublicText.Key.choices
        ]
        return super().get_context_data(**kwargs) | {"rows": rows}


class Text(ActionMixin, PermissionRequired, FormView):
    """One text: preview first, then save as a new version; the former ones stay readable."""

    permission = Permission.MANAGE_RULES
    template_name = "complaints/text.html"
    form_class = TextForm

    def dispatch(self, request, *args, **kwargs):
        self.key = kwargs["key"]
        if self.key not in PublicText.Key.values and request.user.is_authenticated:
            raise Http404
        self.today = clock.today()
        return super().dispatch(request, *args, **kwargs)

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"key": self.key}

    def get_initial(self):
        now = self.versions().first()
        text = now.text if now else texts.default_text(self.key, self.today)
        return {"text": text, "seen": now.pk if now else 0}

    def versions(self):
        return PublicText.objects.filter(key=self.key).select_related("written_by")

    def perform(self, form):
        text, seen = form.cleaned_data["text"], form.cleaned_data["seen"]
        if self.request.POST.get("act") != "save":
            preview = texts.chapter(self.key, text)
            return self.render_to_response(self.get_context_data(form=form, preview=preview))
        texts.save_version(self.key, text, by=self.request.user, seen=seen)
        messages.success(self.request, _("已保存，公开页面上就是新的内容"))
        return HttpResponseRedirect(reverse("complaints:text", args=[self.key]))

    def renew(self, form, conflict):
        """The other user's text is shown first among the versions below."""
        newest = self.versions().first()
        add_conflict_error(
            form, newest.pk if newest else 0, _("现在公开的内容是下面“各版本”里最上面的一段。")
        )

    def get_context_data(self, **kwargs):
        return super().get_context_data(**{"preview": None} | kwargs) | {
            "label": PublicText.Key(self.key).label,
            "versions": list(self.versions()[:100]),
            "default": texts.default_text(self.key, self.today),
        }


class Poster(PermissionRequired, TemplateView):
    """海报: a page with the QR code of the public portal, to be printed; open to every logged-in user."""

    template_name = "complaints/poster.html"

    def get_context_data(self, **kwargs):
        can_manage = self.request.user.may(Permission.MANAGE_RULES)
        shown = {
            "qr": qr_code_svg(START),
            "address": site_url(START),
            "ways": texts.contact_ways(),
            "can_manage": can_manage,
        }
        return super().get_context_data(**kwargs) | shown
