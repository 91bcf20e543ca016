"""The page of one record of any kind, the check of its information sheet, and taking back what was entered in error."""

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView, View

from accounts.days import month_words
from accounts.roles import Permission
from relations.cycle.panel import cycle_panel
from relations.duties.periods import add_months
from relations.log import actions as log
from relations.parties import actions, panels, record_page
from relations.parties.forms import ReasonForm
from relations.parties.view_mixins import VisibleRecordMixin
from relations.timeline.events import timeline_for
from reminders import clock
from reminders.calendar import workdays


def add_saved_message(request, words, key):
    """Says that it is saved, and ends the draft kept on the device."""
    messages.success(request, words, extra_tags=f"draft-clear:{key}")


class KindMixin:
    """For views about one kind; `spec` is its KindSpec, given in the addresses (relations.parties.urls)."""

    spec = None

    def allowed_to(self, permission):
        return self.spec.may(self.request.user, permission)

    def page(self, name, *args):
        """The address of a page of the kind."""
        return reverse(self.spec.url_name(name), args=args)

    def get_context_data(self, **kwargs):
        return super().get_context_data(spec=self.spec, **kwargs)


class RecordMixin(KindMixin, VisibleRecordMixin):
    """For views about one record: out of sight is a 404, an act not open to the person a 403."""

    def within_sight(self, user):
        return self.spec.model.objects.visible_to(user).select_related("responsible", "department")

    def may(self, user):
        return self.act is None or self.spec.may(user, self.act)

    @property
    def record(self):
        return self.get_visible_record

    def get_context_data(self, **kwargs):
        return super().get_context_data(record=self.record, back=self.record.get_absolute_url(), **kwargs)


class StakeholderRecord(RecordMixin, TemplateView):
    """What is owed first, then what was done, with the facts beside."""

    def get_template_names(self):
        return [self.spec.record.template]

    def find(self, user, pk):
        found = record_page.RECORD(
            user, kind=str(self.spec.kind), pk=pk, scope=self.scope, today=clock.today()
        )
        if not found:
            raise Http404
        return found[0]

    @property
    def scope(self):
        asked = self.request.GET.get("duties")
        return asked if asked in record_page.SCOPES else record_page.SCOPES[0]

    def get_context_data(self, **kwargs):
        user, today, record = self.request.user, clock.today(), self.record
        return super().get_context_data(
            today=today,
            duties=record_page.duties_of(user, record, self.scope, today, workdays.current_calendar()),
            duty_tabs=record_page.tabs(self.scope, today),
            timeline=timeline_for(user, record, today),
            people=record_page.people_of(record),
            last_contact=record_page.last_contact_words(record, today),
            caution=record.may_see_caution(user),
            caution_who=caution_who(record),
            caution_words=_("有特殊事项"),
            main_words=_("主要"),
            closed_words=_("已关闭"),
            may_edit=record.may_edit(user),
            may_log=self.allowed_to(Permission.LOG),
            panels=panels.record_panels(user, record, today),
            past_words=getattr(record, self.spec.record.past_field, ""),
            crumbs=self.spec.record.crumbs(record) if self.spec.record.crumbs else [],
            print_acts=self.print_acts(today),
            more_acts=self.more_acts(),
            meetings_url=reverse("relations:meetings", args=[record.pk]),
            log_url=reverse("quick_log_for", args=[record.pk]),
            **self.cycle_and_terms(today),
            **kwargs,
        )

    def cycle_and_terms(self, today):
        """The stage bar of a kind that has a cycle, and the standing of one that has terms."""
        terms, panel = self.spec.terms, None
        if self.spec.has_cycle:
            panel = cycle_panel(self.request.user, self.record, today)
        found = {"panel": panel, "term_spec": terms, "standing": None, "may_agree": False}
        if terms:
            kept = record_page.terms_of(self.record)
            for term in kept:
                term.href = self.page(terms.url_name, self.record.pk, term.pk)
                term.name = getattr(term, "number", "") or terms.label
            standing = record_page.standing_of(kept, today, terms.label)
            standing.add_url = self.page(f"{terms.url_name}_add", self.record.pk)
            may_agree = self.request.user.may(terms.permission)
            found |= {"standing": standing, "may_agree": may_agree}
        return found | {"ask_closing": suggests_closing(found["standing"], panel)}

    def print_acts(self, today):
        """The papers of the kind, and the sheets of contacts of this month and the last, filed now (R101)."""
        own = [act for name, label in self.spec.papers for act in self.paper_acts(label, name)]
        months = [today, add_months(today, -1)]
        return own + [act for month in months for act in self.month_acts(month)]

    def month_acts(self, month):
        label = _("%(month)s沟通记录表") % {"month": month_words(month)}
        return self.paper_acts(label, "month", month.strftime("%Y-%m"))

    def paper_acts(self, label, name, *args):
        """A paper to print, and the same as a Word file."""
        return [
            {"label": label, "href": self.page(name, self.record.pk, *args)},
            {
                "label": _("%s（Word）") % label,
                "href": self.page(f"{name}_word", self.record.pk, *args),
            },
        ]

    def more_acts(self):
        """What else may be done, by name and permission."""
        record, user = self.record, self.request.user
        acts = [
            {"label": _("待办"), "href": reverse("relations:tasks", args=[record.pk])},
            {"label": _("谁看得到"), "href": reverse("relations:access", args=[record.pk])},
        ]
        if self.allowed_to(Permission.EDIT):
            acts.append({"label": self.spec.forms.edit_title, "href": self.page("edit", record.pk)})
            acts.append({"label": _("添加对接人"), "href": self.page("person_add", record.pk)})
        if record.may_see_caution(user):
            acts.append({"label": _("写特殊事项"), "href": self.page("caution", record.pk)})
        terms = self.spec.terms
        if terms and user.may(terms.permission):
            href = self.page(f"{terms.url_name}_add", record.pk)
            acts.append({"label": _("登记%s") % terms.word, "href": href})
        if self.allowed_to(Permission.HAND_OVER):
            acts.append({"label": _("转交负责社工"), "href": f"{self.page('hand_over')}?pick={record.pk}"})
            href = self.page("void", record.pk)
            acts.append({"label": _("登记错了，作废"), "href": href, "danger": True})
        return acts


def caution_who(record):
    """Who wrote the note of caution and when, and who sees it."""
    wrote = f"{record.caution_by.name} {record.caution_on} · " if record.caution_by else ""
    return wrote + _("只有负责人、督导和管理层看得到")


def suggests_closing(standing, panel):
    """The term has ended and the round still runs before its closure: evaluate and close (R103)."""
    cycle = panel and panel.cycle
    has_ended = standing and standing.ended_on
    return bool(has_ended and cycle and not cycle.ended_on and "5" <= cycle.stage[0] <= "6")


class CheckSheet(RecordMixin, View):
    """核对无变化: dated, with a name, and it meets the duty of the quarter (R69)."""

    act = Permission.LOG

    def post(self, request, pk):
        log.log_sheet_check(self.record, by=request.user, today=clock.today())
        messages.success(request, _("已记下：信息表核对无变化。"))
        return redirect(self.record)


class VoidRecord(RecordMixin, FormView):
    """登记错了: seen no more, kept with the reason; for those who lead."""

    act = Permission.HAND_OVER
    form_class = ReasonForm
    template_name = "relations/reason.html"

    def get_context_data(self, **kwargs):
        words = {
            "title": _("把“%s”作废？") % self.record.name,
            "consequence": _("作废后名册、统计和提醒里都不再有它；记录不会删掉，系统管理员能查到原因。"),
            "verb": _("作废"),
            "back_label": _("先不作废"),
        }
        return super().get_context_data(**words, **kwargs)

    def form_valid(self, form):
        actions.void(
            self.record, by=self.request.user, reason=form.cleaned_data["reason"], today=clock.today()
        )
        messages.success(self.request, _("“%s”已作废。") % self.record.name)
        return HttpResponseRedirect(self.page("list"))
