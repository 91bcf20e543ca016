"""The content of 《用人单位信息表》 (R8, R29-R34, R67, R69). It contains no notes of caution (R38)."""

from datetime import date

from django.db.models import F, OuterRef
from django.utils.translation import gettext as _

from employers.contracts import CONTRACTS
from employers.models import BodyType, Relation, Supervision
from relations.duties.periods import period_label, period_of
from relations.inner_rows import InnerRows, rows_as_objects
from relations.models import Cycle, Interaction, Kind, Period, Purpose, Source
from relations.papers.content import OPEN, TICKED, checkboxes, footer, local_time
from relations.parties.record_page import people_of, records_for, standing_of, terms_of


def sheets_for(user, today):
    """Employers visible to `user`, annotated with the content of their sheets, in one query for any number."""
    year = period_of(Period.YEAR, today)
    own = {"stakeholder": OuterRef("pk")}
    checks = Interaction.objects.counting().filter(
        **own, purpose=Purpose.SHEET_CHECK, contact_on__gte=year.starts_on, contact_on__lte=year.ends_on
    )
    return records_for(user, Kind.EMPLOYER, today).annotate(
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
    """The content of 《用人单位信息表》 as a dict. `employer` comes from `sheets_for`."""
    contracts = terms_of(employer)
    standing = standing_of(contracts, today, CONTRACTS)
    contract = standing.current
    return {
        "title": _("用人单位信息表"),
        "number": employer.number,
        "name": employer.name,
        "is_confidential": employer.is_confidential,
        "body_type": checkboxes(BodyType.choices, employer.body_type),
        "relation": checkboxes(Relation.choices, employer.relation),
        "supervision": checkboxes(Supervision.choices, employer.supervision),
        "parent_unit": employer.parent_unit,
        "town": employer.town,
        "address": employer.address,
        "service_area": employer.service_area,
        "source": checkboxes(Source.choices, employer.source),
        "source_detail": employer.source_detail,
        "first_contact": first_contact_words(employer),
        "standing": checkboxes([(True, _("显在")), (False, _("潜在"))], standing.is_active),
        "standing_words": standing.words,
        "responsible": employer.responsible.name if employer.responsible else "",
        "department": employer.department.name if employer.department else "",
        "people": [person_row(person) for person in people_of(employer)],
        "contract": contract_row(contract) if contract else None,
        "earlier": [f"{one.number}　{term_words(one.starts_on, one.last_day)}" for one in standing.others],
        "past_cooperation": employer.past_cooperation,
        "prospects": employer.prospects,
        "note": employer.note,
        "checks": checks_of(employer, today),
        "year": today.year,
        "registered_on": local_time(employer.created_at).date().isoformat(),
        "foot": footer(user),
    }


def first_contact_words(employer):
    """Text such as 2026-01-08 10:30　接待人：郑雅婷; empty without a first contact."""
    first = next(iter(rows_as_objects(employer.first_rows)), None)
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
    """Text such as 2026-05-01 至 2027-04-30."""
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
    """The rows of the four quarters of the year of `today`, each with its last check (R69)."""
    last_checks = {}
    for check in rows_as_objects(employer.check_rows):
        last_checks[period_of(Period.QUARTER, check.contact_on).starts_on] = check
    quarters = [date(today.year, month, 1) for month in (1, 4, 7, 10)]
    return [check_row(first, last_checks.get(first)) for first in quarters]


def check_row(first, check):
    period = period_label(Period.QUARTER, first)
    if check is None:
        return {"period": period, "on": "", "by": "", "what": ""}
    return {"period": period, "on": check.contact_on.isoformat(), "by": check.who, "what": check.content}
