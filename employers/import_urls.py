"""URLs of the import of employers."""

from employers.importing.spec import EMPLOYERS
from relations.import_urls import import_urls

urlpatterns, app_name = import_urls(EMPLOYERS)
