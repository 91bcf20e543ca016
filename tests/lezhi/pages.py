"""A URLconf for tests: the shell with every component on one page, for a made-up user."""

from datetime import date
from types import SimpleNamespace

from django.contrib import messages
from django.forms import (
    CharField,
    CheckboxSelectMultiple,
    ChoiceField,
    BooleanField,
    DateField,
    Form,
    MultipleChoiceField,
    RadioSelect,
    Textarea,
)
from django.http import HttpResponse
from django.template import engines
from django.urls import include, path

TODAY = date(2026, 10, 12)

PAGE = """{% extends "base.html" %}
{% block title %}组件{% endblock %}
{% block content %}
<div class="phead"><div><h1>组件</h1><p class="mut s13">{{ today|cn_date_full }}</p></div><div class="acts">{% include "_components/menu.html" with acts=acts label="打印" name="" %}<a class="btn btn-quiet" href="#">{% icon "upload" %}导入</a></div></div>
{% include "_components/views.html" with views=views save_url="#" %}
{% include "_components/filters.html" with filters=filters q="" action="#" find="在这42家里找" kept=kept clear_all="#" legend=True %}
<form id="picked" method="post" data-double>{% csrf_token %}<section class="panel"><table class="grid grid--cards emp" role="table"><thead role="rowgroup"><tr role="row"><th role="columnheader"><input class="form-check-input" type="checkbox" data-pick-all aria-label="全选本页"></th><th role="columnheader">单位</th><th role="columnheader">关系</th><th role="columnheader">应尽</th><th role="columnheader">上次联系</th></tr></thead><tbody role="rowgroup" data-rows>{% for row in rows %}<tr role="row"><td role="cell" class="ph-hide"><input class="form-check-input" type="checkbox" name="pick" value="{{ forloop.counter }}" data-pick aria-label="选择{{ row.name }}"></td><td role="cell"><a class="nm" href="#{{ forloop.counter }}">{{ row.name }}</a><span class="sub">政府部门{% sep %}青岚镇</span></td><td role="cell" class="p-st">{% standing row.active %}</td><td role="cell" class="nb p-d">{% dots row.duties "10月" %}</td><td role="cell" class="num p-l"><span class="only-phone mut">上次 </span>{{ row.last|md:today }}</td></tr>{% endfor %}</tbody></table>{% include "_components/pager.html" with text="第1—3家" older="#" newer="" %}</section></form>
{% include "_components/bulk.html" with form_id="picked" acts=bulk unit="家" %}
<div class="cols mt3"><div>
<section class="panel"><header><h2>期限</h2>{% clause "用人单位关系管理指引 二（二）2：每月不少于1次" %}</header><div class="in row-x gap3">{% due_chip today today=today workdays_left=-2 %}{% due_chip today today=today workdays_left=0 %}{% due_chip later today=today workdays_left=3 %}{% due_chip later today=today workdays_left=14 %}{% due_chip later today=today met_on=met %}{% due_chip None provisional=True %}{% due_chip next_year today=today workdays_left=60 provisional=True %}{% due_chip later paused=True %}{% contract_chip 63 %}{% contract_chip 19 %}{% chip "新增" "on" %}{% mark "soon" %}</div></section>
<section class="panel"><div class="in">{% stages stages %}</div></section>
{% include "_components/caution.html" with text="不要在公开场合提2024年的中标争议。" who="郑雅婷 2026-03-02" edit_url="#" %}
<section class="panel mt3"><header><h2>往来</h2></header><ol class="tl">{% for row in timeline %}{% include "_components/timeline_row.html" with row=row %}{% endfor %}</ol></section>
<section class="panel"><div class="in">{% day_strip days today=today %}{% include "_components/strip_legend.html" %}</div></section>
<section class="panel"><div class="in"><form method="post" data-draft="demo" data-double>{% csrf_token %}{% error_summary form %}{% fld form.number clause="001" %}{% fld form.ends %}{% fld form.channel %}{% fld form.kinds %}{% fld form.shared %}{% fld form.note %}<div class="row-x"><button class="btn btn-primary" type="submit">保存</button><a class="btn btn-quiet" href="#">取消</a><span class="push"></span>{% include "_components/draft_state.html" %}</div></form></div></section>
<section class="panel"><div class="in">{% load crispy_forms_tags %}{{ crispy|crispy }}</div></section>
</div><aside>
<section class="panel"><header><h2>人</h2></header><div class="in">{% avatar "陈志远" %} {{ "陈志远"|mask_name }} {{ "13712346021"|mask_phone }}<p class="mt3">{% include "_components/progress.html" with done=7 of=14 href="#" tone="met" %}</p></div></section>
<section class="panel"><div class="in"><div class="figs g2x">{% include "_components/figure.html" with label="逾期事项" value="9" unit="项" note="4位社工，4家单位" href="#" over=True %}{% include "_components/figure.html" with label="显在用人单位" value="31" unit="家" note="潜在11家" href="#" over=False %}</div></div></section>
<section class="panel"><div class="in">{% include "_components/empty.html" with icon_name="funnel" title="没有符合这3个条件的单位" text="显在、荷塘街道、60天内到期" href="#" action="清除筛选" %}</div></section>
<section class="panel"><div class="in">{% include "_components/diff.html" with headline="周慧敏在10:29改了这份信息表。" theirs_head="周慧敏 10:29 保存的" rows=diff %}</div></section>
<section class="panel"><div class="in">{% include "_components/confirm.html" with action="#" title="办结投诉2026-017？" consequence="办结后经过和意见都不能再改。" verb="办结" back="#" back_label="先不办结" danger=False %}</div></section>
<section class="panel"><header><h2>每月应尽</h2></header><div class="in">{% chart "stacked" chart "c-duty" "各月应尽事项" %}</div></section>
</aside></div>
{% endblock %}
{% block charts %}{% include "_partials/chart_scripts.html" %}{% endblock %}
"""


class Everything(Form):
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


def duties(*states):
    return [SimpleNamespace(state=state, name=state) for state in states]


def context():
    """Everything the page shows, set on 2026-10-12."""
    return {
        "today": TODAY,
        "later": date(2026, 10, 31),
        "met": date(2026, 10, 9),
        "next_year": date(2027, 1, 6),
        "rows": [
            {"name": "青岚镇社会事务局", "active": True, "duties": duties("met", "soon", "open"), "last": date(2026, 10, 9)},
            {"name": "荷塘街道公共服务办公室", "active": True, "duties": duties("over", "over"), "last": date(2025, 8, 27)},
            {"name": "沙岭镇党建办公室", "active": False, "duties": duties("na"), "last": None},
        ],
        "views": [
            {"label": "全部", "href": "#", "current": True, "count": 42, "over": False},
            {"label": "有逾期", "href": "#", "current": False, "count": 4, "over": True},
        ],
        "filters": [
            {"label": "状态", "value": "没有关闭的", "clear": "#", "options": []},
            {"label": "阶段", "value": "", "clear": "", "options": [{"label": "执行", "href": "#", "count": 3}]},
        ],
        "kept": [("view", "mine")],
        "bulk": [{"href": "#", "icon": "download", "label": "导出", "method": "get"}],
        "acts": [
            {"href": "#", "label": "信息表", "post": False, "danger": False},
            {"href": "#", "label": "撤销转介", "post": True, "danger": True},
        ],
        "stages": [
            {"label": "初步建立联系", "date": "02-26", "state": "done"},
            {"label": "预估", "date": "03-11", "state": "now"},
            *({"label": label, "date": "", "state": ""} for label in ("确认服务提供", "计划", "执行", "评估与结案", "跟踪、回访")),
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
            {"on": date(2026, 9, 28), "kind": "zero", "number": None, "note": "", "due": False, "provisional": False},
            {"on": date(2026, 9, 30), "kind": "work", "number": 2, "note": "", "due": False, "provisional": False},
            {"on": date(2026, 10, 1), "kind": "off", "number": None, "note": "国庆", "due": False, "provisional": False},
            {"on": date(2026, 10, 10), "kind": "made_up", "number": 5, "note": "", "due": False, "provisional": False},
            {"on": date(2026, 10, 11), "kind": "off", "number": None, "note": "", "due": False, "provisional": False},
            {"on": date(2026, 10, 12), "kind": "work", "number": 6, "note": "", "due": False, "provisional": False},
            {"on": date(2026, 10, 13), "kind": "work", "number": 7, "note": "", "due": True, "provisional": True},
        ],
        "diff": [
            {"label": "联系电话", "name": "phone", "theirs": "80003391", "mine": "80003390", "changed": True},
            {"label": "地址", "name": "address", "theirs": "和风路12号", "mine": "和风路12号", "changed": False},
        ],
        "form": Everything({"channel": "1", "number": "YR-009", "ends": "2026-02-30"}),
        "crispy": Everything(),
        "chart": {
            "categories": ["8月", "9月", "10月"],
            "series": [
                {"name": "已完成", "tone": "met", "values": [133, 128, {"value": 98, "href": "/here/"}]},
                {"name": "没按期完成", "tone": "over", "labels": True, "values": [4, 6, 3]},
            ],
        },
    }


def somebody(**more):
    """A worker who may do everything the navigation asks about."""
    told = {
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
    }
    return SimpleNamespace(**{**told, **more})


def everything(request):
    request.user = somebody()
    messages.success(request, "已记下，完成了“10月驻点沟通”", extra_tags="undo:/undo/ draft-clear:quick")
    messages.error(request, "比合同开始早，请检查年份。")
    return HttpResponse(engines["django"].from_string(PAGE).render(context(), request))


def nothing(request, **kwargs):
    return HttpResponse("")


handler404 = "lezhi.errors.not_found"

urlpatterns = [
    path("all/", everything),
    path("", nothing, name="my_work"),
    path("approvals/", nothing, name="approvals"),
    path("employers/", include(([path("", everything, name="list")], "employers"))),
    path("employers/import/", nothing, name="exchange"),
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
