"""用人单位 as a kind of stakeholder: what is particular to it, in one place."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import npgettext_lazy

from employers.lifecycle import contract_is_in_force, services_bought_before
from employers.models import NUMBER_PREFIX, Employer
from relations.models import Kind
from relations.parties.kinds import KindSpec

EMPLOYER = KindSpec(
    kind=Kind.EMPLOYER,
    label=_("用人单位"),
    unit=npgettext_lazy("unit", "家", "家", 1),
    prefix=NUMBER_PREFIX,
    url_namespace="employers",
    model=Employer,
    guards={"execute": (contract_is_in_force,)},
    past=(services_bought_before,),
)
