"""Who is in charge of opinions and complaints, and who instead when it concerns them (R145, R450)."""

from django.utils.translation import gettext as _

from accounts.exceptions import ParameterRefused
from accounts.models import User
from accounts.people.names import all_names_of
from accounts.roles import Role
from complaints.models import InCharge

ELIGIBLE = (Role.HEAD, Role.DIRECTOR, Role.DEPUTY, Role.COUNCIL)
FALLBACK_ROLES = (
    Role.COUNCIL,
    Role.DIRECTOR,
    Role.DEPUTY,
)  # who is asked when head and alternate are both out, in order


class NobodyInCharge(ParameterRefused):
    """Everybody who could receive it is concerned by it or gone; its text is a sentence for the person who tried."""


def current_appointment():
    """The newest InCharge, or one made of the first head and the first council member; None without them."""
    kept = InCharge.objects.select_related("head", "alternate").first()
    if kept:
        return kept
    head = first_with_role(Role.HEAD) or first_with_role(Role.DIRECTOR)
    alternate = first_with_role(Role.COUNCIL)
    return InCharge(head=head, alternate=alternate) if head and alternate and head != alternate else None


def first_with_role(role, without=()):
    return User.objects.active().with_role(role).exclude(pk__in=without).order_by("pk").first()


def head_for(closed_to):
    """Who receives a complaint that must be kept from `closed_to` (a set of pks): head, alternate, or the next above.

    Raises NobodyInCharge.
    """
    now = current_appointment()
    for user in (now.head, now.alternate) if now else ():
        if user.is_active and user.pk not in closed_to:
            return user
    for role in FALLBACK_ROLES:
        if found := first_with_role(role, closed_to):
            return found
    raise NobodyInCharge(_("还没有可以受理的负责人，请先在“意见与投诉负责人”里指定。"))


def successor_for(closed_to):
    """Who takes over from a head who has left what must be kept from `closed_to`: the alternate who is named already.

    Whoever became head meanwhile is asked last: what is open goes over to a new head on a word only
    (complaints.appointments.matter). Raises NobodyInCharge.
    """
    now = current_appointment()
    if now and now.alternate.is_active and now.alternate_id not in closed_to:
        return now.alternate
    new = {now.head_id} if now else set()
    for role in FALLBACK_ROLES:
        if found := first_with_role(role, closed_to | new):
            return found
    return head_for(closed_to)


def eligible():
    """Who may be put in charge."""
    pks = {user.pk for role in ELIGIBLE for user in User.objects.active().with_role(role)}
    return User.objects.filter(pk__in=pks).order_by("name")


def people_named_in(words):
    """Those among them of whom a name, today's or an earlier one, stands in `words`.

    Somebody outside says by name who must not be told (R158), and may know the name of before.
    """
    people = eligible()
    named = {pk for pk, name in all_names_of(people) if len(name) > 1 and name in words}
    return [user for user in people if user.pk in named]
