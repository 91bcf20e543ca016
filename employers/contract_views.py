"""Contracts: registering, renewing, changing, ending early, taking back, and their scans (R67, R103)."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import CreateView, DetailView, FormView, UpdateView

from accounts.editing import VersionedUpdate
from accounts.keys import key_in
from accounts.roles import Permission
from employers import actions
from employers.contract_forms import ContractForm, EndForm, NewContractForm, ScanForm, renewal_of
from employers.form_views import saved
from employers.forms import ReasonForm
from employers.models import Contract
from employers.record_views import OfEmployer
from relations.files.attachments import all_or_nothing, attach
from relations.models import Attachment
from reminders import clock


@all_or_nothing()
def keep_scans(pairs, contract, by):
    """Keeps checked files with a contract."""
    for file, content_type in pairs:
        attach(file, stakeholder=contract.stakeholder, by=by, content_type=content_type, term=contract)


class AddContract(OfEmployer, CreateView):
    """登记合同; with ?renew=pk it begins with the values of the one before."""

    act = Permission.CONTRACT
    form_class = NewContractForm
    template_name = "employers/form.html"

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {
            "employer": self.employer,
            "user": self.request.user,
            "today": clock.today(),
        }

    def get_initial(self):
        pk = key_in(self.request.GET.get("renew"))
        before = Contract.objects.valid().filter(stakeholder=self.employer.pk, pk=pk).first()
        return renewal_of(before) if before else {"signed_on": clock.today()}

    @property
    def draft(self):
        return f"contract-new-{self.employer.pk}"

    def get_context_data(self, **kwargs):
        words = {"title": _("登记合同"), "verb": _("登记"), "draft": self.draft, "is_upload": True}
        return super().get_context_data(**words, **kwargs)

    def form_valid(self, form):
        form.instance.stakeholder = self.employer
        try:
            contract = self.sign(form)
        except actions.Refused as refusal:
            form.add_error("number", str(refusal))
            return self.form_invalid(form)
        saved(self.request, _("合同%s已登记。") % contract.number, self.draft)
        return HttpResponseRedirect(self.employer.get_absolute_url())

    @all_or_nothing()
    def sign(self, form):
        contract = actions.sign(form.instance, by=self.request.user, today=clock.today())
        keep_scans(form.cleaned_data["scans"], contract, self.request.user)
        return contract


class OfContract(OfEmployer):
    """For views about one contract of one employer."""

    @cached_property
    def contract(self):
        contracts = Contract.objects.visible_to(self.request.user).filter(stakeholder=self.employer.pk)
        return get_object_or_404(contracts.select_related("stakeholder"), pk=self.kwargs["contract"])

    def may(self, user):
        return self.contract is not None and super().may(user)

    def get_object(self, queryset=None):
        return self.contract

    def get_success_url(self):
        return reverse("employers:contract", args=[self.employer.pk, self.contract.pk])

    def get_context_data(self, **kwargs):
        return super().get_context_data(contract=self.contract, **kwargs)


class ContractPage(OfContract, DetailView):
    template_name = "employers/contract.html"

    def get_context_data(self, **kwargs):
        user, today = self.request.user, clock.today()
        may_change = user.may(Permission.CONTRACT)
        return super().get_context_data(
            today=today,
            days_left=(self.contract.last_day - today).days,
            scans=Attachment.objects.visible_to(user).filter(term=self.contract.pk),
            scan_form=ScanForm(today=today),
            may_change=may_change,
            may_end=may_change and not self.contract.ended_on and self.contract.last_day >= today,
            may_void=may_change and user.may(Permission.APPROVE),
            past=self.contract.history.select_related("history_user")[:20],
            **kwargs,
        )


class EditContract(VersionedUpdate, OfContract, UpdateView):
    act = Permission.CONTRACT
    form_class = ContractForm
    template_name = "employers/form.html"

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"employer": self.employer, "user": self.request.user}

    def latest(self):
        contracts = Contract.objects.visible_to(self.request.user).filter(stakeholder=self.employer.pk)
        return get_object_or_404(contracts.select_related("stakeholder"), pk=self.contract.pk)

    @property
    def draft(self):
        return f"contract-{self.contract.pk}-{self.contract.version}"

    def get_context_data(self, **kwargs):
        words = {"title": _("修改合同"), "verb": _("保存"), "draft": self.draft}
        return super().get_context_data(**words, **kwargs) | {"back": self.get_success_url()}

    def form_valid(self, form):
        try:
            return super().form_valid(form)
        except actions.Refused as refusal:
            form.add_error("number", str(refusal))
            return self.form_invalid(form)

    def save_form(self, form):
        actions.amend(form.instance, today=clock.today())
        saved(self.request, _("合同已保存。"), self.draft)
        return HttpResponseRedirect(self.get_success_url())


class ContractAct(OfContract, FormView):
    """An act on a contract that asks for particulars."""

    act = Permission.CONTRACT
    template_name = "employers/reason.html"

    def get_context_data(self, **kwargs):
        return super().get_context_data(**self.words(), **kwargs) | {"back": self.get_success_url()}

    def form_valid(self, form):
        try:
            self.run(form.cleaned_data)
        except actions.Refused as refusal:
            form.add_error(None, str(refusal))
            return self.form_invalid(form)
        return HttpResponseRedirect(self.employer.get_absolute_url())


class EndContract(ContractAct):
    form_class = EndForm

    def words(self):
        return {
            "title": _("提前终止合同%s？") % self.contract.number,
            "consequence": _("从最后一天的次日起，这家单位变为潜在，应尽事项随之改变。"),
            "verb": _("提前终止"),
            "back_label": _("先不终止"),
        }

    def run(self, data):
        actions.end_early(
            self.contract,
            ended_on=data["ended_on"],
            reason=data["reason"],
            by=self.request.user,
            today=clock.today(),
        )
        messages.success(self.request, _("合同%s已提前终止。") % self.contract.number)


class VoidContract(ContractAct):
    form_class = ReasonForm

    def may(self, user):
        return super().may(user) and user.may(Permission.APPROVE)

    def words(self):
        return {
            "title": _("把合同%s作废？") % self.contract.number,
            "consequence": _("作废的合同不再计入服务期，编号可以再用；记录不会删掉。"),
            "verb": _("作废"),
            "back_label": _("先不作废"),
        }

    def run(self, data):
        actions.void_contract(self.contract, reason=data["reason"], by=self.request.user, today=clock.today())
        messages.success(self.request, _("合同%s已作废。") % self.contract.number)


class AddScans(OfContract, FormView):
    act = Permission.CONTRACT
    form_class = ScanForm
    template_name = "employers/form.html"

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"today": clock.today()}

    def get_context_data(self, **kwargs):
        words = {"title": _("上传合同扫描件"), "verb": _("上传"), "draft": "", "is_upload": True}
        return super().get_context_data(**words, **kwargs)

    def form_valid(self, form):
        keep_scans(form.cleaned_data["scans"], self.contract, self.request.user)
        messages.success(self.request, _("扫描件已上传。"))
        return HttpResponseRedirect(self.get_success_url())
