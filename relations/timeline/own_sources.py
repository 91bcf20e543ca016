"""The timeline sources of this app: stage moves, hand-overs, terms, and files without a contact."""

from django.db.models import F, Q, Value
from django.db.models.functions import Cast, Coalesce, Concat, TruncDate
from django.utils.translation import gettext as _

from relations.cycle.lifecycle import MOVES_BY_NAME
from relations.models import Attachment, Ending, HandOver, StageChange, Term, stage_label
from relations.parties.kinds import term_label
from relations.timeline.rows import TimelineRow, file_link
from relations.timeline.sources import TEXT, TimelineSource, as_events
from reminders.clock import SHANGHAI

ENDED, STAGE, TERM, HAND_OVER, FILE = 6, 5, 4, 3, 2


def moves(asked):
    rows = StageChange.objects.filter(cycle__stakeholder__in=asked.visible_records)
    if asked.q:
        rows = rows.filter(reason__icontains=asked.q)
    to = Concat("target", Value("|"), "ending", Value("|"), "cycle__stakeholder__kind")
    return as_events(rows, F("on"), STAGE, what=F("move"), more=to, words=F("reason"), who=F("by__name"))


def hand_overs(asked):
    rows = HandOver.objects.filter(stakeholder__in=asked.visible_records)
    if asked.q:
        rows = rows.filter(Q(giver__name__icontains=asked.q) | Q(taker__name__icontains=asked.q))
    giver = Coalesce("giver__name", Value(""))
    return as_events(rows, F("on"), HAND_OVER, what=giver, more=F("taker__name"), who=F("by__name"))


def terms_begun(asked):
    return terms(asked, "starts_on", TERM)


def terms_ended_early(asked):
    return terms(asked, "ended_on", ENDED)


def terms(asked, day, rank):
    """Returns the events of terms; None for a search, as they have no text."""
    if asked.q:
        return None
    rows = Term.objects.valid().filter(stakeholder__in=asked.visible_records, **{f"{day}__lte": asked.today})
    days = {"more": Cast("starts_on", TEXT), "words": Cast("last_day", TEXT)}
    return as_events(rows, F(day), rank, what=F("stakeholder__kind"), **days)


def files(asked):
    rows = Attachment.objects.visible_to(asked.user).filter(
        stakeholder__in=asked.visible_records, interaction=None
    )
    if asked.q:
        rows = rows.filter(name__icontains=asked.q)
    uploaded = TruncDate("uploaded_at", tzinfo=SHANGHAI)
    return as_events(rows, uploaded, FILE, what=F("name"), who=F("uploaded_by__name"))


def file_row(place, what, more, words, who):
    return TimelineRow(place, "paperclip", _("文件"), who=who, files=[file_link(place.pk, what)])


def hand_over_row(place, what, more, words, who):
    title = _("负责社工由%(giver)s转给%(taker)s") if what else _("负责社工定为%(taker)s")
    return TimelineRow(place, "person-up", title % {"giver": what, "taker": more}, who=_("%s 转交") % who)


def term_row(place, what, more, words, who):
    return TimelineRow(place, "file-earmark", _("%s开始") % term_label(what), text=term_words(more, words))


def ended_row(place, what, more, words, who):
    return TimelineRow(
        place, "file-earmark", _("%s提前终止") % term_label(what), text=term_words(more, words)
    )


def term_words(starts_on, last_day):
    """Returns the period of a term as text; both arguments are ISO dates, `last_day` "" for a term without end."""
    if not last_day:
        return _("从%s起，没有约定结束日期") % starts_on
    return _("%(starts)s至%(ends)s") % {"starts": starts_on, "ends": last_day}


def move_row(place, what, more, words, who):
    target, ending, kind = more.split("|")
    declared = MOVES_BY_NAME.get(what)
    title = declared.label_for(kind) if declared else _("开始新一轮")
    if target and not declared:
        title = f"{title}：{stage_label(target, kind)}"
    elif ending:
        title = f"{title}：{Ending(ending).label}"
    return TimelineRow(place, "flag-fill", title, kind="stage", who=who, text=words)


OWN_SOURCES = {
    "files": TimelineSource(FILE, files, file_row, ("file",)),
    "stage moves": TimelineSource(STAGE, moves, move_row, ("stage",)),
    "hand-overs": TimelineSource(HAND_OVER, hand_overs, hand_over_row, ("stage",)),
    "terms begun": TimelineSource(TERM, terms_begun, term_row, ("stage",)),
    "terms ended early": TimelineSource(ENDED, terms_ended_early, ended_row, ("stage",)),
}
