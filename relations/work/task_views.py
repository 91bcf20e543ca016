"""The tasks of one stakeholder: list, create (加提醒), finish, reopen, drop, move."""

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import CreateView, FormView, ListView, View

from accounts.action_views import ActionMixin
from accounts.exceptions import ActionRefused
from accounts.roles import Permission
from accounts.stamps import add_conflict_error
from relations.models import Task
from relations.parties.view_mixins import VisibleStakeholderMixin, VisibleTaskMixin
from relations.work import task_actions
from relations.work.task_forms import DateForm, DropForm, TaskForm
from reminders import clock
from reminders.calendar import workdays


class TasksView(VisibleStakeholderMixin, ListView):
    """The open tasks by due date, then those done or dropped, newest first."""

    template_name = "relations/task_list.html"
    context_object_name = "closed"
    paginate_by = 50

    def get_queryset(self):
        closed = Task.objects.filter(stakeholder=self.stakeholder).exclude(done_at=None, dropped_at=None)
        return closed.select_related("owner", "done_by").order_by("-due_on", "-pk")

    def get_context_data(self, **kwargs):
        user, today = self.request.user, clock.today()
        tasks = self.stakeholder.tasks.open().select_related("owner")
        may_edit = self.may_act(user, Permission.EDIT)
        return super().get_context_data(
            **kwargs,
            stakeholder=self.stakeholder,
            tasks=[(task, *task_state_for(task, user, today, may_edit)) for task in tasks],
            can_add=may_edit,
            today=today,
        )


def task_state_for(task, user, today, may_edit):
    """Returns (working days left, whether `user` may change the task)."""
    left = workdays.working_days_between(today, task.due_on)
    return left, may_edit or task.owner_id == user.pk


class AddTaskView(VisibleStakeholderMixin, CreateView):
    action_permission = Permission.EDIT
    template_name = "relations/task_form.html"
    form_class = TaskForm

    def get_initial(self):
        return {"owner": self.request.user.pk}

    def get_form_kwargs(self):
        kwargs = super().get_form_kwargs()
        task = Task(stakeholder=self.stakeholder)
        return kwargs | {"by": self.request.user, "today": clock.today(), "instance": task}

    def form_valid(self, form):
        task_actions.create_task(form.instance, by=self.request.user, token=form.cleaned_data["token"])
        messages.success(self.request, _("已加上，到时会提醒。"))
        return redirect("relations:tasks", pk=self.stakeholder.pk)

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            **kwargs, stakeholder=self.stakeholder, heading=_("加提醒"), verb=_("加上"), task=None
        )


class TaskActionMixin(VisibleTaskMixin):
    """An action on one task that redirects to the list, where a refusal is shown as a message."""

    def redirect_back(self):
        return redirect("relations:tasks", pk=self.task.stakeholder_id)

    def try_action(self, act, **words):
        """Runs the action; returns whether it was carried out."""
        try:
            act(self.task, **words)
        except ActionRefused as refusal:
            messages.warning(self.request, str(refusal))
            return False
        return True


class FinishTaskView(TaskActionMixin, View):
    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        if self.try_action(task_actions.finish_task, today=clock.today()):
            undo = reverse("relations:reopen_task", args=[self.task.pk])
            messages.success(request, _("已完成：%s") % self.task.title, extra_tags=f"undo:{undo}")
        return self.redirect_back()


class ReopenTaskView(TaskActionMixin, View):
    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        if self.try_action(task_actions.reopen_task):
            messages.success(request, _("已撤销，这一项还在待办里。"))
        return self.redirect_back()


class TaskFormView(ActionMixin, TaskActionMixin, FormView):
    """A small form about one task."""

    template_name = "relations/task_form.html"
    heading = verb = ""

    def refused(self, form, refusal):
        messages.warning(self.request, str(refusal))
        return self.redirect_back()

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            **kwargs,
            stakeholder=self.task.stakeholder,
            task=self.task,
            heading=self.heading,
            verb=self.verb,
        )


class DropTaskView(TaskFormView):
    form_class = DropForm
    heading = verb = gettext_lazy("不做了")

    def perform(self, form):
        task_actions.drop_task(self.task, reason=form.cleaned_data["reason"])
        messages.success(self.request, _("已取消：%s") % self.task.title)
        return self.redirect_back()


class MoveTaskView(TaskFormView):
    form_class = DateForm
    heading = verb = gettext_lazy("改期")

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"today": clock.today(), "stamp": self.task.due_on.isoformat()}

    def perform(self, form):
        cleaned = form.cleaned_data
        task_actions.move_task(self.task, due_on=cleaned["due_on"], seen=cleaned["seen"], today=clock.today())
        messages.success(self.request, _("已改到%s。") % self.task.due_on)
        return self.redirect_back()

    def renew(self, form, conflict):
        """Shows the day that another user has just set, and puts it into the form as the new stamp."""
        self.task.refresh_from_db(fields=["due_on"])
        now = self.task.due_on.isoformat()
        add_conflict_error(form, now, _("现在的日期是%s。") % now)
