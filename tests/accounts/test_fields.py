"""Long texts in forms: new texts have a limit; a longer text from before the limit can be saved unchanged."""

import pytest
from django import forms

from accounts.fields import MAX_TEXT_LENGTH
from employers.models import Employer

LONG = "长" * MAX_TEXT_LENGTH + "\n尾"


class NoteForm(forms.ModelForm):
    class Meta:
        model = Employer
        fields = ("note",)


def sent(kept, text):
    """A bound form with `text` for a record whose stored note is `kept`."""
    return NoteForm({"note": text}, instance=Employer(note=kept))


@pytest.mark.parametrize("text", [LONG, LONG.replace("\n", "\r\n"), f"{LONG}\r\n"])
def test_text_that_was_longer_before_passes_unchanged(text):
    form = sent(LONG, text)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["note"] == LONG


@pytest.mark.parametrize(
    ("kept", "text"), [("", LONG), (LONG, LONG + "添"), ("短", LONG), (LONG, "长" + LONG)]
)
def test_text_that_is_new_or_changed_keeps_to_the_limit(kept, text):
    assert "note" in sent(kept, text).errors


@pytest.mark.parametrize("text", ["", "短", "长" * MAX_TEXT_LENGTH])
def test_long_text_may_be_made_shorter(text):
    form = sent(LONG, text)
    assert form.is_valid()
    assert form.cleaned_data["note"] == text
