"""The public door (R123-R124)."""

app_name = "portal"
urlpatterns = []
