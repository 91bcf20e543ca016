"""Those a sheet is about, by the names they had when it was asked, so that no name stands for somebody else."""

from dataclasses import dataclass

from accounts.approvals.matters import matter_of
from accounts.models import User


@dataclass(frozen=True)
class Person:
    """Somebody a sheet is about; `then` is the name when it was asked."""

    user: User
    then: str

    @property
    def renamed(self):
        return self.then != self.user.name


def keep_names(sheet):
    """Writes down what they are called while it is asked, by name and log-in name."""
    pks = matter_of(sheet).people(sheet)
    users = User.objects.filter(pk__in=pks) if pks else []
    sheet.asked = {**sheet.asked, "people": {str(user.pk): [user.name, user.username] for user in users}}


def people_of(sheet):
    """Those it is about, a list of Person; a sheet of before names were kept has those of today."""
    pks = matter_of(sheet).people(sheet)
    if not pks:
        return []
    kept = sheet.asked.get("people", {})
    users = User.objects.filter(pk__in=pks).select_related("department")
    return [Person(user, kept.get(str(user.pk), [user.name])[0]) for user in users]
