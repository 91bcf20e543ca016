"""Every number of the documents that is not a contact rule: its meaning, unit, clause and the value to start with.

An app declares its numbers here by `declare`; the centre changes them on the rules page, each with the day from
which the new value holds, and the old values stay readable (R120, design §4.12).
"""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Declared:
    key: str
    label: str
    unit: str
    default: int
    least: int
    most: int
    clause: str = ""


DECLARED = {}


def declare(key, label, unit, default, least, most, clause=""):  # noqa: PLR0917 - it reads as a row of a table
    """Makes a number known under `key`; `default` is the document's value or, without a clause, ours."""
    DECLARED[key] = Declared(key, label, unit, default, least, most, clause)


declare("escalate_after", _("逾期后几个工作日提醒上一级"), _("个工作日"), 3, 1, 30)
declare("due_soon", _("还有几个工作日时标为将到期"), _("个工作日"), 5, 1, 30)
declare("work_starts", _("每天几点开始发提醒"), _("点"), 9, 0, 23)
declare("work_ends", _("每天几点以后不发提醒"), _("点"), 18, 1, 24)
declare("delivery_attempts", _("一封提醒最多发几次"), _("次"), 6, 1, 20)
declare("calendar_warning_month", _("从几月起催下一年的放假通知"), _("月"), 11, 1, 12)
