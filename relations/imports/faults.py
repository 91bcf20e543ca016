"""Errors of a file or of one of its cells."""

from dataclasses import asdict, dataclass

from django.utils.translation import gettext as _


class Unreadable(Exception):
    """The file as a whole cannot be read; the message gives the reason and the remedy."""


@dataclass(frozen=True)
class Fault:
    """One error of the file: location (sheet, row, heading), value, and how to fix it."""

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
