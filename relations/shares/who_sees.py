"""谁看得到这份记录: the users who see a record today, with reasons."""

from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext_lazy as _

from accounts.models import StandIn, User
from relations.models import Share, Stakeholder
from relations.shares.sight_sql import people_sql, reasons_sql, sees_sql

REASON_LABELS = {
    "responsible": _("负责社工"),
    "account": _("本人"),
    "supervision": _("负责社工的督导"),
    "department": _("部门"),
    "all": _("全中心"),
    "share": _("授权"),
    "asked": _("正等这位同事审批"),
    "decided": _("审批过"),
    "stand_in": _("代理%(who)s"),
}
# Strongest reason first; a share comes last, because it expires.
ORDER = ("account", "responsible", "supervision", "department", "all", "asked", "decided", "share")


@dataclass(frozen=True)
class RecordViewer:
    """A user who sees the record: the reason `why` (key of REASON_LABELS), its text, and the share if decisive."""

    user: User
    why: str
    words: str
    share: Share | None = None


def who_sees(stakeholder, day):
    """Returns a list of RecordViewer, ordered by reason and name; today's stand-ins last."""
    reasons = visibility_reasons(stakeholder, day)
    users = User.objects.filter(pk__in=reasons).select_related("department").order_by("name", "pk")
    shares = {share.user_id: share for share in stakeholder.shares.running_on(day)}
    viewers = [record_viewer(user, reasons[user.pk], shares.get(user.pk)) for user in users]
    viewers.sort(key=lambda viewer: ORDER.index(viewer.why))
    return viewers + standing_in(stakeholder, day, set(reasons))


def record_viewer(user, why, share):
    """Returns the RecordViewer of `user`; `share` is their running share or None. An emergency is named as such."""
    if why != "share" or share is None:
        return RecordViewer(user, why, str(REASON_LABELS[why]))
    return RecordViewer(user, why, str(share.get_kind_display()), share)


def visibility_reasons(stakeholder, day):
    """Returns {pk of a user: reason}, in one query."""
    conditions = reasons_sql("p", day)
    cases = " ".join(f"WHEN {conditions[why]} THEN '{why}'" for why in ORDER if why in conditions)
    sql = (
        f"SELECT p.id, CASE {cases} END FROM ({people_sql()}) p, relations_stakeholder s "  # noqa: S608
        f"WHERE s.id = %s AND s.voided_at IS NULL AND {sees_sql('p', day)}"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [stakeholder.pk])
        return dict(cursor.fetchall())


def standing_in(stakeholder, day, seers):
    """Returns RecordViewers of those who see it only as stand-ins of `seers` (pks); one query each, as they are few."""
    today = StandIn.objects.active_on(day).filter(absent__in=seers).exclude(stand_in__in=seers)
    return [
        RecordViewer(each.stand_in, "stand_in", str(REASON_LABELS["stand_in"]) % {"who": each.absent.name})
        for each in today.select_related("absent", "stand_in__department").order_by("stand_in__name")
        if Stakeholder.objects.visible_to(each.stand_in).filter(pk=stakeholder.pk).exists()
    ]
