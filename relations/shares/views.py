"""谁看得到这份记录 and 紧急查看: viewers of a record with reasons, shares, emergency access (R381)."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.generic import DetailView, FormView, ListView, View

from accounts.access import PermissionRequired
from accounts.action_views import ActionMixin
from accounts.exceptions import ActionRefused
from accounts.roles import Permission
from relations.models import Share
from relations.parties import record_urls
from relations.parties.view_mixins import VisibleRecordMixin, VisibleStakeholderMixin
from relations.shares import actions, emergencies
from relations.shares.forms import EmergencyForm, ReviewForm, ShareForm
from relations.shares.who_sees import who_sees
from reminders import clock

MAX_REVIEWED = 30


class AccessPage(VisibleStakeholderMixin, DetailView):
    """All users who see the record, with reasons, and all its past and present shares."""

    template_name = "relations/access.html"

    def get_object(self, queryset=None):
        return self.stakeholder

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs, **access_page_context(self.stakeholder, self.request.user))


def access_page_context(stakeholder, user, *, form=None, reviewed=None):
    """Returns the context of the access page for `user`; `reviewed` is (Share, its invalid ReviewForm) or None."""
    today, may_give = clock.today(), actions.may_share(user, stakeholder)
    shares = stakeholder.shares.select_related("user", "given_by", "taken_back_by", "reviewed_by")
    rows = [share_row(share, user, may_give, today, reviewed) for share in shares]
    return {
        "stakeholder": stakeholder,
        "back": record_urls.record_url(stakeholder),
        "seers": who_sees(stakeholder, today),
        "shares": rows,
        "reviews": [row for row in rows if row["review_form"]],
        "can_give": may_give,
        "form": form or ShareForm(by=user, stakeholder=stakeholder, today=today),
    }


def share_row(share, user, may_give, today, reviewed):
    """Returns one share with its state and the actions open to `user`."""
    state, can_act = share.state_on(today), may_give and share.user_id != user.pk
    waits = share.kind == Share.Kind.EMERGENCY and share.reviewed_at is None
    form = reviewed[1] if reviewed and reviewed[0] == share else ReviewForm(auto_id=f"review_{share.pk}_%s")
    return {
        "share": share,
        "state": state,
        "waits": waits,
        "can_end": can_act and state in ("running", "ahead"),
        "review_form": form if can_act and waits else None,
    }


class CreateShare(ActionMixin, VisibleStakeholderMixin, FormView):
    """授权: shares the record with another user for some days."""

    template_name = "relations/access.html"
    form_class = ShareForm
    http_method_names = ["post", "options"]

    def may(self, user):
        return actions.may_share(user, self.stakeholder)

    def get_form_kwargs(self):
        more = {"by": self.request.user, "stakeholder": self.stakeholder, "today": clock.today()}
        return super().get_form_kwargs() | more

    def perform(self, form):
        actions.create_share(self.stakeholder, by=self.request.user, today=clock.today(), **form.cleaned_data)
        messages.success(self.request, _("%s看得到了，到期自动收回。") % form.cleaned_data["user"].name)
        return redirect("relations:access", pk=self.stakeholder.pk)

    def get_context_data(self, form, **kwargs):
        return super().get_context_data(
            **kwargs, **access_page_context(self.stakeholder, self.request.user, form=form)
        )


class VisibleShareMixin(VisibleRecordMixin, View):
    """Base of the actions on one share, for leaders."""

    http_method_names = ["post", "options"]

    def visible_rows(self, user):
        return Share.objects.visible_to(user).select_related("stakeholder", "user")

    @property
    def share(self):
        return self.visible_record

    def may(self, user):
        return actions.may_share(user, self.share.stakeholder)


class RevokeShare(VisibleShareMixin):
    """收回: revokes a share, with effect from the next request."""

    def post(self, request, pk):
        try:
            actions.revoke_share(self.share, by=request.user, today=clock.today())
            messages.success(request, _("已收回，%s马上看不到了。") % self.share.user.name)
        except ActionRefused as refusal:
            messages.warning(request, str(refusal))
        return redirect("relations:access", pk=self.share.stakeholder_id)


class ReviewEmergency(ActionMixin, VisibleShareMixin, FormView):
    """复核: a leader reviews an emergency access."""

    template_name = "relations/access.html"
    form_class = ReviewForm

    def may(self, user):
        return emergencies.may_review(user, self.share)

    def perform(self, form):
        emergencies.review_emergency(
            self.share, by=self.request.user, today=clock.today(), **form.cleaned_data
        )
        messages.success(self.request, _("已复核。"))
        return redirect("relations:access", pk=self.share.stakeholder_id)

    def get_context_data(self, form, **kwargs):
        shown = access_page_context(self.share.stakeholder, self.request.user, reviewed=(self.share, form))
        return super().get_context_data(**kwargs, **shown)


class OpenInEmergency(PermissionRequired, FormView):
    """紧急查看: opens a record not visible to the user, by number or name, with a reason; it is reviewed (R381)."""

    permission = Permission.LOG
    template_name = "relations/emergency.html"
    form_class = EmergencyForm

    def form_valid(self, form):
        user, typed = self.request.user, form.cleaned_data
        outcome = emergencies.try_emergency(
            typed["record"], user, reason=typed["reason"], today=clock.today()
        )
        if outcome.refusal:
            form.add_error("record", outcome.refusal)
            return self.form_invalid(form)
        if outcome.is_new:
            messages.warning(self.request, _("已经打开，也已经告诉负责人。只看要用的，用完请补记沟通。"))
        return redirect(record_urls.record_url(outcome.record))

    def get_context_data(self, **kwargs):
        user = self.request.user
        return super().get_context_data(
            **kwargs,
            can_open=bool(emergencies.emergency_kinds(user)),
            can_review=bool(emergencies.reviewable_kinds(user)),
        )


class EmergencyList(PermissionRequired, ListView):
    """复核紧急查看: the emergencies that wait for a review by the user, oldest first, then those reviewed last."""

    template_name = "relations/emergencies.html"
    context_object_name = "waiting"
    paginate_by = 50

    def allowed(self, user):
        return bool(emergencies.reviewable_kinds(user))

    def emergencies(self):
        return emergencies.reviewable_by(self.request.user).select_related(
            "stakeholder", "user", "reviewed_by"
        )

    def get_queryset(self):
        return self.emergencies().filter(reviewed_at=None).order_by("given_at", "pk")

    def get_context_data(self, **kwargs):
        reviewed = self.emergencies().exclude(reviewed_at=None).order_by("-reviewed_at", "-pk")
        return super().get_context_data(**kwargs, reviewed=reviewed[:MAX_REVIEWED])
