"""How decisions on the course of a relationship are approved: their Matter (R19-R21, R58-R66)."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.approvals.matters import Matter
from relations.cycle.lifecycle import BEFORE_CLOSURE
from relations.models import Course, Cycle, Decision, Stakeholder
from relations.models.stakeholder import visible_with_stakeholder
from relations.reminding.about import reminder_values
from relations.reminding.escalation_chain import users_who_see
from reminders import clock

MATTER = "decision"
CONTENT = (
    "cycle_id",
    "course",
    "justification",
    "both_agree",
    "is_willing",
    "termination_reason",
    "help_offered",
    "referral_form",
    "referred_to",
    "proposed_by_id",
)
RECORD = "decision__cycle__stakeholder"


def subject_of(cycle):
    """Returns the subject of the approval request: one decision per cycle may be waiting at a time."""
    return f"cycle:{cycle.pk}"


def reason_not_decidable(cycle):
    """Returns why no decision can be made on this cycle any more, as a sentence, or None."""
    if cycle.ended_on:
        return _("第%s轮已经结束，只能查看。") % cycle.number
    if cycle.stage not in BEFORE_CLOSURE:
        return _("已经进入评估与结案，请在结案时写明结束类型。")
    return None


class CourseDecision(Matter):
    """A decision on the course of a relationship; the user who proposes it never approves it."""

    label = gettext_lazy("关系进程的决定")
    approver_roles = (
        "approver",
        "supervisor",
        "department",
        "business_lead",
        "head",
        "director",
        "finance",
        "council",
    )
    steps = (("approver", None),)
    conditions = ("kind",)
    needs_visibility = True
    record_path = RECORD
    context_paths = {
        "worker": f"sheet__{RECORD}__responsible",
        "department": f"sheet__{RECORD}__department",
        "kind": f"sheet__{RECORD}__kind",
        "confidential": f"sheet__{RECORD}__is_confidential",
    }
    related = (RECORD, "decision__proposed_by")
    refusal = gettext_lazy("这个决定不能由您审批：自己提出的，要由另一位有审批权限的同事来做。")

    def facts(self, sheet):
        return {"kind": sheet.decision.cycle.stakeholder.kind}

    def content(self, sheet):
        """Reads a saved decision from the database again, so that the comparison uses its present values."""
        decision = sheet.decision
        if decision.pk:
            return Decision.objects.values(*CONTENT).get(pk=decision.pk)
        return {name: getattr(decision, name) for name in CONTENT}

    def problem(self, sheet):
        return reason_not_decidable(Cycle.objects.get(pk=sheet.decision.cycle_id)) or ""

    def lock_subject(self, sheet):
        """Locks the cycle, as proposing does, so that it does not end while the decision is made."""
        Cycle.objects.select_for_update(no_key=True).get(decisions__sheet=sheet)

    def on_closed(self, sheet):
        """Copies the state of the approval request to the decision, and saves the decision for its history."""
        Decision.objects.awaiting().filter(sheet=sheet).update(
            state=sheet.state,
            decided_by=sheet.decided_by,
            decided_on=clock.today(),
            decision_note=sheet.opinion,
        )
        Decision.objects.get(sheet=sheet).save()

    def visible_condition(self, user, path=""):
        return visible_with_stakeholder(user, f"{path}{RECORD}")

    def listed_for(self, user):
        return super().listed_for(user) | Q(decided_by=user.pk)

    def filter_viewers(self, people, sheet):
        return people.filter(pk__in=users_who_see(sheet.decision.cycle.stakeholder).values("pk"))

    def title(self, sheet):
        decision = sheet.decision
        words = {"who": decision.cycle.stakeholder.name, "course": Course(decision.course).label}
        return _("%(who)s：“%(course)s”的决定") % words

    def page(self, sheet):
        return reverse("relations:decision", args=[sheet.decision.pk])

    def may_notify(self, sheet, user):
        return Stakeholder.objects.visible_to(user).filter(pk=sheet.decision.cycle.stakeholder_id).exists()

    def reminder_fields(self, sheet, user):
        return reminder_values(sheet.decision.cycle.stakeholder, user)

    def reminder_subject(self, sheet, what):
        return f"decision:{sheet.decision.pk}" if what == "ask" else f"decision:{sheet.decision.pk}:answer"
