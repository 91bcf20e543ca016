"""Registering and editing: the unit, its note of caution, its contact persons."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import CreateView, UpdateView, View

from accounts.access import PermissionRequired
from accounts.editing import VersionedUpdate
from accounts.roles import Permission
from employers import actions
from employers.forms import CautionForm, EmployerForm, NewEmployerForm, PersonForm
from employers.models import Employer
from employers.record_views import OfEmployer
from relations.log import actions as log
from relations.models import ContactPerson, Stakeholder
from relations.search import index as search
from reminders import clock


def saved(request, words, key):
    """Says that it is saved, and ends the draft kept on the device."""
    messages.success(request, words, extra_tags=f"draft-clear:{key}")


def where_next(employer, user):
    """The page of a record just saved, or the list when it has left the sight of `user` by that."""
    in_sight = Employer.objects.visible_to(user).filter(pk=employer.pk).exists()
    return employer.get_absolute_url() if in_sight else reverse("employers:list")


class NewEmployer(PermissionRequired, CreateView):
    """新增单位: class first, source, first contact and its receiver (R6, R12, R15-R16)."""

    permission = Permission.EDIT
    model = Employer
    form_class = NewEmployerForm
    template_name = "employers/form.html"
    draft = "employer-new"

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"user": self.request.user, "today": clock.today()}

    def get_context_data(self, **kwargs):
        words = {
            "title": _("新增用人单位"),
            "draft": self.draft,
            "back": reverse("employers:list"),
            "verb": _("登记"),
        }
        return super().get_context_data(**words, **kwargs)

    def form_valid(self, form):
        employer = form.instance
        employer.token = form.cleaned_data["token"]
        employer = actions.enrol(
            employer,
            by=self.request.user,
            today=clock.today(),
            first_contact=form.first_contact(),
            person=form.person(),
        )
        saved(self.request, _("已登记“%s”。") % employer.name, self.draft)
        return redirect(where_next(employer, self.request.user))


class EditEmployer(VersionedUpdate, OfEmployer, UpdateView):
    """Edit; with ?sheet=1 it is the quarterly update of the information sheet, and what changed is logged (R69)."""

    act = Permission.EDIT
    form_class = EmployerForm
    template_name = "employers/form.html"

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"user": self.request.user}

    @property
    def is_sheet(self):
        return "sheet" in self.request.GET

    @property
    def draft(self):
        return f"employer-{self.kwargs['pk']}-{self.employer.version}"

    def get_context_data(self, **kwargs):
        words = {
            "title": _("更新信息表") if self.is_sheet else _("修改单位资料"),
            "verb": _("保存并记为核对") if self.is_sheet else _("保存"),
            "draft": self.draft,
        }
        return super().get_context_data(**words, **kwargs)

    def get_success_url(self):
        return self.employer.get_absolute_url()

    def save_form(self, form):
        self.object = form.save()
        search.index([self.object])
        today = clock.today()
        if {"department", "is_confidential"} & set(form.changed_data):
            actions.follow_sight(self.object, today=today)
        if self.is_sheet:
            self.log_check(form, today)
        saved(self.request, _("已保存。"), self.draft)
        return redirect(where_next(self.object, self.request.user))

    def log_check(self, form, today):
        labels = [str(form.fields[name].label) for name in form.changed_data if name != "version"]
        changes = _("更新了：%s") % _("、").join(labels) if labels else ""
        log.check_sheet(self.object, by=self.request.user, today=today, changes=changes)


class EditCaution(VersionedUpdate, OfEmployer, UpdateView):
    """特殊事项, for those who may see it (R38)."""

    form_class = CautionForm
    template_name = "employers/form.html"

    def may(self, user):
        return self.employer.may_see_caution(user)

    def get_context_data(self, **kwargs):
        words = {"title": _("特殊事项"), "verb": _("保存"), "draft": ""}
        return super().get_context_data(**words, **kwargs)

    def get_success_url(self):
        return self.employer.get_absolute_url()

    def save_form(self, form):
        form.instance.caution_by, form.instance.caution_on = self.request.user, clock.today()
        form.save()
        messages.success(self.request, _("特殊事项已保存。"))
        return HttpResponseRedirect(self.get_success_url())


class OfPerson(OfEmployer):
    """For forms about a contact person of one employer."""

    act = Permission.EDIT
    form_class = PersonForm
    template_name = "employers/form.html"

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"stakeholder": self.employer, "user": self.request.user}

    def get_success_url(self):
        return f"{self.employer.get_absolute_url()}#people"


class AddPerson(OfPerson, CreateView):
    def get_context_data(self, **kwargs):
        words = {"title": _("添加对接人"), "verb": _("添加"), "draft": f"person-new-{self.employer.pk}"}
        return super().get_context_data(**words, **kwargs)

    def form_valid(self, form):
        form.instance.stakeholder = self.employer
        try:
            actions.keep_person(form.instance, make_main=bool(form.cleaned_data.get("make_main")))
        except actions.Refused as refusal:
            form.add_error("name", str(refusal))
            return self.form_invalid(form)
        saved(self.request, _("已添加%s。") % form.instance.name, f"person-new-{self.employer.pk}")
        return HttpResponseRedirect(self.get_success_url())


class EditPerson(VersionedUpdate, OfPerson, UpdateView):
    def get_object(self, queryset=None):
        return get_object_or_404(self.people(), pk=self.kwargs["person"])

    def people(self):
        visible = ContactPerson.objects.visible_to(self.request.user)
        return visible.filter(stakeholder=self.employer.pk, left_on=None).select_related("stakeholder")

    def claim(self, version):
        """The unit is locked before its people, here as in every act on them, so that no two wait for each other."""
        Stakeholder.objects.select_for_update(no_key=True).get(pk=self.employer.pk)
        super().claim(version)

    def latest(self):
        return get_object_or_404(self.people(), pk=self.object.pk)

    def get_context_data(self, **kwargs):
        words = {
            "title": _("修改对接人"),
            "verb": _("保存"),
            "draft": f"person-{self.object.pk}-{self.object.version}",
            "leave_url": reverse("employers:person_left", args=[self.employer.pk, self.object.pk]),
            "person": self.object,
        }
        return super().get_context_data(**words, **kwargs)

    def form_valid(self, form):
        try:
            return super().form_valid(form)
        except actions.Refused as refusal:
            form.add_error("name", str(refusal))
            return self.form_invalid(form)

    def save_form(self, form):
        make_main = bool(form.cleaned_data.get("make_main")) or self.object.is_main
        actions.keep_person(form.instance, make_main=make_main)
        saved(self.request, _("已保存。"), f"person-{self.object.pk}-{form.cleaned_data['version']}")
        return HttpResponseRedirect(self.get_success_url())


class PersonLeft(OfPerson, View):
    """已离任: no longer offered, kept in what was said."""

    def post(self, request, pk, person):
        found = get_object_or_404(self.employer.contacts.current(), pk=person)
        actions.leave(found, today=clock.today())
        messages.success(request, _("%s已标为离任。") % found.name)
        return HttpResponseRedirect(self.get_success_url())
