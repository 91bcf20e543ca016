"""Tiles that apps add to the dashboard (lezhi.dashboard); they are shown above its tables."""

from accounts.registry import Registry

# By name: a TileSource each.
TILES = Registry("tiles of the dashboard")


class TileSource:
    """The tiles of one app, shown after those of the dashboard itself, in the order of registration."""

    def counted(self, user, choice):
        """Returns {name: queryset} limited to what `user` may see; all are counted in one query.

        `choice` is a lezhi.dashboard.figures.Choice: the period, the day and optionally a department.
        """
        raise NotImplementedError

    def tiles(self, counts):
        """Returns a list of `tile` dicts; `counts` is {name: number of rows}."""
        raise NotImplementedError


def tile(label, value, unit, href, note, over=False):
    """One figure with its label and the URL of its list; the dashboard leaves out tiles with an empty `href`."""
    return {"label": label, "value": f"{value:,}", "unit": unit, "href": href, "note": note, "over": over}
