"""The table of results: figures with their targets, printed while measuring and written as Markdown."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Row:
    """One measured figure; `is_met` is None for a figure without a target."""

    what: str
    found: str
    target: str = ""
    is_met: bool | None = None

    @property
    def verdict(self):
        return {True: "met", False: "MISSED", None: ""}[self.is_met]


@dataclass
class Table:
    """All rows, in the order in which they were measured."""

    rows: list = field(default_factory=list)

    def add(self, what, found, target="", is_met=None):
        row = Row(what, found, target, is_met)
        self.rows.append(row)
        print(f"{row.what:44} {row.found:56} {row.target:28} {row.verdict}", flush=True)

    def ratio(self, what, ours, floor, least, name):
        """Adds the rate of a page as a share of that of its floor, by the best and the median slices."""
        best, middle = ours.best / floor.best, ours.median / floor.median
        figures = f"{best:.2f} (median {middle:.2f}; {ours.best:.0f} of {floor.best:.0f}/s)"
        self.add(what, figures, f"≥ {least:.2f} of {name}", max(best, middle) >= least)

    def slower(self, what, ours, floor, most, name):
        """Adds the time of a page as a multiple of that of its floor."""
        best, middle = floor.best / ours.best, floor.median / ours.median
        figures = f"{best:.1f} x (median {middle:.1f} x; {ours.best:.0f} of {floor.best:.0f}/s)"
        self.add(what, figures, f"≤ {most:.0f} x {name}'s time", min(best, middle) <= most)

    def most(self, what, found, most, unit, words=""):
        """Adds a figure with the upper limit `most`."""
        self.add(what, f"{found:,.1f} {unit}{words}".replace(".0 ", " "), f"≤ {most:g} {unit}", found <= most)

    def markdown(self):
        lines = ["| what | found | target | |", "|---|---|---|---|"]
        lines += [f"| {row.what} | {row.found} | {row.target} | {row.verdict} |" for row in self.rows]
        return "\n".join(lines)
