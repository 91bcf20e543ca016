"""The page of one complaint, and the one answer that shows who raised it."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from accounts.access import PermissionRequired
from accounts.act_views import VersionedActMixin
from complaints.access import access_list
from complaints.cases import page as case_page
from complaints.models import Complaint, Viewing
from reminders import clock


class VisibleCaseMixin(PermissionRequired):
    """Finds the complaint among those the person may see (else 404), then asks whether they may do this (else 403)."""

    @cached_property
    def case(self):
        found = Complaint.objects.visible_to(self.request.user).select_related(*case_page.RELATED_FIELDS)
        return get_object_or_404(found, number=self.kwargs["number"])

    def allowed(self, user):
        return self.case is not None and self.may(user)

    def may(self, user):
        return True

    def roles(self):
        return access_list.roles_of(self.case, self.request.user)


class CaseActMixin(VersionedActMixin):
    """For a form about a complaint; where somebody was quicker, it may be sent again after a look."""

    def newest(self):
        del self.case
        return self.case


class CaseView(VisibleCaseMixin, TemplateView):
    """Everything about one complaint; each time it is opened is written down (R153)."""

    template_name = "complaints/case.html"
    what = Viewing.What.CASE
    shows_identity = False

    def get_context_data(self, **kwargs):
        access_list.record_viewing(self.case, self.request.user, self.what)
        shown = case_page.case_context(self.case, self.request.user, clock.today(), self.shows_identity)
        asked = access_list.open_review_requests(self.case, self.request.user).exists()
        return super().get_context_data(**kwargs, **shown, asked_to_review=asked)


class ReviewedView(VisibleCaseMixin, View):
    """已看过: somebody above has looked at one that was marked as entered in error; a look alone says nothing."""

    http_method_names = ["post", "options"]

    def post(self, request, number):
        if access_list.acknowledge_review(self.case, request.user):
            messages.success(request, _("已记下：您看过了。"))
        return redirect(self.case)


class IdentityView(CaseView):
    """显示完整信息: name and way of contact on this answer only, for head and handler, written down (R153-R154)."""

    http_method_names = ["post"]
    what = Viewing.What.IDENTITY
    shows_identity = True

    def may(self, user):
        return access_list.may_show_identity(self.case, user)

    def post(self, request, *args, **kwargs):
        return self.get(request, *args, **kwargs)
