"""The filters of the list of employers beyond those of every stakeholder (relations.lists.filters)."""

import django_filters

from employers.models import BodyType, Employer
from relations.lists.filters import TermFilter


class EmployerFilter(TermFilter):
    """What the address of the list may ask for; a value nobody can read is passed over."""

    town = django_filters.CharFilter(field_name="town", max_length=40)
    type = django_filters.ChoiceFilter(choices=BodyType.choices, field_name="body_type")

    class Meta:
        model = Employer
        fields = []
