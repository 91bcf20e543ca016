"""What an app shows among the tiles of the dashboard (lezhi.dashboard), which stand above its tables."""

from accounts.registry import Registry

# Name: a TileSource.
TILES = Registry("tiles of the dashboard")


class TileSource:
    """The tiles of one app. They stand behind those of the dashboard itself, in the order of adding."""

    def counted(self, user, choice):
        """{name: queryset} within the sight of `user`; the rows of all are counted in one statement.

        `choice` is the lezhi.dashboard.figures.Choice: the period, the day and perhaps a department.
        """
        raise NotImplementedError

    def tiles(self, counts):
        """A list of `tile`; `counts` holds the number of rows of each name."""
        raise NotImplementedError


def tile(label, value, unit, href, note, over=False):
    """One figure with what it counts and where the list of it is; without `href` it is left out."""
    return {"label": label, "value": f"{value:,}", "unit": unit, "href": href, "note": note, "over": over}
