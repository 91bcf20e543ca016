"""The navigation: sidebar, tab bar of the phone and counts. Shows existing pages that the user may open."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from django.conf import settings
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from accounts.registry import Registry
from accounts.roles import Permission as P
from relations.parties.kinds import KINDS
from relations.shares.actions import emergency_kinds, reviewable_kinds

# Functions (user) -> {name of the count: number}. All of them together may cost one query a page.
COUNTS = Registry("counts of the navigation")


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


RELATIONS, CARE, VOICES, QUALITY, MANAGEMENT = (
    _("关系"),
    _("服务"),
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
    Entry(_("个案"), "services:cases", "journal-text", P.VIEW, CARE),
    Entry(_("小组"), "services:groups", "people-fill", P.VIEW, CARE),
    Entry(_("社区活动"), "services:community", "house-heart", P.VIEW, CARE),
    Entry(_("意见／投诉"), "complaints:list", "megaphone", None, VOICES, count="complaints"),
    Entry(_("问卷与满意度"), "evaluation:surveys", "ui-checks", P.VIEW, QUALITY),
    Entry(_("评估测评体系"), "evaluation:indicators", "clipboard-data", P.VIEW, QUALITY),
    Entry(_("改善措施"), "complaints:measures", "arrow-repeat", None, QUALITY),
    Entry(_("迎检资料"), "evaluation:evidence", "folder2-open", P.VIEW, QUALITY),
    Entry(_("总览"), "dashboard", "speedometer2", P.DASHBOARD, MANAGEMENT),
    Entry(_("导入与导出"), "imports:start", "file-earmark-spreadsheet", P.IMPORT, MANAGEMENT),
    Entry(_("规则与节假日"), "rules", "calendar3", P.VIEW, MANAGEMENT),
    Entry(_("账号与部门"), "accounts:list", "shield-lock", P.MANAGE_ACCOUNTS, MANAGEMENT),
]
KINDS_ABOVE = "interactions:list"  # the lists of all kinds of stakeholders are inserted above this entry
LOG = Entry(_("记一笔"), "quick_log", "pencil-square", P.LOG, keys="l")
NOTICES = Entry(_("通知"), "notices", "bell", count="unread")
SEARCH = Entry(_("搜索"), "search", "search", P.VIEW)
TABS = [
    Entry(_("工作台"), "my_work", "inbox"),
    Entry(_("单位"), "employers:list", "building", P.VIEW),
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
        P.HAND_OVER,
        also=reviewable_kinds,
    ),
    Entry(_("被拒绝的访问"), "refused_attempts", "shield-lock", (P.MANAGE_ACCOUNTS, P.APPOINT_HEAD)),
    Entry(_("修改密码"), "password_change", "key"),
    Entry(_("登录纸条"), "slips", "key", (P.CONFIRM_RIGHTS, P.HAND_OVER)),
    Entry(_("管理后台"), "admin:index", "gear", ADMINISTRATION),
    Entry(_("关于乐知"), "about", "info-circle"),
]


def entries():
    """Returns ENTRIES with one more entry for the list of each registered kind of stakeholder."""
    of_kinds = [
        Entry(spec.label, spec.url_name("list"), spec.icon, P.VIEW, RELATIONS, keys=spec.keys)
        for spec in KINDS.values()
    ]
    place = next(place for place, entry in enumerate(ENTRIES) if entry.url_name == KINDS_ABOVE)
    return [*ENTRIES[:place], *of_kinds, *ENTRIES[place:]]


@dataclass
class Item:
    """An entry as one page shows it."""

    label: str
    href: str
    icon: str
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
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return None


def address(url_name):
    """The URL of the page `url_name`, or None when the page does not exist yet."""
    return _address(url_name, get_urlconf() or settings.ROOT_URLCONF, get_script_prefix())


def counts_for(user):
    """The counts shown in the navigation, from every source in COUNTS."""
    return {name: count for source in COUNTS.values() for name, count in source(user).items()}


def items(entries, user, counts, path):
    """The entries that `user` may open, and those with a count above zero, as items.

    The item whose URL is the longest prefix of `path` is marked as current.
    """
    links = [(entry, href) for entry in entries if (href := address(entry.url_name))]
    links = [(entry, href) for entry, href in links if entry.open_to(user) or counts.get(entry.count)]
    here = max((href for _entry, href in links if _contains_path(href, path)), key=len, default=None)
    return [
        Item(entry.label, href, entry.icon, entry.keys, counts.get(entry.count, 0), href == here)
        for entry, href in links
    ]


def _contains_path(href, path):
    return path == href or (href != get_script_prefix() and path.startswith(href))


def grouped(entries, user, counts, path):
    """Pairs of a heading and its items, in the order of `entries`; groups without an item are left out."""
    shown = items(entries, user, counts, path)
    headings = {str(entry.label): entry.group for entry in entries}
    groups = {}
    for item in shown:
        groups.setdefault(headings[str(item.label)], []).append(item)
    return list(groups.items())


def build(request):
    """The navigation for this request; empty for anonymous users."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return Navigation()
    counts = counts_for(user)

    def single(entry):
        return next(iter(items([entry], user, counts, request.path)), None)

    return Navigation(
        groups=grouped(entries(), user, counts, request.path),
        tabs=items(TABS, user, counts, request.path),
        personal=items(PERSONAL, user, counts, request.path),
        log=single(LOG),
        notices=single(NOTICES),
        search=single(SEARCH),
        counts=counts,
    )


def navigation(request):
    """Context processor for `nav`, calculated lazily: only on pages that show it."""
    return {"nav": SimpleLazyObject(lambda: build(request))}
