"""What the printed forms say: 《用人单位信息表》 (R8, R29-R34, R67, R69) and 《沟通记录表》 (R94-R102).

Print page and Word file are filled from the same dict. Notes of caution are in neither (R38).
"""

from datetime import date

from django.db.models import F, OuterRef, Prefetch
from django.utils.translation import gettext as _

from accounts.roles import Tier
from accounts.wording import year_month_words
from employers import record
from employers.inner_rows import InnerRows, objects
from employers.models import BodyType, Relation, Supervision
from relations.duties.periods import label, period_of
from relations.files import slots
from relations.models import (
    Cycle,
    Interaction,
    OurParticipant,
    Outcome,
    Period,
    Purpose,
    Source,
    Starter,
    TheirParticipant,
)
from reminders.clock import now

TICKED, OPEN = "☑", "□"
MOST_OF_MONTH = 500  # contacts on one sheet


def boxes(choices, chosen):
    """Every choice with its box, the chosen one ticked."""
    return [f"{TICKED if value == chosen else OPEN}{words}" for value, words in choices]


def foot(user):
    """Who printed it and when."""
    words = {"name": user.name, "at": now().strftime("%Y-%m-%d %H:%M")}
    return _("打印：%(name)s　%(at)s") % words


def sheets_for(user, today):
    """Employers `user` may see, with everything their sheet says, in one statement however many are printed."""
    year = period_of(Period.YEAR, today)
    own = {"stakeholder": OuterRef("pk")}
    checks = Interaction.objects.counting().filter(
        **own, purpose=Purpose.SHEET_CHECK, contact_on__gte=year.starts_on, contact_on__lte=year.ends_on
    )
    return record.employers_for(user, today).annotate(
        first_rows=InnerRows(
            Cycle.objects.filter(**own).order_by("number")[:1],
            contact_on=F("first_contact_on"),
            contact_time=F("first_contact_time"),
            who=F("received_by__name"),
        ),
        check_rows=InnerRows(
            checks.order_by("contact_on", "pk"),
            contact_on=F("contact_on"),
            who=F("entered_by__name"),
            content=F("content"),
        ),
    )


def sheet_of(employer, user, today):
    """《用人单位信息表》 of one employer found by `sheets_for`."""
    contracts = record.contracts_of(employer)
    standing = record.standing_of(contracts, today)
    contract = standing.current
    return {
        "title": _("用人单位信息表"),
        "number": employer.number,
        "name": employer.name,
        "is_confidential": employer.is_confidential,
        "body_type": boxes(BodyType.choices, employer.body_type),
        "relation": boxes(Relation.choices, employer.relation),
        "supervision": boxes(Supervision.choices, employer.supervision),
        "parent_unit": employer.parent_unit,
        "town": employer.town,
        "address": employer.address,
        "service_area": employer.service_area,
        "source": boxes(Source.choices, employer.source),
        "source_detail": employer.source_detail,
        "first_contact": first_contact_words(employer),
        "standing": boxes([(True, _("显在")), (False, _("潜在"))], standing.is_active),
        "standing_words": standing.words,
        "responsible": employer.responsible.name if employer.responsible else "",
        "department": employer.department.name if employer.department else "",
        "people": [person_row(person) for person in record.people_of(employer)],
        "contract": contract_row(contract) if contract else None,
        "earlier": [f"{one.number}　{term_words(one.starts_on, one.last_day)}" for one in standing.others],
        "past_cooperation": employer.past_cooperation,
        "prospects": employer.prospects,
        "note": employer.note,
        "checks": checks_of(employer, today),
        "year": today.year,
        "registered_on": now_of(employer.created_at).date().isoformat(),
        "foot": foot(user),
    }


def first_contact_words(employer):
    """2026-01-08 10:30　接待人：郑雅婷."""
    first = next(iter(objects(employer.first_rows)), None)
    if first is None or first.contact_on is None:
        return ""
    when = first.contact_on.isoformat()
    if first.contact_time:
        when += f" {first.contact_time:%H:%M}"
    return _("%(when)s　接待人：%(who)s") % {"when": when, "who": first.who or ""}


def person_row(person):
    return {
        "name": person.name,
        "title": person.title,
        "level": person.level_words,
        "phone": "　".join(filter(None, [person.phone, person.wechat, person.email])),
        "main": TICKED if person.is_main else OPEN,
    }


def term_words(first, last):
    """2026-05-01 至 2027-04-30."""
    return _("%(first)s 至 %(last)s") % {"first": first, "last": last}


def contract_row(contract):
    return {
        "number": contract.number,
        "parties": contract.parties,
        "term": term_words(contract.starts_on, contract.ends_on),
        "signed_on": contract.signed_on.isoformat() if contract.signed_on else "",
        "ended": f"{contract.ended_on}　{contract.end_reason}" if contract.ended_on else "",
        "content": contract.content,
        "goals": contract.goals,
        "constraints": contract.constraints,
        "amount": f"{contract.amount:,.2f}" if contract.amount is not None else "",
        "scan": contract.scan_name or "",
    }


def checks_of(employer, today):
    """The four quarters of the year of `today`, each with its last check (R69): period, day, by whom, what."""
    found = {}
    for check in objects(employer.check_rows):
        found[period_of(Period.QUARTER, check.contact_on).starts_on] = check
    quarters = [date(today.year, month, 1) for month in (1, 4, 7, 10)]
    return [check_row(first, found.get(first)) for first in quarters]


def check_row(first, check):
    period = label(Period.QUARTER, first)
    if check is None:
        return {"period": period, "on": "", "by": "", "what": ""}
    return {"period": period, "on": check.contact_on.isoformat(), "by": check.who, "what": check.content}


def contacts_for(user, employer):
    """The contacts of one employer within the sight of `user`, with everybody who was there."""
    ours = OurParticipant.objects.select_related("user")
    theirs = TheirParticipant.objects.select_related("person")
    return (
        Interaction.objects.visible_to(user)
        .filter(stakeholder=employer)
        .select_related("entered_by", "starter", "plan_action")
        .prefetch_related(
            Prefetch("our_people", queryset=ours), Prefetch("their_people", queryset=theirs), "attachments"
        )
    )


def contact_of(contact, employer, user):
    """《沟通记录表》 of one contact."""
    formal = [(True, _("正式")), (False, _("非正式"))]
    return row_of(contact) | {
        "title": _("沟通记录表"),
        "number": employer.number,
        "employer": employer.name,
        "is_confidential": employer.is_confidential,
        "formal_boxes": boxes(
            [*formal, ("urgent", _("紧急"))], "urgent" if contact.is_urgent else contact.is_formal
        ),
        "started_by": boxes(Starter.choices, contact.started_by),
        "starter": contact.starter.name if contact.starter else "",
        "guest_role": contact.get_guest_role_display(),
        "plan_action": contact.plan_action.text if contact.plan_action else "",
        "outcome": contact.get_outcome_display(),
        "entered_by": contact.entered_by.name,
        "foot": foot(user),
    }


def row_of(contact):
    """One contact in words, for its own form and for a line of the month's."""
    ours = list(contact.our_people.all())
    files = [file.name for file in contact.attachments.all() if file.withdrawn_at is None]
    return {
        "pk": contact.pk,
        "on": contact.contact_on.isoformat(),
        "entered_on": f"{now_of(contact.entered_at):%Y-%m-%d}",
        "channel": contact.get_channel_display(),
        "purpose": contact.get_purpose_display(),
        "formality": formality(contact),
        "ours": "、".join(our_words(one) for one in ours if not one.is_accompanying),
        "accompanying": "、".join(our_words(one) for one in ours if one.is_accompanying),
        "theirs": "、".join(their_words(one) for one in contact.their_people.all()),
        "content": contact.content,
        "follow_up": contact.follow_up,
        "files": "、".join(files),
    }


def now_of(moment):
    """A kept moment in Shanghai."""
    return moment.astimezone(now().tzinfo)


def formality(contact):
    if contact.is_urgent:
        return _("紧急")
    return _("正式") if contact.is_formal else _("非正式")


def our_words(one):
    """郑雅婷（驻点社工／负责人）."""
    tiers = "、".join(str(Tier(tier).label) for tier in one.tiers)
    return f"{one.user.name}（{tiers}）" if tiers else one.user.name


def their_words(one):
    """梁晓东 局长（局长）."""
    who = f"{one.person.name} {one.person.title}".strip()
    return f"{who}（{one.get_level_display()}）"


def month_of(employer, first, user):
    """《沟通记录表》 by the month (R101): every contact of the month that begins on `first`, in order."""
    span = period_of(Period.MONTH, first)
    contacts = contacts_for(user, employer).filter(
        contact_on__gte=span.starts_on, contact_on__lte=span.ends_on, outcome=Outcome.REACHED
    )
    rows = [
        row_of(contact) for contact in contacts.contacts().order_by("contact_on", "pk")[: MOST_OF_MONTH + 1]
    ]
    if len(rows) > MOST_OF_MONTH:
        raise slots.TooMuch(
            _("这个月的沟通记录超过%d条，一张表放不下。请从沟通记录里筛选后导出。") % MOST_OF_MONTH
        )
    return {
        "title": _("沟通记录表（按月）"),
        "number": employer.number,
        "employer": employer.name,
        "is_confidential": employer.is_confidential,
        "month": year_month_words(first),
        "responsible": employer.responsible.name if employer.responsible else "",
        "rows": rows,
        "count": len(rows),
        "foot": foot(user),
    }
