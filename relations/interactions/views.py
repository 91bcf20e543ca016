"""沟通记录: the list over all records, one contact, its correction, withdrawal and history."""

from datetime import date

from django.contrib import messages
from django.db import connection
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import DetailView, FormView, TemplateView, UpdateView, View

from accounts.access import PermissionRequired
from accounts.editing import VersionedUpdate
from accounts.history import revisions
from accounts.query_cache import PreparedRows
from accounts.roles import Permission, Scope
from lists.filters import condition_words, filter_bar
from lists.paging import (
    PAGE_SIZE,
    Order,
    capped_counts,
    capped_counts_sql,
    first_page,
    order_columns,
    page_links,
    page_of,
)
from lists.query import encode, link, parse_query_string
from lists.tabs import Tab, tab_items
from relations.duties import settlement as duties
from relations.files.slots import RequestTooLarge
from relations.interactions import filters
from relations.interactions.export import columns, with_people
from relations.interactions.forms import CorrectForm, SavedViewForm, WithdrawForm
from relations.lists import saved_views, workbook
from relations.log.actions import correct_interaction, withdraw_interaction
from relations.log.after_views import OwnContactMixin
from relations.log.people import people_of
from relations.models import ContactPerson, Interaction, PlanAction, Stage
from relations.parties import record_urls
from relations.parties.colleagues import colleague_choices
from relations.parties.kinds import this_record_words
from relations.parties.own_right import may_change_entry
from reminders import clock

NEWEST = Order("contact_on", date.fromisoformat, descending=True)


def with_columns(pks):
    """Returns the contacts of `pks` (a queryset) with the columns that a row shows."""
    columns = (
        "contact_on",
        "channel",
        "purpose",
        "outcome",
        "content",
        "stakeholder__name",
        "stakeholder__kind",
    )
    return Interaction.objects.filter(pk__in=pks).select_related("stakeholder").only(*columns)


def newest_contacts(user):
    rows = Interaction.objects.visible_to(user).order_by(*order_columns(NEWEST))
    return with_columns(rows.values("pk")[: PAGE_SIZE + 1]).order_by(*order_columns(NEWEST))


FIRST_PAGE = PreparedRows(newest_contacts)


def is_default_request(user, query):
    """Whether the list is opened without a query string, by a user whose scope is not OWN.

    With the scope OWN the filtered query is faster (see relations.interactions.filters.limit_to_search).
    """
    return not query and user.widest_scope != Scope.OWN


def default_page(user):
    """Returns the first page of all visible contacts, and their number, counted up to 1,001."""
    with connection.cursor() as cursor:
        cursor.execute(*capped_counts_sql([Interaction.objects.visible_to(user)]))
        (total,) = cursor.fetchone()
    return first_page(FIRST_PAGE(user), NEWEST), total


class InteractionList(PermissionRequired, TemplateView):
    """All contacts visible to the user, newest first; filters and position are in the query string."""

    permission = Permission.VIEW
    template_name = "relations/interaction_list.html"

    def get_context_data(self, **kwargs):
        user, today, query = self.request.user, clock.today(), self.request.GET
        conditions = filters.parse_filters(query)
        page, total = (
            default_page(user)
            if is_default_request(user, query)
            else self.page_and_count(user, conditions, today)
        )
        offers = filters.filter_choices(user, conditions)
        bar = filter_bar(filters.bar_filters(conditions, offers, user), conditions)
        people = people_of(page.rows)
        for row in page.rows:
            row.people, row.record = people[row.pk], record_urls.record_url(row.stakeholder)
        return super().get_context_data(**kwargs) | {
            "today": today,
            "rows": page.rows,
            "page": page,
            "total": total,
            "filters": bar,
            "views": self.views(offers["view"], conditions),
            "q": conditions.get("q", ""),
            "conditions": conditions,
            "hidden_values": [(name, value) for name, value in conditions.items() if name != "q"],
            "words": condition_words(bar, conditions.get("q", "")),
            "query": link(conditions),
            **page_links(page, conditions),
            "can_export": user.may(Permission.EXPORT),
            "can_log": user.may(Permission.LOG),
        }

    def page_and_count(self, user, conditions, today):
        rows = filters.apply_filters(user, conditions, today)
        page = page_of(rows, NEWEST, self.request.GET, with_columns=with_columns)
        return page, capped_counts({"all": rows})["all"]

    def views(self, kept, conditions):
        """The standard views, followed by the user's saved views."""
        tabs = [
            Tab(_("全部"), {}),
            Tab(_("我参加的"), {"worker": str(self.request.user.pk)}),
            Tab(_("紧急沟通"), {"urgent": "1"}),
        ]
        tabs += [Tab(name, parse_query_string(query)) for _pk, name, query in kept]
        return tab_items(tabs, conditions)


class ExportInteractions(PermissionRequired, View):
    """The filtered list as a workbook."""

    permission = Permission.EXPORT

    def get(self, request):
        conditions = filters.parse_filters(request.GET)
        rows = filters.apply_filters(request.user, conditions, clock.today())
        count = workbook.count_rows(rows)
        try:
            return workbook.export(with_people(rows), columns(), _("沟通记录"), by=request.user, count=count)
        except RequestTooLarge as refusal:
            messages.error(request, str(refusal))
            return redirect(f"{reverse('interactions:list')}{link(conditions)}")


class VisibleContactMixin(PermissionRequired):
    """For pages of one visible contact."""

    permission = Permission.VIEW
    context_object_name = "contact"

    def get_queryset(self):
        rows = Interaction.objects.visible_to(self.request.user)
        return rows.select_related("stakeholder", "entered_by", "starter", "plan_action")


class InteractionDetail(VisibleContactMixin, DetailView):
    """One contact: both dates, the participants, the duties it completed, the tasks it created, and its files."""

    template_name = "relations/interaction_detail.html"

    def get_context_data(self, **kwargs):
        contact = self.object
        return super().get_context_data(**kwargs) | {
            "today": clock.today(),
            "people": people_of([contact])[contact.pk],
            "completed": duties.completed_by([contact]).get(contact.pk, []),
            "raised": contact.raised_tasks.all(),
            "files": contact.attachments.filter(withdrawn_at=None),
            "record": record_urls.record_url(contact.stakeholder),
            "this": this_record_words(contact.stakeholder.kind),
            "paper": record_urls.contact_paper_url(contact),
            "may_correct": may_change_entry(self.request.user, contact.stakeholder, contact.entered_by_id),
            "is_corrected": contact.version > 1,
            "is_backdated": timezone.localdate(contact.entered_at) != contact.contact_on,
        }


class CorrectContact(OwnContactMixin, VersionedUpdate, UpdateView):
    """更正: corrects the text, day and participants of a contact; its duties are counted again."""

    form_class = CorrectForm
    template_name = "relations/interaction_correct.html"
    context_object_name = "contact"

    def get_object(self, queryset=None):
        return self.contact()

    def get_queryset(self):
        return Interaction.objects.visible_to(self.request.user).select_related("stakeholder")

    def get_form_kwargs(self):
        record = self.object.stakeholder
        there = [part.person_id for part in self.object.their_people.all()]
        people = ContactPerson.objects.filter(stakeholder=record)
        cycle = self.object.cycle
        actions = (
            PlanAction.objects.filter(goal__cycle=cycle) if cycle and cycle.stage >= Stage.EXECUTION else []
        )
        return super().get_form_kwargs() | {
            "user": self.request.user,
            "stakeholder": record,
            "today": clock.today(),
            "people": [person for person in people if person.left_on is None or person.pk in there],
            "there": there,
            "actions": actions,
        }

    def claim(self, version):
        """Does nothing, because relations.log.actions.correct_interaction claims the version itself."""

    def save_form(self, form):
        before = self.get_queryset().values_list("contact_on", flat=True).get(pk=self.object.pk)
        correct_interaction(
            form.instance, before=before, company=form.participants(), version=form.cleaned_data["version"]
        )
        messages.success(
            self.request, _("已更正"), extra_tags=f"draft-clear:{self.draft(form.cleaned_data['version'])}"
        )
        return redirect(self.get_success_url())

    def draft(self, version):
        return f"contact-{self.object.pk}-{version}"

    def get_success_url(self):
        return reverse("interactions:detail", args=[self.object.pk])

    def get_context_data(self, **kwargs):
        return super().get_context_data(**kwargs) | {
            "stakeholder": self.object.stakeholder,
            "colleagues": colleague_choices(self.request.user),
            "draft": self.draft(self.object.version),
            "open_sections": {"mates": True},
        }


class WithdrawContact(OwnContactMixin, FormView):
    """撤销: withdraws a contact with a reason; the duties it met are open again, and the history keeps it."""

    form_class = WithdrawForm
    template_name = "relations/interaction_withdraw.html"

    def get_context_data(self, **kwargs):
        contact = self.contact()
        return super().get_context_data(**kwargs) | {
            "contact": contact,
            "completed": duties.completed_by([contact]).get(contact.pk, []),
        }

    def form_valid(self, form):
        contact = self.contact()
        withdraw_interaction(contact, by=self.request.user, reason=form.cleaned_data["reason"])
        messages.success(self.request, _("这条记录已撤销，对应的应尽事项重新计算了。"))
        return redirect("interactions:list")


class InteractionHistory(VisibleContactMixin, DetailView):
    """The changes of a contact: who changed which value, and when."""

    template_name = "relations/interaction_history.html"
    compared = (
        "contact_on",
        "channel",
        "purpose",
        "outcome",
        "started_by",
        "starter",
        "guest_role",
        "content",
        "follow_up",
    )

    def get_context_data(self, **kwargs):
        changes = revisions(self.object, only=self.compared, changed=_("更正"))
        return super().get_context_data(**kwargs) | {"revisions": changes}


class ContactSavedViewMixin:
    """For views that save or delete a saved view of the list of contacts."""

    page = filters.PAGE

    def list_url(self, values):
        return f"{reverse('interactions:list')}?{encode(values)}"


class SaveContactView(ContactSavedViewMixin, saved_views.CreateSavedView):
    """存为视图 of the list of contacts."""

    form_class = SavedViewForm
    template_name = "relations/interaction_view.html"

    def conditions(self):
        return filters.parse_filters(self.request.GET)

    def bar(self, conditions):
        offers = filters.filter_choices(self.request.user, conditions)
        return filter_bar(filters.bar_filters(conditions, offers, self.request.user), conditions)


class DeleteContactSavedView(ContactSavedViewMixin, saved_views.DeleteSavedView):
    """Deletes a saved view of the list of contacts."""
