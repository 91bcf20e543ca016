from relations.parties.urls import patterns_of
from tests.schools.kind import SCHOOL

app_name = "schools"
urlpatterns = patterns_of(SCHOOL)
