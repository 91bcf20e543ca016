"""URLs of the public texts with their versions, and of the poster."""

from django.urls import path

from complaints.public_texts import views as text_views

urlpatterns = [
    path("texts/", text_views.Texts.as_view(), name="texts"),
    path("texts/<slug:key>/", text_views.Text.as_view(), name="text"),
    path("poster/", text_views.Poster.as_view(), name="poster"),
]
