"""Icons, labels and CSS classes of the small status marks in lists, and the buttons of messages."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

CHIP_ICONS = {
    "over": "exclamation-diamond-fill",
    "today": "clock-fill",
    "soon": "clock",
    "met": "check2",
    "prov": "question-diamond",
    "paused": "pause",
}

DUTY_STATES = {
    "met": _("已完成"),
    "soon": _("本周到期"),
    "open": _("未到期"),
    "over": _("逾期"),
    "na": _("不适用"),
}


def duty_words(tally):
    """Text such as 已完成1项，逾期2项, in the order of DUTY_STATES. `tally`: a dict of state to number of duties."""
    parts = [
        gettext("%(state)s%(count)d项") % {"state": words, "count": tally[state]}
        for state, words in DUTY_STATES.items()
        if state != "na" and tally[state]
    ]
    return gettext("，").join(parts) or gettext("本期没有应尽事项")


def toast_parts(extra_tags):
    """The `undo` URL (on this site only) and the `draft_clear` key in the extra tags of a message, '' when absent."""
    values = dict(tag.partition(":")[::2] for tag in (extra_tags or "").split())
    undo = values.get("undo", "")
    return {
        "undo": undo if undo.startswith("/") and not undo.startswith("//") else "",
        "draft_clear": values.get("draft-clear", ""),
    }


DAY_CLASSES = {"zero": "zero", "off": "off", "made_up": "wk mk"}


def day_classes(day, today):
    """The CSS classes of one day of a strip (a dict as the tag `day_strip` takes it)."""
    is_working = day["kind"] not in ("zero", "off")
    marks = {
        "past": is_working and today and day["on"] < today,
        "prov": day.get("provisional"),
        "due": day.get("due"),
        "now": day["on"] == today,
    }
    return " ".join([DAY_CLASSES.get(day["kind"], "wk"), *(name for name, is_on in marks.items() if is_on)])
