"""审批规则: who approves what, the history of each rule, and the form to change one."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView

from accounts.access import PermissionRequired
from accounts.action_views import ActionMixin
from accounts.approvals import chains
from accounts.approvals.forms import ChainForm
from accounts.approvals.models import Chain
from accounts.approvals.registers import APPROVER_ROLES, MATTERS
from accounts.roles import Permission


@dataclass(frozen=True)
class FixedChain:
    """A matter whose steps cannot be changed by a rule."""

    label: str
    steps: list


class ChainsView(PermissionRequired, TemplateView):
    """All rules in force, their earlier versions, and the matters with fixed steps."""

    permission = Permission.VIEW
    template_name = "accounts/chains.html"

    def get_context_data(self, **kwargs):
        known = [name for name, _matter in chains.changeable_matters()]
        rows = Chain.objects.filter(matter__in=known).select_related("set_by")
        return super().get_context_data(
            **kwargs,
            chains=[row for row in rows if row.replaced_at is None],
            earlier=[row for row in rows if row.replaced_at is not None],
            fixed=[
                FixedChain(matter.label, [APPROVER_ROLES[name].label for name, _days in matter.steps])
                for matter in MATTERS.values()
                if not matter.has_chain and matter.approver_roles
            ],
            can_manage=self.request.user.may(Permission.MANAGE_RULES),
        )


def chain_in_force(pk):
    """Returns the version in force of the rule that has the version `pk`; None when no rule can be changed."""
    version = Chain.objects.filter(
        pk=pk, matter__in=[name for name, _matter in chains.changeable_matters()]
    ).first()
    if version is None:
        return None
    same = {name: getattr(version, name) for name in ("matter", "kind", "funding", "amount_from")}
    return Chain.objects.in_force().filter(**same).first()


class ChangeChain(ActionMixin, PermissionRequired, FormView):
    """Form for the steps of one rule; typed values stay when it is refused, also after a conflict with another user."""

    permission = Permission.MANAGE_RULES
    template_name = "accounts/chain_form.html"
    form_class = ChainForm

    def dispatch(self, request, *args, **kwargs):
        self.chain = chain_in_force(kwargs["pk"])
        if request.user.is_authenticated and self.chain is None:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    @property
    def matter(self):
        return MATTERS[self.chain.matter]

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"matter": self.matter, "chain": self.chain}

    def perform(self, form):
        chain = self.chain
        try:
            chains.change_chain(
                chain.matter,
                kind=chain.kind,
                funding=chain.funding,
                amount_from=chain.amount_from,
                steps=form.steps,
                by=self.request.user,
                reason=form.cleaned_data["reason"],
                seen=form.cleaned_data["seen"],
            )
        except ValidationError as refusal:
            form.add_error(None, refusal)
            return self.form_invalid(form)
        messages.success(self.request, _("审批规则已改，以后提出的按新的规则；已经在等的不受影响。"))
        return redirect("chains")

    def renew(self, form, conflict):
        self.chain = chain_in_force(self.kwargs["pk"]) or self.chain
        form.data = form.data.copy()
        form.data["seen"] = self.chain.version
        form.add_error(None, str(conflict))

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs, chain=self.chain, matter=self.matter)
