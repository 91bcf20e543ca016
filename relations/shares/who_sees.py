"""谁看得到这份记录: everybody who sees a record today, and why."""

from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext_lazy as _

from accounts.models import StandIn, User
from relations.models import Share, Stakeholder
from relations.reminding.escalation_chain import people_sql, reasons_sql, sees_sql

REASON_LABELS = {
    "responsible": _("负责社工"),
    "account": _("本人"),
    "supervision": _("负责社工的督导"),
    "department": _("部门"),
    "all": _("全中心"),
    "share": _("授权"),
    "signature": _("审批过"),
    "stand_in": _("代理%(who)s"),
}
# The reason that says most stands first; a share is named last, because it ends.
ORDER = ("account", "responsible", "supervision", "department", "all", "signature", "share")


@dataclass(frozen=True)
class RecordViewer:
    """One person who sees the record, why, and the share that opens it, if nothing else does."""

    user: User
    why: str
    words: str
    share: Share | None = None


def who_sees(stakeholder, day):
    """A list of Seer: by reason, then by name; whoever stands in today stands last."""
    why = visibility_reasons(stakeholder, day)
    users = User.objects.filter(pk__in=why).select_related("department").order_by("name", "pk")
    shares = {share.user_id: share for share in stakeholder.shares.running_on(day)}
    found = [
        RecordViewer(
            user,
            why[user.pk],
            str(REASON_LABELS[why[user.pk]]),
            shares.get(user.pk) if why[user.pk] == "share" else None,
        )
        for user in users
    ]
    found.sort(key=lambda seer: ORDER.index(seer.why))
    return found + standing_in(stakeholder, day, set(why))


def visibility_reasons(stakeholder, day):
    """{pk of a user: why}, from one statement."""
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
    """Who sees it only because they stand in today for one of `seers`; asked of each, for they are few."""
    today = StandIn.objects.active_on(day).filter(absent__in=seers).exclude(stand_in__in=seers)
    return [
        RecordViewer(each.stand_in, "stand_in", str(REASON_LABELS["stand_in"]) % {"who": each.absent.name})
        for each in today.select_related("absent", "stand_in__department").order_by("stand_in__name")
        if Stakeholder.objects.visible_to(each.stand_in).filter(pk=stakeholder.pk).exists()
    ]
