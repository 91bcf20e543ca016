"""A refused action or an edit conflict returns the form with what was typed (design §3)."""

import pytest
from django import forms
from django.http import HttpResponse
from django.views.generic import FormView

from accounts.action_views import ActionMixin, VersionedActionMixin
from accounts.exceptions import ActionRefused, EditConflict
from accounts.stamps import StampedForm, add_conflict_error


class WordForm(forms.Form):
    word = forms.CharField()
    version = forms.IntegerField(widget=forms.HiddenInput)


class Row:
    version = 7


class Shown:
    """Renders the response as text: the errors of the form, its values, and whether the view found a conflict."""

    def render_to_response(self, context, status=200, **kwargs):
        form = context["form"]
        shown = (dict(form.errors), dict(form.data.items()), context.get("is_overtaken", False))
        return HttpResponse(repr(shown), status=status)


class WordView(Shown, VersionedActionMixin, FormView):
    form_class = WordForm
    refused_field = "word"
    problem = None

    def newest(self):
        return Row

    def perform(self, form):
        if self.problem:
            raise self.problem
        return HttpResponse("done")


class StampedView(Shown, ActionMixin, FormView):
    form_class = StampedForm
    refused_field = "word"

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"stamp": "new"}

    def perform(self, form):
        if form.cleaned_data["seen"] != "new":
            raise EditConflict("现在是乙。")
        raise ActionRefused("不行。")

    def renew(self, form, conflict):
        add_conflict_error(form, "new", str(conflict))


def sent(rf, view, **data):
    """(status, text) of the response to the submitted form."""
    answer = view(rf.post("/", data))
    return answer.status_code, answer.content.decode()


def test_act_that_goes_through_answers_itself(rf):
    assert sent(rf, WordView.as_view(), word="甲", version=3) == (200, "done")


def test_refusal_stands_beside_its_field_and_keeps_what_was_typed(rf):
    status, shown = sent(rf, WordView.as_view(problem=ActionRefused("不行。")), word="甲", version=3)
    assert status == 200
    assert "{'word': ['不行。']}" in shown
    assert "'word': '甲', 'version': '3'" in shown


def test_conflict_is_answered_409_with_the_newest_version_and_what_was_typed(rf):
    status, shown = sent(rf, WordView.as_view(problem=EditConflict("有人先改了。")), word="甲", version=3)
    assert status == 409
    assert "{'__all__': ['有人先改了。']}" in shown
    assert "'word': '甲', 'version': 7" in shown
    assert shown.endswith("True)")


def test_stamped_form_sent_once_more_is_no_conflict_any_more(rf):
    status, shown = sent(rf, StampedView.as_view(), seen="old")
    assert status == 409
    assert "现在是乙。您填的还在" in shown
    assert "'seen': 'new'" in shown
    status, shown = sent(rf, StampedView.as_view(), seen="new")
    assert (status, "不行。" in shown) == (200, True)  # shown above the form, which has no `word`


def test_conflict_is_a_refusal_with_a_sentence_of_its_own():
    with pytest.raises(ActionRefused, match="刚才有人先改了") as refusal:
        raise EditConflict(latest=Row)
    assert refusal.value.latest is Row
