"""The modules to mutate, in four groups, and the tests that must fail; the fastest first, as the first failure ends."""

from dataclasses import dataclass

SIGHT = (
    "visible_to",
    "visible_with_stakeholder",
    "may_see_caution",
    "may_change_entry",
)


@dataclass(frozen=True)
class Target:
    """A module, its test files, the functions to mutate (`only`; all when empty) and those to skip (`beyond`).

    Functions that SQLite never calls are skipped.
    """

    group: str
    module: str
    tests: tuple
    only: tuple = ()
    beyond: tuple = ()


def tests(*names):
    return tuple(f"tests/{name}" for name in names)


WHO_SEES = tests(
    "accounts/test_access.py",
    "relations/test_sight.py",
    "relations/test_sight_table.py",
    "relations/test_sight_sql.py",
)
PEOPLE = tests("accounts/test_stand_ins.py", "accounts/test_roles.py")
CALENDAR = tests("reminders/test_workdays.py")
DUTIES = tests("relations/test_completed.py", "relations/test_duties.py", "relations/test_escalation.py")
HISTORIES = tests("relations/test_duty_histories.py")
SIGHT_SQL = tests("relations/test_sight_sql.py")
RAISING = tests("relations/test_escalation.py", "relations/test_raising.py", "relations/test_tasks.py")
LETTERS = tests("reminders/test_raising.py", "reminders/test_deliveries.py", "reminders/test_notices.py")
OPENING = tests("relations/test_opening.py")
STEPS = tests("reminders/test_steps.py")
LIFECYCLE = tests("complaints/test_lifecycle.py", "complaints/test_table.py", "complaints/test_acts.py")
LIST = tests("complaints/test_need_to_know.py", "complaints/test_people.py", "complaints/test_case_page.py")
DUE_DAYS = tests("complaints/test_clocks.py", "complaints/test_sweep.py", "complaints/test_effects.py")

TARGETS = [
    Target("access", "accounts/access.py", (*WHO_SEES, *PEOPLE)),
    Target("access", "accounts/roles.py", tests("accounts/test_roles.py", "accounts/test_access.py")),
    Target(
        "access",
        "accounts/models.py",
        (*WHO_SEES, *tests("accounts/test_stand_ins.py")),
        (*SIGHT, "with_permission", "absent_for"),
    ),
    Target(
        "access",
        "relations/shares/access_sources.py",
        tests(
            "relations/test_shares.py", "relations/test_sight_table.py", "relations/test_approval_sight.py"
        ),
    ),
    Target("access", "relations/models/stakeholder.py", WHO_SEES, SIGHT),
    Target("access", "relations/models/interaction.py", WHO_SEES, SIGHT),
    Target("access", "relations/models/cadence.py", WHO_SEES, SIGHT),
    Target("access", "relations/models/cycle.py", WHO_SEES, SIGHT),
    Target("access", "relations/models/meeting.py", WHO_SEES, SIGHT),
    Target("access", "reminders/models.py", (*WHO_SEES, *tests("reminders/test_notices.py")), SIGHT),
    Target("access", "employers/models.py", WHO_SEES, SIGHT),
    Target("clocks", "reminders/calendar/workdays.py", CALENDAR),
    Target("clocks", "reminders/clock.py", tests("reminders/test_clock.py")),
    Target("clocks", "relations/duties/periods.py", tests("relations/test_periods.py")),
    Target(
        "duties and reminders",
        "relations/duties/settlement.py",
        DUTIES,
        beyond=("lock_duties", "planner_settings"),
    ),
    Target("duties and reminders", "relations/duties/sql.py", (*DUTIES, *HISTORIES)),
    Target(
        "duties and reminders",
        "relations/duties/sums.py",
        tests("relations/test_duty_sums.py"),
        beyond=("lock_against_compaction",),
    ),
    Target("duties and reminders", "relations/duties/opening.py", (*OPENING, *STEPS)),
    Target("duties and reminders", "relations/reminding/raising.py", RAISING),
    Target("duties and reminders", "relations/reminding/escalation.py", (*SIGHT_SQL, *RAISING)),
    Target("duties and reminders", "relations/shares/sight_sql.py", (*SIGHT_SQL, *RAISING)),
    Target("duties and reminders", "reminders/raising.py", (*LETTERS, *RAISING)),
    Target("duties and reminders", "reminders/steps.py", (*STEPS, *OPENING, *RAISING)),
    Target("duties and reminders", "reminders/actions.py", LETTERS),
    Target("duties and reminders", "reminders/deliveries.py", LETTERS),
    Target("complaints", "complaints/access/access_list.py", (*LIST, *LIFECYCLE)),
    Target("complaints", "complaints/models/case.py", (*LIST, *DUE_DAYS), (*SIGHT, "overdue_on", "due_by")),
    Target("complaints", "complaints/clocks/deadlines.py", (*DUE_DAYS, *LIFECYCLE)),
    Target("complaints", "complaints/workflow/lifecycle.py", (*LIFECYCLE, *LIST)),
    Target("complaints", "complaints/workflow/guards.py", (*tests("complaints/test_guards.py"), *LIFECYCLE)),
    Target("complaints", "complaints/workflow/effects.py", (*LIFECYCLE, *LIST, *DUE_DAYS)),
    Target("complaints", "complaints/workflow/people_effects.py", (*LIFECYCLE, *LIST)),
]
