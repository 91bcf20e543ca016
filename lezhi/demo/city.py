"""Data of a city, on PostgreSQL: 10,000 employers, 300,000 others, 3,000,000 contacts and their duties, in minutes.

The database generates most rows from series; only names and their search tokens are made in Python, and the 20,000
opinions and complaints in `city_complaints`. The history tables stay empty, because no record has been changed.
"""

import time
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from random import Random

from django.core.management.base import CommandError
from django.core.management.color import no_style
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.models import Department, User
from accounts.roles import Role
from lezhi.demo import city_complaints, words
from lezhi.demo.people import create_people
from relations import bulk
from relations.duties import settlement as duties
from relations.models import (
    CadenceRule,
    ContactPerson,
    Cycle,
    Interaction,
    OurParticipant,
    SearchName,
    SearchToken,
    Stakeholder,
    StandingSpan,
    Term,
    TheirParticipant,
)
from relations.search import index as search
from relations.search.pinyin import name_reading

DAYS = 400
NAMES_AT_ONCE = 20_000


@dataclass(frozen=True)
class Size:
    """Numbers of rows to generate; `contacts` includes `employer_contacts`, the contacts with employers."""

    employers: int
    others: int
    contacts: int
    employer_contacts: int
    departments: int
    workers: int
    complaints: int = 0


CITY = Size(10_000, 300_000, 3_000_000, 1_300_000, 40, 1_200, 20_000)

EMPLOYER_ROWS = """
    INSERT INTO employers_employer (stakeholder_ptr_id, body_type, relation, supervision, town, address, parent_unit,
        service_area, past_cooperation, prospects, note)
    SELECT id, (ARRAY['government', 'institution', 'mass', 'enterprise'])[1 + id %% 4], 'both', 'direct',
        (%(towns)s)[1 + id %% 10], (%(towns)s)[1 + id %% 10] || '和风路' || (1 + id %% 300) || '号', '', '', '', '', ''
    FROM relations_stakeholder WHERE kind = 'employer'
"""
PEOPLE = """
    INSERT INTO relations_contactperson (stakeholder_id, name, title, level, phone, email, wechat, is_main, caution,
        note, position, version)
    SELECT s.id, '对接人' || s.id || '之' || n, (ARRAY['局长', '办事员', '社区干部'])[n],
        (ARRAY['bureau_director', 'clerk', 'community_cadre'])[n], '1370' || lpad((s.id * 3 + n)::text, 7, '0'),
        '', '', n = 1, '', '', n, 1
    FROM relations_stakeholder s CROSS JOIN generate_series(1, 3) n WHERE s.kind = 'employer'
"""
TERMS = """
    INSERT INTO relations_term (stakeholder_id, starts_on, ends_on, last_day)
    SELECT id, %(today)s::date - (30 + id %% 300)::int - 365 * part,
        %(today)s::date + (334 - id %% 300)::int - 365 * part, %(today)s::date + (334 - id %% 300)::int - 365 * part
    FROM relations_stakeholder CROSS JOIN generate_series(0, 1) part WHERE kind = 'employer' AND id %% 4 <> 3
"""
CONTRACTS = """
    INSERT INTO employers_contract (term_ptr_id, number, parties, content, goals, constraints, end_reason, void_reason,
        version, created_at)
    SELECT id, 'CS-' || id, '', '', '', '', '', '', 1, now() FROM relations_term
"""
SPANS = """
    INSERT INTO relations_standingspan (stakeholder_id, starts_on, ends_on)
    SELECT stakeholder_id, min(starts_on), max(last_day) FROM relations_term GROUP BY stakeholder_id
"""
CYCLES = """
    INSERT INTO relations_cycle (stakeholder_id, number, stage, stage_since, opened_on, ending, class_confirmed,
        preliminary_needs, version)
    SELECT id, 1, CASE WHEN id %% 4 <> 3 THEN '5_execution' ELSE '2_assessment' END, %(today)s::date - 300,
        %(today)s::date - 400, '', true, '驻点服务', 1
    FROM relations_stakeholder WHERE kind = 'employer'
"""
# Of the contacts one in thirteen is a check of the contact sheet and one in forty a failed attempt.
INTERACTIONS = """
    INSERT INTO relations_interaction (stakeholder_id, contact_on, channel, purpose, outcome, started_by, starter_id,
        guest_role, content, follow_up, purpose_bit, tier_mask, with_mask, level_mask, entered_at, entered_by_id,
        withdraw_reason, version)
    SELECT s.id, %(today)s::date - (random() * {days})::int,
        CASE WHEN n %% 13 = 0 THEN 'desk' ELSE (ARRAY['face', 'phone', 'wechat', 'visit'])[1 + n %% 4] END,
        p.name, CASE WHEN n %% 40 = 7 THEN 'attempted' ELSE 'reached' END, 'us', s.responsible_id, '',
        (%(talks)s)[1 + n %% 10], '', p.bit, u.tier_mask | {resident}, 0,
        CASE WHEN n %% 13 = 0 THEN 0 ELSE {level} END, now(), s.responsible_id, '', 1
    FROM generate_series(1, {count}) n
    JOIN relations_stakeholder s ON s.id = {first} + n %% {stakeholders}
    JOIN accounts_user u ON u.id = s.responsible_id
    JOIN (VALUES ('sheet_check', {sheet_bit}), ('ordinary', 1), ('work_report', 2), ('visit', 512), ('feedback', 1024))
         AS p(name, bit) ON p.name = CASE WHEN n %% 13 = 0 THEN 'sheet_check' WHEN n %% 29 = 1 THEN 'work_report'
             WHEN n %% 17 = 2 THEN 'visit' WHEN n %% 31 = 3 THEN 'feedback' ELSE 'ordinary' END
"""
OURS = """
    INSERT INTO relations_ourparticipant (interaction_id, user_id, tier_mask, is_accompanying)
    SELECT id, entered_by_id, tier_mask, false FROM relations_interaction
"""
THEIRS = """
    INSERT INTO relations_theirparticipant (interaction_id, person_id, level)
    SELECT i.id, c.id, c.level FROM relations_interaction i
    JOIN relations_contactperson c ON c.stakeholder_id = i.stakeholder_id AND c.is_main
    WHERE i.purpose <> 'sheet_check'
"""
LAST_CONTACTS = """
    UPDATE relations_stakeholder s SET last_contact_on = i.contact_on, last_contact_channel = i.channel
    FROM (SELECT DISTINCT ON (stakeholder_id) stakeholder_id, contact_on, channel FROM relations_interaction
          WHERE outcome = 'reached' AND purpose <> 'sheet_check' ORDER BY stakeholder_id, contact_on DESC, id DESC) i
    WHERE i.stakeholder_id = s.id
"""


def build(today, seed=1, log=lambda line: None, size=CITY):
    """Fills an empty PostgreSQL database; returns a line with the numbers. Raises CommandError on SQLite."""
    if connection.vendor != "postgresql":
        raise CommandError("--scale city 需要 PostgreSQL：请设置 DATABASE_URL。")
    started = time.monotonic()
    with transaction.atomic():
        disable_foreign_key_checks()
        fill(today, Random(seed), size, lambda what: log(f"{time.monotonic() - started:6.1f} s  {what}"))  # noqa: S311
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    seconds = time.monotonic() - started
    return f"{size.employers + size.others}个关系对象，{size.contacts}条沟通记录，用时{seconds:.0f}秒。"


def disable_foreign_key_checks():
    """Switches the check of foreign keys off for this transaction, if the database role may: millions would be slow."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
    except DatabaseError:
        return


def fill(today, random, size, told):
    workers = create_workers(size)
    told("accounts")
    create_stakeholders(today, random, size, workers)
    told("stakeholders and search tokens")
    facts = {"today": today, "towns": list(words.TOWNS), "talks": words.TALKS}
    with connection.cursor() as cursor:
        for statement in (EMPLOYER_ROWS, PEOPLE, TERMS, CONTRACTS, SPANS, CYCLES):
            cursor.execute(statement, facts)
        told("employers, people, contracts")
        cursor.execute("SELECT setseed(0.5)")
        first = Stakeholder.objects.order_by("pk").values_list("pk", flat=True).first()
        cursor.execute(contacts_of(first, size.employers, size.employer_contacts, 2), facts)
        rest = size.contacts - size.employer_contacts
        cursor.execute(contacts_of(first + size.employers, size.others, rest, 0), facts)
        told("contacts")
        for statement in (OURS, THEIRS, LAST_CONTACTS):
            cursor.execute(statement)
        told("participants")
        reset_sequences(cursor)
        cursor.execute("ANALYZE")
    add_rule_for_others(today)
    duties.rebuild(today)
    told("duties")
    city_complaints.write(today, size.complaints, [worker for worker, _department in workers])
    told("opinions and complaints")


def create_workers(size):
    """Creates departments with a head each, and resident workers; returns [(worker's pk, department's pk)]."""
    create_people()
    departments = Department.objects.bulk_create(
        Department(name=f"城区第{n + 1}部") for n in range(size.departments)
    )
    password = User.objects.get(username="zhou").password
    people = [
        User(
            username=f"city{n:04d}",
            name=f"城区社工{n:04d}",
            roles=[Role.DEPARTMENT_HEAD if n < size.departments else Role.RESIDENT],
            tier_mask=4 if n < size.departments else 16,
            department=departments[n % size.departments],
            password=password,
            email=f"city{n:04d}@example.org",
        )
        for n in range(size.departments + size.workers)
    ]
    saved = User.objects.bulk_create(people)
    for department, head in zip(departments, saved[: size.departments], strict=True):
        department.head = head
    Department.objects.bulk_update(departments, ["head"])
    return [(user.pk, user.department_id) for user in saved[size.departments :]]


def create_stakeholders(today, random, size, workers):
    first = 1 + (Stakeholder.objects.order_by("-pk").values_list("pk", flat=True).first() or 0)
    numbered = enumerate(names(random, size), start=first)
    while rows := list(islice(numbered, NAMES_AT_ONCE)):
        bulk.copy_rows(
            Stakeholder._meta.db_table,
            STAKEHOLDER_COLUMNS,
            (stakeholder_row(pk, name, pk - first < size.employers, today, workers) for pk, name in rows),
        )
        bulk.copy_rows(
            SearchToken._meta.db_table,
            ("token", "stakeholder_id"),
            ((t, pk) for pk, name in rows for t in search.tokens_of(name)),
        )
        bulk.copy_rows(SearchName._meta.db_table, NAME_COLUMNS, (name_row(pk, name) for pk, name in rows))
    with connection.cursor() as cursor:
        reset_sequences(cursor)


NAME_COLUMNS = ("stakeholder_id", "plain", "pinyin", "initials", "pairs", "numbers")


def name_row(pk, name):
    reading = name_reading(name)
    return pk, reading.plain, reading.syllables, reading.initials, reading.pairs, ""


STAKEHOLDER_COLUMNS = (
    "id",
    "kind",
    "number",
    "name",
    "pinyin",
    "initials",
    "source",
    "source_detail",
    "responsible_id",
    "department_id",
    "caution",
    "is_confidential",
    "last_contact_channel",
    "watched_from",
    "void_reason",
    "version",
    "created_at",
    "updated_at",
)


def stakeholder_row(pk, name, is_employer, today, workers):
    kind, prefix = ("employer", "YR") if is_employer else (("client", "FW") if pk % 3 else ("partner", "HZ"))
    worker, department = workers[pk % len(workers)]
    pinyin, initials = search.pinyin_and_initials(name)
    watched = today - timedelta(days=DAYS if kind == "employer" else 200)
    now = timezone.now()
    return (
        pk, kind, f"{prefix}-{pk:04d}", name, pinyin[:400], initials[:120], "we_came", "", worker, department, "",
        pk % 97 == 0, "", watched, "", 1, now, now,
    )  # fmt: skip


def names(random, size):
    """Yields the names of employers, then those of people and organisations."""
    for place in range(size.employers):
        unit = words.UNITS[place % len(words.UNITS)][0]
        yield f"{random.choice(words.TOWNS)}{random.choice(words.SURNAMES)}{random.choice(words.SURNAMES)}{unit}"
    for _place in range(size.others):
        yield random.choice(words.SURNAMES) + random.choice(words.GIVEN)[0] + random.choice(words.GIVEN)[-1]


def contacts_of(first, stakeholders, count, level):
    return INTERACTIONS.format(
        days=DAYS,
        first=first,
        stakeholders=stakeholders,
        count=count,
        level=level,
        resident=16,
        sheet_bit=1 << 12,
    )


def add_rule_for_others(today):
    """Creates one rule for each kind without an app and rules of its own, so that they have duties in benchmarks."""
    for kind in ("client", "partner"):
        CadenceRule.objects.create(
            code=f"city-{kind}", name="季度联系", kind=kind, standing="any", tier="resident", period="quarter",
            effective_from=today - timedelta(days=DAYS), position=50,
        )  # fmt: skip


def reset_sequences(cursor):
    search_tables = [SearchName, SearchToken]
    models = [
        Stakeholder,
        ContactPerson,
        Cycle,
        Interaction,
        OurParticipant,
        *search_tables,
        StandingSpan,
        Term,
    ]
    for statement in connection.ops.sequence_reset_sql(no_style(), [*models, TheirParticipant]):
        cursor.execute(statement)
