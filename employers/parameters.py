"""The numbers of this app that the centre may change (reminders.parameters)."""

from django.utils.translation import gettext_lazy as _

from reminders.parameters import ParameterSpec

NOTICE_DAYS = "renewal_notice_days"

NUMBERS = (
    ParameterSpec(NOTICE_DAYS, _("合同到期前几天提醒续签"), _("天"), 60, 1, 365),
    ParameterSpec("renewal_talk_days", _("续签前沟通最迟在到期前几天"), _("天"), 30, 0, 365),
)
