"""Thirteen months of contacts of one employer, written in bulk with the values that the log would have written."""

from datetime import datetime, time, timedelta

from lezhi.demo import words
from relations.duties.periods import periods_overlapping
from relations.log.actions import Participants, recount_last_contact, set_masks, write_people
from relations.models import Channel, Cycle, Interaction, Outcome, Purpose
from reminders.clock import SHANGHAI

CHANNELS = (Channel.FACE, Channel.PHONE, Channel.WECHAT, Channel.VISIT, Channel.MEETING)
EVENING = time(17, 30)
MISSED_LATELY, MISSED_BEFORE = 0.18, 0.02


def write(employer, people, today, random):
    """Writes the contacts; returns their number."""
    planned = sorted(plan(employer, people, today, random), key=lambda row: row[0].contact_on)
    cycle = Cycle.objects.get(stakeholder=employer, ended_on=None)
    for interaction, company in planned:
        interaction.stakeholder, interaction.cycle, interaction.entered_by = employer, cycle, company.ours[0]
        interaction.starter = company.ours[0]
        set_masks(interaction, company)
        interaction.save(force_insert=True)
        write_people(interaction, company)
    date_entries(planned)
    recount_last_contact(employer)
    return len(planned)


def date_entries(planned):
    """Sets the time of entry of each contact to the evening of its day."""
    contacts = [interaction for interaction, _company in planned]
    for interaction in contacts:
        interaction.entered_at = datetime.combine(interaction.contact_on, EVENING, tzinfo=SHANGHAI)
    Interaction.objects.bulk_update(contacts, ["entered_at"])


def plan(employer, people, today, random):
    """Yields pairs of an unsaved Interaction and its Participants for every period of the last thirteen months."""
    contacts = list(employer.contacts.all())
    active = employer.terms.exists()
    first = today - timedelta(days=395)
    for span in periods_overlapping(first, today):
        lately = (today - span.ends_on).days < 45
        missed = random.random() < (MISSED_LATELY if lately else MISSED_BEFORE)
        day = day_within(span, first, today, random)
        if missed or (span.ends_on >= today and random.random() < 0.4):
            if active and span.kind == "month" and random.random() < 0.5:
                yield attempt(employer, contacts, day)
            continue
        yield from talks(span, active, employer, contacts, people, day, random)


def day_within(span, first, today, random):
    start, end = max(span.starts_on, first), min(span.ends_on, today)
    return start + timedelta(days=random.randint(0, (end - start).days))


def attempt(employer, contacts, day):
    contact = Interaction(
        contact_on=day, channel=Channel.PHONE, outcome=Outcome.ATTEMPTED, content="办公室无人接听。"
    )
    return contact, Participants([employer.responsible], theirs=contacts[:1])


def talks(span, active, employer, contacts, people, day, random):  # noqa: PLR0917  one talk needs them all
    if not active:
        return prospective_talks(span, employer, contacts, day, random)
    by_kind = {"month": monthly, "quarter": quarterly, "half": half_yearly, "year": yearly}
    return by_kind[span.kind](employer.responsible, contacts, people, day, random)


def prospective_talks(span, employer, contacts, day, random):
    if span.kind == "quarter":
        purpose = random.choice([Purpose.FOLLOW_UP, Purpose.PUSH, Purpose.INVITATION])
        yield (
            talk(day, Channel.PHONE, purpose, random.choice(words.TALKS)),
            Participants([employer.responsible], theirs=contacts[:1]),
        )


def monthly(worker, contacts, people, day, random):
    company = Participants([worker], theirs=random.sample(contacts, random.randint(1, 2)))
    yield talk(day, random.choice(CHANNELS), Purpose.ORDINARY, random.choice(words.TALKS)), company
    if random.random() < 0.04:
        urgent = talk(day, Channel.PHONE, Purpose.URGENT, random.choice(words.URGENT))
        yield urgent, Participants([worker], theirs=contacts[1:2])


def quarterly(worker, contacts, people, day, random):
    yield talk(day, Channel.DESK, Purpose.SHEET_CHECK, "核对无变化"), Participants([worker])


def half_yearly(worker, contacts, people, day, random):
    visit = talk(day, Channel.VISIT, Purpose.VISIT, random.choice(words.TALKS))
    yield visit, Participants([worker.department.head], theirs=contacts)


def yearly(worker, contacts, people, day, random):
    director = people[random.choice(["director", "deputy"])]
    report = talk(day, Channel.MEETING, Purpose.WORK_REPORT, random.choice(words.REPORTS))
    yield report, Participants([worker], [director], contacts[:2])
    if random.random() < 0.8:
        interview = talk(day, Channel.FACE, Purpose.INTERVIEW, random.choice(words.TALKS))
        yield interview, Participants([director], theirs=contacts)
    if random.random() < 0.7:
        visit = talk(day, Channel.VISIT, Purpose.VISIT, random.choice(words.TALKS))
        yield visit, Participants([people["council"]], theirs=contacts)
    if random.random() < 0.6:
        feedback = talk(day, Channel.FACE, Purpose.FEEDBACK, "对驻点服务表示满意，希望多办亲子活动。")
        yield feedback, Participants([worker], theirs=contacts[:1])


def talk(day, channel, purpose, content):
    return Interaction(contact_on=day, channel=channel, purpose=purpose, content=content)
