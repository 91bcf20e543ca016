"""Form fields for colleagues, typed or chosen from a list; three lines for further participants (R87)."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User
from relations.log.actions import Participants

LINES, OFFERED = 3, 200
ACCOMPANYING = "accompanying"


class ColleagueField(forms.CharField):
    """The name of a colleague; `ColleaguesFormMixin` converts it to the User."""

    def __init__(self, **kwargs):
        kwargs.setdefault("required", False)
        kwargs.setdefault("max_length", 100)
        kwargs.setdefault("widget", forms.TextInput(attrs={"list": "colleagues", "autocomplete": "off"}))
        super().__init__(**kwargs)


def full_name(user):
    """Returns a name such as 高文彬（gaowb）, which is unique among colleagues of the same name."""
    return f"{user.name}（{user.username}）"


def colleague_choices(user):
    """Returns the names of the colleagues of `user` for the list, with the login name where two share a name.

    When there are more than OFFERED, only those of the user's department, or the first by name for a user without one;
    any colleague may be typed.
    """
    rows = User.objects.visible_to(user).active().exclude(pk=user.pk).only("name", "username")
    colleagues = list(rows[: OFFERED + 1])
    if len(colleagues) > OFFERED:
        nearby = rows.filter(department=user.department_id) if user.department_id else rows
        colleagues = list(nearby[:OFFERED])
    taken, shared = set(), set()
    for colleague in colleagues:
        (shared if colleague.name in taken else taken).add(colleague.name)
    return [full_name(one) if one.name in shared else one.name for one in colleagues]


def find_colleague(typed, colleagues):
    """Returns the User named `typed` among `colleagues`. Raises ValidationError when there is none or more than one."""
    matches = [user for user in colleagues if typed in (user.name, user.username, full_name(user))]
    if not matches:
        raise ValidationError(_("没有找到同事“%s”，请从列表里选。") % typed)
    if len(matches) > 1:
        words = {
            "count": len(matches),
            "name": typed,
            "names": _("、").join(full_name(user) for user in matches),
        }
        raise ValidationError(_("有%(count)d位“%(name)s”，请写成其中一位：%(names)s。") % words)
    return matches[0]


class ColleaguesFormMixin:
    """For forms about a contact: our participants, and who initiated it.

    The form has the attribute `user`, the fields `starter` and `not_me`, and the lists `mate` and `mate_role` in its
    data; `find_colleagues` sets `ours` and `accompanying`, lists of User.
    """

    def colleague_lines(self):
        """Returns the lines for colleagues: (typed name, role), filled up to LINES."""
        typed = list(zip(self.listed("mate"), self.listed("mate_role"), strict=False))
        return typed + [("", "with")] * (LINES - len(typed))

    def listed(self, name):
        return self.data.getlist(name) if self.is_bound else self.initial.get(name, [])

    def find_colleagues(self, cleaned):
        typed = [(name.strip()[:100], role) for name, role in self.colleague_lines()[:20] if name.strip()]
        starter = (cleaned.get("starter") or "").strip()
        colleagues = list(User.objects.visible_to(self.user).active()) if typed or starter else []
        together, accompanying = [], []
        for name, role in typed:
            if user := self.colleague(None, name, colleagues):
                (accompanying if role == ACCOMPANYING else together).append(user)
        cleaned["starter"] = self.colleague("starter", starter, colleagues) if starter else None
        self.check_participants(together if cleaned.get("not_me") else [self.user, *together], accompanying)

    def colleague(self, field, typed, colleagues):
        try:
            return find_colleague(typed, colleagues)
        except ValidationError as problem:
            self.add_error(field, problem)
            return None

    def check_participants(self, together, accompanying):
        """Removes duplicate colleagues; adds an error when none of them took part directly."""
        self.ours = list(dict.fromkeys(together))
        self.accompanying = [user for user in dict.fromkeys(accompanying) if user not in self.ours]
        if not self.ours and not self.errors:
            self.add_error("not_me", _("请在“同去的人”里写上是谁去的。"))

    def participants(self):
        return Participants(self.ours, self.accompanying, self.chosen_people())

    def chosen_people(self):
        chosen = set(self.cleaned_data.get("people", []))
        return [person for person in self.known if str(person.pk) in chosen]
