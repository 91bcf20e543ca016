"""Views of one record of any kind: its page, the check of its information sheet, and voiding it."""

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView

from accounts.action_views import ActionMixin
from accounts.days import month_words
from accounts.roles import Permission
from relations.cycle.panel import cycle_panel
from relations.duties.periods import start_of_month
from relations.models import Stage
from relations.parties import actions, panels, record_page
from relations.parties.forms import ReasonForm
from relations.parties.own_right import is_guest
from relations.parties.view_mixins import VisibleRecordMixin
from relations.timeline.events import timeline_for
from reminders import clock
from reminders.calendar import workdays


def add_saved_message(request, words, key):
    """Adds a success message that also deletes the draft `key` stored in the browser."""
    messages.success(request, words, extra_tags=f"draft-clear:{key}")


class KindMixin:
    """For views about one kind; `spec` is its KindSpec, set in the URL patterns (relations.parties.urls)."""

    spec = None

    def allowed_to(self, permission):
        return self.spec.may(self.request.user, permission)

    def page(self, name, *args):
        """Returns the URL of a page of the kind."""
        return reverse(self.spec.url_name(name), args=args)

    def get_context_data(self, **kwargs):
        return super().get_context_data(spec=self.spec, **kwargs)


class RecordMixin(KindMixin, VisibleRecordMixin):
    """For views about one record: 404 when it is not visible to the user, 403 when the action is not allowed."""

    def visible_rows(self, user):
        return self.spec.model.objects.visible_to(user).select_related("responsible", "department")

    def allowed_to(self, permission):
        return self.may_act(self.request.user, permission)

    @property
    def record(self):
        return self.visible_record

    @property
    def stakeholder(self):
        return self.record

    def get_context_data(self, **kwargs):
        return super().get_context_data(record=self.record, back=self.record.get_absolute_url(), **kwargs)


class StakeholderRecord(RecordMixin, TemplateView):
    """The record page: open duties first, then the history, with the particulars in a side column."""

    def get_template_names(self):
        return [self.spec.record.template]

    def find(self, user, pk):
        records = record_page.RECORD(
            user, kind=str(self.spec.kind), pk=pk, scope=self.scope, today=clock.today()
        )
        if not records:
            raise Http404
        return records[0]

    @cached_property
    def is_guest(self):
        return is_guest(self.request.user, self.record)

    @property
    def scope(self):
        scope = self.request.GET.get("duties")
        return scope if scope in record_page.SCOPES else record_page.SCOPES[0]

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
            caution_who=caution_author_words(record),
            caution_words=_("有特殊事项"),
            main_words=_("主要"),
            closed_words=_("已关闭"),
            may_edit=self.allowed_to(Permission.EDIT),
            may_log=self.allowed_to(Permission.LOG),
            panels=panels.record_panels(user, record, today),
            past_words=getattr(record, self.spec.record.past_field, ""),
            crumbs=self.spec.record.crumbs(record) if self.spec.record.crumbs else [],
            print_acts=self.print_acts(today),
            more_acts=self.more_acts(),
            meetings_url=reverse("relations:meetings", args=[record.pk]) if self.spec.has_cycle else "",
            log_url=reverse("quick_log_for", args=[record.pk]),
            **self.cycle_and_terms(today),
            **kwargs,
        )

    def cycle_and_terms(self, today):
        """Returns the context of the stage bar, if the kind has a cycle, and of the standing, if it has terms."""
        terms, panel = self.spec.terms, None
        if self.spec.has_cycle:
            panel = cycle_panel(self.request.user, self.record, today)
        context = {"panel": panel, "term_spec": terms, "standing": None, "may_agree": False}
        if terms:
            valid_terms = record_page.terms_of(self.record)
            for term in valid_terms:
                term.href = self.page(terms.url_name, self.record.pk, term.pk)
                term.name, term.facts = terms.name_of(term), terms.facts_of(term)
            standing = record_page.standing_of(valid_terms, today, terms)
            standing.add_url = self.page(f"{terms.url_name}_add", self.record.pk)
            may_agree = self.allowed_to(terms.permission)
            soon = getattr(self.record, "notice_days", 0)
            context |= {"standing": standing, "may_agree": may_agree, "soon": soon}
        return context | {"ask_closing": suggests_closing(context["standing"], panel)}

    def print_acts(self, today):
        """Returns links to the printed forms of the kind and the contact forms of this and last month (R101)."""
        own = [act for name, label in self.spec.papers for act in self.paper_acts(label, name)]
        months = [today, start_of_month(today, -1)]
        return own + [act for month in months for act in self.month_acts(month)]

    def month_acts(self, month):
        label = _("%(month)s沟通记录表") % {"month": month_words(month)}
        return self.paper_acts(label, "month", month.strftime("%Y-%m"))

    def paper_acts(self, label, name, *args):
        """Returns the links to a printed form and to its Word file."""
        return [
            {"label": label, "href": self.page(name, self.record.pk, *args)},
            {
                "label": _("%s（Word）") % label,
                "href": self.page(f"{name}_word", self.record.pk, *args),
            },
        ]

    def more_acts(self):
        """Returns the links of the further actions allowed to the user."""
        record, user = self.record, self.request.user
        acts = [
            {"label": _("待办"), "href": reverse("relations:tasks", args=[record.pk])},
            {"label": _("谁看得到"), "href": reverse("relations:access", args=[record.pk])},
        ]
        if self.allowed_to(Permission.EDIT):
            acts.append({"label": self.spec.forms.edit_title, "href": self.page("edit", record.pk)})
            acts.append({"label": _("添加对接人"), "href": self.page("person_add", record.pk)})
        if record.may_see_caution(user) and not self.is_guest:
            acts.append({"label": _("写特殊事项"), "href": self.page("caution", record.pk)})
        terms = self.spec.terms
        if terms and self.allowed_to(terms.permission):
            href = self.page(f"{terms.url_name}_add", record.pk)
            acts.append({"label": _("登记%s") % terms.word, "href": href})
        if self.allowed_to(Permission.HAND_OVER):
            if self.spec.has_worker:
                acts.append(
                    {"label": _("转交负责社工"), "href": f"{self.page('hand_over')}?pick={record.pk}"}
                )
            href = self.page("void", record.pk)
            acts.append({"label": _("登记错了，作废"), "href": href, "danger": True})
        return acts


def caution_author_words(record):
    """Returns the text about who wrote the note of caution and when, and who sees it."""
    wrote = f"{record.caution_by.name} {record.caution_on} · " if record.caution_by else ""
    return wrote + _("只有负责社工、督导和管理层看得到")


def suggests_closing(standing, panel):
    """Whether to suggest evaluation and closing: the term has ended, but the cycle is still in stage 5 or 6 (R103)."""
    cycle = panel and panel.cycle
    has_ended = standing and standing.ended_on
    return bool(
        has_ended and cycle and not cycle.ended_on and cycle.stage in (Stage.EXECUTION, Stage.EVALUATION)
    )


class VoidRecord(ActionMixin, RecordMixin, FormView):
    """登记错了: hides a record entered by mistake and stores the reason; for leaders."""

    action_permission = Permission.HAND_OVER
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

    def perform(self, form):
        actions.void_record(
            self.record, by=self.request.user, reason=form.cleaned_data["reason"], today=clock.today()
        )
        messages.success(self.request, _("“%s”已作废。") % self.record.name)
        return HttpResponseRedirect(self.page("list"))
