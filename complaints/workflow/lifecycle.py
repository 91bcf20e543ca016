"""The lifecycle of a complaint: who may do which act in which state, with what input and result (R141-R180).

STEPS is read by the buttons, the guards, the forms and the tests alike. `perform` takes every step in one transaction:
it locks the complaint, checks the table, calls the effect of the step, adds the act, and updates clocks and reminders.
An anonymous personnel complaint is not handled, unless it is re-classed (R155-R156).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.exceptions import ActionRefused, EditConflict
from complaints.access import access_list
from complaints.acts.audit_log import append_act
from complaints.clocks import notices
from complaints.files import enclosures
from complaints.models import AccessRole, ActKind, Complaint, State
from complaints.models.case import WAITING_FOR_COMPLAINANT
from complaints.workflow import effects, guards, people_effects
from relations.files.attachments import atomic_with_files
from reminders.calendar.workdays import Calendar
from reminders.models import Parameter

S = State
HEAD, BOTH = (AccessRole.HEAD,), (AccessRole.HEAD, AccessRole.HANDLER)
OPEN = (S.WITH_HEAD, S.HANDLING, S.REPLIED, S.UNRESOLVED, S.PLANNED, S.PASSED, S.ANSWERED, S.SETTLED)
STATES_BEFORE_SETTLED = OPEN[:-1]


@dataclass(frozen=True)
class ActInput:
    """The input of a step; each step reads the fields it needs."""

    text: str = ""
    on: date | None = None
    form_of_reply: str = ""
    due_on: date | None = None
    clock: str = ""
    user: object = None
    users: tuple = ()
    finding: str = ""
    kind: str = ""
    subject: str = ""
    is_personnel: bool = False
    is_strict: bool = False
    words: str = ""
    files: tuple = ()


@dataclass(frozen=True)
class Step:
    """One row of the table. `target` None leaves the state; `needs` names the required fields of ActInput."""

    name: str
    kind: ActKind
    label: str
    sources: tuple
    target: State | None
    roles: tuple = BOTH
    needs: tuple = ()
    guards: tuple[Callable, ...] = ()
    effect: Callable | None = None
    is_public: bool = False

    def is_open(self, complaint, roles):
        return complaint.state in self.sources and bool(set(self.roles) & roles)


STEPS = {
    step.name: step
    for step in [
        Step(
            "appoint",
            ActKind.APPOINTED,
            gettext_lazy("指派跟进人"),
            STATES_BEFORE_SETTLED,
            None,
            HEAD,
            needs=("user",),
            effect=effects.appoint,
        ),
        Step(
            "tell",
            ActKind.TOLD,
            gettext_lazy("告知处理方式和时限"),
            STATES_BEFORE_SETTLED,
            None,
            needs=("on", "form_of_reply", "text"),
            guards=(guards.day_is_possible, guards.form_is_possible),
            effect=effects.record_told,
            is_public=True,
        ),
        Step("note", ActKind.NOTE, gettext_lazy("记调查"), OPEN, None, needs=("text",)),
        Step(
            "ask",
            ActKind.QUESTION,
            gettext_lazy("询问反映人"),
            OPEN,
            None,
            needs=("text",),
            guards=(guards.has_code,),
            is_public=True,
        ),
        Step(
            "reply",
            ActKind.REPLY,
            gettext_lazy("回复反映人"),
            (S.WITH_HEAD, S.HANDLING),
            S.REPLIED,
            needs=("on", "form_of_reply", "text"),
            guards=(guards.day_is_possible, guards.form_is_possible),
            effect=effects.reply,
            is_public=True,
        ),
        Step(
            "satisfied",
            ActKind.SATISFIED,
            gettext_lazy("满意"),
            WAITING_FOR_COMPLAINANT,
            S.SETTLED,
            needs=("on",),
            guards=(guards.day_is_possible,),
            effect=effects.satisfied,
        ),
        Step(
            "unsatisfied",
            ActKind.UNSATISFIED,
            gettext_lazy("不满意"),
            WAITING_FOR_COMPLAINANT,
            S.UNRESOLVED,
            needs=("on", "text"),
            guards=(guards.day_is_possible,),
            effect=effects.unsatisfied,
        ),
        Step(
            "no_word",
            ActKind.NO_WORD,
            gettext_lazy("没有表态"),
            WAITING_FOR_COMPLAINANT,
            S.SETTLED,
            needs=("text",),
            effect=effects.no_word,
        ),
        Step(
            "follow_up",
            ActKind.FOLLOW_UP,
            gettext_lazy("还要跟进"),
            (*WAITING_FOR_COMPLAINANT, S.SETTLED),
            S.HANDLING,
            needs=("text", "due_on"),
            guards=(guards.due_is_ahead,),
            effect=effects.follow_up,
        ),
        Step(
            "plan",
            ActKind.PLAN,
            gettext_lazy("说明打算和答复时限"),
            (S.HANDLING, S.REPLIED, S.UNRESOLVED, S.PLANNED),
            S.PLANNED,
            HEAD,
            needs=("on", "form_of_reply", "text", "due_on"),
            guards=(guards.day_is_possible, guards.form_is_possible, guards.promise_is_reasoned),
            effect=effects.plan,
            is_public=True,
        ),
        Step(
            "pass_on",
            ActKind.PASSED,
            gettext_lazy("转交行政机关"),
            (S.WITH_HEAD, S.HANDLING, S.UNRESOLVED, S.PLANNED),
            S.PASSED,
            HEAD,
            needs=("on", "words", "text"),
            guards=(guards.day_is_possible,),
            effect=effects.refer_case,
            is_public=True,
        ),
        Step(
            "answer",
            ActKind.ANSWER,
            gettext_lazy("答复结果"),
            (S.HANDLING, S.PLANNED, S.PASSED),
            S.ANSWERED,
            needs=("on", "form_of_reply", "text"),
            guards=(guards.day_is_possible, guards.form_is_possible),
            effect=effects.record_answer,
            is_public=True,
        ),
        Step(
            "sign",
            ActKind.OPINION,
            gettext_lazy("签署意见"),
            (S.SETTLED,),
            None,
            HEAD,
            needs=("text",),
            guards=(guards.finding_is_given,),
            effect=effects.sign_opinion,
        ),
        Step(
            "close",
            ActKind.CLOSED,
            gettext_lazy("办结"),
            (S.SETTLED,),
            S.CLOSED,
            HEAD,
            guards=(guards.opinion_is_signed, guards.measure_is_written),
            effect=effects.close_case,
            is_public=True,
        ),
        Step(
            "reopen",
            ActKind.REOPENED,
            gettext_lazy("重新处理"),
            (S.CLOSED,),
            S.HANDLING,
            HEAD,
            needs=("text", "due_on"),
            guards=(guards.due_is_ahead,),
            effect=effects.reopen_case,
            is_public=True,
        ),
        Step(
            "reclass",
            ActKind.RECLASSED,
            gettext_lazy("更正分类"),
            (*OPEN, S.NOT_PROCESSED),
            None,
            HEAD,
            needs=("kind", "subject", "text"),
            effect=effects.change_kind,
        ),
        Step(
            "extend",
            ActKind.EXTENDED,
            gettext_lazy("另定日期"),
            OPEN,
            None,
            HEAD,
            needs=("clock", "due_on", "text"),
            guards=(guards.clock_is_running, guards.due_is_later),
            effect=effects.extend,
        ),
        Step(
            "pause",
            ActKind.PAUSED,
            gettext_lazy("暂停计时"),
            STATES_BEFORE_SETTLED,
            None,
            HEAD,
            needs=("text",),
            guards=(guards.is_not_paused,),
            effect=effects.pause,
        ),
        Step(
            "resume",
            ActKind.RESUMED,
            gettext_lazy("恢复计时"),
            OPEN,
            None,
            HEAD,
            guards=(guards.is_paused,),
            effect=effects.resume,
        ),
        Step(
            "accuse",
            ActKind.ACCUSED,
            gettext_lazy("登记被投诉的人"),
            (*OPEN, S.NOT_PROCESSED),
            None,
            needs=("users",),
            effect=people_effects.add_accused,
        ),
        Step(
            "mark",
            ActKind.MARKED,
            gettext_lazy("改变保密要求"),
            (*OPEN, S.NOT_PROCESSED),
            None,
            HEAD,
            needs=("text",),
            effect=people_effects.change_confidentiality,
        ),
        Step(
            "list",
            ActKind.LISTED,
            gettext_lazy("增加知情人"),
            (*OPEN, S.CLOSED, S.NOT_PROCESSED),
            None,
            HEAD,
            needs=("user", "text"),
            effect=people_effects.add_reader,
        ),
        Step(
            "delist",
            ActKind.DELISTED,
            gettext_lazy("移出知情人"),
            (*OPEN, S.CLOSED, S.NOT_PROCESSED),
            None,
            HEAD,
            needs=("user",),
            effect=people_effects.remove_reader,
        ),
        Step(
            "pass_headship",
            ActKind.HEAD_CHANGED,
            gettext_lazy("换负责人"),
            (*OPEN, S.NOT_PROCESSED),
            None,
            HEAD,
            needs=("user", "text"),
            effect=people_effects.pass_headship,
        ),
        Step(
            "file",
            ActKind.FILED,
            gettext_lazy("加附件"),
            OPEN,
            None,
            needs=("files",),
        ),
        Step(
            "void",
            ActKind.VOIDED,
            gettext_lazy("标为登记有误"),
            (*STATES_BEFORE_SETTLED, S.NOT_PROCESSED),
            S.VOID,
            HEAD,
            needs=("text",),
            effect=effects.void,
        ),
    ]
}


def open_steps(complaint, user, roles=None):
    """The steps that `user` may take now: [(Step, obstacle as a sentence, or "")].

    One query for the roles, unless the caller passes them.
    """
    roles = access_list.roles_of(complaint, user) if roles is None else roles
    return [
        (step, guards.known_obstacle(step, complaint))
        for step in STEPS.values()
        if step.is_open(complaint, roles)
    ]


@atomic_with_files()
def perform(complaint, name, *, by, today, act_input=None, version=None):
    """Takes the step `name` with `act_input` (an ActInput). Returns the Act.

    `version` is that of the complaint as shown to the user. Raises PermissionDenied for a user without the role,
    ActionRefused with a sentence (wrong state, missing field, or a guard), and EditConflict for an old version.
    """
    step, act_input = STEPS[name], act_input or ActInput()
    case = Complaint.objects.select_for_update().get(pk=complaint.pk)
    if not set(step.roles) & access_list.roles_of(case, by):
        raise PermissionDenied
    check_step(step, case, act_input, today, version)
    before, moves = case.state, case.extensions
    context = effects.EffectContext(
        by, today, act_input, Calendar.load(), Parameter.objects.values_on(case.received_on)
    )
    outcome = (step.effect(case, context) if step.effect else None) or effects.Outcome()
    case.state = outcome.state or step.target or case.state
    case.version += 1
    case.save()
    act = write_act(step, case, before, context, outcome)
    enclosures.attach_files(act, act_input.files)
    notices.close_answered(case, today, is_moved=case.extensions > moves)
    outcome.afterwards(case)
    return act


def check_step(step, case, act_input, today, version):
    """Raises ActionRefused when the step cannot be taken, EditConflict when `version` is an old one."""
    if version is not None and version != case.version:
        raise EditConflict(_("刚才有人也办理了这件事，请看最新的情况再继续。"))
    if case.state not in step.sources:
        raise ActionRefused(
            _("现在是“%(state)s”，不能%(act)s。") % {"state": case.get_state_display(), "act": step.label}
        )
    for needed in step.needs:
        if not getattr(act_input, needed):
            raise ActionRefused(guards.missing_sentence(needed))
    for guard in step.guards:
        if sentence := guard(case, act_input, today):
            raise ActionRefused(sentence)


def write_act(step, case, before, context, told):
    act_input = context.act_input
    return append_act(
        case,
        step.kind,
        by=context.by,
        on=act_input.on or context.today,
        text=told.text or act_input.text,
        is_public=step.is_public,
        form_of_reply=act_input.form_of_reply,
        due_on=told.due_on or act_input.due_on,
        from_state=before,
        to_state=case.state,
        details=told.details,
    )
