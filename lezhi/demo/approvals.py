"""Requests of the demo that wait for approval: a referral in each department, and a role for a colleague."""

from accounts.approvals import engine
from accounts.rights.account_changes import rights_request
from accounts.rights.snapshot import rights_of
from accounts.roles import Role
from relations.approvals import decisions
from relations.models import Cycle, Decision, Stage

UNDECIDED = (Stage.CONTACT, Stage.ASSESSMENT, Stage.DECISION)


def write(employers, people):
    """Opens the requests, each by a colleague who could not approve it."""
    propose_referrals(employers)
    request_role(people)


def propose_referrals(employers):
    """Proposes a referral in each department, of a cycle without a plan that has got furthest."""
    cycles = Cycle.objects.running().filter(stakeholder__in=employers, stage__in=UNDECIDED)
    furthest = {cycle.stakeholder.department_id: cycle for cycle in cycles.order_by("stage", "-pk")}
    for cycle in furthest.values():
        decision = Decision(
            cycle=cycle,
            course="refer",
            justification="需要医疗康复，不在中心的服务范围内。",
            referral_form="formal",
            referred_to="南埔镇康复中心",
        )
        decisions.propose(decision, by=cycle.stakeholder.responsible)


def request_role(people):
    """Asks for a role that sees more than one's own work: the director or a council member confirms it."""
    colleague = people["luo"]
    was = rights_of(colleague)
    then = {**was, "roles": [*was["roles"], Role.SUPERVISOR.value]}
    engine.open_sheet(rights_request(colleague, was, then, people["admin"], "下个月起带两位新同事"))
