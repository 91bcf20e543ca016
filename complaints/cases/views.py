"""The page of one complaint, and the one response that shows the complainant in full."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from accounts.access import PermissionRequired
from accounts.action_views import VersionedActionMixin
from complaints.access import access_list
from complaints.cases import page as case_page
from complaints.models import Complaint, Viewing
from reminders import clock


class VisibleCaseMixin(PermissionRequired):
    """Finds the complaint among those visible to the user (else 404), then checks the right to the page (else 403)."""

    @cached_property
    def case(self):
        visible = Complaint.objects.visible_to(self.request.user).select_related(*case_page.RELATED_FIELDS)
        return get_object_or_404(visible, number=self.kwargs["number"])

    def allowed(self, user):
        return self.case is not None and self.may(user)

    def may(self, user):
        return True

    def roles(self):
        return access_list.roles_of(self.case, self.request.user)


class CaseActMixin(VersionedActionMixin):
    """For a form about a complaint: after an edit conflict it can be submitted again on the newest version."""

    def newest(self):
        del self.case
        return self.case


class CaseView(VisibleCaseMixin, TemplateView):
    """Everything about one complaint; each viewing is logged (R153)."""

    template_name = "complaints/case.html"
    what = Viewing.What.CASE
    shows_identity = False

    def get_context_data(self, **kwargs):
        access_list.record_viewing(self.case, self.request.user, self.what)
        context = case_page.case_context(self.case, self.request.user, clock.today(), self.shows_identity)
        is_review_requested = access_list.open_review_requests(self.case, self.request.user).exists()
        return super().get_context_data(**kwargs, **context, asked_to_review=is_review_requested)


class ReviewedView(VisibleCaseMixin, View):
    """已看过: records that the user has reviewed the complaint as requested; opening the page alone does not count."""

    http_method_names = ["post", "options"]

    def post(self, request, number):
        if access_list.acknowledge_review(self.case, request.user):
            messages.success(request, _("已记下：您看过了。"))
        return redirect(self.case)


class IdentityView(CaseView):
    """显示完整信息: name and contact details in this response only, for head and handler; always logged (R153-R154)."""

    http_method_names = ["post"]
    what = Viewing.What.IDENTITY
    shows_identity = True

    def may(self, user):
        return access_list.may_show_identity(self.case, user)

    def post(self, request, *args, **kwargs):
        return self.get(request, *args, **kwargs)
