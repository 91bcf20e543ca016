"""The numbers of the documents other than contact rules: label, unit, limits, clause and default value.

An app lists its numbers in its module `parameters` and adds them to PARAMETERS in `registrations`. The centre changes
them on the rules page, each with the day from which the new value is valid; old values stay readable (R120, design
§4.12).
"""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from accounts.registry import Registry


@dataclass(frozen=True)
class ParameterSpec:
    """One number between `least` and `most`; `default` comes from the document or, without a `clause`, from us.

    `in_calculator`: a number of working days that the deadline calculator offers.
    """

    key: str
    label: str
    unit: str
    default: int
    least: int
    most: int
    clause: str = ""
    in_calculator: bool = False


# {key of the number: ParameterSpec}
PARAMETERS = Registry("numbers with a history")

NUMBERS = (
    ParameterSpec("escalate_after", _("逾期后几个工作日提醒上一级"), _("个工作日"), 3, 1, 30),
    ParameterSpec("work_starts", _("每天几点开始发提醒"), _("点"), 9, 0, 23),
    ParameterSpec("work_ends", _("每天几点以后不发提醒"), _("点"), 18, 1, 24),
    ParameterSpec("delivery_attempts", _("一封提醒最多发几次"), _("次"), 6, 1, 20),
    ParameterSpec("calendar_warning_month", _("从几月起催下一年的放假通知"), _("月"), 11, 1, 12),
    ParameterSpec("escalate_approval_after", _("审批等了几个工作日提醒上一级"), _("个工作日"), 3, 1, 30),
    ParameterSpec("refusals_kept_days", _("被拒绝的访问保留几天"), _("天"), 180, 30, 3650),
)
