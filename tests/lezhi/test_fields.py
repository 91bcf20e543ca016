"""Form fields in our look, with plain Django and through crispy."""

import pytest
from crispy_forms.utils import render_crispy_form
from django import forms
from django.template import engines

from lezhi.fields import CHIPS_AT_MOST, dressed, shape
from tests.html import packed


def choices(count):
    return [(str(number), f"第{number}项") for number in range(count)]


class Sample(forms.Form):
    name = forms.CharField(label="名称", help_text="全称")
    note = forms.CharField(label="备注", required=False, widget=forms.Textarea)
    kind = forms.ChoiceField(label="类型", choices=choices(3))
    few = forms.ChoiceField(label="方式", widget=forms.RadioSelect, choices=choices(CHIPS_AT_MOST))
    many = forms.MultipleChoiceField(
        label="类别", widget=forms.CheckboxSelectMultiple, choices=choices(CHIPS_AT_MOST + 1)
    )
    sure = forms.BooleanField(label="请保密", required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)


def draw(field):
    return packed(engines["django"].from_string("{% fld field %}").render({"field": field}))


@pytest.mark.parametrize(
    ("name", "expected"),
    [("name", "line"), ("kind", "line"), ("few", "picks"), ("many", "checks"), ("sure", "check")],
)
def test_shape_follows_widget_and_number_of_choices(name, expected):
    assert shape(Sample()[name]) == expected


@pytest.mark.parametrize(
    ("name", "css"), [("name", "form-control"), ("kind", "form-select"), ("sure", "form-check-input")]
)
def test_input_takes_its_class(name, css):
    assert f'class="{css}"' in dressed(Sample()[name])["input"]


def test_own_class_of_a_widget_is_kept():
    form = Sample()
    form.fields["name"].widget.attrs["class"] = "wide"
    assert 'class="form-control wide"' in dressed(form["name"])["input"]


def test_optional_fields_say_so_and_required_ones_carry_no_star():
    assert "可不填" in draw(Sample()["note"])
    assert "可不填" not in draw(Sample()["name"])
    assert "*" not in draw(Sample()["name"])


def test_hint_and_error_are_tied_to_the_input():
    form = Sample({})
    drawn = draw(form["name"])
    assert 'aria-describedby="id_name_helptext id_name_error"' in drawn
    assert 'id="id_name_helptext"' in drawn
    assert 'id="id_name_error"' in drawn
    assert 'aria-invalid="true"' in drawn


def test_hidden_field_draws_only_its_input():
    assert draw(Sample()["version"]).strip() == '<input type="hidden" name="version" id="id_version">'


def test_choices_sit_in_a_fieldset_with_a_legend():
    drawn = draw(Sample()["few"])
    assert "<legend>方式</legend>" in drawn
    assert drawn.count("<label") == drawn.count('type="radio"') == CHIPS_AT_MOST


def test_crispy_uses_the_same_look():
    drawn = render_crispy_form(Sample())
    assert 'class="fld"' in drawn
    assert "asteriskField" not in drawn


def test_crispy_lists_every_error_once_above_the_form():
    form = Sample({"name": ""})
    drawn = packed(render_crispy_form(form))
    assert drawn.count('class="errsum"') == 1
    assert '<a href="#id_name">名称</a>' in drawn
    assert '<a href="#id_few' in drawn


def test_error_summary_counts_errors_of_hidden_fields_and_of_the_whole():
    form = Sample({"name": "a", "kind": "1", "few": "1", "many": ["1"]})
    form.add_error(None, "两个日期对不上。")
    drawn = engines["django"].from_string("{% error_summary form %}").render({"form": form})
    assert "有2处要改，还没有保存" in drawn
    assert "两个日期对不上。" in drawn


def test_error_summary_of_a_clean_form_is_empty():
    drawn = engines["django"].from_string("{% error_summary form %}").render({"form": Sample()})
    assert drawn.strip() == ""
