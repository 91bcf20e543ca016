"""Views that register and edit a record of any kind, its note of caution and its contact persons."""

from django.contrib import messages
from django.forms import modelform_factory
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.generic import CreateView, UpdateView, View

from accounts.access import PermissionRequired
from accounts.action_views import ActionMixin
from accounts.editing import VersionedUpdate
from accounts.roles import Permission
from accounts.stored_texts import stored_in_chinese
from relations.log import actions as log
from relations.models import ContactPerson, Stakeholder
from relations.parties import actions, people
from relations.parties.forms import CautionForm, PersonForm
from relations.parties.own_right import is_guest
from relations.parties.record_views import KindMixin, RecordMixin, add_saved_message
from relations.search import index as search
from reminders import clock

FORM_TEMPLATE = "relations/record_form.html"


class SaveRecordMixin:
    """For views that save a record."""

    def next_url(self, record):
        """Returns the URL of a saved record, or of the list when the user can no longer see the record."""
        visible = self.spec.model.objects.visible_to(self.request.user)
        is_visible = visible.filter(pk=record.pk).exists()
        return record.get_absolute_url() if is_visible else self.page("list")


class NewRecord(SaveRecordMixin, KindMixin, PermissionRequired, CreateView):
    """Registers a record: class first, source, first contact and who received it (R6, R12, R15-R16)."""

    template_name = FORM_TEMPLATE

    def allowed(self, user):
        return self.spec.may(user, Permission.EDIT)

    @property
    def draft(self):
        return f"{self.spec.kind}-new"

    def get_form_class(self):
        return self.spec.forms.new

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"user": self.request.user, "today": clock.today()}

    def get_context_data(self, **kwargs):
        words = {
            "title": self.spec.forms.new_title,
            "draft": self.draft,
            "back": self.page("list"),
            "record": None,
            "verb": _("登记"),
        }
        return super().get_context_data(**words, **kwargs)

    def form_valid(self, form):
        record = form.instance
        record.token = form.cleaned_data["token"]
        record = actions.register_with_first_contact(
            record,
            by=self.request.user,
            today=clock.today(),
            first_contact=form.first_contact(),
            person=form.person(),
        )
        add_saved_message(self.request, _("已登记“%s”。") % record.name, self.draft)
        return redirect(self.next_url(record))


class EditRecord(SaveRecordMixin, VersionedUpdate, RecordMixin, UpdateView):
    """Edits a record; with ?sheet=1 as the quarterly check of the information sheet, which logs the changes (R69)."""

    action_permission = Permission.EDIT
    template_name = FORM_TEMPLATE

    def get_form_class(self):
        return self.spec.forms.edit

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"user": self.request.user}

    @property
    def is_sheet(self):
        return self.spec.record.has_sheet and "sheet" in self.request.GET

    @property
    def draft(self):
        return f"{self.spec.kind}-{self.kwargs['pk']}-{self.record.version}"

    def get_context_data(self, **kwargs):
        words = {
            "title": _("更新信息表") if self.is_sheet else self.spec.forms.edit_title,
            "verb": _("保存并记为核对") if self.is_sheet else _("保存"),
            "draft": self.draft,
        }
        return super().get_context_data(**words, **kwargs)

    def get_success_url(self):
        return self.record.get_absolute_url()

    def save_form(self, form):
        self.object = form.save()
        search.index([self.object])
        today = clock.today()
        if {"department", "is_confidential"} & set(form.changed_data):
            actions.after_visibility_change(self.object, today=today)
        if self.is_sheet:
            self.log_check(form, today)
        add_saved_message(self.request, _("已保存。"), self.draft)
        return redirect(self.next_url(self.object))

    def log_check(self, form, today):
        with stored_in_chinese():
            labels = [str(form.fields[name].label) for name in form.changed_data if name != "version"]
            changes = _("更新了：%s") % _("、").join(labels) if labels else ""
        log.log_sheet_check(self.object, by=self.request.user, today=today, changes=changes)


class EditCaution(VersionedUpdate, RecordMixin, UpdateView):
    """Edits 特殊事项, for users who may see it (R38)."""

    template_name = FORM_TEMPLATE

    def get_form_class(self):
        return modelform_factory(self.spec.model, form=CautionForm)

    def may(self, user):
        return self.record.may_see_caution(user) and not is_guest(user, self.record)

    def get_context_data(self, **kwargs):
        words = {"title": _("特殊事项"), "verb": _("保存"), "draft": ""}
        return super().get_context_data(**words, **kwargs)

    def get_success_url(self):
        return self.record.get_absolute_url()

    def save_form(self, form):
        form.instance.caution_by, form.instance.caution_on = self.request.user, clock.today()
        form.save()
        messages.success(self.request, _("特殊事项已保存。"))
        return HttpResponseRedirect(self.get_success_url())


class ContactPersonMixin(RecordMixin):
    """For views about a contact person of one record."""

    action_permission = Permission.EDIT
    form_class = PersonForm
    template_name = FORM_TEMPLATE

    def get_form_kwargs(self):
        own = {"stakeholder": self.record, "user": self.request.user, "this": self.spec.this}
        return super().get_form_kwargs() | own

    def get_success_url(self):
        return f"{self.record.get_absolute_url()}#people"


class AddPerson(ActionMixin, ContactPersonMixin, CreateView):
    refused_field = "name"

    def get_context_data(self, **kwargs):
        words = {"title": _("添加对接人"), "verb": _("添加"), "draft": f"person-new-{self.record.pk}"}
        return super().get_context_data(**words, **kwargs)

    def perform(self, form):
        form.instance.stakeholder = self.record
        people.save_person(form.instance, make_main=bool(form.cleaned_data.get("make_main")))
        add_saved_message(self.request, _("已添加%s。") % form.instance.name, f"person-new-{self.record.pk}")
        return HttpResponseRedirect(self.get_success_url())


class EditPerson(VersionedUpdate, ContactPersonMixin, UpdateView):
    refused_field = "name"

    def get_object(self, queryset=None):
        return get_object_or_404(self.current_people(), pk=self.kwargs["person"])

    def current_people(self):
        visible = ContactPerson.objects.visible_to(self.request.user)
        return visible.filter(stakeholder=self.record.pk, left_on=None).select_related("stakeholder")

    def claim(self, version):
        """Locks the stakeholder before its contact persons, as all actions do, to avoid deadlocks."""
        Stakeholder.objects.select_for_update(no_key=True).get(pk=self.record.pk)
        super().claim(version)

    def latest(self):
        return get_object_or_404(self.current_people(), pk=self.object.pk)

    def get_context_data(self, **kwargs):
        words = {
            "title": _("修改对接人"),
            "verb": _("保存"),
            "draft": f"person-{self.object.pk}-{self.object.version}",
            "leave_url": self.page("person_left", self.record.pk, self.object.pk),
            "person": self.object,
        }
        return super().get_context_data(**words, **kwargs)

    def save_form(self, form):
        make_main = bool(form.cleaned_data.get("make_main")) or self.object.is_main
        people.save_person(form.instance, make_main=make_main)
        add_saved_message(
            self.request, _("已保存。"), f"person-{self.object.pk}-{form.cleaned_data['version']}"
        )
        return HttpResponseRedirect(self.get_success_url())


class PersonLeft(ContactPersonMixin, View):
    """已离任: the contact person can no longer be chosen, but stays on past contacts."""

    def post(self, request, pk, person):
        contact_person = get_object_or_404(self.record.contacts.current(), pk=person)
        people.mark_left(contact_person, today=clock.today())
        messages.success(request, _("%s已标为离任。") % contact_person.name)
        return HttpResponseRedirect(self.get_success_url())
