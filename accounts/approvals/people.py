"""The users an approval request is about, with the names they had when it was opened.

So a name on it cannot later refer to another person.
"""

from dataclasses import dataclass

from accounts.approvals.matters import matter_of
from accounts.models import User


@dataclass(frozen=True)
class NamedPerson:
    """A user the request is about; `then` is the name when it was opened."""

    user: User
    then: str

    @property
    def is_renamed(self):
        return self.then != self.user.name


def store_names(sheet):
    """Stores the present names and login names of the users it is about in `asked`."""
    pks = matter_of(sheet).people(sheet)
    users = User.objects.filter(pk__in=pks) if pks else []
    sheet.asked = {**sheet.asked, "people": {str(user.pk): [user.name, user.username] for user in users}}


def people_of(sheet):
    """Returns the users it is about, a list of NamedPerson; requests older than stored names use the present names."""
    pks = matter_of(sheet).people(sheet)
    if not pks:
        return []
    stored = sheet.asked.get("people", {})
    users = User.objects.filter(pk__in=pks).select_related("department")
    return [NamedPerson(user, stored.get(str(user.pk), [user.name])[0]) for user in users]
