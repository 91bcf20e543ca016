"""What an employer needs beyond the general guards (R67, R103)."""

from django.utils.translation import gettext as _

from employers.models import Contract
from relations.lifecycle import guard_for
from relations.models import Kind


@guard_for(Kind.EMPLOYER, "execute")
def contract_is_in_force(cycle, today):
    """An employer cannot enter 执行 without a contract in force on the day of the move."""
    if Contract.objects.in_force_on(today).filter(stakeholder=cycle.stakeholder_id).exists():
        return None
    return _("还没有在服务期内的合同，请先登记合同。")
