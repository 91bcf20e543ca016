"""What is wrong with a file or one of its cells, in plain words."""

from dataclasses import asdict, dataclass

from django.utils.translation import gettext as _


class Unreadable(Exception):
    """The file as a whole cannot be read; the text says why and what to do."""


@dataclass(frozen=True)
class Fault:
    """One fault: where (sheet, row, column heading), what stood there, and how to mend it."""

    sheet: str
    row: int
    column: str
    value: str
    problem: str

    def __str__(self):
        return _("工作表“%(sheet)s”第%(row)s行，“%(column)s”（%(value)s）：%(problem)s") % {
            **asdict(self),
            "value": self.value or _("空"),
        }
