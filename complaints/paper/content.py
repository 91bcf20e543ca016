"""The content of 《意见\\投诉收集及处理记录表》, blank and filled (R168-R181): one dict for the page and the Word file.

Names and contact details are masked, in the texts too, unless the full ones are requested.
"""

from django.db.models import Prefetch
from django.utils import translation

from accounts.masks import masked_name
from complaints.access.masks import masked_contact, masker_for
from complaints.models import Act, ActKind, ComplaintKind, Improvement, Method, State
from complaints.paper.layout import Paragraph, continuation_pages, lay_out, paragraphs_of
from complaints.paper.wording import (
    ANONYMOUS,
    DROP_IN,
    EITHER,
    KINDS,
    LABELS,
    NOT_PROCESSED,
    NOTHING_LEFT,
    PRAISE,
    SATISFIED,
    SECTIONS,
    TITLE,
    WHO,
    day_parts,
    day_words,
    full_day_words,
    heads,
    page_words,
)
from reminders.clock import now

TICKED, OPEN = "☑", "□"
USUAL_LINES = (5, 4, 3, 2)  # lines for the text of each box
FIXED_LINES = (2, 2, 1, 3)  # lines for the heading, date and signature of each box
ANSWER_KINDS = (ActKind.REPLY, ActKind.PLAN, ActKind.ANSWER)
FEEDBACK_KINDS = (ActKind.SATISFIED, ActKind.UNSATISFIED, ActKind.NO_WORD)


def with_paper_fields(complaints):
    """The queryset `complaints` with everything that the printed form shows, in a fixed number of queries."""
    printed = (*ANSWER_KINDS, *FEEDBACK_KINDS, ActKind.PASSED, ActKind.VOIDED)
    acts = Act.objects.filter(kind__in=printed).order_by("place")
    measures = Improvement.objects.select_related("owner")
    return complaints.select_related("handler", "opinion_by").prefetch_related(
        Prefetch("acts", acts, to_attr="printed_acts"),
        Prefetch("improvements", measures, to_attr="printed_measures"),
    )


def blank_sheet():
    """The blank form, to be filled in by hand."""
    facts = {
        "number": "",
        "is_strict": False,
        "kinds": checkboxes(KINDS, ""),
        "beside": "",
        "methods": checkboxes(Method.choices, ""),
        "name": "",
        "contact": "",
        "filled_on": day_parts(None),
        "received_on": day_parts(None),
        "handler": "",
        "signed_by": "",
    }
    return facts | fill_boxes([[], [], [], []], heads(EITHER), [None] * 4) | {"foot": DROP_IN}


def form_of(complaint, *, by, full=False):
    """The form of one complaint loaded by `with_paper_fields`, printed by the user `by`.

    `full` shows the complainant unmasked.
    """
    say = (lambda text: text) if full else masker_for(complaint)
    answer = newest_act(complaint, ANSWER_KINDS)
    facts = {
        "number": complaint.number,
        "is_strict": complaint.is_strictly_confidential,
        "kinds": checkboxes(KINDS, box_of(complaint)),
        "beside": PRAISE if complaint.kind == ComplaintKind.PRAISE else "",
        "methods": checkboxes(Method.choices, complaint.method),
        "name": name_on_paper(complaint, full),
        "contact": complaint.contact if full else masked_contact(complaint.contact),
        "filled_on": day_parts(complaint.stated_on),
        "received_on": day_parts(complaint.received_on),
        "handler": complaint.handler.name if complaint.handler else "",
        "signed_by": complaint.opinion_by.name if complaint.opinion_by else "",
    }
    texts = [
        [each.with_text(say) for each in text(complaint)] for text in (statement, reply, result, opinion)
    ]
    days = [complaint.stated_on, answer.on if answer else None, None, complaint.opinion_on]
    foot = f"{complaint.number}　{printed_by(by)}"
    return facts | fill_boxes(texts, heads(WHO[complaint.person_class]), days, foot)


def fill_boxes(texts, headings, days, foot=""):
    """The four boxes, the continuation pages, and the footer of each page, as a dict."""
    laid = lay_out(texts, USUAL_LINES)
    rests = [(name, one.rest) for name, one in zip(SECTIONS, laid, strict=True)]
    more = continuation_pages(rests)
    feet = [f"{foot}　{page_words(number, 1 + len(more))}" for number in range(1, 2 + len(more))]
    return {
        "title": TITLE,
        "label": LABELS,
        "boxes": [box_context(*one) for one in zip(laid, FIXED_LINES, headings, days, strict=True)],
        "foot": feet[0],
        "more": [more_page(page, words) for page, words in zip(more, feet[1:], strict=True)],
    }


def box_context(laid, fixed, heading, day):
    """The context of one box: `height` in lines; `goes_on` when the text continues on a continuation page."""
    return {
        "head": heading,
        "paragraphs": as_text(laid.paragraphs),
        "height": laid.lines + fixed,
        "goes_on": bool(laid.rest),
        "on": day_parts(day),
    }


def more_page(page, foot):
    return {"sections": [{"name": name, "paragraphs": as_text(rest)} for name, rest in page], "foot": foot}


def as_text(paragraphs):
    return [{"text": each.text, "is_indented": each.is_indented} for each in paragraphs]


def checkboxes(choices, chosen):
    """Every choice with its checkbox, the chosen one ticked."""
    with translation.override("zh-hans"):
        return [f"{TICKED if value == chosen else OPEN}{words}" for value, words in choices]


def box_of(complaint):
    """The checkbox to tick: the form has two, so praise counts as a suggestion, with a remark that it is praise."""
    return "complaint" if complaint.kind == ComplaintKind.COMPLAINT else "suggestion"


def printed_by(user):
    """The footer with the user who printed it and the time."""
    at = now()
    return f"打印：{user.name}　{full_day_words(at)} {at:%H:%M}"


def name_on_paper(complaint, full):
    if complaint.is_anonymous:
        return ANONYMOUS
    return complaint.name if full else masked_name(complaint.name)


def newest_act(complaint, kinds):
    return next((act for act in reversed(complaint.printed_acts) if act.kind in kinds), None)


def statement(complaint):
    return [Paragraph(f"主题：{complaint.title}", False), *paragraphs_of(complaint.statement)]


def reply(complaint):
    """The newest reply, plan and answer, in the order in which they were given (R177)."""
    acts = filter(None, (newest_act(complaint, [kind]) for kind in ANSWER_KINDS))
    lines = [f"{when_and_how(act)}：{act.text}" for act in sorted(acts, key=lambda act: act.place)]
    return [each for line in lines for each in paragraphs_of(line)]


def when_and_how(act):
    with translation.override("zh-hans"):
        return f"{day_words(act.on)}{act.get_form_of_reply_display()}"


def result(complaint):
    """The result, whether the complainant is satisfied, and what remains to be done (R178-R179)."""
    lines = [
        referral_paragraphs(complaint),
        feedback_paragraphs(complaint),
        next_step(complaint),
        not_processed_paragraphs(complaint),
    ]
    return [each for line in lines for each in paragraphs_of(line)]


def referral_paragraphs(complaint):
    act = newest_act(complaint, [ActKind.PASSED])
    return f"{day_words(act.on)}{act.text}" if act else ""


def feedback_paragraphs(complaint):
    act = newest_act(complaint, FEEDBACK_KINDS)
    if act is None:
        return ""
    return f"{day_words(act.on)}：{SATISFIED[act.kind] % WHO[complaint.person_class]}{act.text}"


def next_step(complaint):
    if complaint.next_step:
        return f"需要进一步跟进：{complaint.next_step}（{day_words(complaint.next_step_on)}前）"
    return NOTHING_LEFT if complaint.state in (State.SETTLED, State.CLOSED) else ""


def not_processed_paragraphs(complaint):
    """The reason why the complaint was not handled to the end; "" if it was or still is (R156)."""
    if complaint.state == State.NOT_PROCESSED:
        return NOT_PROCESSED
    act = newest_act(complaint, [ActKind.VOIDED])
    return f"登记有误：{act.text}" if act and complaint.state == State.VOID else ""


def opinion(complaint):
    """The finding, the opinion of the person in charge, and the measures (R150-R151, R180)."""
    lines = [measure_words(measure) for measure in complaint.printed_measures]
    if complaint.opinion:
        with translation.override("zh-hans"):
            finding = f"{complaint.get_finding_display()}。" if complaint.finding else ""
        lines = [f"{finding}{complaint.opinion}", *lines]
    return [each for line in lines for each in paragraphs_of(line)]


def measure_words(measure):
    done = f"{day_words(measure.done_on)}完成" if measure.done_on else f"{day_words(measure.due_on)}前完成"
    return f"改善措施：{measure.measure}（{measure.owner.name}，{done}）"
