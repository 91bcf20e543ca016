"""How a form field is dressed: which class its input takes and which of four shapes the block has."""

from django.forms import CheckboxInput, CheckboxSelectMultiple, FileInput, RadioSelect, Select

CHIPS_AT_MOST = 8


def shape(field):
    """picks (choice chips), checks (a longer list of boxes), check (one box) or line (everything else)."""
    widget = field.field.widget
    if isinstance(widget, (RadioSelect, CheckboxSelectMultiple)):
        return "picks" if len(list(field.subwidgets)) <= CHIPS_AT_MOST else "checks"
    return "check" if isinstance(widget, CheckboxInput) else "line"


def input_class(widget):
    if isinstance(widget, (RadioSelect, CheckboxSelectMultiple, CheckboxInput)):
        return "form-check-input"
    return "form-select" if isinstance(widget, Select) else "form-control"


def is_asked(field):
    """Whether it must be filled in, always or (`aria-required`) when the part of the form it stands in is used."""
    return field.field.required or "aria-required" in field.field.widget.attrs


def dressed(field):
    """The field with its shape, and its input with the class that belongs to it."""
    widget = field.field.widget
    attrs = {"class": f"{input_class(widget)} {widget.attrs.get('class', '')}".strip()}
    return {
        "field": field,
        "shape": shape(field),
        "input": field.as_widget(attrs=attrs) if not field.is_hidden else field.as_widget(),
        "is_file": isinstance(widget, FileInput),
        "optional": not is_asked(field) and not isinstance(widget, CheckboxInput),
    }
