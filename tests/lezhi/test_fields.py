"""Form fields in the style of the site, rendered by crispy-forms, and the elements of a layout."""

import pytest
from crispy_forms.layout import Div, Fieldset, Layout
from crispy_forms.utils import render_crispy_form
from django import forms
from django.template import engines

from accounts.field_shapes import CHIPS_AT_MOST, FieldParts
from accounts.form_layout import CrispyFormMixin, Field, FieldAside, Fold, Hint, Include, Panel
from tests.html import packed


def choices(count):
    return [(str(number), f"第{number}项") for number in range(count)]


class Sample(CrispyFormMixin, forms.Form):
    name = forms.CharField(label="名称", help_text="全称")
    note = forms.CharField(label="备注", required=False, widget=forms.Textarea)
    kind = forms.ChoiceField(label="类型", choices=choices(3))
    few = forms.ChoiceField(label="方式", widget=forms.RadioSelect, choices=choices(CHIPS_AT_MOST))
    many = forms.MultipleChoiceField(
        label="类别", widget=forms.CheckboxSelectMultiple, choices=choices(CHIPS_AT_MOST + 1)
    )
    sure = forms.BooleanField(label="请保密", required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)


def laid_out(*pieces, form=None, **page):
    """Returns the HTML of a form whose layout is `pieces`."""
    form = form or Sample()
    form.get_layout = lambda: Layout(*pieces)
    return packed(engines["django"].from_string("{% crispy form %}").render({"form": form} | page))


def draw(name, form=None):
    """Returns the HTML of a form with this single field."""
    return laid_out(name, form=form)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("name", "line"), ("kind", "line"), ("few", "picks"), ("many", "checks"), ("sure", "check")],
)
def test_shape_follows_widget_and_number_of_choices(name, expected):
    assert FieldParts(Sample()[name]).shape == expected


@pytest.mark.parametrize(
    ("name", "css"), [("name", "form-control"), ("kind", "form-select"), ("sure", "form-check-input")]
)
def test_input_takes_its_class(name, css):
    assert f'class="{css}"' in FieldParts(Sample()[name]).input


def test_own_class_of_a_widget_is_kept():
    form = Sample()
    form.fields["name"].widget.attrs["class"] = "wide"
    assert 'class="form-control wide"' in FieldParts(form["name"]).input


def test_optional_fields_say_so_and_required_ones_carry_no_star():
    assert "可不填" in draw("note")
    assert "可不填" not in draw("name")
    assert "*" not in draw("name")


def test_hint_and_error_are_tied_to_the_input():
    drawn = draw("name", Sample({}))
    assert 'aria-describedby="id_name_helptext id_name_error"' in drawn
    assert 'id="id_name_helptext"' in drawn
    assert 'id="id_name_error"' in drawn
    assert 'aria-invalid="true"' in drawn


def test_hidden_field_draws_only_its_input():
    assert draw("version").strip() == '<input type="hidden" name="version" id="id_version">'


def test_choices_sit_in_a_fieldset_with_a_legend():
    drawn = draw("few")
    assert "<legend>方式</legend>" in drawn
    assert drawn.count("<label") == drawn.count('type="radio"') == CHIPS_AT_MOST


def test_form_without_a_layout_draws_every_field_once_and_no_form_of_its_own():
    drawn = packed(render_crispy_form(Sample()))
    places = [drawn.index(f'name="{name}"') for name in Sample.base_fields]
    assert places == sorted(places)
    assert drawn.count('class="fld"') == len(Sample.base_fields) - 1
    assert "<form" not in drawn
    assert "csrf" not in drawn


def test_errors_stand_at_their_fields_and_the_page_says_the_summary():
    drawn = packed(render_crispy_form(Sample({"name": ""})))
    assert 'class="errsum"' not in drawn
    assert drawn.count('class="bad"') == 4


def test_hidden_field_that_the_layout_does_not_name_is_drawn():
    assert 'name="version"' in laid_out("name")


def test_layout_that_names_a_field_that_is_not_there_fails():
    with pytest.raises(Exception, match="nobody"):
        laid_out("nobody")


def test_layout_that_names_a_field_twice_fails():
    with pytest.raises(Exception, match="only be rendered once"):
        laid_out("name", "name")


def test_field_with_a_clause_and_another_hint():
    drawn = laid_out(Field("name", clause="001 二", hint="照执照写", wrapper_class="fld--3"))
    assert 'class="fld fld--3"' in drawn
    assert "001 二" in drawn
    assert "照执照写" in drawn
    assert "全称" not in drawn


def test_clause_and_hint_of_one_field_do_not_reach_the_next():
    drawn = laid_out(Field("name", clause="001 二", hint="照执照写", wrapper_class="fld--3"), "note")
    assert drawn.count("data-tip") == drawn.count("照执照写") == drawn.count("fld--3") == 1


def test_page_with_a_hint_of_its_own_does_not_change_the_fields():
    drawn = laid_out("name", hint="别的", clause="别的", shape="别的")
    assert "别的" not in drawn


def test_sections_columns_and_folds_hold_their_fields():
    drawn = laid_out(
        Div(Panel("规定", "name", panel_class="mt3"), FieldAside("note"), css_class="cols"),
        Fold("camera", "纸质表", "kind", is_open=True),
        Fieldset("保密", "sure", css_class="fld"),
    )
    assert '<div class="cols"' in drawn
    assert '<section class="panel mt3">' in drawn
    assert "<h2>规定</h2>" in drawn
    assert drawn.index("<aside>") < drawn.index('name="note"') < drawn.index("</aside>")
    assert '<details class="fold" open>' in drawn
    assert "<legend>保密</legend>" in drawn


def test_hint_between_fields_names_its_clause():
    drawn = laid_out(Hint("当天不计。", clause="001 二"))
    assert "当天不计。" in drawn
    assert "001 二" in drawn


def test_include_sees_the_page():
    drawn = laid_out("name", Include("complaints/_colleagues.html"), colleagues=["高文彬"])
    assert '<option value="高文彬">' in drawn


class Photos(CrispyFormMixin, forms.Form):
    files = forms.FileField()

    def get_layout(self):
        return Layout(Include("relations/log_files.html"))


def test_include_calls_the_form_by_its_name_whatever_the_page_calls_it():
    page = engines["django"].from_string("{% crispy photos %}")
    assert 'name="files"' in page.render(
        {"photos": Photos(), "form": Sample(), "size_limit": 1, "max_files": 5}
    )


def test_error_summary_lists_every_error_once():
    form = Sample({"name": ""})
    drawn = packed(engines["django"].from_string("{% error_summary form %}").render({"form": form}))
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
