"""Naming colleagues in a form, a line each: typed or picked from the list (R143, R158)."""

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string

from accounts.models import User
from relations.colleagues import find_colleague

LINES, LINES_AT_MOST, SIGNS = 2, 20, 100


class LinesInput(forms.Widget):
    """Some text inputs of the same name, one more than is filled in."""

    def value_from_datadict(self, data, files, name):
        return [text.strip() for text in data.getlist(name)[:LINES_AT_MOST] if text.strip()]

    def value_omitted_from_data(self, data, files, name):
        return name not in data

    def render(self, name, value, attrs=None, renderer=None):
        typed = [str(text)[:SIGNS] for text in value or ()]
        lines = [*typed, *[""] * max(1, LINES - len(typed))]
        attrs = self.build_attrs(self.attrs, attrs)
        return render_to_string("complaints/_lines.html", {"name": name, "lines": lines, "attrs": attrs})


class ColleaguesField(forms.Field):
    """Gives a list of User, each once; whoever works here may be named by anybody who works here."""

    widget = LinesInput

    def __init__(self, **kwargs):
        super().__init__(**({"required": False} | kwargs))

    def clean(self, value):
        if not value:
            return []
        colleagues, found, problems = list(User.objects.active()), [], []
        for typed in value:
            try:
                found.append(find_colleague(typed[:SIGNS], colleagues))
            except ValidationError as problem:
                problems.append(problem)
        if problems:
            raise ValidationError(problems)
        return list(dict.fromkeys(found))
