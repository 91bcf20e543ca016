"""The page of one employer, the check of its information sheet, and taking back what was entered in error."""

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView, View

from accounts.roles import Permission
from accounts.wording import month_words
from employers import record
from employers.forms import ReasonForm
from employers.models import Employer
from relations.cycle.panel import cycle_panel
from relations.duties.periods import after
from relations.log import actions as log
from relations.parties import actions as register
from relations.parties import panels
from relations.parties.view_mixins import Visible
from relations.timeline.events import timeline_for
from reminders import clock
from reminders.calendar import workdays


class OfEmployer(Visible):
    """For views about one employer: out of sight is a 404, an act not open to the person a 403."""

    def within_sight(self, user):
        return Employer.objects.visible_to(user).select_related("responsible", "department")

    @property
    def employer(self):
        return self.found

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            employer=self.employer, back=self.employer.get_absolute_url(), **kwargs
        )


class EmployerRecord(OfEmployer, TemplateView):
    """用人单位: what is owed first, then what was done, with the facts beside."""

    template_name = "employers/record.html"

    def find(self, user, pk):
        found = record.EMPLOYER(user, pk=pk, scope=self.scope, today=clock.today())
        if not found:
            raise Http404
        return found[0]

    @property
    def scope(self):
        asked = self.request.GET.get("duties")
        return asked if asked in record.SCOPES else record.SCOPES[0]

    def get_context_data(self, **kwargs):
        user, today, employer = self.request.user, clock.today(), self.employer
        duties = record.duties_of(user, employer, self.scope, today, workdays.current())
        standing = record.standing_of(record.contracts_of(employer), today)
        panel = cycle_panel(user, employer, today)
        return super().get_context_data(
            today=today,
            duties=duties,
            duty_tabs=record.tabs(self.scope, today),
            standing=standing,
            panel=panel,
            timeline=timeline_for(user, employer, today),
            people=record.people_of(employer),
            last_contact=record.last_contact_words(employer, today),
            caution=employer.may_see_caution(user),
            caution_who=caution_who(employer),
            caution_words=_("有特殊事项"),
            main_words=_("主要"),
            closed_words=_("已关闭"),
            may_edit=employer.may_edit(user),
            may_log=user.may(Permission.LOG),
            may_contract=user.may(Permission.CONTRACT),
            ask_closing=asks_closing(standing, panel),
            panels=panels.on_record(user, employer, today),
            print_acts=print_acts(employer, today),
            more_acts=more_acts(user, employer),
            meetings_url=reverse("relations:meetings", args=[employer.pk]),
            log_url=reverse("quick_log_for", args=[employer.pk]),
            **kwargs,
        )


def caution_who(employer):
    """Who wrote the note of caution and when, and who sees it."""
    wrote = f"{employer.caution_by.name} {employer.caution_on} · " if employer.caution_by else ""
    return wrote + _("只有负责人、督导和管理层看得到")


def asks_closing(standing, panel):
    """The contract has ended and the round still runs before its closure: evaluate and close (R103)."""
    cycle = panel.cycle
    return bool(standing.ended_on and cycle and not cycle.ended_on and "5" <= cycle.stage[0] <= "6")


def print_acts(employer, today):
    """The information sheet, and the sheets of contacts of this month and of the last, which is filed now (R101)."""
    months = [today, after(today, -1)]
    return [
        {"label": _("信息表"), "href": reverse("employers:sheet", args=[employer.pk])},
        {"label": _("信息表（Word）"), "href": reverse("employers:sheet_word", args=[employer.pk])},
        *(act for month in months for act in month_acts(employer, month)),
    ]


def month_acts(employer, month):
    address = [employer.pk, month.strftime("%Y-%m")]
    return [
        {
            "label": _("%(month)s沟通记录表") % {"month": month_words(month)},
            "href": reverse("employers:month", args=address),
        },
        {
            "label": _("%(month)s沟通记录表（Word）") % {"month": month_words(month)},
            "href": reverse("employers:month_word", args=address),
        },
    ]


def more_acts(user, employer):
    """What else may be done, by name and permission."""
    acts = [
        {"label": _("待办"), "href": reverse("relations:tasks", args=[employer.pk])},
        {"label": _("谁看得到"), "href": reverse("relations:access", args=[employer.pk])},
    ]
    if user.may(Permission.EDIT):
        acts.append({"label": _("修改单位资料"), "href": reverse("employers:edit", args=[employer.pk])})
        acts.append({"label": _("添加对接人"), "href": reverse("employers:person_add", args=[employer.pk])})
    if employer.may_see_caution(user):
        acts.append({"label": _("写特殊事项"), "href": reverse("employers:caution", args=[employer.pk])})
    if user.may(Permission.CONTRACT):
        acts.append({"label": _("登记合同"), "href": reverse("employers:contract_add", args=[employer.pk])})
    if user.may(Permission.HAND_OVER):
        acts.append(
            {"label": _("转交负责社工"), "href": f"{reverse('employers:hand_over')}?pick={employer.pk}"}
        )
        acts.append(
            {
                "label": _("登记错了，作废"),
                "href": reverse("employers:void", args=[employer.pk]),
                "danger": True,
            }
        )
    return acts


class CheckSheet(OfEmployer, View):
    """核对无变化: dated, with a name, and it meets the duty of the quarter (R69)."""

    act = Permission.LOG

    def post(self, request, pk):
        log.check_sheet(self.employer, by=request.user, today=clock.today())
        messages.success(request, _("已记下：信息表核对无变化。"))
        return redirect(self.employer)


class VoidEmployer(OfEmployer, FormView):
    """登记错了: seen no more, kept with the reason; for those who lead."""

    act = Permission.HAND_OVER
    form_class = ReasonForm
    template_name = "employers/reason.html"

    def get_context_data(self, **kwargs):
        words = {
            "title": _("把“%s”作废？") % self.employer.name,
            "consequence": _("作废后名册、统计和提醒里都不再有它；记录不会删掉，系统管理员能查到原因。"),
            "verb": _("作废"),
            "back_label": _("先不作废"),
        }
        return super().get_context_data(**words, **kwargs)

    def form_valid(self, form):
        register.void(
            self.employer, by=self.request.user, reason=form.cleaned_data["reason"], today=clock.today()
        )
        messages.success(self.request, _("“%s”已作废。") % self.employer.name)
        return HttpResponseRedirect(reverse("employers:list"))
