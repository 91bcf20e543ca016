"""The rows of the table: what was measured beside its target, printed as it comes and written as Markdown."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Row:
    """One measured figure; `is_met` is None for a figure that has no target of its own."""

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
        """Rates of a page beside those of its floor: the best of each, and the medians."""
        best, middle = ours.best / floor.best, ours.median / floor.median
        found = f"{best:.2f} (median {middle:.2f}; {ours.best:.0f} of {floor.best:.0f}/s)"
        self.add(what, found, f"≥ {least:.2f} of {name}", max(best, middle) >= least)

    def slower(self, what, ours, floor, most, name):
        """The same as how many times as long a page takes."""
        best, middle = floor.best / ours.best, floor.median / ours.median
        found = f"{best:.1f} x (median {middle:.1f} x; {ours.best:.0f} of {floor.best:.0f}/s)"
        self.add(what, found, f"≤ {most:.0f} x {name}'s time", min(best, middle) <= most)

    def most(self, what, found, most, unit, words=""):
        """A figure that may not exceed `most`."""
        self.add(what, f"{found:,.1f} {unit}{words}".replace(".0 ", " "), f"≤ {most:g} {unit}", found <= most)

    def markdown(self):
        lines = ["| what | found | target | |", "|---|---|---|---|"]
        lines += [f"| {row.what} | {row.found} | {row.target} | {row.verdict} |" for row in self.rows]
        return "\n".join(lines)
