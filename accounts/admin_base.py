"""Base classes of the admin site: every change needs a reason, nothing is deleted, only visible rows are shown.

`CorrectionAdmin` is for audited corrections of records, `ReferenceAdmin` for tables such as rules and checklists,
`ReadOnlyAdmin` for tables that only the program writes. roles.ADMIN_MODELS states who may open which model.
"""

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.core.paginator import Paginator
from django.db.models import ForeignKey
from django.http import Http404
from django.template.response import TemplateResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.history import revisions
from accounts.locking import lock_with_parents
from accounts.stamps import STAMP_FIELD, add_conflict_error, differences, row_stamp, status_of

REASON = "change_reason"
FORM_ONLY_FIELDS = (REASON, STAMP_FIELD)


class ReasonForm(forms.ModelForm):
    """Requires a reason, and does not overwrite what another user saved while the form was open.

    `seen` is the stamp of the values that were shown. The row is locked while they are compared, and columns that the
    form does not show are taken from the locked row. Other forms of the admin site derive from this one.
    """

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    change_reason = forms.CharField(
        label=_("修改原因"),
        max_length=100,
        help_text=_("会和改动前后的内容一起留在记录里。"),
        widget=forms.TextInput(attrs={"size": 60}),
        error_messages={"required": _("请写明为什么要改。")},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial[STAMP_FIELD] = row_stamp(self.instance, self.shown_fields)

    @property
    def shown_fields(self):
        """The names of the columns that the form may change."""
        return set(self.fields) - set(FORM_ONLY_FIELDS)

    def clean(self):
        cleaned = super().clean()
        if self.instance.pk:
            rows = lock_with_parents(type(self.instance)._base_manager.all())
            self.check_conflicts(rows.get(pk=self.instance.pk), cleaned)
        return cleaned

    def check_conflicts(self, latest, cleaned):
        """Compares the form with the stored row `latest`.

        Copies the columns that the form does not show from `latest`; adds an error when a shown column was changed in
        the meantime.
        """
        for field in latest._meta.concrete_fields:
            if field.name not in self.shown_fields:
                setattr(self.instance, field.attname, getattr(latest, field.attname))
        stamp = row_stamp(latest, self.shown_fields)
        if cleaned.get(STAMP_FIELD) != stamp:
            add_conflict_error(self, stamp, differences(self, latest))


class CappedPaginator(Paginator):
    """Counts at most `MAX_COUNT` rows, so that a table of millions opens at once; search reaches the other rows."""

    MAX_COUNT = 10_000

    @cached_property
    def count(self):
        return self.object_list.order_by()[: self.MAX_COUNT].count()


class VisibleRowsAdmin(admin.ModelAdmin):
    """Lists only rows visible to the user; nothing can be deleted."""

    may_add = False
    list_per_page = 50
    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions = None

    def get_queryset(self, request):
        return visible_queryset(request.user, super().get_queryset(request))

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if "queryset" not in kwargs:
            kwargs["queryset"] = visible_queryset(request.user, db_field.related_model._default_manager.all())
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def lookup_allowed(self, lookup, value, request):
        """Allows only lookups offered as filters: Django would allow any column, password hashes and cautions too."""
        offered = lookup.partition("__")[0] in (*self.get_list_filter(request), self.date_hierarchy)
        return offered and super().lookup_allowed(lookup, value, request)

    def get_list_select_related(self, request):
        """Returns the foreign keys among the columns, nullable ones too, so that no row costs a query."""
        if self.list_select_related:
            return self.list_select_related
        return [name for name in self.get_list_display(request) if is_foreign_key(self.model, name)]

    def has_add_permission(self, request):
        return self.may_add and super().has_add_permission(request)

    def has_delete_permission(self, request, obj=None):
        return False

    def history_view(self, request, object_id, extra_context=None):
        """Shows every stored version with its differences; fields in `exclude` stay hidden here as well."""
        record = self.get_object(request, unquote(object_id))
        if record is None:
            raise Http404
        if not self.has_view_or_change_permission(request, record):
            raise PermissionDenied
        versions = revisions(record, self.exclude or ()) if hasattr(record, "history") else []
        context = {
            **self.admin_site.each_context(request),
            "title": _("修改记录：%s") % record,
            "revisions": versions,
            "object": record,
            "opts": self.opts,
            "preserved_filters": self.get_preserved_filters(request),
            **(extra_context or {}),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "accounts/admin_history.html", context)


class CorrectionAdmin(VisibleRowsAdmin):
    """Corrects a record: requires a reason, stores the old and the new value, adds rows only with `may_add`."""

    form = ReasonForm

    def get_fieldsets(self, request, obj=None):
        """Puts the reason last, also where a subclass defines its own fields."""
        fieldsets = [(title, dict(options)) for title, options in super().get_fieldsets(request, obj)]
        for _title, options in fieldsets:
            options["fields"] = [name for name in options["fields"] if name not in FORM_ONLY_FIELDS]
        return [*fieldsets, (_("为什么要改"), {"fields": list(FORM_ONLY_FIELDS)})]

    def render_change_form(self, request, context, *args, **kwargs):
        """Responds with 409 when the form has an edit conflict."""
        response = super().render_change_form(request, context, *args, **kwargs)
        response.status_code = status_of(context["adminform"].form)
        return response

    def save_model(self, request, obj, form, change):
        """Stores the reason and the user in the history; a save without changes leaves no version.

        Raises the version of a record that has one, so that a form left open on the site cannot undo the correction.
        """
        if change and set(form.changed_data) <= set(FORM_ONLY_FIELDS):
            return
        if change and hasattr(obj, "version"):
            obj.version += 1
        obj._change_reason = form.cleaned_data[REASON]
        obj._history_user = request.user
        super().save_model(request, obj, form, change)


class ReferenceAdmin(CorrectionAdmin):
    """A reference table: rows may be added too, with a reason; unused rows are switched off, never deleted."""

    may_add = True


class ReadOnlyAdmin(VisibleRowsAdmin):
    """Read-only pages of a table that only the program writes."""

    def has_change_permission(self, request, obj=None):
        return False


def visible_queryset(user, queryset):
    """Returns the rows of `queryset` visible to `user`, if the queryset has `visible_to`."""
    return queryset.visible_to(user) if hasattr(queryset, "visible_to") else queryset


def is_foreign_key(model, name):
    try:
        return isinstance(model._meta.get_field(name), ForeignKey)
    except FieldDoesNotExist:
        return False
