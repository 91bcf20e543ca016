"""Refused attempts are kept as long as the centre has set, and no longer."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from accounts.refusals import recording as refusals
from reminders.parameters import declare
from reminders.steps import Phase, daily_step

declare("refusals_kept_days", _("被拒绝的访问保留几天"), _("天"), 180, 30, 3650)


@daily_step("refused attempts", Phase.TOLD)
def forget_refusals(day):
    kept = timedelta(days=day.numbers["refusals_kept_days"])
    return {"refusals_forgotten": refusals.forget_before(day.today - kept)}
