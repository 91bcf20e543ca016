"""Model and form fields: a text of several paragraphs, and a list of roles stored in one text column."""

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.roles import Role

MAX_TEXT_LENGTH = 10_000  # characters that a form accepts; about ten pages


class LongText(forms.CharField):
    """A form field for long text.

    A stored text that is longer than the limit (imported, or older than the limit) is accepted while it is unchanged.
    """

    def _clean_bound_field(self, bf):
        stored = bf.initial
        if isinstance(stored, str) and len(stored) > MAX_TEXT_LENGTH and is_same_text(stored, bf.data):
            return stored
        return super()._clean_bound_field(bf)


def is_same_text(kept, sent):
    """Whether `sent` is the unchanged text `kept`; browsers end lines with CRLF."""
    return isinstance(sent, str) and normalized_newlines(kept) == normalized_newlines(sent)


def normalized_newlines(text):
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


class LongTextField(models.TextField):
    """A text of any length in the database; its form field accepts MAX_TEXT_LENGTH characters unless told otherwise."""

    def formfield(self, **kwargs):
        return super().formfield(**{"max_length": MAX_TEXT_LENGTH, "form_class": LongText} | kwargs)

    def deconstruct(self):
        """Migrations treat it as an ordinary TextField."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs


class RolesField(models.CharField):
    """A list of role values, stored as `,director,head,` so that one role can be found with `contains`."""

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("max_length", 300)
        super().__init__(*args, **kwargs)

    def from_db_value(self, value, expression, connection):
        return self.to_python(value)

    def to_python(self, value):
        if isinstance(value, str):
            return [role for role in value.split(",") if role]
        return list(value or [])

    def get_prep_value(self, value):
        if isinstance(value, str) and not value.strip(",").count(","):
            return f",{value.strip(',')}," if value.strip(",") else ","
        return "," + "".join(f"{role}," for role in self.to_python(value))

    def value_to_string(self, obj):
        return self.get_prep_value(self.value_from_object(obj))

    def validate(self, value, model_instance):
        unknown = [role for role in value if role not in Role.values]
        if unknown:
            raise ValidationError(_("没有这个角色：%s") % _("、").join(unknown))
        if not value and not self.blank:
            raise ValidationError(self.error_messages["blank"], code="blank")

    def words_of(self, value):
        """Returns the labels of the roles as text, for pages and histories."""
        return _("、").join(str(Role(role).label) for role in self.to_python(value))

    def run_validators(self, value):
        """Does nothing: `validate` checks the values, and the text validators do not apply to a list."""


def any_role_condition(roles, path=""):
    """The condition (Q) that the user at the lookup path `path` holds at least one of `roles`."""
    held = Q(pk__in=[])
    for role in roles:
        held |= Q(**{f"{path}roles__contains": f",{Role(role).value},"})
    return held
