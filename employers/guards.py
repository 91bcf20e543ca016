"""Guards of employers in addition to the general ones of relations.cycle.lifecycle, declared in kind.py (R67, R103)."""

from django.utils.translation import gettext as _

from accounts.roles import Permission
from employers.models import Contract
from relations.cycle.lifecycle import Obstacle


def contract_is_in_force(cycle, today):
    """The Obstacle to entering 执行 when no contract is in force on the day of the move, else None."""
    if Contract.objects.in_force_on(today).filter(stakeholder=cycle.stakeholder_id).exists():
        return None
    return Obstacle(
        _("还没有在服务期内的合同，请先登记合同。"),
        "employers:contract_add",
        of="stakeholder",
        permission=Permission.CONTRACT,
    )
