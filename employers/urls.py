"""用人单位."""

from django.urls import path

from employers import contract_views, duplicate_views, form_views, paper_views, record_views
from employers.kind import EMPLOYER
from relations.lists.urls import list_urls

app_name = "employers"
MONTH = "<key:pk>/paper/month/<str:month>/"

urlpatterns = [
    *list_urls(EMPLOYER.list),
    path("new/", form_views.NewEmployer.as_view(), name="create"),
    path("sheets/", paper_views.Sheets.as_view(), name="sheets"),
    path("duplicates/", duplicate_views.Duplicates.as_view(), name="duplicates"),
    path("duplicates/<key:pk>/settle/", duplicate_views.SettleDuplicate.as_view(), name="duplicate_settle"),
    path("<key:pk>/", record_views.EmployerRecord.as_view(), name="detail"),
    path("<key:pk>/edit/", form_views.EditEmployer.as_view(), name="edit"),
    path("<key:pk>/check/", record_views.CheckSheet.as_view(), name="check"),
    path("<key:pk>/caution/", form_views.EditCaution.as_view(), name="caution"),
    path("<key:pk>/void/", record_views.VoidEmployer.as_view(), name="void"),
    path("<key:pk>/people/new/", form_views.AddPerson.as_view(), name="person_add"),
    path("<key:pk>/people/<key:person>/", form_views.EditPerson.as_view(), name="person_edit"),
    path("<key:pk>/people/<key:person>/left/", form_views.PersonLeft.as_view(), name="person_left"),
    path("<key:pk>/contracts/new/", contract_views.AddContract.as_view(), name="contract_add"),
    path("<key:pk>/contracts/<key:contract>/", contract_views.ContractPage.as_view(), name="contract"),
    path(
        "<key:pk>/contracts/<key:contract>/edit/", contract_views.EditContract.as_view(), name="contract_edit"
    ),
    path("<key:pk>/contracts/<key:contract>/end/", contract_views.EndContract.as_view(), name="contract_end"),
    path(
        "<key:pk>/contracts/<key:contract>/void/", contract_views.VoidContract.as_view(), name="contract_void"
    ),
    path("<key:pk>/contracts/<key:contract>/scans/", contract_views.AddScans.as_view(), name="scans"),
    path("<key:pk>/paper/sheet/", paper_views.Sheet.as_view(), name="sheet"),
    path("<key:pk>/paper/sheet/word/", paper_views.SheetWord.as_view(), name="sheet_word"),
    path("<key:pk>/paper/contact/<key:contact>/", paper_views.Contact.as_view(), name="contact"),
    path(
        "<key:pk>/paper/contact/<key:contact>/word/", paper_views.ContactWord.as_view(), name="contact_word"
    ),
    path(MONTH, paper_views.Month.as_view(), name="month"),
    path(f"{MONTH}filed/", paper_views.FileMonth.as_view(), name="month_filed"),
    path(f"{MONTH}word/", paper_views.MonthWord.as_view(), name="month_word"),
]
