"""Names of colleagues: whether somebody else has a name, today or in the history, and what a change of one means."""

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import is_sensitive

NAME_TAKEN_MESSAGE = _("这个名字另一位同事用过，请加以区分，比如在后面加上部门。")


def accounts_ever_named(name):
    """The pks of all accounts that have this name or have had it, in whatever case; a set."""
    kept = User.history.model.objects.filter(name__iexact=name).values_list("id", flat=True)
    return {*kept, *User.objects.filter(name__iexact=name).values_list("pk", flat=True)}


def belongs_to_other_account(name, user):
    """Whether another colleague in service has the name or has ever had it."""
    return User.objects.active().filter(pk__in=accounts_ever_named(name) - {user.pk}).exists()


def all_names_of(users):
    """Every name that these accounts (a queryset) have or have ever had: pairs of pk and name, a set."""
    pks = users.values("pk")
    kept = User.history.model.objects.filter(id__in=pks).values_list("id", "name")
    return {*kept, *users.values_list("pk", "name")}


def concerns_sensitive_account(user, *names):
    """Whether the account, or one that has ever had one of the names, holds a sensitive role."""
    pks = {user.pk}.union(*map(accounts_ever_named, names))
    return any(is_sensitive(role) for other in User.objects.filter(pk__in=pks) for role in other.roles)
