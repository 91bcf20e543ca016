"""审批规则: who approves what, the history of each rule, and the forms to change one and to add one."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy
from django.views.generic import FormView, TemplateView

from accounts.access import PermissionRequired
from accounts.action_views import ActionMixin
from accounts.approvals import chains
from accounts.approvals.forms import ChainForm, NewChainForm
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
            addable=chains.matters_with_conditions(),
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


class ChainFormView(ActionMixin, PermissionRequired, FormView):
    """Base of the forms for rules; typed values stay when one is refused, also after a conflict with another user."""

    permission = Permission.MANAGE_RULES
    template_name = "accounts/chain_form.html"
    saved_words = ""
    is_new = False

    def perform(self, form):
        try:
            self.save(form)
        except ValidationError as refusal:
            form.add_error(None, refusal)
            return self.form_invalid(form)
        messages.success(self.request, self.saved_words)
        return redirect("chains")

    def renew(self, form, conflict):
        form.data = form.data.copy()
        form.data["seen"] = self.newest()
        form.add_error(None, str(conflict))

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"matter": self.matter}

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            **{"chain": self.chain, "matter": self.matter, "is_new": self.is_new} | kwargs
        )


class ChangeChain(ChainFormView):
    """Form for the steps of one rule."""

    form_class = ChainForm
    saved_words = gettext_lazy("审批规则已改，以后提出的按新的规则；已经在等的不受影响。")

    def dispatch(self, request, *args, **kwargs):
        self.chain = chain_in_force(kwargs["pk"])
        if request.user.is_authenticated and self.chain is None:
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    @property
    def matter(self):
        return MATTERS[self.chain.matter]

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"chain": self.chain}

    def save(self, form):
        chain = self.chain
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

    def newest(self):
        self.chain = chain_in_force(self.kwargs["pk"]) or self.chain
        return self.chain.version


class AddChain(ChainFormView):
    """Form for a rule for a condition that has none yet; `matter` in the query string is the name of the matter."""

    form_class = NewChainForm
    saved_words = gettext_lazy("新的审批规则已加上，以后提出的按它审批；已经在等的不受影响。")
    is_new = True
    chain = None  # after a conflict: the rule that another user has added

    @cached_property
    def matter_name(self):
        """The name of the matter, by default the first one."""
        names = [name for name, _matter in chains.matters_with_conditions()]
        name = self.request.GET.get("matter") or next(iter(names), "")
        if name not in names:
            raise Http404
        return name

    @property
    def matter(self):
        return MATTERS[self.matter_name]

    def get_initial(self):
        return {"seen": chains.newest_rule(self.matter_name)}

    def save(self, form):
        chains.add_chain(
            self.matter_name,
            steps=form.steps,
            by=self.request.user,
            reason=form.cleaned_data["reason"],
            seen=form.cleaned_data["seen"],
            **form.condition,
        )

    def renew(self, form, conflict):
        self.chain = chains.rule_for_condition(self.matter_name, **form.condition)
        super().renew(form, conflict)

    def newest(self):
        return chains.newest_rule(self.matter_name)
