"""Rendering of one form field: which of four layouts its block has, and the CSS class of its input.

Used by templates/bootstrap5/field.html through the tag `{% field_parts %}`.
"""

from django.forms import CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select

CHIPS_AT_MOST = 8


class FieldParts:
    """A bound field, prepared for the template."""

    def __init__(self, field):
        self.field, self.widget = field, field.field.widget

    @property
    def shape(self):
        """picks (choice chips), checks (a longer list of boxes), check (one box) or line (everything else)."""
        if isinstance(self.widget, (RadioSelect, CheckboxSelectMultiple)):
            return "picks" if len(self.field.subwidgets) <= CHIPS_AT_MOST else "checks"
        return "check" if isinstance(self.widget, CheckboxInput) else "line"

    @property
    def input(self):
        """The rendered input, with the CSS class for its widget added to the classes it has."""
        if self.field.is_hidden:
            return self.field.as_widget()
        own = self.widget.attrs.get("class", "")
        return self.field.as_widget(attrs={"class": f"{input_class(self.widget)} {own}".strip()})

    @property
    def is_optional(self):
        """Whether 可不填 (optional) is shown next to the label.

        It is not when the field is required as soon as its part of the form is used (`aria-required` on the widget).
        """
        is_required = self.field.field.required or "aria-required" in self.widget.attrs
        return not is_required and not isinstance(self.widget, CheckboxInput)


def input_class(widget):
    if isinstance(widget, (RadioSelect, CheckboxSelectMultiple, CheckboxInput)):
        return "form-check-input"
    return "form-select" if isinstance(widget, Select) else "form-control"
