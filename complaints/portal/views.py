"""The public portal: what to expect, the form, the receipt."""

from django.core.exceptions import ValidationError
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView

from accounts.stored_texts import stored_in_chinese
from complaints.appointments import in_charge
from complaints.appointments.in_charge import NobodyInCharge
from complaints.intake import actions as intake
from complaints.portal import codes, limits, promises, short_tokens, uploads
from complaints.portal.forms import SubmitForm
from complaints.portal.pages import PortalPage, qr_code_svg
from complaints.public_texts import texts


class Start(PortalPage, TemplateView):
    """The rights, the channels, and what the centre will do (R123-R124)."""

    template_name = "portal/start.html"

    def get_context_data(self, **kwargs):
        written = texts.newest_texts()
        shown = {"chapters": texts.chapters(self.today, written), "ways": texts.contact_ways(written)}
        return super().get_context_data(**kwargs, **shown)


class Submit(PortalPage, FormView):
    """The form. One form makes one complaint, however often it is submitted; each time the same receipt is shown."""

    template_name = "portal/form.html"
    form_class = SubmitForm

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"today": self.today}

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | {
            "token": self.token(),
            "promises": promises.promises_of_today(self.today),
            "had_files": bool(self.request.FILES),
        }

    def token(self):
        """The token of the submitted form if it is valid, else a new one."""
        sent = self.request.POST.get("token", "")
        return sent if codes.is_valid_token(sent) else codes.new_token()

    def post(self, request, *args, **kwargs):
        seed = codes.seed_of(self.token())
        seconds = limits.register_attempt(request, limits.FORM, today=self.today, mark=seed)
        if case := short_tokens.sent_with(seed):
            return self.to_receipt(case, seed)
        if seconds:
            typed = SubmitForm(initial=request.POST.dict(), today=self.today)
            return self.too_many_attempts(seconds, self.template_name, form=typed)
        return super().post(request, *args, **kwargs)

    def form_valid(self, form):
        """Asks once more before a complaint is submitted that would be registered and not processed (R156)."""
        if form.is_not_processed and "anyway" not in self.request.POST:
            return self.render_to_response(self.get_context_data(form=form, asks_again=True))
        try:
            return self.process_valid_form(form, codes.seed_of(self.token()))
        except NobodyInCharge:
            form.add_error(None, _("现在暂时收不了，请用下面的其他方式告诉我们。"))
        except ValidationError as problem:
            form.add_error("files", problem)
        except uploads.BudgetExceeded as spent:
            return self.too_many_attempts(spent.seconds, self.template_name, form=form)
        return self.form_invalid(form)

    def process_valid_form(self, form, seed):
        """Saves a valid form; only now are its pictures decoded."""
        with uploads.accept_files(self.request, form.cleaned_data["files"], self.today) as files:
            case = self.register(form, seed, files)
        return self.to_receipt(case, seed)

    def register(self, form, seed, files):
        """Hands the complaint to the person in charge and returns it; about that person, to the alternate (R450).

        The record is written in Chinese, whatever language the complainant reads.
        """
        now = in_charge.current_appointment() if form.cleaned_data["is_about_head"] else None
        words = form.cleaned_data["kept_from"]
        about = [now.head] if now else []
        details = intake.IntakeDetails(
            about, [user for user in in_charge.people_named_in(words) if user not in about], words
        )
        complaint = form.complaint(seed, self.today)
        with stored_in_chinese():
            return intake.register(complaint, by=None, today=self.today, told=details, files=files)

    def to_receipt(self, case, seed):
        """Redirects to the receipt, or to the form for the code when the receipt may no longer be shown."""
        is_shown = short_tokens.allow_receipt(self.request, case, seed, self.today)
        return HttpResponseRedirect(reverse("portal:receipt" if is_shown else "portal:follow"))


class Receipt(PortalPage, TemplateView):
    """回执: the code, the dates and the next steps (R160); for some minutes, in the browser that submitted the form."""

    template_name = "portal/receipt.html"

    def get(self, request, *args, **kwargs):
        seed = short_tokens.receipt_of(request, self.today)
        case = short_tokens.sent_with(seed) if seed else None
        if case is None:
            return HttpResponseRedirect(reverse("portal:follow"))
        code = codes.code_of(seed)
        return self.render_to_response(
            self.get_context_data(
                case=case,
                code=code,
                lines=codes.code_lines(code),
                qr=qr_code_svg("portal:follow"),
                promises=promises.promises_of_case(case, self.today),
            )
        )
