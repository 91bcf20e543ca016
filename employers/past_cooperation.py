"""Lines about past cooperation with an employer, shown in the preparation of a meeting (R37)."""

from django.utils.translation import gettext as _

from employers.models import Employer


def services_bought_before(stakeholder):
    """A list with the text of the record about social-work services bought before; empty without one."""
    employers = Employer.objects.filter(pk=stakeholder.pk).exclude(past_cooperation="")
    return [_("以前购买社工服务：%s") % text for text in employers.values_list("past_cooperation", flat=True)]
