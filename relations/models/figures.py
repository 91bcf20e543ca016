"""Counts of rows that a user may count but not view."""

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
    """Counts over hidden rows: it cannot be iterated, sliced or filtered, and returns no row.

    Council, finance and administrators may know how many clients and colleagues there are, but not which.
    """

    __slots__ = ("_rows",)

    def __init__(self, rows):
        self._rows = rows.order_by()

    def count(self):
        """Returns the number of rows."""
        return self._rows.count()

    def by(self, *groups):
        """Returns {value, or tuple of values of several groups: number of rows}.

        Raises ValueError for a group that is not in ALLOWED_GROUPS.
        """
        if unknown := set(groups) - set(ALLOWED_GROUPS):
            raise ValueError(f"Not a group of figures: {unknown}")
        rows = self._rows.values_list(*groups).annotate(how_many=Count("pk"))
        return {values[0] if len(groups) == 1 else tuple(values): number for *values, number in rows}
