"""Template tags and filters for every page; a builtin library, so templates need no `{% load %}`.

The small marks in every row of a list (icon, chips, standing, dots) are built here without a template, because a list
contains hundreds of them. Larger components are templates in `templates/_components/`.
"""

from collections import Counter

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.translation import get_language, gettext, ngettext

from accounts import days, masks
from accounts.field_shapes import FieldParts
from lezhi import wording
from lezhi.joined_lines import DOT, joined
from lezhi.status_marks import CHIP_ICONS, DUTY_STATES, day_classes, duty_words, toast_parts
from relations.parties.kinds import Clause, clause_of
from relations.parties.term_words import end_words
from reminders import clock

register = template.Library()
register.tag(joined)


@register.simple_tag
def icon(name, label=""):
    """`{% icon "building" %}`: an icon from icons.txt; hidden from screen readers unless it has a `label`."""
    if label:
        return format_html(
            '<i class="bi bi-{}" aria-hidden="true"></i><span class="visually-hidden">{}</span>', name, label
        )
    return format_html('<i class="bi bi-{}" aria-hidden="true"></i>', name)


@register.simple_tag
def chip(words, state="", icon=""):
    """`{% chip "新增" "on" %}`: a small label; `state` is over, today, soon, met, prov, on or empty."""
    drawing = icon or CHIP_ICONS.get(state, "")
    return format_html(
        '<span class="chip{}">{}{}</span>',
        f" chip--{state}" if state not in ("", "plain", "paused") else "",
        format_html('<i class="bi bi-{}" aria-hidden="true"></i>', drawing) if drawing else "",
        words,
    )


@register.simple_tag
def due_chip(due_on, today=None, workdays_left=None, met_on=None, provisional=False, paused=False):
    """The state of a deadline: 逾期2个工作日, 今天到期, 还有3个工作日, 已完成 10-09, 2027年1月6日 暂定, 暂停计时.

    `workdays_left` is a number of working days calculated by the view, negative once overdue.
    """
    state, words = wording.due_words(due_on, today, workdays_left, met_on, provisional, paused)
    return chip(words, state)


@register.simple_tag
def contract_chip(days_left, soon):
    """The end of a contract in days: 还有63天, amber from `soon` days, 已到期 afterwards; empty for None."""
    if days_left is None:
        return ""
    state, words = end_words(days_left, soon)
    return chip(words, state)


@register.simple_tag
def standing(is_active):
    """● 显在 or ○ 潜在 (R31)."""
    if is_active:
        return format_html('<span class="stand">{}</span>', gettext("显在"))
    return format_html('<span class="stand stand--pro">{}</span>', gettext("潜在"))


@register.simple_tag
def mark(state):
    """One duty mark; `state` is met, soon, open, over or na."""
    return format_html('<svg class="i14 d-{0}" aria-hidden="true"><use href="#d-{0}"/></svg>', state)


@register.simple_tag
def dots(items, label="", count=True):
    """One mark for each duty, in the order of the rules, followed by a count such as `1/3`.

    `items` have `state` (met, soon, open, over, na) as attribute or key; `label` is the period, for screen readers.
    """
    states = [item["state"] if isinstance(item, dict) else item.state for item in items]
    tally = Counter(states)
    words = duty_words(tally)
    icons = format_html_join(
        "", '<svg class="d-{0}"><use href="#d-{0}"/></svg>', ((s,) for s in states or ["na"])
    )
    marks = format_html(
        '<span class="dots" role="img" aria-label="{}" title="{}">{}</span>',
        f"{label}{gettext('：')}{words}" if label else words,
        words,
        icons,
    )
    owed = len(states) - tally["na"]
    if not (count and owed):
        return marks
    return format_html('{} <span class="mut s12 num ph-n">{}/{}</span>', marks, tally["met"], owed)


@register.simple_tag
def dot_legend():
    """The legend of the duty marks, for the line of filters above a list."""
    return format_html_join(
        "",
        '<span class="row-x gap1"><svg class="i14 d-{0}" aria-hidden="true"><use href="#d-{0}"/></svg>{1}</span>',
        ((state, words) for state, words in DUTY_STATES.items() if state != "na"),
    )


@register.simple_tag
def clause(text):
    """`{% clause "001 …：每月不少于1次" %}`: an ⓘ button with the clause on which a date or a rule is based."""
    return tip(gettext("依据：%s") % text) if text else ""


@register.simple_tag
def kind_clause(record, name):
    """`{% kind_clause record "urgent" %}`: the same, with the clause that the kind of the record declares, if any."""
    return clause(clause_of(record.kind, Clause(name)))


@register.simple_tag
def tip(text):
    """An ⓘ button with any short explanation; opens on focus and tap, Esc closes it."""
    return format_html(
        '<button class="q" type="button" aria-label="{0}" title="{0}" data-tip>'
        '<i class="bi bi-info-circle" aria-hidden="true"></i></button>',
        text,
    )


@register.simple_tag
def sep():
    """The middle dot between two parts of one line."""
    return DOT


@register.simple_tag
def avatar(name):
    """The first character of a name in a circle."""
    return format_html('<span class="av" aria-hidden="true">{}</span>', str(name).strip()[:1])


@register.simple_tag
def page_language():
    """The value of the attribute `lang` of the page."""
    return "zh-Hans-CN" if days.in_chinese() else get_language()


@register.simple_tag
def capped(count, unit=""):
    """`1,000+` for a count that was capped at 1,001, otherwise the count, followed by `unit` (a measure word)."""
    shown = "1,000+" if count > 1000 else f"{count:,}"
    return format_html("{}{}", shown, unit)


@register.inclusion_tag("_components/stages.html")
def stages(stages, label=""):
    """The bar of the seven stages: `stages` are dicts with label, date (text), state (done, now, '') and maybe href."""
    return {"stages": stages, "label": label or gettext("七个阶段")}


@register.inclusion_tag("_components/day_strip.html")
def day_strip(days, today=None):
    """The days until a deadline as a strip (design §3).

    `days` are dicts: on (date), kind (zero, work, made_up or off), number (count or None), note, due, provisional.
    """
    return {"days": [{**day, "classes": day_classes(day, today)} for day in days], "today": today}


@register.inclusion_tag("_components/error_summary.html")
def error_summary(form, title=""):
    """The list of errors above the form; it gets the focus, and each line links to its field."""
    fields = [(field, error) for field in form if not field.is_hidden for error in field.errors]
    hidden = [error for field in form.hidden_fields() for error in field.errors]
    whole = [*form.non_field_errors(), *hidden]
    count = len(fields) + len(whole)
    heading = title or ngettext("有%(count)d处要改，还没有保存", "有%(count)d处要改，还没有保存", count) % {
        "count": count
    }
    return {"fields": fields, "whole": whole, "count": count, "title": heading}


@register.simple_tag
def field_parts(field):
    """`{% field_parts field as parts %}`: the FieldParts of one field, for templates/bootstrap5/field.html."""
    return FieldParts(field)


@register.inclusion_tag("_components/toast.html", takes_context=True)
def toast(context, message):
    """A message as a toast; the extra tag `undo:/url/` adds 撤销, `draft-clear:key` deletes the stored draft."""
    return {"message": message, "request": context.get("request"), **toast_parts(message.extra_tags)}


@register.inclusion_tag("_components/chart.html")
def chart(kind, data, id, label, size="260"):
    """A chart with its data table: `kind` is stacked or bar, `data` a dict (see charts.js), `label` a sentence."""
    rows = zip(data["categories"], *(series["values"] for series in data["series"]), strict=True)
    return {
        "kind": kind,
        "data": data,
        "id": id,
        "data_id": f"{id}-data",
        "label": label,
        "size": size,
        "rows": [(row[0], row[1:]) for row in rows],
    }


@register.simple_tag
def script_words():
    """The texts of the scripts in the language of the page; base.html passes them on by `json_script`."""
    return {
        "saved": gettext("草稿已存 %s"),
        "restored": gettext("已接着 %s 的草稿"),
        "offline": gettext("没有网络，内容存在这台设备上"),
        "unsent": gettext("没有网络，还没有发出。内容存在这台设备上，连上后请再点一次。"),
        "discard": gettext("不要草稿"),
        "picked": gettext("已选%s"),
        "copied": gettext("已复制"),
        "sending": gettext("正在保存"),
        "close": gettext("关闭"),
        "keys_on": gettext("快捷键已打开"),
        "keys_off": gettext("快捷键已关闭"),
        "failed": gettext("没有成功，请检查网络后再试一次。"),
    }


@register.filter
def cn_date(value):
    """10月12日 (12 Oct); empty for None."""
    return days.day_words(value) if value else ""


@register.filter
def cn_date_full(value):
    """2026年10月12日 周一 (Mon 12 Oct 2026); empty for None."""
    return days.full_day_words(value) if value else ""


@register.filter
def weekday(value):
    """周一 (Mon); empty for None."""
    return days.weekday_words(value) if value else ""


@register.filter
def weekday_short(value):
    """一 (Mon), for narrow columns."""
    return days.weekday_words(value).removeprefix("周")


@register.filter
def md(value, today=None):
    """10-12, with the year when it differs from that of `today` (default: the current day); — for None."""
    return days.month_day(value, today or clock.today()) if value else "—"


@register.filter
def mask_phone(value):
    """137****6021."""
    return masks.masked_phone(value)


@register.filter
def cell(value):
    """The number of a value of a chart, which is a number or a dict with value and href."""
    return value["value"] if isinstance(value, dict) else value


@register.filter
def href(value):
    """The URL to which a value of a chart links, or ""."""
    return value.get("href", "") if isinstance(value, dict) else ""
