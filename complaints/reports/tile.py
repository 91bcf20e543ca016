"""The tile of complaints on the dashboard."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import npgettext

from complaints.models import Complaint
from relations.tiles import TileSource, tile


class OpenComplaints(TileSource):
    """Complaints visible to the user; other users do not learn that there are any (R153)."""

    def counted(self, user, choice):
        seen = Complaint.objects.visible_to(user)
        return {
            "complaints": seen,
            "complaints_open": seen.open(),
            "complaints_late": seen.overdue_on(choice.today),
        }

    def tiles(self, counts):
        if not counts["complaints"]:
            return []
        number, late = counts["complaints_open"], counts["complaints_late"]
        note = _("逾期%(count)d件") % {"count": late} if late else _("没有逾期")
        pieces, href = npgettext("complaint", "件", "件", number), f"{reverse('complaints:list')}?show=open"
        return [tile(_("办理中的意见投诉"), number, pieces, href, note, bool(late))]
