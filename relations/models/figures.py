"""Numbers without names: what somebody may count of records that they do not see."""

from django.db.models import Count

ALLOWED_GROUPS = (
    "kind",
    "department",
    "stakeholder__kind",
    "stakeholder__department",
    "rule",
    "due_on",
    "purpose",
)


class CountOnly:
    """Counts over rows that stay closed: it cannot be looped over, sliced, filtered or asked for a row.

    Council, finance and administrators know how many clients and colleagues there are, and never which.
    """

    __slots__ = ("_rows",)

    def __init__(self, rows):
        self._rows = rows.order_by()

    def count(self):
        """How many rows (int)."""
        return self._rows.count()

    def by(self, *groups):
        """{value, or tuple of values of several groups: int}. Raises ValueError for what is not among GROUPS."""
        if unknown := set(groups) - set(ALLOWED_GROUPS):
            raise ValueError(f"Not a group of figures: {unknown}")
        rows = self._rows.values_list(*groups).annotate(how_many=Count("pk"))
        return {values[0] if len(groups) == 1 else tuple(values): number for *values, number in rows}
