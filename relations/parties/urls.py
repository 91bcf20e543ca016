"""URL patterns common to all kinds; an app adds its own: `urlpatterns = [*own, *patterns_of(EMPLOYER)]`."""

from django.urls import path

from relations.lists.urls import list_urls
from relations.papers import views as papers
from relations.parties import form_views, record_views, term_views

MONTH = "<key:pk>/paper/month/<str:month>/"


def patterns_of(spec):
    """Returns the URL patterns of list, record page, forms, people, terms and printed forms of a kind (KindSpec)."""
    pages = (*RECORD, *(terms_of(spec.terms) if spec.terms else ()), *PAPERS)
    lists = list_urls(spec.list) if spec.list else []
    return [*lists, *(route(spec, address, view, name) for address, view, name in pages)]


def route(spec, address, view, name):
    return path(address, view.as_view(spec=spec), name=name)


RECORD = (
    ("new/", form_views.NewRecord, "create"),
    ("<key:pk>/", record_views.StakeholderRecord, "detail"),
    ("<key:pk>/edit/", form_views.EditRecord, "edit"),
    ("<key:pk>/caution/", form_views.EditCaution, "caution"),
    ("<key:pk>/void/", record_views.VoidRecord, "void"),
    ("<key:pk>/people/new/", form_views.AddPerson, "person_add"),
    ("<key:pk>/people/<key:person>/", form_views.EditPerson, "person_edit"),
    ("<key:pk>/people/<key:person>/left/", form_views.PersonLeft, "person_left"),
)

PAPERS = (
    ("<key:pk>/paper/contact/<key:contact>/", papers.ContactPaper, "contact"),
    ("<key:pk>/paper/contact/<key:contact>/word/", papers.ContactPaperWord, "contact_word"),
    (MONTH, papers.MonthPaper, "month"),
    (f"{MONTH}filed/", papers.FileMonth, "month_filed"),
    (f"{MONTH}word/", papers.MonthPaperWord, "month_word"),
)


def terms_of(terms):
    """Returns (path, view, name) of the pages of the terms of one kind (a TermSpec)."""
    name, one = terms.url_name, f"<key:pk>/{terms.path}/<key:term>/"
    return (
        (f"<key:pk>/{terms.path}/new/", term_views.AddTerm, f"{name}_add"),
        (one, term_views.TermPage, name),
        (f"{one}edit/", term_views.EditTerm, f"{name}_edit"),
        (f"{one}end/", term_views.EndTerm, f"{name}_end"),
        (f"{one}void/", term_views.VoidTerm, f"{name}_void"),
        (f"{one}scans/", term_views.AddScans, f"{name}_scans"),
    )
