"""登记一件: registration of a complaint by any member of staff, handed over when saved (R128-R135, R145, R159-R162)."""

from datetime import timedelta

from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView

from accounts.access import PermissionRequired
from accounts.exceptions import ActionRefused
from accounts.keys import parse_key
from accounts.roles import Permission
from complaints.acts import acknowledgement
from complaints.intake import actions as intake
from complaints.intake.forms import MAX_FOUND, IntakeForm, find_stakeholders
from complaints.models import METHOD_OF_CHANNEL, Complaint
from relations.parties.colleagues import colleague_choices
from reminders import clock
from reminders.models import Parameter

HANDED_OVER_SESSION_KEY = "complaint_handed"
# How long a form that is submitted twice shows its result again; later it reveals nothing.
SHOWN_AGAIN_FOR = timedelta(minutes=10)


class IntakeView(PermissionRequired, FormView):
    """The form; an HTMX request with `find` returns the stakeholders that match."""

    form_class = IntakeForm

    def get_template_names(self):
        if self.request.htmx and self.request.method == "GET":
            return ["complaints/_stakeholders.html"]
        return ["complaints/new.html"]

    def get_initial(self):
        return {"stakeholder": parse_key(self.request.GET.get("stakeholder"))}

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"user": self.request.user, "today": clock.today()}

    def get_context_data(self, **kwargs):
        if self.request.htmx and self.request.method == "GET":
            return self.find(self.request.GET.get("find", "").strip()[:40])
        user, today = self.request.user, clock.today()
        context = super().get_context_data(**kwargs)
        form = context["form"]
        numbers = Parameter.objects.values_on(today)
        return context | {
            "today": today,
            "colleagues": colleague_choices(user),
            "offered": form.offered or form.chosen(),
            "open_sections": form.open_sections,
            "more": False,
            "q": "",
            "can_link": user.may(Permission.VIEW),
            "methods": {str(channel): str(method) for channel, method in METHOD_OF_CHANNEL.items()},
            "response_days": numbers["complaint_response_days"],
            "result_days": numbers["complaint_result_days"],
        }

    def find(self, words):
        found = find_stakeholders(self.request.user, words) if words else []
        return {"offered": found[:MAX_FOUND], "more": len(found) > MAX_FOUND, "q": words, "form": None}

    def form_valid(self, form):
        user, today = self.request.user, clock.today()
        case, files = form.complaint(), form.cleaned_data["files"]
        try:
            case = intake.register(case, by=user, today=today, told=form.intake_details(), files=files)
        except ActionRefused as problem:
            form.add_error(None, str(problem))
            return self.form_invalid(form)
        if case.entered_by_id != user.pk or case.entered_at < timezone.now() - SHOWN_AGAIN_FOR:
            form.add_error(None, _("这张表已经用过了，请打开一张新的再登记。"))
            return self.form_invalid(form)
        self.request.session[HANDED_OVER_SESSION_KEY] = handed_over_context(case)
        return redirect("complaints:handed")


def handed_over_context(case):
    """Data shown to the registrar after the hand-over, who may no longer open the complaint: none of its content."""
    return {
        "number": case.number,
        "head": case.head.name,
        "at": case.handed_over_at.isoformat(),
        "response": case.response_due_on and case.response_due_on.isoformat(),
        "result": case.result_due_on and case.result_due_on.isoformat(),
        "is_provisional": case.is_provisional,
        "is_processed": case.response_due_on is not None,
        "is_told": False,
        "has_contact": bool(case.contact),
    }


class HandedOverView(PermissionRequired, TemplateView):
    """已交负责人: to whom and when it was handed over, and the due dates to tell the complainant (R145, R160)."""

    template_name = "complaints/handed.html"

    def get(self, request, *args, **kwargs):
        if HANDED_OVER_SESSION_KEY not in request.session:
            return redirect("complaints:new")
        return super().get(request, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        """已经告诉对方: recorded for the person in charge, once."""
        handed = request.session.get(HANDED_OVER_SESSION_KEY)
        if handed and handed["is_processed"] and not handed["is_told"]:
            acknowledgement.record_told_in_person(handed["number"], by=request.user, today=clock.today())
            request.session[HANDED_OVER_SESSION_KEY] = handed | {"is_told": True}
        return redirect("complaints:handed")

    def get_context_data(self, **kwargs):
        handed = self.request.session[HANDED_OVER_SESSION_KEY]
        visible = Complaint.objects.visible_to(self.request.user).filter(number=handed["number"])
        return super().get_context_data(
            **kwargs,
            handed=handed,
            today=clock.today(),
            at=parse_datetime(handed["at"]),
            response=handed["response"] and parse_date(handed["response"]),
            result=handed["result"] and parse_date(handed["result"]),
            case_url=reverse("complaints:case", args=[handed["number"]]) if visible.exists() else "",
        )
