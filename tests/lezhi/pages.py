"""A URLconf for tests: the page frame with every component on one page, for a user who is not in the database."""

from datetime import date
from pathlib import Path
from types import SimpleNamespace

from crispy_forms.layout import Layout
from django.contrib import messages
from django.forms import (
    BooleanField,
    CharField,
    CheckboxSelectMultiple,
    ChoiceField,
    DateField,
    Form,
    MultipleChoiceField,
    RadioSelect,
    Textarea,
)
from django.http import HttpResponse
from django.template import engines
from django.urls import include, path

from accounts.form_layout import CrispyFormMixin, Field
from accounts.roles import Scope
from lezhi import nav
from tests.attack.resolver import addresses

TODAY = date(2026, 10, 12)

PAGE = Path(__file__).with_name("everything.html")


class Everything(CrispyFormMixin, Form):
    """A form with every kind of field."""

    number = CharField(label="合同编号")
    ends = DateField(label="合同结束", help_text="写成2026-12-31")
    channel = ChoiceField(label="怎么联系的", widget=RadioSelect, choices=[("1", "面谈"), ("2", "电话")])
    kinds = MultipleChoiceField(
        label="类别",
        required=False,
        widget=CheckboxSelectMultiple,
        choices=[(str(n), f"第{n}类") for n in range(9)],
    )
    shared = BooleanField(label="请严格保密", required=False)
    note = CharField(label="备注", required=False, widget=Textarea(attrs={"rows": 2}))

    def get_layout(self):
        return Layout(Field("number", clause="001"), "ends", "channel", "kinds", "shared", "note")


def duties(*states):
    """Returns duties with these states."""
    return [SimpleNamespace(state=state, name=state) for state in states]


def context():
    """Returns the context of the page, dated 2026-10-12."""
    return {
        "today": TODAY,
        "later": date(2026, 10, 31),
        "met": date(2026, 10, 9),
        "next_year": date(2027, 1, 6),
        "rows": [
            {
                "name": "青岚镇社会事务局",
                "active": True,
                "duties": duties("met", "soon", "open"),
                "last": date(2026, 10, 9),
            },
            {
                "name": "荷塘街道公共服务办公室",
                "active": True,
                "duties": duties("over", "over"),
                "last": date(2025, 8, 27),
            },
            {"name": "沙岭镇党建办公室", "active": False, "duties": duties("na"), "last": None},
        ],
        "views": [
            {"label": "全部", "href": "#", "current": True, "count": 42, "over": False},
            {"label": "有逾期", "href": "#", "current": False, "count": 4, "over": True},
        ],
        "filters": [
            {"label": "状态", "value": "没有关闭的", "clear": "#", "options": []},
            {
                "label": "阶段",
                "value": "",
                "clear": "",
                "options": [{"label": "执行", "href": "#", "count": 3}],
            },
        ],
        "hidden_values": [("view", "mine")],
        "bulk": [{"href": "#", "icon": "download", "label": "导出", "method": "get"}],
        "acts": [
            {"href": "#", "label": "信息表", "post": False, "danger": False},
            {"href": "#", "label": "撤销转介", "post": True, "danger": True},
        ],
        "stages": [
            {"label": "初步建立联系", "date": "02-26", "state": "done"},
            {"label": "预估", "date": "03-11", "state": "now"},
            *(
                {"label": label, "date": "", "state": ""}
                for label in ("确认服务提供", "计划", "执行", "评估与结案", "跟踪、回访")
            ),
        ],
        "timeline": [
            {
                "date": "10-09",
                "weekday": "周五",
                "kind": "",
                "icon": "person",
                "title": "面谈",
                "href": "#",
                "chip": "已完成 10月驻点沟通",
                "chip_state": "met",
                "who": "郑雅婷与 梁晓东 局长",
                "text": "谈了走访名单。",
                "files": [{"href": "#", "name": "总结.docx"}],
            },
            {
                "date": "08-06",
                "weekday": "周四",
                "kind": "try",
                "icon": "telephone-x",
                "title": "电话，没联系上",
                "href": "",
                "chip": "",
                "chip_state": "",
                "who": "",
                "text": "",
                "files": [],
            },
        ],
        "days": [
            {
                "on": date(2026, 9, 28),
                "kind": "zero",
                "number": None,
                "note": "",
                "due": False,
                "provisional": False,
            },
            {
                "on": date(2026, 9, 30),
                "kind": "work",
                "number": 2,
                "note": "",
                "due": False,
                "provisional": False,
            },
            {
                "on": date(2026, 10, 1),
                "kind": "off",
                "number": None,
                "note": "国庆",
                "due": False,
                "provisional": False,
            },
            {
                "on": date(2026, 10, 10),
                "kind": "made_up",
                "number": 5,
                "note": "",
                "due": False,
                "provisional": False,
            },
            {
                "on": date(2026, 10, 11),
                "kind": "off",
                "number": None,
                "note": "",
                "due": False,
                "provisional": False,
            },
            {
                "on": date(2026, 10, 12),
                "kind": "work",
                "number": 6,
                "note": "",
                "due": False,
                "provisional": False,
            },
            {
                "on": date(2026, 10, 13),
                "kind": "work",
                "number": 7,
                "note": "",
                "due": True,
                "provisional": True,
            },
        ],
        "diff": [
            {"label": "联系电话", "name": "phone", "theirs": "80003391", "mine": "80003390", "changed": True},
            {
                "label": "地址",
                "name": "address",
                "theirs": "和风路12号",
                "mine": "和风路12号",
                "changed": False,
            },
        ],
        "form": Everything({"channel": "1", "number": "YR-009", "ends": "2026-02-30"}),
        "crispy": Everything(),
        "chart": {
            "categories": ["8月", "9月", "10月"],
            "series": [
                {"name": "已完成", "tone": "met", "values": [133, 128, {"value": 98, "href": "/rules/"}]},
                {"name": "没按期完成", "tone": "over", "labels": True, "values": [4, 6, 3]},
            ],
        },
    }


def somebody(**more):
    """Returns a worker with every permission that the navigation checks."""
    fields = {
        "pk": 7,
        "name": "郑雅婷",
        "role_names": ["督导"],
        "department": "社会服务部",
        "department_id": 1,
        "is_authenticated": True,
        "is_active": True,
        "is_staff": False,
        "uses_keys": True,
        "may": lambda permission: True,
        "sees_records_of": lambda kind: True,
        "scope_over": lambda kind: Scope.ALL,
    }
    return SimpleNamespace(**{**fields, **more})


def everything(request):
    """The page with every component."""
    request.user = somebody()
    messages.success(request, "已记下，完成了“10月驻点沟通”", extra_tags="undo:/undo/ draft-clear:quick")
    messages.error(request, "比合同开始早，请检查年份。")
    return HttpResponse(
        engines["django"].from_string(PAGE.read_text(encoding="utf-8")).render(context(), request)
    )


def nothing(request, **kwargs):
    """An empty page."""
    return HttpResponse('<link rel="icon" href="data:,">')


handler404 = "lezhi.errors.not_found"

urlpatterns = [
    path("all/", everything),
    path("", nothing, name="my_work"),
    path("approvals/", nothing, name="approvals"),
    path("employers/", include(([path("", everything, name="list")], "employers"))),
    path("employers/import/", include(([path("", nothing, name="start")], "employer_imports"))),
    path("interactions/", include(([path("", nothing, name="list")], "interactions"))),
    path("dashboard/", nothing, name="dashboard"),
    path("rules/", nothing, name="rules"),
    path("notices/", nothing, name="notices"),
    path("log/", nothing, name="quick_log"),
    path("search/", nothing, name="search"),
    path("login/", nothing, name="login"),
    path("logout/", nothing, name="logout"),
    path("password/", nothing, name="password_change"),
    path("language/", nothing, name="set_language"),
]


def other_pages(existing):
    """The pages that the navigation links besides `existing` (names): empty ones."""
    linked = {entry.url_name for entry in (*nav.entries(), *nav.TABS, *nav.PERSONAL, nav.NOTICES, nav.SEARCH)}
    by_namespace = {}
    for name in sorted(linked - existing):
        namespace, _colon, page = name.rpartition(":")
        by_namespace.setdefault(namespace, []).append(path(f"{page}/", nothing, name=page))
    own = by_namespace.pop("", [])
    return [*own, *(path(f"{name}/", include((pages, name))) for name, pages in by_namespace.items())]


HERE = {address.name for address in addresses(SimpleNamespace(url_patterns=urlpatterns))}
urlpatterns += other_pages(HERE)
