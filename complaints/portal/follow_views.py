"""Following a complaint with its receipt code: its state, the dates to expect, and a dialogue."""

from contextlib import suppress

from django.core.exceptions import ValidationError
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView, View

from accounts.exceptions import ActionRefused
from complaints.intake.identify import identify
from complaints.models import Complaint
from complaints.models.case import WAITING_FOR_COMPLAINANT
from complaints.portal import codes, dialogue, limits, progress, promises, short_tokens, uploads
from complaints.portal.forms import CodeForm, MessageForm, NameForm
from complaints.portal.pages import PortalPage


class Follow(PortalPage, FormView):
    """Asks for the receipt code. Text that was typed before the session expired is carried over."""

    template_name = "portal/follow.html"
    form_class = CodeForm

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | {"unsent": self.request.POST.get("text", "")}

    def post(self, request, *args, **kwargs):
        seconds = limits.register_attempt(request, limits.CODE, today=self.today)
        return self.too_many_attempts(seconds) if seconds else super().post(request, *args, **kwargs)

    def form_valid(self, form):
        case = Complaint.objects.filter(code_hash=codes.code_hash(form.cleaned_data["code"])).first()
        if case is None:
            form.add_error("code", _("没有找到这个查询码，请再核对一遍。"))
            return self.form_invalid(form)
        short_tokens.open_case(self.request, case, self.today)
        if unsent := self.request.POST.get("text"):
            return Case.shown_with(self.request, unsent, self.today)
        return HttpResponseRedirect(reverse("portal:case"))


class CasePage(PortalPage):
    """A page of the complaint whose code was entered in this browser; each use extends the session."""

    attempt_kind = limits.MESSAGE

    def dispatch(self, request, *args, **kwargs):
        self.case = short_tokens.case_of(request)
        return super().dispatch(request, *args, **kwargs)

    def extend_session(self):
        short_tokens.store(self.request, short_tokens.CASE, self.case.pk, self.today)

    def ask_for_code(self):
        """Asks for the code again, because the session has expired; the typed text is carried over."""
        form = CodeForm()
        view = Follow()
        view.setup(self.request)
        view.today = self.today
        return view.render_to_response(view.get_context_data(form=form, has_run_out=True))


class Case(CasePage, TemplateView):
    """The state in plain words, the dates and the dialogue; a message may be added."""

    template_name = "portal/case.html"

    @classmethod
    def shown_with(cls, request, unsent, today):
        """The page with `unsent` in the message field."""
        view = cls()
        view.setup(request)
        view.today, view.case = today, short_tokens.case_of(request)
        form = MessageForm(initial={"text": unsent}, today=today)
        return view.render_to_response(view.get_context_data(message_form=form))

    def get(self, request, *args, **kwargs):
        if self.case is None:
            return HttpResponseRedirect(reverse("portal:follow"))
        self.extend_session()
        return super().get(request, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        if self.case is None:
            return self.ask_for_code()
        self.extend_session()
        ready = dialogue.PREPARED_ANSWERS.get(request.POST.get("ready", ""))
        if seconds := limits.register_attempt(request, self.attempt_kind, today=self.today):
            typed = MessageForm(initial={"text": request.POST.get("text", "")}, today=self.today)
            return self.too_many_attempts(seconds, self.template_name, message_form=typed)
        form = MessageForm({"text": str(ready)} if ready else request.POST, request.FILES, today=self.today)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(message_form=form))
        return self.message_response(form)

    def message_response(self, form):
        try:
            self.add_message(form.cleaned_data["text"], form.cleaned_data["files"])
        except ActionRefused as problem:
            form.add_error(None, str(problem))
        except ValidationError as problem:
            form.add_error("files", problem)
        except uploads.BudgetExceeded as spent:
            return self.too_many_attempts(spent.seconds, self.template_name, message_form=form)
        else:
            return HttpResponseRedirect(reverse("portal:case"))
        return self.render_to_response(self.get_context_data(message_form=form))

    def add_message(self, text, files):
        """Adds a message; first checks that it is allowed and new, before pictures are decoded."""
        seen = self.last_seen_act()
        if dialogue.find_same_message(self.case, text, seen):
            return
        with uploads.accept_files(self.request, files, self.today) as drawn:
            dialogue.add_message(self.case, text, today=self.today, files=drawn, seen=seen)

    def last_seen_act(self):
        """The place of the last act on the submitted page; 0 for an unreadable value."""
        sent = self.request.POST.get("seen", "")
        return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 6 else 0

    def get_context_data(self, **kwargs):
        acts = list(self.case.acts.prefetch_related("enclosures"))
        dates = promises.promises_of_case(self.case, self.today)
        forms = {"message_form": MessageForm(today=self.today), "name_form": NameForm()}
        return super().get_context_data(**forms | kwargs) | {
            "case": self.case,
            "state": progress.WORDS[self.case.state],
            "steps": progress.progress_steps(self.case, dates, acts),
            "promises": dates,
            "next": promises.next_promise(dates) if self.case.is_open else None,
            "words": progress.dialogue_entries(acts),
            "seen": acts[-1].place,
            "may_write": self.case.state not in dialogue.STATES_WITHOUT_MESSAGES,
            "ready": dialogue.PREPARED_ANSWERS if self.case.state in WAITING_FOR_COMPLAINANT else {},
            "had_files": bool(self.request.FILES),
        }


class Identify(Case):
    """A name given later: a complaint that was only registered is now processed."""

    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        if self.case is None:
            return HttpResponseRedirect(reverse("portal:follow"))
        if seconds := limits.register_attempt(request, self.attempt_kind, today=self.today):
            typed = NameForm(initial=request.POST.dict())
            return self.too_many_attempts(seconds, self.template_name, name_form=typed)
        form = NameForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(name_form=form))
        with suppress(ActionRefused):  # submitted twice, or the head was quicker: the page shows the state
            identify(self.case, **form.cleaned_data, today=self.today)
        return HttpResponseRedirect(reverse("portal:case"))


class EndSession(PortalPage, View):
    """退出查询: ends the session, so that the next person at this phone sees nothing."""

    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        short_tokens.end_session(request)
        return HttpResponseRedirect(reverse("portal:start"))
