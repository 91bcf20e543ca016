"""The content of 《沟通记录表》, of one contact and of a month, for all kinds (R94-R102).

Print page and Word file use the same dict. Neither has notes of caution (R38).
"""

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from accounts.days import year_month_words
from accounts.roles import Tier
from relations.duties.periods import period_of
from relations.files import slots
from relations.models import Interaction, OurParticipant, Outcome, Period, Starter, TheirParticipant
from relations.parties.kinds import label_of
from reminders.clock import now

TICKED, OPEN = "☑", "□"
MAX_CONTACTS_PER_MONTH = 500  # contacts on one printed form


def checkboxes(choices, chosen):
    """Returns all choices, each with a check box, the chosen one ticked."""
    return [f"{TICKED if value == chosen else OPEN}{words}" for value, words in choices]


def footer(user):
    """Returns the footer: who printed it and when."""
    words = {"name": user.name, "at": now().strftime("%Y-%m-%d %H:%M")}
    return _("打印：%(name)s　%(at)s") % words


def contacts_for(user, record):
    """Returns the contacts of one record visible to `user`, with prefetched participants and attachments."""
    ours = OurParticipant.objects.select_related("user")
    theirs = TheirParticipant.objects.select_related("person")
    return (
        Interaction.objects.visible_to(user)
        .filter(stakeholder=record)
        .select_related("entered_by", "starter", "plan_action")
        .prefetch_related(
            Prefetch("our_people", queryset=ours), Prefetch("their_people", queryset=theirs), "attachments"
        )
    )


def contact_sheet(contact, record, user):
    """Returns the content of 《沟通记录表》 of one contact, as a dict."""
    formal = [(True, _("正式")), (False, _("非正式"))]
    return contact_row(contact) | {
        "title": _("沟通记录表"),
        "number": record.number,
        "kind": label_of(record.kind),
        "name": record.name,
        "is_confidential": record.is_confidential,
        "formal_boxes": checkboxes(
            [*formal, ("urgent", _("紧急"))], "urgent" if contact.is_urgent else contact.is_formal
        ),
        "started_by": checkboxes(Starter.choices, contact.started_by),
        "starter": contact.starter.name if contact.starter else "",
        "guest_role": contact.get_guest_role_display(),
        "plan_action": contact.plan_action.text if contact.plan_action else "",
        "outcome": contact.get_outcome_display(),
        "entered_by": contact.entered_by.name,
        "foot": footer(user),
    }


def contact_row(contact):
    """Returns one contact as texts, for its own form and for a line of the monthly form."""
    ours = list(contact.our_people.all())
    files = [file.name for file in contact.attachments.all() if file.withdrawn_at is None]
    return {
        "pk": contact.pk,
        "on": contact.contact_on.isoformat(),
        "entered_on": f"{local_time(contact.entered_at):%Y-%m-%d}",
        "channel": contact.get_channel_display(),
        "purpose": contact.get_purpose_display(),
        "formality": formality(contact),
        "ours": "、".join(our_participant_words(one) for one in ours if not one.is_accompanying),
        "accompanying": "、".join(our_participant_words(one) for one in ours if one.is_accompanying),
        "theirs": "、".join(their_participant_words(one) for one in contact.their_people.all()),
        "content": contact.content,
        "follow_up": contact.follow_up,
        "files": "、".join(files),
    }


def local_time(moment):
    """Converts a stored datetime to Shanghai time."""
    return moment.astimezone(now().tzinfo)


def formality(contact):
    if contact.is_urgent:
        return _("紧急")
    return _("正式") if contact.is_formal else _("非正式")


def our_participant_words(one):
    """Returns text such as 郑雅婷（驻点社工／负责人）."""
    tiers = "、".join(str(Tier(tier).label) for tier in one.tiers)
    return f"{one.user.name}（{tiers}）" if tiers else one.user.name


def their_participant_words(one):
    """Returns text such as 梁晓东 局长（局长）."""
    who = f"{one.person.name} {one.person.title}".strip()
    return f"{who}（{one.get_level_display()}）"


def month_sheet(record, first, user):
    """Returns the monthly 《沟通记录表》 (R101) as a dict: all contacts of the month that starts on `first`, in order.

    Raises slots.RequestTooLarge for more than MAX_CONTACTS_PER_MONTH.
    """
    span = period_of(Period.MONTH, first)
    contacts = contacts_for(user, record).filter(
        contact_on__gte=span.starts_on, contact_on__lte=span.ends_on, outcome=Outcome.REACHED
    )
    rows = [
        contact_row(contact)
        for contact in contacts.contacts().order_by("contact_on", "pk")[: MAX_CONTACTS_PER_MONTH + 1]
    ]
    if len(rows) > MAX_CONTACTS_PER_MONTH:
        raise slots.RequestTooLarge(
            _("这个月的沟通记录超过%d条，一张表放不下。请从沟通记录里筛选后导出。") % MAX_CONTACTS_PER_MONTH
        )
    return {
        "title": _("沟通记录表（按月）"),
        "number": record.number,
        "kind": label_of(record.kind),
        "name": record.name,
        "is_confidential": record.is_confidential,
        "month": year_month_words(first),
        "responsible": record.responsible.name if record.responsible else "",
        "rows": rows,
        "count": len(rows),
        "foot": footer(user),
    }
