"""Files of a complaint, handed out after asking anew at each request."""

from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from django.views.generic import View

from accounts.access import PermissionRequired
from complaints.access import access_list
from complaints.models import Enclosure, Viewing


class EnclosureView(PermissionRequired, View):
    """The file itself, always as a download; each one is written down (R153). A lost right is a 404."""

    def get(self, request, number, pk):
        visible = Enclosure.objects.visible_to(request.user).select_related("complaint")
        found = get_object_or_404(visible, pk=pk, complaint__number=number)
        try:
            content = found.file.open("rb")
        except OSError as missing:
            raise Http404 from missing
        access_list.record_viewing(found.complaint, request.user, Viewing.What.FILE)
        answer = FileResponse(
            content, as_attachment=True, filename=found.name, content_type=found.content_type
        )
        answer["X-Content-Type-Options"] = "nosniff"
        answer["Cache-Control"] = "private, no-store"
        return answer
