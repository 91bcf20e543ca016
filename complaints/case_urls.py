"""URLs of one complaint: its page, acts, people, files and log of viewings."""

from django.urls import path

from complaints.access import views as people_views
from complaints.acts import views as act_views
from complaints.cases import views as case_views
from complaints.files import views as file_views

urlpatterns = [
    path("<number:number>/", case_views.CaseView.as_view(), name="case"),
    path("<number:number>/act/<slug:name>/", act_views.ActView.as_view(), name="act"),
    path("<number:number>/people/", people_views.PeopleView.as_view(), name="people"),
    path("<number:number>/seen/", people_views.ViewingLogView.as_view(), name="seen"),
    path("<number:number>/reviewed/", case_views.ReviewedView.as_view(), name="reviewed"),
    path("<number:number>/identity/", case_views.IdentityView.as_view(), name="identity"),
    path("<number:number>/files/<key:pk>/", file_views.EnclosureView.as_view(), name="enclosure"),
]
