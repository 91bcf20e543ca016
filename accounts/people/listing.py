"""The list of accounts: what is searched, by what it is narrowed, and the addresses of the chips above it."""

from dataclasses import dataclass

from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import Department, User
from accounts.roles import Role

STATES = {"active": True, "closed": False}


@dataclass(frozen=True)
class Wanted:
    """What the address asks for; anything unknown in it is passed over."""

    q: str = ""
    state: str = "active"
    role: str = ""
    department: str = ""

    @classmethod
    def of(cls, query):
        """From a QueryDict."""
        state, role, department = (query.get(name, "") for name in ("state", "role", "department"))
        return cls(
            q=query.get("q", "").strip()[:60].replace("\0", ""),
            state=state if state in (*STATES, "all") else "active",
            role=role if role in Role.values else "",
            department=department
            if department.isascii() and department.isdigit() and len(department) < 10
            else "",
        )

    def accounts(self, user):
        """The accounts `user` may see that fit, with their departments, by name."""
        found = User.objects.visible_to(user).select_related("department")
        if self.state in STATES:
            found = found.filter(is_active=STATES[self.state])
        if self.role:
            found = found.holding(self.role)
        if self.department:
            found = found.filter(department=int(self.department))
        if self.q:
            found = found.filter(Q(name__icontains=self.q) | Q(username__icontains=self.q))
        return found

    def address(self, **changes):
        """The query string with some of it changed."""
        query = QueryDict(mutable=True)
        told = {"q": self.q, "state": self.state, "role": self.role, "department": self.department, **changes}
        query.update(
            {name: value for name, value in told.items() if value and (name, value) != ("state", "active")}
        )
        return f"?{query.urlencode()}"

    def kept(self):
        """Pairs that a search keeps."""
        told = {"state": self.state, "role": self.role, "department": self.department}
        return [(name, value) for name, value in told.items() if value]

    def clear_address(self):
        """The address without search, department and role; empty when there is none of them."""
        return self.address(q="", role="", department="") if self.q or self.role or self.department else ""


def views_of(wanted):
    """The tabs: in service, closed, all."""
    labels = {"active": _("在职"), "closed": _("已停用"), "all": _("全部")}
    return [
        {"label": label, "href": wanted.address(state=state), "current": state == wanted.state, "count": None}
        for state, label in labels.items()
    ]


def filters_of(wanted):
    """The chips for department and role."""
    departments = [(str(pk), name) for pk, name in Department.objects.values_list("pk", "name")]
    return [
        _chip(wanted, "department", _("部门"), departments),
        _chip(wanted, "role", _("角色"), Role.choices),
    ]


def _chip(wanted, name, label, choices):
    chosen = getattr(wanted, name)
    return {
        "label": label,
        "value": str(dict(choices).get(chosen, "")),
        "clear": wanted.address(**{name: ""}),
        "options": [
            {"label": text, "href": wanted.address(**{name: value}), "count": None} for value, text in choices
        ],
    }
