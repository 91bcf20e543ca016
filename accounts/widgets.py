"""Form widgets."""

from django import forms


class DayInput(forms.DateInput):
    """A date field with the browser's calendar; the value is always written as 2026-10-12."""

    input_type = "date"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%Y-%m-%d")
