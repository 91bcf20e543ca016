"""What corrections of related records share: found by name, checked against a second editor, followed up."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.admin_base import REASON, CorrectionAdmin, ReasonForm
from relations.models import Stakeholder
from relations.search import matching

SEEN = "version_seen"


class VersionedReasonForm(ReasonForm):
    """Refuses to write over what somebody else saved while the form stood open."""

    version_seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields[SEEN].initial = self.instance.version

    def clean(self):
        cleaned = super().clean()
        known = type(self.instance)._base_manager.select_for_update(no_key=True).filter(pk=self.instance.pk)
        if known.values_list("version", flat=True).first() != cleaned.get(SEEN):
            raise forms.ValidationError(_("刚才有人改过这一条。请记下您的改动，重新打开这一页再改。"))
        return cleaned


class ByName:
    """Searches by the name, pinyin or number of the stakeholder at `found_by` (a lookup path to its key)."""

    found_by = "stakeholder"
    search_fields = ["pk"]
    search_help_text = _("单位或对接人的名称、拼音首字母，或编号")

    def get_search_results(self, request, queryset, search_term):
        if not search_term.strip():
            return queryset, False
        seen = matching(Stakeholder.objects.visible_to(request.user), search_term)
        return queryset.filter(**{f"{self.found_by}__in": seen.order_by().values("pk")}), False


class RecordAdmin(ByName, CorrectionAdmin):
    """A correction that counts the version up and lets follow what depends on the record."""

    form = VersionedReasonForm

    def get_fieldsets(self, request, obj=None):
        """The version seen travels with the reason."""
        *fieldsets, (title, reason) = super().get_fieldsets(request, obj)
        shown = [(name, without(options, SEEN)) for name, options in fieldsets]
        return [*shown, (title, {**reason, "fields": [*reason["fields"], *self.hidden_fields()]})]

    def hidden_fields(self):
        return [SEEN] if SEEN in self.form.base_fields else []

    def save_model(self, request, obj, form, change):
        changed = set(form.changed_data) - {REASON, SEEN}
        if not changed:
            return
        if SEEN in form.fields:
            obj.version += 1
        super().save_model(request, obj, form, change)
        self.follow(obj, form, changed)

    def follow(self, obj, form, changed):
        """What else is to be done after `changed` (names of fields) were corrected, in the same transaction."""


def without(options, name):
    return {**options, "fields": [field for field in options["fields"] if field != name]}
