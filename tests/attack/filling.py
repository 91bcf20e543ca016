"""Fills in any form of the site from its own fields: what a user would submit, with one text in every text field."""

import datetime as dt
import uuid

from django import forms
from django.contrib.admin.helpers import AdminForm
from django.forms import BaseForm, BaseFormSet

from tests.attack.world import TODAY


def forms_of(context):
    """Returns every form in the context of a page, including those inside formsets."""
    layers = [layer for one in context or () for layer in one.dicts]
    found = [form for layer in layers for value in layer.values() for form in forms_in(value)]
    return list({id(form): form for form in found}.values())


def forms_in(value):
    """Returns the forms in one context variable."""
    if isinstance(value, BaseForm):
        return [value]
    if isinstance(value, BaseFormSet):
        inner = [form for line in value.forms for form in forms_in(getattr(line, "actions", None))]
        return [value.management_form, *value.forms, *inner]
    if isinstance(value, AdminForm):
        return [value.form]
    if isinstance(value, (list, tuple)):
        return [form for item in value for form in forms_in(item)]
    return []


def is_text(bound):
    """Returns whether the user types text into this field."""
    return isinstance(bound.field, forms.CharField) and not bound.is_hidden


def filled(form, text):
    """Returns {name: value} for a form: `text` in every text field, and a plausible value in the others."""
    return {bound.html_name: value for bound in form if (value := answer_to(bound, text)) not in (None, "")}


def answer_to(bound, text):
    """Returns `text` for a text field, else the initial value or a plausible one."""
    if is_text(bound):
        return text
    value = bound.value()
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    return value if value not in (None, "", []) else something_for(bound.field)


def something_for(field):
    """Returns a plausible value for the field, or None."""
    if isinstance(field, forms.FileField):
        return None
    if isinstance(field, forms.BooleanField):
        return "on" if field.required else None
    if choices := [value for value, _label in getattr(field, "choices", ()) if value not in (None, "")]:
        return [str(choices[0])] if isinstance(field, forms.MultipleChoiceField) else str(choices[0])
    plain = {forms.DateField: TODAY.isoformat(), forms.TimeField: "10:30", forms.IntegerField: "1"}
    plain |= {forms.DecimalField: "1", forms.UUIDField: str(uuid.uuid4())}
    return next((value for kind, value in plain.items() if isinstance(field, kind)), None)


def cut(form, data):
    """Returns the same data with each text cut to the maximum length of its field."""
    limits = {bound.html_name: getattr(bound.field, "max_length", None) for bound in form if is_text(bound)}
    return {name: value[: limits[name]] if limits.get(name) else value for name, value in data.items()}
