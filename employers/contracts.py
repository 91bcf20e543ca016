"""The specification of 服务合同, the terms of employers (R67); employers.forms checks what is typed."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.exceptions import ActionRefused
from employers.forms import ContractForm, NewContractForm
from employers.models import Contract
from employers.parameters import NOTICE_DAYS
from relations.models import Stakeholder
from relations.parties.kinds import TermSpec


def refuse_same_number(contract):
    """Locks the employer and raises ActionRefused when it already has a contract with this number.

    Other employers are not checked, because the user may not be allowed to see them (employers.duplicates).
    """
    own = Contract.objects.valid().filter(stakeholder=contract.stakeholder_id)
    same = own.with_number(contract.number)
    if contract.pk and same.filter(pk=contract.pk).exists():
        return
    Stakeholder.objects.select_for_update(no_key=True).get(pk=contract.stakeholder_id)
    if same.exclude(pk=contract.pk).exists():
        raise ActionRefused(_("编号%s刚刚已经登记过了。") % contract.number)


CONTRACTS = TermSpec(
    model=Contract,
    label=gettext_lazy("合同"),
    word=pgettext_lazy("in a sentence", "合同"),
    form=ContractForm,
    new_form=NewContractForm,
    template="employers/contract.html",
    url_name="contract",
    path="contracts",
    before_saving=refuse_same_number,
    notice_number=NOTICE_DAYS,
    renewed=("parties", "content", "goals", "constraints", "amount"),
    identity_field="number",
    summary_fields=("content",),
    new_values=lambda today: {"signed_on": today},
    end_warning=gettext_lazy("从最后一天的次日起，这家单位变为潜在，应尽事项随之改变。"),
    void_warning=gettext_lazy("作废的合同不再计入服务期，编号可以再用；记录不会删掉。"),
)
