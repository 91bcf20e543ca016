"""The navigation: sidebar, tab bar of the phone and counts. Shows the pages that the user may open."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from django.conf import settings
from django.urls import get_script_prefix, get_urlconf, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from accounts.roles import Permission as P
from lezhi.counts import counts as counts_of
from relations.parties.kinds import KINDS
from relations.shares.emergencies import emergency_kinds, reviewable_kinds


@dataclass(frozen=True)
class Entry:
    """One line of the navigation.

    `permission`: None for every user, or a tuple of which one is enough. `also` is a function (user) that returns
    whether the user may open the page, where a permission alone does not say it.
    """

    label: str
    url_name: str
    icon: str
    permission: P | tuple | None = None
    group: str = ""
    count: str = ""
    keys: str = ""
    also: Callable | None = None

    def open_to(self, user):
        return self.is_permitted(user) and (self.also is None or bool(self.also(user)))

    def is_permitted(self, user):
        if self.permission is None:
            return True
        permissions = self.permission if isinstance(self.permission, tuple) else (self.permission,)
        return any(user.may(permission) for permission in permissions)


RELATIONS, VOICES, QUALITY, MANAGEMENT = (
    _("关系"),
    _("意见与投诉"),
    _("评估与改善"),
    _("管理"),
)

ENTRIES = [
    Entry(_("我的工作台"), "my_work", "inbox", count="owed", keys="g w"),
    Entry(_("待我审批"), "approvals", "check2-square", (P.APPROVE, P.CONFIRM_RIGHTS), count="approvals"),
    Entry(_("沟通记录"), "interactions:list", "chat-left-text", P.VIEW, RELATIONS),
    Entry(
        _("紧急查看"),
        "relations:emergency",
        "exclamation-diamond-fill",
        P.LOG,
        RELATIONS,
        also=emergency_kinds,
    ),
    Entry(_("意见／投诉"), "complaints:list", "megaphone", None, VOICES, count="complaints"),
    Entry(_("改善措施"), "complaints:measures", "arrow-repeat", None, QUALITY),
    Entry(_("总览"), "dashboard", "speedometer2", P.DASHBOARD, MANAGEMENT),
    Entry(_("规则与节假日"), "rules", "calendar3", P.VIEW, MANAGEMENT),
    Entry(_("账号与部门"), "accounts:list", "shield-lock", P.MANAGE_ACCOUNTS, MANAGEMENT),
]
LISTS_ABOVE, IMPORTS_ABOVE = "interactions:list", "rules"  # where the entries of the kinds are inserted
LOG = Entry(_("记一笔"), "quick_log", "pencil-square", P.LOG, keys="l")
NOTICES = Entry(_("通知"), "notices", "bell", count="unread")
SEARCH = Entry(_("搜索"), "search", "search", P.VIEW)
TABS = [  # with the list of a kind in front of LOG
    Entry(_("工作台"), "my_work", "inbox"),
    LOG,
    Entry(_("意见投诉"), "complaints:list", "megaphone"),
]
ADMINISTRATION = (P.MANAGE_ACCOUNTS, P.MANAGE_CALENDAR, P.MANAGE_RULES, P.CORRECT)
PERSONAL = [
    Entry(_("我的账号"), "me", "person"),
    Entry(_("代理安排"), "stand_ins", "person-up"),
    Entry(_("角色与权限"), "roles", "card-checklist"),
    Entry(_("确认单"), "approvals", "person-check", P.MANAGE_ACCOUNTS),
    Entry(
        _("复核紧急查看"),
        "relations:emergencies",
        "clipboard-check",
        also=reviewable_kinds,
    ),
    Entry(_("被拒绝的访问"), "refused_attempts", "shield-lock", (P.MANAGE_ACCOUNTS, P.APPOINT_HEAD)),
    Entry(_("修改密码"), "password_change", "key"),
    Entry(_("登录纸条"), "slips", "key", (P.CONFIRM_RIGHTS, P.HAND_OVER)),
    Entry(_("管理后台"), "admin:index", "gear", ADMINISTRATION),
    Entry(_("关于乐知"), "about", "info-circle"),
]


def entries():
    """Returns ENTRIES with those of the registered kinds of stakeholders: their lists and their imports."""
    imports = [import_entry(spec) for spec in KINDS.values() if spec.imports]
    inserted = {LISTS_ABOVE: list_entries(), IMPORTS_ABOVE: imports}
    return [each for entry in ENTRIES for each in (*inserted.get(entry.url_name, ()), entry)]


def list_entries():
    return [list_entry(spec) for spec in KINDS.values() if spec.list]


def list_entry(spec):
    """Returns the entry of the list of a kind (a KindSpec), for users who may see records of it."""
    return Entry(
        spec.label,
        spec.url_name("list"),
        spec.icon,
        P.VIEW,
        RELATIONS,
        keys=spec.keys,
        also=lambda user: user.sees_records_of(spec.kind),
    )


def import_entry(spec):
    return Entry(
        spec.imports.wording.title,
        f"{spec.imports.namespace}:start",
        "file-earmark-spreadsheet",
        None,
        MANAGEMENT,
        also=lambda user: user.sees_records_of(spec.kind) and spec.may(user, P.IMPORT),
    )


def tabs_for(user):
    """Returns the tabs of the phone: TABS, and the list of the first kind of which the user may see records."""
    of_kind = [entry for entry in list_entries() if entry.open_to(user)][:1]
    return [each for entry in TABS for each in ([*of_kind, entry] if entry is LOG else [entry])]


@dataclass
class Item:
    """An entry as one page shows it."""

    label: str
    href: str
    icon: str
    group: str = ""
    keys: str = ""
    count: int = 0
    current: bool = False


@dataclass
class Navigation:
    """The navigation of one page, for base.html: groups of items, the phone's tabs, the personal menu, single items.

    `counts` are the numbers next to the entries; a page uses them to skip queries for records of which there are none.
    """

    groups: list = field(default_factory=list)
    tabs: list = field(default_factory=list)
    personal: list = field(default_factory=list)
    log: Item | None = None
    notices: Item | None = None
    search: Item | None = None
    counts: dict = field(default_factory=dict)


@cache
def _address(url_name, urlconf, prefix):
    return reverse(url_name)


def address(url_name):
    """The URL of the page `url_name`."""
    return _address(url_name, get_urlconf() or settings.ROOT_URLCONF, get_script_prefix())


def items(entries, user, counts, path):
    """The entries that `user` may open, and those with a count above zero, as items.

    The item whose URL is the longest prefix of `path` is marked as current.
    """
    shown = [entry for entry in entries if entry.open_to(user) or counts.get(entry.count)]
    links = [(entry, address(entry.url_name)) for entry in shown]
    here = max((href for _entry, href in links if _contains_path(href, path)), key=len, default=None)
    return [
        Item(entry.label, href, entry.icon, entry.group, entry.keys, counts.get(entry.count, 0), href == here)
        for entry, href in links
    ]


def _contains_path(href, path):
    return path == href or (href != get_script_prefix() and path.startswith(href))


def grouped(entries, user, counts, path):
    """Pairs of a heading and its items, in the order of `entries`; groups without an item are left out."""
    groups = {}
    for item in items(entries, user, counts, path):
        groups.setdefault(item.group, []).append(item)
    return list(groups.items())


def build(request):
    """The navigation for this request; empty for anonymous users."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return Navigation()
    counts = counts_of(user)

    def single(entry):
        return next(iter(items([entry], user, counts, request.path)), None)

    return Navigation(
        groups=grouped(entries(), user, counts, request.path),
        tabs=items(tabs_for(user), user, counts, request.path),
        personal=items(PERSONAL, user, counts, request.path),
        log=single(LOG),
        notices=single(NOTICES),
        search=single(SEARCH),
        counts=counts,
    )


def navigation(request):
    """Context processor for `nav`, calculated lazily: only on pages that show it."""
    return {"nav": SimpleLazyObject(lambda: build(request))}
