"""Filters of the list of employers, in addition to those of every kind (relations.lists.filters)."""

import django_filters

from employers.models import BodyType, Employer
from relations.lists.filters import TermFilter


class EmployerFilter(TermFilter):
    """The filters in the query string of the list; ignores unreadable values."""

    town = django_filters.CharFilter(field_name="town", max_length=40)
    type = django_filters.ChoiceFilter(choices=BodyType.choices, field_name="body_type")

    class Meta:
        model = Employer
        fields = []
