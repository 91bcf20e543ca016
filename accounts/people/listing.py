"""The list of accounts: search, filters, tabs and their URLs."""

from dataclasses import dataclass, replace

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.keys import parse_key
from accounts.models import Department, User
from accounts.roles import Role
from lists.filters import Filter, filter_bar
from lists.query import link
from lists.tabs import Tab, tab_items

STATES = {"active": True, "closed": False}


@dataclass(frozen=True)
class AccountFilters:
    """The filters in the query string; unknown values are ignored."""

    q: str = ""
    state: str = "active"
    role: str = ""
    department: str = ""

    @classmethod
    def from_query(cls, query):
        """Reads the filters from a QueryDict."""
        state, role, department = (query.get(name, "") for name in ("state", "role", "department"))
        return cls(
            q=query.get("q", "").strip()[:60].replace("\0", ""),
            state=state if state in (*STATES, "all") else "active",
            role=role if role in Role.values else "",
            department=department if parse_key(department) else "",
        )

    def accounts(self, user):
        """Returns the matching accounts visible to `user`, with their departments, by name."""
        accounts = User.objects.visible_to(user).select_related("department")
        if self.state in STATES:
            accounts = accounts.filter(is_active=STATES[self.state])
        if self.role:
            accounts = accounts.with_role(self.role)
        if self.department:
            accounts = accounts.filter(department=int(self.department))
        if self.q:
            accounts = accounts.filter(Q(name__icontains=self.q) | Q(username__icontains=self.q))
        return accounts

    @property
    def values(self):
        """The filters as query parameters: {name: text}."""
        state = "" if self.state == "active" else self.state
        values = {"q": self.q, "state": state, "role": self.role, "department": self.department}
        return {name: text for name, text in values.items() if text}

    def hidden_values(self):
        """Returns the (name, value) pairs that a new search keeps."""
        return [(name, text) for name, text in self.values.items() if name != "q"]

    def clear_address(self):
        """Returns the URL without search, department and role; "" when none of them is set."""
        return link(AccountFilters(state=self.state).values) if self.q or self.role or self.department else ""


def state_tabs(wanted):
    """Returns the tabs: active, closed, all."""
    labels = {"active": _("在职"), "closed": _("已停用"), "all": _("全部")}
    tabs = [Tab(label, replace(wanted, state=state).values) for state, label in labels.items()]
    return tab_items(tabs, wanted.values)


def bar_filters(wanted):
    """Returns the filter bar: department and role."""
    departments = [(str(pk), name) for pk, name in Department.objects.values_list("pk", "name")]
    filters = [Filter("department", _("部门"), departments), Filter("role", _("角色"), Role.choices)]
    return filter_bar(filters, wanted.values)
