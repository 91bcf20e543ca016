"""Effects of the steps about people: who is accused, excluded, may read, or is in charge (R143-R158)."""

from django.utils.translation import gettext as _

from accounts.exceptions import ActionRefused
from accounts.stored_texts import stored_in_chinese
from complaints.access import access_list
from complaints.appointments import in_charge
from complaints.clocks import notices
from complaints.measures import actions as measures
from complaints.models import AccessRole, Accused, ExcludedPerson, State
from complaints.workflow import effects


def add_accused(case, context):
    """Removes the users complained about from the list at once; a head among them hands over to the next (R450)."""
    users = context.act_input.users
    Accused.objects.bulk_create((Accused(complaint=case, user=user) for user in users), ignore_conflicts=True)
    with stored_in_chinese():
        text = _("被投诉的人：%s") % _("、").join(user.name for user in users)
    return effects.Outcome(
        text=text,
        afterwards=remove_excluded(case, users, context),
    )


def change_confidentiality(case, context):
    """Sets whether the complaint is strictly confidential, and who must not be informed (R154, R158)."""
    act_input, before = context.act_input, case.is_strictly_confidential
    case.is_strictly_confidential = act_input.is_strict
    rows = [ExcludedPerson(complaint=case, user=user) for user in act_input.users]
    if act_input.words:
        rows.append(ExcludedPerson(complaint=case, words=act_input.words))
    ExcludedPerson.objects.bulk_create(rows, ignore_conflicts=True)
    details = {
        "was_strict": before,
        "not_told": [user.pk for user in act_input.users],
        "words": act_input.words,
    }
    return effects.Outcome(details=details, afterwards=remove_excluded(case, act_input.users, context))


def remove_excluded(case, users, context):
    """Removes excluded `users` from the list. Returns the follow-up of the effect.

    A head among them is replaced by the next in charge; without its handler, the complaint goes back to the head.
    """
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
    """Adds a user who needs to know of the complaint; read-only."""
    access_list.add_person(
        case, context.act_input.user, AccessRole.NAMED, by=context.by, reason=context.act_input.text
    )
    return effects.Outcome(text=named_reason(context))


@stored_in_chinese()
def named_reason(context):
    """Returns the name of the user whom the act is about, with the reason that was given."""
    words = {"name": context.act_input.user.name, "reason": context.act_input.text}
    return _("%(name)s：%(reason)s") % words


def remove_reader(case, context):
    """Removes a reader; head and handler can only be replaced."""
    whom, readers = context.act_input.user, access_list.removable(case)
    if not access_list.remove_person(case, whom, by=context.by, roles=readers):
        if AccessRole.ESCALATED in access_list.roles_of(case, whom):
            raise ActionRefused(_("逾期上报的人，办结以前不能移出。"))
        raise ActionRefused(_("负责人和跟进人不能直接移出，请换人。"))
    return effects.Outcome(text=context.act_input.user.name)


def pass_headship(case, context):
    """The head hands this complaint over, when absent or too closely involved."""
    successor = context.act_input.user
    access_list.add_person(case, successor, AccessRole.HEAD, by=context.by)
    case.head = successor
    return effects.Outcome(
        text=named_reason(context),
        afterwards=lambda case: notices.remind_head(case, context.today),
    )
