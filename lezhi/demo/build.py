"""The demo data: about forty employers with thirteen months of contacts, so that something is always due.

Every date is relative to `today` and every random choice comes from one seed: the same day and seed give the same data.
"""

from datetime import datetime, timedelta
from random import Random

from django.db import transaction

from employers.models import BodyType, Contract, Employer
from lezhi.demo import approvals, complaints, history, words
from lezhi.demo.people import arrange_supervision, create_people
from relations.cycle import lifecycle
from relations.duties import settlement as duties
from relations.duties.periods import period_of
from relations.models import (
    Assessment,
    CadenceRule,
    ContactPerson,
    Cycle,
    Decision,
    Level,
    Period,
    PlanAction,
    PlanGoal,
    Source,
    Stage,
    StageChange,
    Task,
)
from relations.parties import standing
from relations.parties.actions import register_stakeholder
from relations.search import index as search
from reminders.clock import SHANGHAI

WORKERS = ("zheng", "zhou", "luo", "wu", "feng", "su")
EMPLOYERS = 42
WATCHED_DAYS = 300
LEVEL_OF_TITLE = {"局长": Level.BUREAU_DIRECTOR, "书记": Level.PARTY_COMMITTEE}


@transaction.atomic
def build(today, seed=1):
    """Fills an empty database; returns the numbers of employers and of contacts."""
    random = Random(seed)  # noqa: S311  fictional data, to be repeatable
    people = create_people()
    arrange_supervision(people, today)
    employers = [make_employer(place, people, today, random) for place in range(EMPLOYERS)]
    search.index(employers)
    watch_prospective(today)
    standing.update_standing([employer.pk for employer in employers], today)
    contacts = sum(history.write(employer, people, today, random) for employer in employers)
    duties.rebuild(today)
    add_promises(employers, today, random)
    approvals.write(employers, people)
    complaints.write(people, today)
    return len(employers), contacts


def make_employer(place, people, today, random):
    town = words.TOWNS[place % len(words.TOWNS)]
    unit, body, title = words.UNITS[(place * 5 + place // len(words.TOWNS)) % len(words.UNITS)]
    employer = Employer(
        name=f"{town}{unit}",
        town=town,
        body_type=BodyType(body),
        address=f"{town}和风路{random.randint(1, 220)}号",
        source=random.choice([Source.WE_CAME, Source.THEY_CAME, Source.REFERRAL]),
        responsible=people[WORKERS[place % len(WORKERS)]],
        watched_from=today - timedelta(days=WATCHED_DAYS),
        caution=random.choice(words.CAUTIONS) if place % 7 == 1 else "",
    )
    if employer.caution:
        employer.caution_by, employer.caution_on = people["zheng"], today - timedelta(days=90)
    began = today - timedelta(days=random.randint(420, 900))
    register_stakeholder(
        employer,
        by=employer.responsible,
        today=began,
        first_contact_on=began,
        received_by=employer.responsible,
        class_confirmed=True,
        preliminary_needs="需要专业社工驻点，跟进困境家庭和独居长者。",
    )
    add_people(employer, title, random)
    add_contracts(employer, place, people, today, random)
    return employer


def add_people(employer, title, random):
    level = LEVEL_OF_TITLE.get(title, Level.DEPARTMENT_HEAD)
    rows = [(title, level), ("办事员", Level.CLERK)]
    extra = random.choice([Level.BUREAU_DIRECTOR, Level.PARTY_COMMITTEE, Level.COMMUNITY_CADRE])
    rows.append((random.choice(words.TITLES[extra]), extra))
    ContactPerson.objects.bulk_create(
        ContactPerson(
            stakeholder=employer,
            name=random.choice(words.SURNAMES) + random.choice(words.GIVEN),
            title=job,
            level=person_level,
            phone=random.choice(
                [f"0769-8000{random.randint(1000, 9999)}", f"1370000{random.randint(1000, 9999)}"]
            ),
            is_main=position == 0,
            position=position,
        )
        for position, (job, person_level) in enumerate(rows)
    )


def add_contracts(employer, place, people, today, random):
    """Gives three in four employers a running contract, some ending within sixty days; the rest an old one or none."""
    if place % 4 == 3:
        if place % 8 == 7:
            sign_contract(employer, today - timedelta(days=random.randint(430, 520)), 365, random)
            advance_cycle(employer, Stage.FOLLOW_UP, today)
        else:
            advance_cycle(employer, random.choice([Stage.CONTACT, Stage.ASSESSMENT, Stage.DECISION]), today)
        return
    left = random.randint(12, 58) if place % 9 == 4 else random.randint(80, 330)
    sign_contract(employer, today - timedelta(days=365 - left), 365, random)
    advance_cycle(employer, Stage.EVALUATION if left < 30 and place % 2 else Stage.EXECUTION, today)


def sign_contract(employer, starts_on, days, random):
    return Contract.objects.create(
        stakeholder=employer,
        number=f"YR-HT-{starts_on.year}-{employer.pk:03d}",
        starts_on=starts_on,
        ends_on=starts_on + timedelta(days=days - 1),
        signed_on=starts_on - timedelta(days=20),
        parties=f"{employer.name}；乐知社会工作服务中心",
        content=service_of(random),
        goals="完成合同约定的个案、小组和社区活动，服务满意度不低于85%。",
        constraints="驻点社工每周到岗5天；重大事项当天报告。",
        created_by=employer.responsible,
    )


def service_of(random):
    cases, groups, events = random.randint(15, 30), random.randint(4, 6), random.randint(8, 15)
    return f"驻点社工{random.randint(1, 2)}名，个案{cases}个、小组{groups}期、社区活动{events}场"


def advance_cycle(employer, stage, today):
    """Advances the cycle to `stage` and writes the records that each stage requires."""
    cycle = Cycle.objects.get(stakeholder=employer, ended_on=None)
    worker, day = employer.responsible, cycle.opened_on
    for move in [move for move in lifecycle.FORWARD if cycle.stage < move.target <= stage]:
        day = min(day + timedelta(days=24), today)
        record_stage(cycle, Stage(cycle.stage), worker, day)
        StageChange.objects.create(
            cycle=cycle, move=move.name, source=cycle.stage, target=move.target, on=day, by=worker
        )
        cycle.stage, cycle.stage_since = move.target, day
    cycle.save()


def record_stage(cycle, stage, worker, day):
    if stage == Stage.ASSESSMENT:
        Assessment.objects.create(
            cycle=cycle,
            material="走访了3个社区，查阅了上一年的工作总结。",
            need_formation="辖区外来人口增加，原有人手不足。",
            existing_needs="困境家庭跟进、独居长者探访、社区活动组织。",
            environment="社区支持，志愿者队伍刚起步。",
            conclusion="适合派驻社工。",
            can_handle=True,
            can_handle_reason="中心有同类驻点经验。",
            their_view="希望有固定的人长期跟进。",
            is_willing=True,
            common_view="先从独居长者和困境儿童做起。",
            goals="一年内跟进个案20个，开展小组4期。",
            assessed_on=day,
            assessed_by=worker,
        )
    if stage == Stage.DECISION:
        Decision.objects.create(
            cycle=cycle,
            course="next",
            justification="需求在中心的服务范围内，人手能够安排。",
            both_agree=True,
            is_willing=True,
            state="approved",
            proposed_by=worker,
            decided_by=worker.department.head,
            decided_on=day,
        )
        proposed_at = datetime.combine(day, history.EVENING, tzinfo=SHANGHAI)
        cycle.decisions.update(proposed_at=proposed_at)
    if stage == Stage.PLAN:
        goal = PlanGoal.objects.create(cycle=cycle, text="独居长者每月至少探访一次", tag="image")
        PlanAction.objects.create(goal=goal, text="建立探访名单，每周探访五户")
        goal = PlanGoal.objects.create(cycle=cycle, text="困境儿童有人固定跟进", tag="liaison", position=1)
        PlanAction.objects.create(goal=goal, text="与学校每月对一次名单")


def watch_prospective(today):
    """Sets a rule of one contact a quarter for prospective employers; the documents give no frequency (R68)."""
    begun = period_of(Period.YEAR, today).starts_on
    old = CadenceRule.objects.get(code="prospective-contact", effective_to=None)
    old.effective_to = begun - timedelta(days=1)
    old.save()
    old.pk, old.effective_from, old.effective_to, old.period = None, begun, None, Period.QUARTER
    old.save(force_insert=True)


def add_promises(employers, today, random):
    """Creates follow-up tasks promised in talks: one overdue, some due this week, some later."""
    for place, offset in enumerate((-2, 0, 1, 2, 4, 6, 9, 13)):
        employer = employers[place * 5 % len(employers)]
        Task.objects.create(
            stakeholder=employer,
            key=f"task:demo:{place}",
            origin=Task.Origin.FOLLOW_UP,
            title=random.choice(words.FOLLOW_UPS),
            due_on=today + timedelta(days=offset),
            owner=employer.responsible,
            created_by=employer.responsible,
        )
