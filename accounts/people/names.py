"""Names of users: whether another account has or had a name, and what a change of name requires."""

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import is_sensitive

NAME_TAKEN_MESSAGE = _("这个名字另一位同事用过，请加以区分，比如在后面加上部门。")


def accounts_ever_named(name):
    """Returns the pks of all accounts that have or had this name, ignoring case; a set."""
    earlier = User.history.model.objects.filter(name__iexact=name).values_list("id", flat=True)
    return {*earlier, *User.objects.filter(name__iexact=name).values_list("pk", flat=True)}


def belongs_to_other_account(name, user):
    """Whether another active user has or had the name."""
    return User.objects.active().filter(pk__in=accounts_ever_named(name) - {user.pk}).exists()


def all_names_of(users):
    """Returns every name that these accounts (a queryset) have or had: a set of (pk, name)."""
    pks = users.values("pk")
    earlier = User.history.model.objects.filter(id__in=pks).values_list("id", "name")
    return {*earlier, *users.values_list("pk", "name")}


def concerns_sensitive_account(user, *names):
    """Whether the account, or one that has or had one of the names, holds a sensitive role."""
    pks = {user.pk}.union(*map(accounts_ever_named, names))
    return any(is_sensitive(role) for other in User.objects.filter(pk__in=pks) for role in other.roles)
