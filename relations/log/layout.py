"""Layout objects of 记一笔: choices large enough for a thumb, and inputs with small labels."""

from crispy_forms.layout import Div
from crispy_forms.utils import TEMPLATE_PACK
from django.template.loader import render_to_string


class Chips(Div):
    """The choices of a field as large chips; those after the first `shown` are folded under the label `rest`.

    `fields` are rendered below the chips, in the same fieldset.
    """

    template = "relations/log_chips.html"

    def __init__(self, name, title, *fields, clause="", css_class="", wrapper_class="", shown=None, rest=""):
        super().__init__(*fields, css_class=css_class)
        self.name, self.title, self.clause = name, title, clause
        self.wrapper_class, self.shown, self.rest = wrapper_class, shown, rest

    def render(self, form, context, template_pack=TEMPLATE_PACK, **kwargs):
        choices = list(form[self.name])
        shown = len(choices) if self.shown is None else self.shown
        values = {
            "chips": self,
            "field": form[self.name],
            "shown": choices[:shown],
            "rest": choices[shown:],
            "fields": self.get_rendered_fields(form, context, template_pack, **kwargs),
        }
        return render_to_string(self.template, values)


class Line:
    """A small label above its input, with the errors below; `tip` is shown by ⓘ."""

    template = "relations/log_line.html"

    def __init__(self, name, title, *, is_optional=False, tip=""):
        self.name, self.title, self.is_optional, self.tip = name, title, is_optional, tip

    def render(self, form, context, template_pack=TEMPLATE_PACK, **kwargs):
        return render_to_string(self.template, {"line": self, "field": form[self.name]})
