"""Views of the terms of all kinds: register, renew, edit, end early, void, add scans (R67, R103)."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import CreateView, DetailView, FormView, UpdateView

from accounts.action_views import ActionMixin
from accounts.editing import VersionedUpdate
from accounts.keys import parse_key
from relations.files.attachments import atomic_with_files
from relations.models import Attachment
from relations.parties import terms
from relations.parties.forms import ReasonForm
from relations.parties.record_views import RecordMixin, add_saved_message
from relations.parties.term_forms import EndTermForm, ScanForm
from reminders import clock


class TermsMixin(RecordMixin):
    """For views about the terms of one stakeholder."""

    @property
    def term_spec(self):
        return self.spec.terms

    @property
    def action_permission(self):
        return self.term_spec.permission

    def visible_terms(self):
        rows = self.term_spec.model.objects.visible_to(self.request.user)
        return rows.filter(stakeholder=self.record.pk).select_related("stakeholder")


class AddTerm(ActionMixin, TermsMixin, CreateView):
    """Registers a term; with ?renew=pk it starts with the values of the previous one."""

    template_name = "relations/record_form.html"

    @property
    def refused_field(self):
        return self.term_spec.identity_field

    def get_form_class(self):
        return self.term_spec.new_form

    def get_form_kwargs(self):
        own = {"record": self.record, "user": self.request.user, "today": clock.today()}
        return super().get_form_kwargs() | own

    def get_initial(self):
        pk = parse_key(self.request.GET.get("renew"))
        before = self.visible_terms().filter(pk=pk).first()
        if before:
            return terms.renewed_term_values(before, self.term_spec.renewed)
        return self.term_spec.new_values(clock.today())

    @property
    def draft(self):
        return f"{self.term_spec.url_name}-new-{self.record.pk}"

    def get_context_data(self, **kwargs):
        words = {
            "title": _("登记%s") % self.term_spec.word,
            "verb": _("登记"),
            "draft": self.draft,
            "is_upload": True,
        }
        return super().get_context_data(**words, **kwargs)

    def perform(self, form):
        form.instance.stakeholder = self.record
        term = self.agree(form)
        words = {"term": self.term_spec.label, "number": term}
        add_saved_message(self.request, _("%(term)s%(number)s已登记。") % words, self.draft)
        return HttpResponseRedirect(self.record.get_absolute_url())

    @atomic_with_files()
    def agree(self, form):
        term = terms.create_term(form.instance, by=self.request.user, today=clock.today())
        terms.attach_scans(form.cleaned_data["scans"], term, self.request.user)
        return term


class TermMixin(TermsMixin):
    """For views about one term."""

    @cached_property
    def term(self):
        return get_object_or_404(self.visible_terms(), pk=self.kwargs["term"])

    def may(self, user):
        return self.term is not None and super().may(user)

    def get_object(self, queryset=None):
        return self.term

    def get_success_url(self):
        name = self.spec.url_name(self.term_spec.url_name)
        return reverse(name, args=[self.record.pk, self.term.pk])

    def get_context_data(self, **kwargs):
        return super().get_context_data(term=self.term, term_spec=self.term_spec, **kwargs)


class TermPage(TermMixin, DetailView):
    action_permission = None

    def get_template_names(self):
        return [self.term_spec.template]

    def get_context_data(self, **kwargs):
        user, today, term = self.request.user, clock.today(), self.term
        may_change = self.allowed_to(self.term_spec.permission)
        is_running = term.last_day is None or term.last_day >= today
        return super().get_context_data(
            today=today,
            days_left=(term.last_day - today).days if term.last_day else None,
            soon=terms.notice_days(self.term_spec, today),
            hrefs=self.hrefs(),
            scans=Attachment.objects.visible_to(user).filter(term=term.pk),
            scan_form=ScanForm(today=today, label=self.term_spec.label),
            may_change=may_change,
            may_end=may_change and not term.ended_on and is_running,
            may_void=may_change and terms.may_void(term, user),
            past=term.history.select_related("history_user")[:20],
            **kwargs,
        )

    def hrefs(self):
        """Returns the URLs of the actions on this term."""
        name, keys = self.term_spec.url_name, (self.record.pk, self.term.pk)
        acts = {act: self.page(f"{name}_{act}", *keys) for act in ("edit", "end", "void", "scans")}
        return acts | {"add": self.page(f"{name}_add", self.record.pk)}


class EditTerm(VersionedUpdate, TermMixin, UpdateView):
    template_name = "relations/record_form.html"

    @property
    def refused_field(self):
        return self.term_spec.identity_field

    def get_form_class(self):
        return self.term_spec.form

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"record": self.record, "user": self.request.user}

    def latest(self):
        return get_object_or_404(self.visible_terms(), pk=self.term.pk)

    @property
    def draft(self):
        return f"{self.term_spec.url_name}-{self.term.pk}-{self.term.version}"

    def get_context_data(self, **kwargs):
        words = {"title": _("修改%s") % self.term_spec.word, "verb": _("保存"), "draft": self.draft}
        return super().get_context_data(**words, **kwargs) | {"back": self.get_success_url()}

    def save_form(self, form):
        terms.update_term(form.instance, today=clock.today())
        add_saved_message(self.request, _("%s已保存。") % self.term_spec.label, self.draft)
        return HttpResponseRedirect(self.get_success_url())


class TermActionView(ActionMixin, TermMixin, FormView):
    """Base of the actions on a term that have a form."""

    template_name = "relations/reason.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(**self.words(), **kwargs) | {"back": self.get_success_url()}

    @property
    def named(self):
        return {"term": self.term_spec.word, "number": self.term}

    @property
    def done(self):
        """Like `named`, for the start of a sentence."""
        return {"term": self.term_spec.label, "number": self.term}

    def perform(self, form):
        self.run(form.cleaned_data)
        return HttpResponseRedirect(self.record.get_absolute_url())


class EndTerm(TermActionView):
    form_class = EndTermForm

    def words(self):
        return {
            "title": _("提前终止%(term)s%(number)s？") % self.named,
            "consequence": self.term_spec.end_warning,
            "verb": _("提前终止"),
            "back_label": _("先不终止"),
        }

    def run(self, data):
        terms.end_term_early(
            self.term,
            ended_on=data["ended_on"],
            reason=data["reason"],
            by=self.request.user,
            today=clock.today(),
        )
        messages.success(self.request, _("%(term)s%(number)s已提前终止。") % self.done)


class VoidTerm(TermActionView):
    form_class = ReasonForm

    def may(self, user):
        return super().may(user) and terms.may_void(self.term, user)

    def words(self):
        return {
            "title": _("把%(term)s%(number)s作废？") % self.named,
            "consequence": self.term_spec.void_warning,
            "verb": _("作废"),
            "back_label": _("先不作废"),
        }

    def run(self, data):
        terms.void_term(self.term, reason=data["reason"], by=self.request.user, today=clock.today())
        messages.success(self.request, _("%(term)s%(number)s已作废。") % self.done)


class AddScans(TermMixin, FormView):
    form_class = ScanForm
    template_name = "relations/record_form.html"

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"today": clock.today(), "label": self.term_spec.label}

    def get_context_data(self, **kwargs):
        words = {
            "title": _("上传%s扫描件") % self.term_spec.word,
            "verb": _("上传"),
            "draft": "",
            "is_upload": True,
        }
        return super().get_context_data(**words, **kwargs)

    def form_valid(self, form):
        terms.attach_scans(form.cleaned_data["scans"], self.term, self.request.user)
        messages.success(self.request, _("扫描件已上传。"))
        return HttpResponseRedirect(self.get_success_url())
