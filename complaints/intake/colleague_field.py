"""A form field that names colleagues, one per line: typed or picked from the list (R143, R158)."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string

from accounts.models import User
from relations.parties.colleagues import find_colleague

MAX_LINES, MAX_CHARACTERS = 20, 100
SEPARATORS = re.compile("[、，,；;]")


class MultipleLinesInput(forms.Widget):
    """Text inputs of the same name, one line per colleague; a line may contain several names."""

    def value_from_datadict(self, data, files, name):
        lines = [text for line in data.getlist(name) for text in SEPARATORS.split(line)]
        return [text.strip() for text in lines[:MAX_LINES] if text.strip()]

    def value_omitted_from_data(self, data, files, name):
        return name not in data

    def render(self, name, value, attrs=None, renderer=None):
        typed = [str(text)[:MAX_CHARACTERS] for text in value or ()]
        lines = typed or [""]
        attrs = self.build_attrs(self.attrs, attrs)
        return render_to_string("complaints/_lines.html", {"name": name, "lines": lines, "attrs": attrs})


class ColleaguesField(forms.Field):
    """Cleans to a list of User without repetitions; every colleague may name any other."""

    widget = MultipleLinesInput

    def __init__(self, **kwargs):
        super().__init__(**({"required": False} | kwargs))

    def clean(self, value):
        if not value:
            return []
        colleagues, named, problems = list(User.objects.active()), [], []
        for typed in value:
            try:
                named.append(find_colleague(typed[:MAX_CHARACTERS], colleagues))
            except ValidationError as problem:
                problems.append(problem)
        if problems:
            raise ValidationError(problems)
        return list(dict.fromkeys(named))
