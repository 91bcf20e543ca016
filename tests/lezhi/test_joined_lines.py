"""`{% joined %}` puts several lines of a template into one line of the page."""

import pytest
from django.template import Context, Template, TemplateSyntaxError

DOT = '<span class="sep">·</span>'


def drawn(source, **values):
    """Returns the rendered template."""
    return Template(source).render(Context(values))


def test_each_line_is_a_part_and_empty_ones_are_left_out():
    source = "{% joined %}\n  {{ name }}\n  {% if title %}{{ title }}{% endif %}\n\n  尾\n{% endjoined %}"
    assert drawn(source, name="林", title="") == f"林{DOT}尾"
    assert drawn(source, name="林", title="主任") == f"林{DOT}主任{DOT}尾"


def test_separator_can_be_given_and_be_nothing():
    assert drawn('{% joined "" %}\n一\n二\n{% endjoined %}') == "一二"
    assert drawn("{% joined between %}\n一\n二\n{% endjoined %}", between="<") == "一&lt;二"


def test_line_breaks_of_values_and_of_inner_tags_divide_nothing():
    source = "{% joined %}\n{{ text }}\n{% for one in many %}\n  {{ one }}\n{% endfor %}\n{% endjoined %}"
    assert drawn(source, text="上\n下", many=["a", "b"]).count(DOT) == 1


def test_values_are_escaped():
    assert drawn("{% joined %}\n{{ text }}\n{% endjoined %}", text="<b>") == "&lt;b&gt;"


def test_several_separators_are_refused():
    with pytest.raises(TemplateSyntaxError, match="one separator"):
        Template('{% joined "a" "b" %}{% endjoined %}')
