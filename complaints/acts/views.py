"""The view that performs every step of complaints.workflow.lifecycle."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import FormView

from complaints.access import access_list
from complaints.acts import wording as act_words
from complaints.acts.forms import ActForm
from complaints.acts.next_act import heading
from complaints.cases.views import CaseActMixin, VisibleCaseMixin
from complaints.models import Complaint
from complaints.workflow.lifecycle import STEPS, perform
from reminders import clock

PEOPLE = "people"


class ActView(CaseActMixin, VisibleCaseMixin, FormView):
    """Shows the form of one step and performs the step."""

    template_name = "complaints/act.html"
    form_class = ActForm

    @cached_property
    def step(self):
        if self.kwargs["name"] not in STEPS:
            raise Http404
        return STEPS[self.kwargs["name"]]

    def may(self, user):
        return bool(set(self.step.roles) & self.roles())

    def get(self, request, *args, **kwargs):
        if self.case.state not in self.step.sources:
            words = {"state": self.case.get_state_display(), "act": self.step.label}
            messages.warning(request, _("现在是“%(state)s”，不能%(act)s。") % words)
            return redirect(self.case)
        access_list.record_viewing(self.case, request.user)
        return super().get(request, *args, **kwargs)

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {
            "case": self.case,
            "step": self.step,
            "by": self.request.user,
            "today": clock.today(),
        }

    def perform(self, form):
        user, version = self.request.user, form.cleaned_data["version"]
        perform(
            self.case,
            self.step.name,
            by=user,
            today=clock.today(),
            act_input=form.act_input(),
            version=version,
        )
        messages.success(self.request, _("已记下：%s。") % self.step.kind.label)
        return redirect(self.where_next())

    def where_next(self):
        """The URL of the page the user came from, or of the list if the complaint is no longer visible to the user."""
        visible = Complaint.objects.visible_to(self.request.user).filter(pk=self.case.pk)
        if not visible.exists():
            messages.info(self.request, _("这一件现在由别人办理，您看不到了。"))
            return reverse("complaints:list")
        if self.request.POST.get("back") == PEOPLE:
            return reverse("complaints:people", args=[self.case.number])
        return self.case.get_absolute_url()

    def get_context_data(self, **kwargs):
        name = self.step.name
        return super().get_context_data(
            **kwargs,
            case=self.case,
            step=self.step,
            heading=heading(self.step, self.case),
            save=act_words.save_label(self.step),
            consequence=act_words.CONSEQUENCES[name],
            stay=act_words.IRREVERSIBLE.get(name, ""),
            openings=act_words.OPENINGS if name in act_words.OPENED else (),
            back=PEOPLE if PEOPLE in (self.request.POST.get("back"), self.request.GET.get("back")) else "",
            chose_files=bool(self.request.FILES),
        )
