"""Views of meetings: the list, planning, preparing, the printed sheet, and the record (R35-R52)."""

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.generic import CreateView, DetailView, ListView, TemplateView, UpdateView

from accounts.editing import VersionedUpdate, claim_version
from accounts.exceptions import EditConflict
from accounts.keys import parse_key
from accounts.roles import Permission
from relations.cycle.plan_forms import ADD_BUTTON, with_extra_form
from relations.guide import points as guide
from relations.log.actions import Participants
from relations.meetings import actions as meetings
from relations.meetings.forms import PlanMeetingForm, RecordForm, item_formsets
from relations.models import ItemKind, Meeting
from relations.parties.view_mixins import StakeholderWithCycleMixin, VisibleMeetingMixin
from reminders import clock


class MeetingsView(StakeholderWithCycleMixin, ListView):
    template_name = "relations/meeting_list.html"
    context_object_name = "meetings"
    paginate_by = 50

    def get_queryset(self):
        return Meeting.objects.filter(stakeholder=self.stakeholder).select_related("lead", "cycle")

    def get_context_data(self, **kwargs):
        running = self.stakeholder.cycles.filter(ended_on=None).exists()
        return super().get_context_data(
            **kwargs,
            stakeholder=self.stakeholder,
            can_plan=running and self.may_act(self.request.user, Permission.EDIT),
            today=clock.today(),
        )


class PlanMeetingView(StakeholderWithCycleMixin, CreateView):
    """Plans a meeting in the running cycle; its lists are copied from the templates."""

    action_permission = Permission.EDIT
    template_name = "relations/meeting_form.html"
    form_class = PlanMeetingForm

    @cached_property
    def cycle(self):
        return self.stakeholder.cycles.filter(ended_on=None).first()

    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and self.allowed(request.user) and self.cycle is None:
            messages.warning(request, _("这一轮已经结束，请先开始新一轮，再安排会谈。"))
            return redirect("relations:meetings", pk=self.stakeholder.pk)
        return super().dispatch(request, *args, **kwargs)

    def get_initial(self):
        return {"lead": self.request.user.pk, "planned_on": clock.today(), "form": "face"}

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {
            "by": self.request.user,
            "instance": Meeting(stakeholder=self.stakeholder, cycle=self.cycle),
        }

    def form_valid(self, form):
        meeting = meetings.plan_meeting(form.instance, by=self.request.user)
        messages.success(self.request, _("会谈已安排，接下来做准备。"))
        return redirect("relations:prepare_meeting", pk=meeting.pk)

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs, stakeholder=self.stakeholder, cycle=self.cycle)


class EditMeetingView(VisibleMeetingMixin, VersionedUpdate, UpdateView):
    """Edits the plan: leader, date, form and purpose."""

    action_permission = Permission.EDIT
    template_name = "relations/meeting_form.html"
    form_class = PlanMeetingForm
    model = Meeting

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"by": self.request.user}

    def get_success_url(self):
        return reverse("relations:meeting", args=[self.visible_record.pk])

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            **kwargs, stakeholder=self.meeting.stakeholder, cycle=self.meeting.cycle
        )


class MeetingPage(VisibleMeetingMixin):
    """Common context of the pages of a meeting: lists, past cooperation, permitted notes of caution (R37-R38)."""

    def get_context_data(self, **kwargs):
        meeting, user = self.meeting, self.request.user
        stakeholder = meeting.stakeholder
        items = list(meeting.items.all())
        people = list(stakeholder.contacts.current())
        may_see = stakeholder.may_see_caution(user)
        return super().get_context_data(
            **kwargs,
            meeting=meeting,
            cycle=meeting.cycle,
            stakeholder=stakeholder,
            lists=[(kind.label, [item for item in items if item.kind == kind]) for kind in ItemKind],
            past=meetings.past_cooperation(stakeholder),
            people=people,
            cautions=cautions(stakeholder, people) if may_see else [],
            can_edit=self.may_act(user, Permission.EDIT),
            today=clock.today(),
            now=clock.now(),
        )


def cautions(stakeholder, people):
    """Returns (name, note of caution) of the stakeholder and its people who have one (R38)."""
    notes = [(stakeholder.name, stakeholder.caution), *((str(person), person.caution) for person in people)]
    return [(name, note) for name, note in notes if note]


class MeetingView(MeetingPage, DetailView):
    template_name = "relations/meeting_detail.html"

    def get_object(self, queryset=None):
        return self.visible_record


class MeetingSheetView(MeetingView):
    """The preparation as a printed sheet (A4)."""

    template_name = "relations/meeting_sheet.html"


class PrepareMeetingView(MeetingPage, TemplateView):
    """Edits the items of checklist and outline: done, text, note, position; adds and deletes them (R36-R47)."""

    action_permission = Permission.EDIT
    template_name = "relations/meeting_prepare.html"

    @cached_property
    def sets(self):
        return item_formsets(self.meeting)

    def post(self, request, *args, **kwargs):
        if ADD_BUTTON in request.POST:
            self.sets = item_formsets(self.meeting, with_extra_form(request.POST))
            for _label, lines in self.sets:
                for form in lines:
                    form.errors.clear()
            return self.render_to_response(self.get_context_data())
        self.sets = item_formsets(self.meeting, request.POST)
        if sum(not lines.is_valid() for _label, lines in self.sets):
            return self.render_to_response(self.get_context_data())
        try:
            return self.save()
        except EditConflict:
            self.meeting.refresh_from_db(fields=["version"])
            return self.render_to_response(
                self.get_context_data(
                    overtaken=True, saved=self.meeting.items.all(), version=self.meeting.version
                ),
                status=409,
            )

    @transaction.atomic
    def save(self):
        version = parse_key(self.request.POST.get("version"))
        claim_version(self.meeting, -1 if version is None else version)
        for _label, lines in self.sets:
            lines.save()
        messages.success(self.request, _("准备已保存。"))
        return redirect("relations:meeting", pk=self.meeting.pk)

    def get_context_data(self, **kwargs):
        shown = self.request.POST.get("version") or self.meeting.version
        return super().get_context_data(
            **{"overtaken": False, "saved": [], "version": shown} | kwargs, sets=self.sets
        )


class RecordMeetingView(VisibleMeetingMixin, VersionedUpdate, UpdateView):
    """The record of a meeting; saving it logs a contact (R49-R52) and opens a task for an urgent matter (R46)."""

    action_permission = Permission.EDIT
    template_name = "relations/meeting_record.html"
    form_class = RecordForm
    model = Meeting

    def get_form_kwargs(self):
        return super().get_form_kwargs() | {"today": clock.today()}

    def save_form(self, form):
        data = form.cleaned_data
        meetings.record_meeting(
            form.instance,
            by=self.request.user,
            today=clock.today(),
            held_on=data["held_on"],
            company=Participants(list(data["ours"]), list(data["accompanying"]), list(data["theirs"])),
        )
        messages.success(self.request, recorded_words(form.instance), extra_tags="draft-clear:" + self.draft)
        return redirect(self.get_success_url())

    @property
    def draft(self):
        return f"meeting-{self.visible_record.pk}"

    def get_success_url(self):
        return reverse("relations:meeting", args=[self.visible_record.pk])

    def get_context_data(self, **kwargs):
        return super().get_context_data(
            **kwargs,
            meeting=self.meeting,
            stakeholder=self.meeting.stakeholder,
            cycle=self.meeting.cycle,
            help=guide.INTERVIEW.points,
            draft=self.draft,
        )


def recorded_words(meeting):
    if meeting.needs_urgent_help:
        return _("会谈已记下。紧急事项已列为待办，并告诉了督导或部门负责人。")
    return _("会谈已记下，也记进了沟通记录。")
