"""Downloads of the files of a complaint; the right is checked at each request."""

from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from django.views.generic import View

from accounts.access import PermissionRequired
from complaints.access import access_list
from complaints.models import Enclosure, Viewing


class EnclosureView(PermissionRequired, View):
    """The file itself, always as a download; each one is logged (R153). Without access the response is 404."""

    def get(self, request, number, pk):
        visible = Enclosure.objects.visible_to(request.user).select_related("complaint")
        enclosure = get_object_or_404(visible, pk=pk, complaint__number=number)
        try:
            content = enclosure.file.open("rb")
        except OSError as missing:
            raise Http404 from missing
        access_list.record_viewing(enclosure.complaint, request.user, Viewing.What.FILE)
        response = FileResponse(
            content, as_attachment=True, filename=enclosure.name, content_type=enclosure.content_type
        )
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "private, no-store"
        return response
