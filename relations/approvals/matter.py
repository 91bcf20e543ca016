"""How decisions on the course of a relationship are approved: their Matter (R19-R21, R58-R66)."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.approvals.matters import ChangeLine, Matter
from accounts.approvals.models import Sheet
from accounts.history import display_value
from relations.cycle.lifecycle import BEFORE_CLOSURE
from relations.models import Course, Cycle, Decision, Stakeholder
from relations.models.stakeholder import visible_with_stakeholder
from relations.parties.record_urls import record_url
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
PROPOSED_FIELDS = tuple(name for name in CONTENT if not name.endswith("_id"))
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


def waiting_request(cycle):
    """Returns the approval request of the decision that waits on this cycle, or None."""
    return Sheet.objects.open().about_matter(MATTER, subject_of(cycle)).first()


def reason_under_approval(cycle):
    """Returns why what a waiting decision is based on cannot be edited now, as a sentence, or None."""
    sheet = waiting_request(cycle)
    return sheet and _("%s还在等待审批，预估先不能改；请等它有结果，或者由提出的人撤回。") % sheet


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

    def lines(self, sheet):
        """The changes since the previous decision of the cycle, if that has to be repeated."""
        decision = sheet.decision
        earlier = decision.cycle.decisions.filter(pk__lt=decision.pk).order_by("-pk").first()
        if earlier is None or earlier.state not in Decision.TO_REPEAT:
            return []
        fields = [Decision._meta.get_field(name) for name in PROPOSED_FIELDS]
        return [
            ChangeLine(str(field.verbose_name), display_value(field, earlier), display_value(field, decision))
            for field in fields
            if getattr(earlier, field.attname) != getattr(decision, field.attname)
        ]

    def record_links(self, sheet, user):
        """The record, and the cycle with the records of its stages."""
        cycle = sheet.decision.cycle
        return [
            (record_url(cycle.stakeholder), cycle.stakeholder.name),
            (reverse("relations:cycle", args=[cycle.pk]), _("第%(number)s轮") % {"number": cycle.number}),
        ]

    def page(self, sheet):
        return reverse("relations:decision", args=[sheet.decision.pk])

    def may_notify(self, sheet, user):
        return Stakeholder.objects.visible_to(user).filter(pk=sheet.decision.cycle.stakeholder_id).exists()

    def reminder_fields(self, sheet, user):
        return reminder_values(sheet.decision.cycle.stakeholder, user)

    def reminder_subject(self, sheet, what):
        return f"decision:{sheet.decision.pk}" if what == "ask" else f"decision:{sheet.decision.pk}:answer"
