"""The progress of a complaint as text for the complainant; never the name of a colleague who works on it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints.clocks import deadlines as clocks
from complaints.models import ActKind, State

WORDS = {
    State.WITH_HEAD: gettext_lazy("已交中心负责人"),
    State.HANDLING: gettext_lazy("正在调查"),
    State.REPLIED: gettext_lazy("已经答复您，请看看是否满意"),
    State.UNRESOLVED: gettext_lazy("您还不满意，负责人会说明打算"),
    State.PLANNED: gettext_lazy("已说明打算，正在处理"),
    State.PASSED: gettext_lazy("已转交有关机关，等待反馈"),
    State.ANSWERED: gettext_lazy("已答复处理结果，请看看是否满意"),
    State.SETTLED: gettext_lazy("已处理，等负责人签署意见"),
    State.CLOSED: gettext_lazy("已办结"),
    State.NOT_PROCESSED: gettext_lazy("已登记，不办理"),
    State.VOID: gettext_lazy("登记有误，不再办理"),
}
HEADINGS = {
    ActKind.TOLD: gettext_lazy("怎样处理"),
    ActKind.QUESTION: gettext_lazy("想问您"),
    ActKind.MESSAGE: gettext_lazy("留言"),
    ActKind.REPLY: gettext_lazy("回复"),
    ActKind.PLAN: gettext_lazy("打算怎么办"),
    ActKind.PASSED: gettext_lazy("转交有关机关"),
    ActKind.ANSWER: gettext_lazy("处理结果"),
    ActKind.REOPENED: gettext_lazy("重新处理"),
    ActKind.RECKONED: gettext_lazy("日期有变"),
    ActKind.IDENTIFIED: gettext_lazy("补充姓名"),
}


@dataclass(frozen=True)
class Step:
    """One step of the progress; `state` is "done", "now" (the current step) or "".

    `on` is the day or moment it was done, `due_on` its due date.
    """

    label: str
    on: object = None
    due_on: object = None
    state: str = ""


@dataclass(frozen=True)
class DialogueEntry:
    """One entry of the dialogue, by the centre or (`mine`) by the complainant."""

    heading: str
    text: str
    at: object
    mine: bool
    files: int


def progress_steps(case, promises, acts):
    """The progress as a list of Step: done, current and coming ones; skipped ones are left out."""
    met = {each.clock: each for each in promises}
    rows = [
        Step(_("已收到"), on=case.entered_at),
        Step(_("已交中心负责人"), on=case.handed_over_at),
        Step(_("指定跟进人"), on=next((act.on for act in acts if act.kind == ActKind.APPOINTED), None)),
        Step(_("调查"), on=case.response_met_on),
        *(Step(each.label, on=each.met_on, due_on=each.due_on) for each in met.values()),
        Step(_("办结"), on=case.closed_on),
    ]
    if clocks.RESPONSE not in met:
        rows = rows[:2]
    return mark_current(
        [row for place, row in enumerate(rows) if row.on or not any(r.on for r in rows[place:])]
    )


def mark_current(rows):
    """Marks the steps that are done, and the first other one as the current one."""
    here = next((row for row in rows if not row.on), None)
    return [
        Step(row.label, row.on, row.due_on, "done" if row.on else "now" if row is here else "")
        for row in rows
    ]


def dialogue_entries(acts):
    """The dialogue between the centre and the complainant, oldest first: the public acts that have a heading."""
    return [dialogue_entry(act) for act in acts if act.is_public and act.kind in HEADINGS]


def dialogue_entry(act):
    mine = act.kind in (ActKind.MESSAGE, ActKind.IDENTIFIED)
    text = act.text or (_("您补充了姓名。") if act.kind == ActKind.IDENTIFIED else "")
    files = len(act.enclosures.all()) if mine else 0
    return DialogueEntry(HEADINGS[act.kind], text, act.at, mine, files)
