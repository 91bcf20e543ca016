"""What an employer needs beyond the general guards (R67, R103), and what to know of it before a meeting (R37)."""

from django.utils.translation import gettext as _

from accounts.roles import Permission
from employers.models import Contract, Employer
from relations.cycle.lifecycle import Obstacle


def contract_is_in_force(cycle, today):
    """An employer cannot enter 执行 without a contract in force on the day of the move."""
    if Contract.objects.in_force_on(today).filter(stakeholder=cycle.stakeholder_id).exists():
        return None
    return Obstacle(
        _("还没有在服务期内的合同，请先登记合同。"),
        "employers:contract_add",
        of="stakeholder",
        permission=Permission.CONTRACT,
    )


def services_bought_before(stakeholder):
    """What the record says of social-work service bought before."""
    told = Employer.objects.filter(pk=stakeholder.pk).exclude(past_cooperation="")
    return [_("以前购买社工服务：%s") % text for text in told.values_list("past_cooperation", flat=True)]
