"""What the steps on people write: whom it is about, who must not know, who may read, who is in charge (R143-R158)."""

from django.utils.translation import gettext as _

from accounts.exceptions import ActionRefused
from complaints.access import access_list
from complaints.appointments import in_charge
from complaints.clocks import notices
from complaints.measures import actions as measures
from complaints.models import AccessRole, Accused, NotTold, State
from complaints.workflow import effects


def add_accused(case, context):
    """Whoever is complained about goes off the list at once; a head among them hands over to the next (R450)."""
    users = context.given.users
    Accused.objects.bulk_create((Accused(complaint=case, user=user) for user in users), ignore_conflicts=True)
    return effects.Outcome(
        text=_("被投诉的人：%s") % _("、").join(user.name for user in users),
        afterwards=remove_excluded(case, users, context),
    )


def change_confidentiality(case, context):
    """Strictly confidential or not, and who must not be told (R154, R158)."""
    given, before = context.given, case.is_strictly_confidential
    case.is_strictly_confidential = given.is_strict
    rows = [NotTold(complaint=case, user=user) for user in given.users]
    if given.words:
        rows.append(NotTold(complaint=case, words=given.words))
    NotTold.objects.bulk_create(rows, ignore_conflicts=True)
    details = {"was_strict": before, "not_told": [user.pk for user in given.users], "words": given.words}
    return effects.Outcome(details=details, afterwards=remove_excluded(case, given.users, context))


def remove_excluded(case, users, context):
    """Takes `users` off the list. Where one of them was head or handler, the next in charge takes the place."""
    closed = [user for user in users if user.pk in access_list.excluded_users(case)]
    if case.opinion_by in closed:
        effects.withdraw_opinion(case)
    if case.handler in closed:
        case.handler = None
        case.state = State.WITH_HEAD if case.state == State.HANDLING else case.state
    for user in closed:
        access_list.remove_person(case, user, by=context.by)
    if case.head not in closed:
        measures.reassign_to_head(closed, case)
        return effects.no_follow_up
    case.head = in_charge.head_for(access_list.excluded_users(case))
    access_list.add_person(case, case.head, AccessRole.HEAD, by=context.by)
    measures.reassign_to_head(closed, case)
    return lambda case: notices.remind_head(case, context.today)


def add_reader(case, context):
    """One more who needs to know; only reads."""
    access_list.add_person(
        case, context.given.user, AccessRole.NAMED, by=context.by, reason=context.given.text
    )
    return effects.Outcome(
        text=_("%(name)s：%(reason)s") % {"name": context.given.user.name, "reason": context.given.text}
    )


def remove_reader(case, context):
    """Off the list; head and handler are changed, not taken off."""
    whom, readers = context.given.user, access_list.removable(case)
    if not access_list.remove_person(case, whom, by=context.by, roles=readers):
        if AccessRole.ESCALATED in access_list.roles_of(case, whom):
            raise ActionRefused(_("逾期上报的人，办结以前不能移出。"))
        raise ActionRefused(_("负责人和跟进人不能直接移出，请换人。"))
    return effects.Outcome(text=context.given.user.name)


def pass_headship(case, context):
    """The head hands this one over: being away, or too near to it."""
    heir = context.given.user
    access_list.add_person(case, heir, AccessRole.HEAD, by=context.by)
    case.head = heir
    return effects.Outcome(
        text=_("%(name)s：%(reason)s") % {"name": heir.name, "reason": context.given.text},
        afterwards=lambda case: notices.remind_head(case, context.today),
    )
