"""Form layouts with django-crispy-forms: `CrispyFormMixin` gives a form its helper; the rest are layout objects.

The form class defines the order of its fields (`get_layout`); the page renders them with `{% crispy form %}` between
its `<form>` tag and its buttons. The templates of fields are in templates/bootstrap5/, which Django finds before
those of crispy-bootstrap5. Crispy's own `Layout`, `Div` and `Fieldset` are used unchanged.
"""

from crispy_forms import layout
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Layout
from crispy_forms.utils import TEMPLATE_PACK
from django.template.loader import render_to_string
from django.utils.functional import cached_property


class CrispyFormMixin:
    """Base of every form, listed before Django's: renders all fields in order, unless `get_layout` is overridden.

    The page contains the `<form>` tag, the CSRF token, the summary of errors and the buttons. Hidden fields (version,
    stamp) are rendered even if the layout does not name them.
    """

    @cached_property
    def helper(self):
        helper = FormHelper()
        helper.form_tag = False
        helper.template = "bootstrap5/fields.html"
        helper.render_hidden_fields = True
        helper.layout = self.get_layout()
        return helper

    def get_layout(self):
        return Layout(*self.fields)


class Field(layout.Field):
    """A field with a clause behind ⓘ, a hint in place of its help text, or a CSS class for its block."""

    def __init__(self, name, *, clause="", hint="", wrapper_class=""):
        super().__init__(name, wrapper_class=wrapper_class)
        self.beside = {"field_clause": clause, "field_hint": hint}

    def render(self, form, context, template_pack=TEMPLATE_PACK, **kwargs):
        return super().render(form, context, template_pack, extra_context=dict(self.beside))


class FieldAside(Div):
    """The narrow column next to the other fields."""

    template = "%s/layout/aside.html"


class Panel(Div):
    """A section: a white panel with a heading."""

    template = "%s/layout/panel.html"
    css_class = "in"

    def __init__(self, title, *fields, panel_class="", **kwargs):
        super().__init__(*fields, **kwargs)
        self.title, self.panel_class = title, panel_class


class Fold(Div):
    """Fields behind a line that expands them; expanded from the start when `is_open`."""

    template = "%s/layout/fold.html"

    def __init__(self, icon, title, *fields, is_open=False, css_class="fold"):
        super().__init__(*fields, css_class=css_class)
        self.icon, self.title, self.is_open = icon, title, is_open


class Hint:
    """A sentence between the fields, with the clause it is based on."""

    template = "%s/layout/hint.html"

    def __init__(self, text, *, clause=""):
        self.text, self.clause = text, clause

    def render(self, form, context, template_pack=TEMPLATE_PACK, **kwargs):
        return render_to_string(self.template % template_pack, {"hint": self})


class Include:
    """A template for other content than fields, rendered with the context of the page and `form`."""

    def __init__(self, template):
        self.template = template

    def render(self, form, context, template_pack=TEMPLATE_PACK, **kwargs):
        return render_to_string(self.template, context.flatten() | {"form": form})
