"""Stand-ins (R271, R420): the user's own, and those of the people they lead."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import CreateView, View

from accounts import rights
from accounts.access import PermissionRequired
from accounts.approvals.views import add_sheet_message
from accounts.models import StandIn, User
from accounts.people import actions
from accounts.people.forms import StandInForm, may_arrange_for_others
from accounts.roles import Permission
from accounts.supervision.views import may_arrange_supervision as may_supervise

MAX_EARLIER_SHOWN = 20


class StandIns(PermissionRequired, CreateView):
    """Present, future and past arrangements, and the form for a new one."""

    template_name = "accounts/stand_ins.html"
    form_class = StandInForm

    def get_form_kwargs(self):
        return {**super().get_form_kwargs(), "by": self.request.user, "today": self.request.user.request_day}

    def get_context_data(self, **kwargs):
        user = self.request.user
        visible = StandIn.objects.visible_to(user).select_related("absent", "stand_in", "created_by")
        present = visible.uncancelled().filter(ends_on__gte=user.request_day).order_by("starts_on", "pk")
        earlier = visible.exclude(cancelled_at=None, ends_on__gte=user.request_day)[:MAX_EARLIER_SHOWN]
        led = (
            set(User.objects.stand_ins_arrangeable_by(user).values_list("pk", flat=True))
            if may_arrange_for_others(user)
            else set()
        )
        return super().get_context_data(
            present=[stand_in_row(arrangement, user, led) for arrangement in present],
            earlier=[stand_in_row(arrangement, user, led) for arrangement in earlier],
            leads=may_arrange_for_others(user),
            may_arrange=user.may(Permission.VIEW),
            may_supervise=may_supervise(user),
            **kwargs,
        )

    def form_valid(self, form):
        try:
            sheet = rights.arrange_stand_in(form.instance, by=self.request.user)
        except ValidationError as refusal:
            form.add_error(None, refusal)
            return self.form_invalid(form)
        add_sheet_message(self.request, sheet)
        if sheet is None:
            self.add_messages(form.instance)
        return redirect("stand_ins")

    def add_messages(self, arranged):
        words = {"who": arranged.absent.name, "days": arranged.days, "other": arranged.stand_in.name}
        undo = f"undo:{reverse('stand_in_cancel', args=[arranged.pk])}"
        messages.success(self.request, _("%(days)s由%(other)s代理%(who)s") % words, extra_tags=undo)
        for other in (
            StandIn.objects.uncancelled()
            .overlapping(arranged.starts_on, arranged.ends_on)
            .filter(stand_in=arranged.absent_id)
            .select_related("absent")
        ):
            words = {"days": other.days, "who": arranged.absent.name, "other": other.absent.name}
            messages.warning(
                self.request, _("%(who)s %(days)s还在代理%(other)s，请另请一位同事代理%(other)s。") % words
            )


class CancelStandIn(PermissionRequired, View):
    """Ends an arrangement; open to its two users, the user who created it, and users who lead the absent user."""

    http_method_names = ["post", "options"]

    def post(self, request, pk):
        arrangement = (
            StandIn.objects.visible_to(request.user)
            .select_related("absent", "stand_in")
            .filter(pk=pk)
            .first()
        )
        if arrangement is None:
            raise Http404
        led = User.objects.stand_ins_arrangeable_by(request.user).filter(pk=arrangement.absent_id).exists()
        if not may_cancel(arrangement, request.user, led):
            raise PermissionDenied
        actions.cancel_stand_in(arrangement, by=request.user)
        messages.success(
            request,
            _("已取消，%(days)s不再由%(other)s代理")
            % {"days": arrangement.days, "other": arrangement.stand_in.name},
        )
        return redirect("stand_ins")


def may_cancel(arrangement, user, led):
    return led or user.pk in (arrangement.absent_id, arrangement.stand_in_id, arrangement.created_by_id)


def stand_in_row(arrangement, user, led):
    """Returns one arrangement with its state today, and whether `user` may cancel it."""
    state = arrangement.state_on(user.request_day)
    open_still = state in ("running", "ahead")
    return {
        "arrangement": arrangement,
        "state": state,
        "can_cancel": open_still and may_cancel(arrangement, user, arrangement.absent_id in led),
    }
