"""New employers of a register with all that belongs to them, in a fixed number of statements."""

from employers.importing import children
from employers.importing.children import REASON
from employers.importing.compare import names_of
from employers.models import BodyType, Employer
from relations import bulk
from relations.models import Cycle, Kind, Source, Stage, StageChange
from relations.parties import actions as register
from relations.parties import standing
from relations.search import index as search
from relations.search.pinyin import spoken


def write(plans, by, today):
    """Raises bulk.Moved when one of them has been registered since the file was compared."""
    names = names_of(made.candidate for made in plans)
    if Employer.objects.visible_to(by).filter(kind=Kind.EMPLOYER, name__in=names).exists():
        raise bulk.Moved
    pks = bulk.new_keys(Employer, len(plans))
    employers = [new_employer(made, pk, by, today) for made, pk in zip(plans, pks, strict=True)]
    bulk.insert(employers, pks)
    bulk.record(Employer, pks, kind="+", by=by, reason=REASON)
    owned = list(zip(plans, pks, strict=True))
    people = children.add_people(owned, by)
    children.add_contracts(owned, by)
    begin_cycles(pks, by, today)
    search.index_new(employers, people)
    standing.follow_terms(pks, today)


def new_employer(made, pk, by, today):
    worker, name = made.worker, made.candidate.name
    pinyin, initials = spoken(name)
    return Employer(
        kind=Kind.EMPLOYER,
        number=register.number_of(Kind.EMPLOYER, pk),
        name=name,
        pinyin=pinyin[:400],
        initials=initials[:120],
        source=Source.OTHER,
        source_detail=REASON,
        responsible=worker,
        department=worker.department if worker else by.department,
        watched_from=today,
        created_by=by,
        **({"body_type": BodyType.GOVERNMENT} | made.fields),
    )


def begin_cycles(pks, by, today):
    cycles = [Cycle(stakeholder_id=pk, number=1, opened_on=today, stage_since=today) for pk in pks]
    bulk.insert(cycles)
    bulk.record(Cycle, [cycle.pk for cycle in cycles], kind="+", by=by, reason=REASON)
    bulk.add(
        [
            StageChange(cycle_id=cycle.pk, move="begin", target=Stage.CONTACT, on=today, by=by)
            for cycle in cycles
        ]
    )
