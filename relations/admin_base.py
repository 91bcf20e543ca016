"""Base classes of the admin of related records: search by name, and follow-up of corrections."""

from django.utils.translation import gettext_lazy as _

from accounts.admin_base import FORM_ONLY_FIELDS, CorrectionAdmin
from relations.models import Stakeholder
from relations.search.index import matching


class NameSearchAdmin:
    """Searches by the name, pinyin or number of the stakeholder at `name_lookups` (a lookup path to its key)."""

    name_lookups = "stakeholder"
    search_fields = ["pk"]
    search_help_text = _("单位或对接人的名称、拼音首字母，或编号")

    def get_search_results(self, request, queryset, search_term):
        if not search_term.strip():
            return queryset, False
        visible = matching(Stakeholder.objects.visible_to(request.user), search_term)
        return queryset.filter(**{f"{self.name_lookups}__in": visible.order_by().values("pk")}), False


class RecordAdmin(NameSearchAdmin, CorrectionAdmin):
    """Correction of a record; subclasses update in `after_correction` what depends on it."""

    def save_model(self, request, obj, form, change):
        changed = set(form.changed_data) - set(FORM_ONLY_FIELDS)
        if not changed:
            return
        super().save_model(request, obj, form, change)
        self.after_correction(obj, form, changed)

    def after_correction(self, obj, form, changed):
        """Hook: updates what depends on the fields `changed` (a set of names), in the same transaction."""
