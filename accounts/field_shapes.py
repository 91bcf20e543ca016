"""How one field of a form is drawn: which of four shapes its block has, and the class of its input.

Used by templates/bootstrap5/field.html through the tag `{% field_parts %}`.
"""

from django.forms import CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select

CHIPS_AT_MOST = 8


class FieldParts:
    """A bound field as the template needs it."""

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
        """The input with the class that belongs to it, beside the classes of its own."""
        if self.field.is_hidden:
            return self.field.as_widget()
        own = self.widget.attrs.get("class", "")
        return self.field.as_widget(attrs={"class": f"{input_class(self.widget)} {own}".strip()})

    @property
    def is_optional(self):
        """Whether 可不填 stands beside the label.

        Not where it must be filled in as soon as its part of the form is used (`aria-required` on the widget).
        """
        is_asked = self.field.field.required or "aria-required" in self.widget.attrs
        return not is_asked and not isinstance(self.widget, CheckboxInput)


def input_class(widget):
    if isinstance(widget, (RadioSelect, CheckboxSelectMultiple, CheckboxInput)):
        return "form-check-input"
    return "form-select" if isinstance(widget, Select) else "form-control"
