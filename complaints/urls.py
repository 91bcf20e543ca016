"""All URLs of opinions and complaints that require a login; the public portal has complaints.portal.urls."""

from django.urls import include, path, register_converter

from complaints.intake.actions import NUMBER_ALPHABET, NUMBER_LENGTH


class NumberConverter:
    """`<number:number>`: 2026-K7F3MQ, as created by complaints.intake.actions.new_number."""

    regex = f"[0-9]{{4}}-[{NUMBER_ALPHABET}]{{{NUMBER_LENGTH}}}"

    def to_python(self, value):
        return value

    def to_url(self, value):
        return value


register_converter(NumberConverter, "number")

app_name = "complaints"
urlpatterns = [
    path("", include("complaints.list_urls")),
    path("", include("complaints.intake_urls")),
    path("", include("complaints.paper_urls")),
    path("", include("complaints.measure_urls")),
    path("", include("complaints.text_urls")),
    path("", include("complaints.case_urls")),
]
