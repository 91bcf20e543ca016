"""记一笔, the quick log: choosing the stakeholder, then the form of the contact, filled in as far as known, with its
preview.
"""

from dataclasses import replace

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Prefetch, Subquery
from django.http import Http404, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView, View

from accounts.access import PermissionRequired
from accounts.days import parse_day
from accounts.keys import parse_key
from accounts.query_cache import PreparedRows
from accounts.roles import Permission
from relations.files import attachments as files
from relations.log.actions import log_interaction
from relations.log.forms import CHANNELS, PURPOSES, REPEATABLE_PURPOSES, LogForm
from relations.log.preview import preview_completion
from relations.models import (
    ContactPerson,
    Cycle,
    Interaction,
    Outcome,
    PlanAction,
    Purpose,
    Stage,
    Stakeholder,
    Task,
)
from relations.models.task_origins import purpose_of
from relations.parties.colleagues import colleague_choices
from relations.parties.own_right import may_act
from relations.search.index import index, matching
from relations.work import workbench as work
from relations.work.wording import without_period
from reminders import clock
from reminders.calendar import workdays

MAX_FOUND = 12
MAX_TASKS = 20


class PickStakeholder(PermissionRequired, TemplateView):
    """Step 1: choose the stakeholder. Two characters are enough; open duties are listed below, most urgent first."""

    permission = Permission.LOG

    def get_template_names(self):
        return ["relations/log_found.html"] if self.request.htmx else ["relations/log_pick.html"]

    def get_context_data(self, **kwargs):
        user, today = self.request.user, clock.today()
        query = self.request.GET.get("q", "").strip()[:40]
        owed = [] if self.request.htmx else self.stakeholders_with_duties(user, today)
        return super().get_context_data(**kwargs) | {
            "today": today,
            "q": query,
            "found": self.search_results(user, query) if query else [],
            "found_at_most": MAX_FOUND,
            "owed": owed,
        }

    def search_results(self, user, query):
        current = Prefetch("contacts", ContactPerson.objects.current(), to_attr="people")
        found = matching(Stakeholder.objects.visible_to(user).filter(closed_on=None), query)
        return list(found.order_by("name", "pk").prefetch_related(current)[:MAX_FOUND])

    def stakeholders_with_duties(self, user, today):
        """Returns the most urgent open duty or task of each stakeholder, a list of WorkItem."""
        stand_ins = work.stand_ins_of(user, today)
        owners = {user.pk: ""} | {row.absent_id: row.absent.name for row in stand_ins}
        found = work.work_overview(work.WorkQuery(user, today, workdays.current_calendar(), owners))
        first = {}
        for line in found.lines:
            first.setdefault(line.stakeholder.pk, line)
        return [replace(line, href=without_period(line.href)) for line in list(first.values())[:MAX_FOUND]]


class DraftNames(PermissionRequired, View):
    """The names of the records to which drafts stored on the device belong: {"names": {pk: name}}."""

    permission = Permission.LOG

    def get(self, request):
        pks = [key for text in request.GET.getlist("pk")[:20] if (key := parse_key(text))]
        rows = Stakeholder.objects.visible_to(request.user).filter(pk__in=pks).values_list("pk", "name")
        return JsonResponse({"names": dict(rows)})


def with_running_cycle(user, pk):
    running = Cycle.objects.running().filter(stakeholder=OuterRef("pk"))
    return (
        Stakeholder.objects.visible_to(user)
        .filter(pk=pk)
        .annotate(
            running_cycle=Subquery(running.values("pk")[:1]),
            running_stage=Subquery(running.values("stage")[:1]),
        )
    )


RECORD = PreparedRows(with_running_cycle)


class StakeholderMixin(PermissionRequired):
    """For views of one record: finds the visible record with its running cycle, or raises Http404."""

    permission = Permission.LOG

    def stakeholder(self):
        rows = RECORD(self.request.user, pk=self.kwargs["pk"])
        if not rows:
            raise Http404
        if not may_act(self.request.user, rows[0], self.permission):
            raise PermissionDenied
        return rows[0]


class LogView(StakeholderMixin, FormView):
    """Base of the quick log and its preview: the form for one record."""

    form_class = LogForm

    def get_form_kwargs(self):
        self.record, today = self.stakeholder(), clock.today()
        people = list(ContactPerson.objects.current().filter(stakeholder=self.record.pk))
        actions = []
        if self.record.running_stage == Stage.EXECUTION:
            actions = list(PlanAction.objects.filter(goal__cycle=self.record.running_cycle))
        return super().get_form_kwargs() | {
            "user": self.request.user,
            "stakeholder": self.record,
            "today": today,
            "people": people,
            "actions": actions,
            "tasks": self.open_tasks() if self.needs_tasks() else [],
        }

    def needs_tasks(self):
        """Whether the open tasks have to be queried: not when a form without ticked tasks is submitted."""
        return self.request.method != "POST" or "tasks" in self.request.POST

    def open_tasks(self):
        """Returns the open tasks of the record, of any owner."""
        open_ones = Task.objects.visible_to(self.request.user).open().filter(stakeholder=self.record)
        return list(open_ones.order_by("due_on", "pk")[:MAX_TASKS])


class QuickLog(LogView):
    """Step 2: the form, which takes three taps and one sentence."""

    template_name = "relations/log_form.html"

    def get_form_kwargs(self):
        kwargs = super().get_form_kwargs()
        if self.request.method == "POST":
            return kwargs
        last = self.last_contact()
        again = self.withdrawn_contact()
        kwargs["last"] = last
        kwargs["initial"] = self.prefilled_values(kwargs, last, again)
        return kwargs

    def last_contact(self):
        """Returns the contact with this record that the user entered last, or None; its channel is chosen again."""
        mine = Interaction.objects.filter(
            stakeholder=self.record, entered_by=self.request.user, withdrawn_at=None
        )
        return mine.contacts().order_by("-contact_on", "-pk").first()

    def withdrawn_contact(self):
        """Returns the contact that was just withdrawn (`again` in the query string), whose values are filled in."""
        pk = parse_key(self.request.GET.get("again"))
        mine = Interaction.objects.filter(stakeholder=self.record, entered_by=self.request.user)
        return mine.exclude(withdrawn_at=None).filter(pk=pk).first() if pk else None

    def prefilled_values(self, kwargs, last, again):
        query, tasks = self.request.GET, kwargs["tasks"]
        chosen = next((task for task in tasks if str(task.pk) == query.get("task")), None)
        purpose = query.get("purpose") or (chosen and purpose_of(chosen.origin)) or self.usual_purpose(last)
        initial = {
            "people": [str(person.pk) for person in kwargs["people"] if person.is_main],
            "channel": last.channel if last and last.channel in CHANNELS else CHANNELS[0],
            "purpose": purpose if purpose in PURPOSES else Purpose.ORDINARY,
            "tasks": [
                str(task.pk)
                for task in tasks
                if task == chosen or (not chosen and fits_purpose(task, purpose))
            ],
        }
        if day := parse_day(query.get("on", "")):
            initial |= {"day": LogForm.PICK, "on": day}
        elif self.past_period():
            initial["day"] = LogForm.PICK
        if again:
            initial |= self.initial_from_withdrawn(again, kwargs["today"])
        return initial

    def past_period(self):
        """Returns the first and last day of the past period to record, or None; the user has to choose the day."""
        since, until = (parse_day(self.request.GET.get(name, "")) for name in ("since", "until"))
        return (since, until) if since and until and since <= until else None

    def usual_purpose(self, last):
        return last.purpose if last and last.purpose in REPEATABLE_PURPOSES else Purpose.ORDINARY

    def initial_from_withdrawn(self, again, today):
        day = (
            {"day": LogForm.TODAY}
            if again.contact_on == today
            else {"day": LogForm.PICK, "on": again.contact_on}
        )
        return day | {
            "people": [str(pk) for pk in again.their_people.values_list("person", flat=True)],
            "channel": again.channel,
            "purpose": again.purpose,
            "content": again.content,
            "follow_up": again.follow_up,
            "missed": again.outcome == Outcome.ATTEMPTED,
        }

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        form = context["form"]
        return context | {
            "stakeholder": self.record,
            "today": form.today,
            "colleagues": colleague_choices(self.request.user),
            **preview_completion(form),
            "draft": draft_key(self.record),
            "past_period": self.past_period(),
            "size_limit": files.size_limit(form.today),
            "max_files": files.MAX_FILES,
            "open_sections": form.open_sections,
        }

    def form_invalid(self, form):
        form.set_task_choices(self.open_tasks())
        return super().form_invalid(form)

    def form_valid(self, form):
        interaction = form.interaction()
        saved = self.save(form, interaction)
        if saved is not interaction:
            return self.duplicate_response(form, interaction, saved)
        words = _("已记下，完成了“%s”") % _("”“").join(saved.completed) if saved.completed else _("已记下")
        undo = reverse("interactions:undo", args=[saved.pk])
        messages.success(self.request, words, extra_tags=f"undo:{undo} draft-clear:{draft_key(self.record)}")
        return redirect(f"{reverse('my_work')}?done={saved.pk}")

    @files.atomic_with_files()
    def save(self, form, interaction):
        """Saves the contact, a new contact person and files in one transaction."""
        company = form.participants()
        if person := form.new_person():
            company.theirs.append(person)
        interaction.cycle_id = self.record.running_cycle
        saved = log_interaction(
            interaction,
            by=self.request.user,
            company=company,
            done_tasks=form.done_tasks(),
            follow_up_on=form.cleaned_data.get("follow_up_on"),
            retry_on=form.cleaned_data.get("retry_on") if form.missed else None,
        )
        if saved is not interaction:
            return saved
        if person and person.is_new:
            index([self.record])
        for file, content_type in form.cleaned_data["files"]:
            files.attach(
                file,
                stakeholder=self.record,
                interaction=saved,
                by=self.request.user,
                content_type=content_type,
            )
        return saved

    def duplicate_response(self, form, typed, saved):
        """The form was submitted twice: the same text is one record; another text gets an error with advice."""
        if saved.entered_by_id == self.request.user.pk and saved.content == typed.content:
            messages.success(self.request, _("已记下"), extra_tags=f"draft-clear:{draft_key(self.record)}")
            return redirect(f"{reverse('my_work')}?done={saved.pk}")
        form.add_error(
            None, _("这一条刚才已经保存过了。要改内容，请打开那条记录更正；要另记一条，请重新打开这一页。")
        )
        return self.form_invalid(form)


def draft_key(stakeholder):
    return f"log-{stakeholder.pk}"


def fits_purpose(task, purpose):
    return task.origin == Task.Origin.RETRY or (purpose is not None and purpose_of(task.origin) == purpose)


class Preview(LogView):
    """The line above 保存 with what saving would complete; requested at every change of the form."""

    http_method_names = ["post"]
    template_name = "relations/log_completes.html"

    def post(self, request, *args, **kwargs):
        return self.render_to_response(preview_completion(self.get_form()))
