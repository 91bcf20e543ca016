"""Views of the floors: minimal Django views without any rule of this site.

Each requires login (two queries: session and account). The docstrings list all queries.
"""

from datetime import date

from django import forms
from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import Prefetch, Q
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.generic import FormView, TemplateView

from accounts.models import Department
from accounts.roles import Permission
from relations.models import (
    Channel,
    ContactPerson,
    Duty,
    Interaction,
    OurParticipant,
    Outcome,
    Purpose,
    SavedView,
    SearchToken,
    Stakeholder,
)
from relations.models.interaction import PURPOSE_BITS

SIZE = 25


def page(rows, query):
    """Up to 26 rows, newest first, from the day and pk in the query string on."""
    rows = rows.order_by("-contact_on", "-pk")
    day, _tilde, pk = query.get("after", "").partition("~")
    if day and pk:
        day = date.fromisoformat(day)
        rows = rows.filter(contact_on__lte=day).exclude(contact_on=day, pk__gte=pk)
    return list(rows[: SIZE + 1])


class Plain(LoginRequiredMixin, TemplateView):
    """Three queries: session, account, one keyset page of 25 of all contacts; a small template."""

    template_name = "floor/plain.html"

    def get_context_data(self, **kwargs):
        rows = page(Interaction.objects.select_related("stakeholder"), self.request.GET)
        return super().get_context_data(rows=rows[:SIZE], last=rows[SIZE - 1], **kwargs)


CHOICES = {
    name: [(value, str(value)) for value in kind.values]
    for name, kind in (("purpose", Purpose), ("channel", Channel), ("outcome", Outcome))
}
ENTRIES = [
    ("work", Permission.VIEW),
    ("approvals", Permission.APPROVE),
    ("employers", Permission.VIEW),
    ("contacts", Permission.VIEW),
    ("overview", Permission.DASHBOARD),
    ("import", Permission.IMPORT),
    ("rules", Permission.VIEW),
    ("accounts", Permission.MANAGE_ACCOUNTS),
    ("notices", None),
    ("search", Permission.VIEW),
    ("me", None),
    ("password", None),
]


class Rich(LoginRequiredMixin, TemplateView):
    """Seven queries: session, account, the page of 25, their participants, a count up to 1,001, the departments of the
    filter form, the saved views. Navigation by permission, a filter form, 8 cells a row, links and badges.
    """

    template_name = "floor/rich.html"

    def get_context_data(self, **kwargs):
        user, query = self.request.user, self.request.GET
        rows = Interaction.objects.filter(withdrawn_at=None).select_related("stakeholder")
        named = OurParticipant.objects.select_related("user").only("interaction_id", "user__name")
        ours = Prefetch("our_people", named)
        departments = list(Department.objects.values_list("pk", "name"))
        rows = rows.filter(**{name: query[name] for name in CHOICES if query.get(name)})
        shown = page(rows.prefetch_related(ours), query)
        return super().get_context_data(
            rows=shown[:SIZE],
            last=shown[:SIZE][-1],
            filters=[(name, query.get(name), choices) for name, choices in CHOICES.items()],
            departments=departments,
            total=rows.order_by()[:1001].count(),
            views=list(SavedView.objects.filter(owner=user)),
            entries=[(name, f"/{name}/") for name, needed in ENTRIES if needed is None or user.may(needed)],
            **kwargs,
        )


class Detail(LoginRequiredMixin, TemplateView):
    """Eight queries: session, account, the record with its worker, its contact persons, its contracts, its open duties,
    its last 20 contacts and their participants.
    """

    template_name = "floor/detail.html"

    def get_context_data(self, **kwargs):
        record = get_object_or_404(
            Stakeholder.objects.select_related("responsible", "department", "employer"), pk=kwargs["pk"]
        )
        ours = Prefetch("our_people", OurParticipant.objects.select_related("user"))
        contacts = Interaction.objects.filter(stakeholder=record).order_by("-contact_on", "-pk")
        return super().get_context_data(
            record=record,
            people=list(record.contacts.all()),
            terms=list(record.terms.all()),
            duties=list(Duty.objects.filter(stakeholder=record, met_on=None).select_related("rule", "owner")),
            contacts=list(contacts.prefetch_related(ours)[:20]),
            **kwargs,
        )


class ContactForm(forms.ModelForm):
    """The form of Post."""

    class Meta:
        model = Interaction
        fields = ["contact_on", "channel", "purpose", "content"]


class Post(LoginRequiredMixin, FormView):
    """Four queries: session, account, the record, one INSERT; a form with a CSRF token."""

    form_class = ContactForm
    template_name = "floor/plain.html"

    def form_valid(self, form):
        record = get_object_or_404(Stakeholder, pk=self.kwargs["pk"])
        contact = form.save(commit=False)
        contact.stakeholder, contact.entered_by = record, self.request.user
        contact.entered_at, contact.purpose_bit = timezone.now(), PURPOSE_BITS[contact.purpose]
        Interaction.objects.bulk_create([contact])
        return HttpResponseRedirect("/plain/")


class Search(LoginRequiredMixin, TemplateView):
    """Four queries: session, account, the first 20 records with a search token, their main contact persons."""

    template_name = "floor/search.html"

    def get_context_data(self, **kwargs):
        query = self.request.GET["q"]
        token = (
            f"i:{query}" if query.isascii() and len(query) < 4 else f"p:{query}" if query.isascii() else query
        )
        pks = SearchToken.objects.filter(token=token).values("stakeholder").order_by("stakeholder")[:20]
        rows = Stakeholder.objects.filter(Q(pk__in=pks)).select_related("responsible", "department")
        people = Prefetch("contacts", ContactPerson.objects.filter(is_main=True))
        return super().get_context_data(rows=list(rows.prefetch_related(people)), q=query, **kwargs)
