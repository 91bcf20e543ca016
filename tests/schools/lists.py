"""The list of schools, with filters by town and by the end of the agreement."""

import django_filters

from lists.filters import Filter
from relations.lists.filters import TermFilter, ends_of
from relations.lists.spec import ListSpec, text_filter
from relations.lists.wording import ListWording
from tests.schools.models import School


class SchoolFilter(TermFilter):
    town = django_filters.CharFilter(field_name="town", max_length=40)


class SchoolList(ListSpec):
    kind, page = School.KIND, "schools"
    wording = ListWording(name="学校", unit="所", create="新增学校")
    filterset = SchoolFilter
    text_filters = ("town",)
    shown_filters = (*ListSpec.shown_filters, "town", "ends")

    def own_filters(self, offers):
        return {
            "town": text_filter("town", "镇街", offers),
            "ends": Filter("ends", "协议到期", ends_of(self.of_kind.terms.word)),
        }

    def export_columns(self):
        return [*super().export_columns(), ("镇街", lambda school: school.town)]
