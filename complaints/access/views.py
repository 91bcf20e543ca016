"""The pages of the access list of a complaint and of the log of its viewings (R153-R158)."""

from django.views.generic import TemplateView

from complaints.access import access_list
from complaints.acts.forms import ActForm
from complaints.cases import page as case_page
from complaints.cases.views import VisibleCaseMixin
from complaints.models import AccessRole, Viewing
from complaints.workflow.lifecycle import STEPS, open_steps
from lists.paging import Order, page_of
from reminders import clock

NEWEST = Order("pk", int, descending=True)


class PeopleView(VisibleCaseMixin, TemplateView):
    """The access list with its reasons, the accused, the people not to be informed, and the acts open to the user."""

    template_name = "complaints/people.html"

    def get_context_data(self, **kwargs):
        case, user = self.case, self.request.user
        access_list.record_viewing(case, user)
        people = case_page.people_of(case, user)
        roles = people.roles_of(user)
        open_now = {step.name for step, obstacle in open_steps(case, user, roles) if not obstacle}
        return super().get_context_data(
            **kwargs,
            case=case,
            people=people,
            open_now=open_now,
            removable=access_list.removable(case) if "delist" in open_now else (),
            list_form=self.form("list") if "list" in open_now else None,
            is_head=AccessRole.HEAD in roles,
        )

    def form(self, name):
        return ActForm(case=self.case, step=STEPS[name], by=self.request.user, today=clock.today())


class ViewingLogView(VisibleCaseMixin, TemplateView):
    """谁看过: every viewing of the complaint, newest first; for the head only."""

    template_name = "complaints/seen.html"

    def may(self, user):
        return AccessRole.HEAD in self.roles()

    def get_context_data(self, **kwargs):
        looks = Viewing.objects.filter(complaint=self.case)
        page = page_of(looks.select_related("user"), NEWEST, self.request.GET, size=50)
        return super().get_context_data(**kwargs, case=self.case, page=page, total=looks.count())
