"""What people do in a random history (tests/relations/histories.py), each step by a public action of the product."""

from contextlib import suppress
from datetime import timedelta

from django.core.exceptions import ValidationError
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from accounts.exceptions import ActionRefused
from accounts.models import Department, User
from accounts.people import actions as accounts
from accounts.roles import Role, Tier, mask_of
from employers.models import Contract, Employer
from relations.duties import settlement as duties
from relations.log import actions as log
from relations.models import (
    Channel,
    Interaction,
    Level,
    Outcome,
    Period,
    Purpose,
    RuleStanding,
    Stakeholder,
    level_mask,
    purpose_mask,
)
from relations.parties import actions as register
from relations.parties import terms
from relations.rules import versions as rules

CODES = ["resident-contact", "sheet-check", "department-contact", "management-contact", "prospective-contact"]
KEEPER = "留任"
which = st.integers(0, 11)
few = st.lists(which, max_size=2)
days_ago = st.integers(0, 200)
edge = st.sampled_from(["", "", "first", "last"])
purposes = st.sampled_from([Purpose.ORDINARY, Purpose.FEEDBACK, *Purpose])


def pick(queryset, place):
    """The row at `place` in the order of keys, modulo their number; None when there is no row."""
    rows = list(queryset.order_by("pk"))
    return rows[place % len(rows)] if rows else None


def running():
    """The employers that are neither void nor closed."""
    return Employer.objects.filter(voided_at=None, closed_on=None)


def masks(purposes, tiers, levels):
    """The columns of a rule for these purposes, tiers and levels."""
    return {
        "purpose_mask": purpose_mask(purposes),
        "tier_mask": mask_of(tiers),
        "level_mask": level_mask(levels),
    }


class Acts(RuleBasedStateMachine):
    """The rules of the state machine. Reads `today`; sets `is_swept` and `judged_from` when a sweep must follow."""

    # -- contacts ----------------------------------------------------------------------------------------------

    def past_day(self, ago, edge):
        """The day `ago` days before today; `edge` moves it to the first or last day of its month, at most to today."""
        day = self.today - timedelta(days=ago)
        if edge == "first":
            return day.replace(day=1)
        last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        return min(last, self.today) if edge == "last" else day

    def company(self, stakeholder, ours, accompanying, theirs):
        """The Participants at these places among users and contact persons; without `ours` the responsible worker."""
        staff, people = list(User.objects.order_by("pk")), list(stakeholder.contacts.order_by("pk"))
        mine = [staff[place % len(staff)] for place in dict.fromkeys(ours)]
        mine = mine or [stakeholder.responsible or staff[0]]
        accompanists = [staff[place % len(staff)] for place in dict.fromkeys(accompanying)]
        accompanists = [user for user in dict.fromkeys(accompanists) if user not in mine]
        other = [people[place % len(people)] for place in theirs] if people else []
        return log.Participants(list(dict.fromkeys(mine)), accompanists, list(dict.fromkeys(other)))

    @rule(whom=which, ago=days_ago, edge=edge, purpose=purposes, reached=st.booleans() | st.just(True))
    def log_contact(self, *, whom, ago, edge, purpose, reached, ours=(), accompanying=(), theirs=()):
        stakeholder = pick(Stakeholder.objects.filter(voided_at=None), whom)
        company = self.company(stakeholder, ours, accompanying, theirs)
        contact = Interaction(
            stakeholder=stakeholder,
            contact_on=self.past_day(ago, edge),
            channel=Channel.PHONE,
            purpose=purpose,
            outcome=Outcome.REACHED if reached else Outcome.ATTEMPTED,
            content="谈了走访名单。",
        )
        log.log_interaction(contact, by=company.ours[0], company=company)

    @rule(whom=which, ago=days_ago, edge=edge, purpose=purposes, ours=few, accompanying=few, theirs=few)
    def log_in_company(self, *, whom, ago, edge, purpose, ours, accompanying, theirs):
        people = {"ours": ours, "accompanying": accompanying, "theirs": theirs}
        self.log_contact(whom=whom, ago=ago, edge=edge, purpose=purpose, reached=True, **people)

    @rule(place=which, ago=days_ago, edge=edge, purpose=purposes, reached=st.booleans(), ours=few, theirs=few)
    def correct_contact(self, *, place, ago, edge, purpose, reached, ours, theirs):
        contact = pick(Interaction.objects.filter(withdrawn_at=None), place)
        if contact is None:
            return
        before, contact.contact_on = contact.contact_on, self.past_day(ago, edge)
        contact.purpose = purpose
        contact.outcome = Outcome.REACHED if reached else Outcome.ATTEMPTED
        company = self.company(contact.stakeholder, ours, (), theirs)
        log.correct_interaction(contact, before=before, company=company, version=contact.version)

    @rule(place=which)
    def withdraw_contact(self, place):
        if contact := pick(Interaction.objects.filter(withdrawn_at=None), place):
            log.withdraw_interaction(contact, by=contact.entered_by, reason="记错了")

    # -- contracts and records ---------------------------------------------------------------------------------

    def anybody(self):
        """The user created last."""
        return User.objects.order_by("pk").last()

    def leader(self):
        """An active user who sees every employer by role, and so may hand over and void records; None without one."""
        return User.objects.active().with_any_role([Role.DIRECTOR, Role.DEPUTY, Role.HEAD]).first()

    @rule(whom=which, begins=st.integers(-300, 60), length=st.sampled_from([1, 14, 15, 16, 45, 91, 184, 365]))
    def sign_contract(self, whom, begins, length):
        employer = pick(running(), whom)
        starts_on = self.today + timedelta(days=begins)
        contract = Contract(
            stakeholder=employer,
            number=f"随机-{Contract.objects.count()}",
            starts_on=starts_on,
            ends_on=starts_on + timedelta(days=length - 1),
        )
        terms.create_term(contract, by=self.anybody(), today=self.today)

    @rule(place=which, begins=st.integers(-40, 40), ends=st.integers(-120, 120))
    def move_contract(self, place, begins, ends):
        open_ones = Contract.objects.filter(voided_at=None, ended_on=None, stakeholder__closed_on=None)
        if contract := pick(open_ones, place):
            contract.starts_on += timedelta(days=begins)
            contract.ends_on = max(contract.starts_on, contract.ends_on + timedelta(days=ends))
            terms.update_term(contract, today=self.today)

    @rule(place=which, ago=days_ago)
    def end_contract_early(self, place, ago):
        if contract := pick(Contract.objects.filter(voided_at=None), place):
            with suppress(ActionRefused):
                terms.end_term_early(
                    contract,
                    ended_on=self.today - timedelta(days=ago),
                    reason="提前终止",
                    by=self.anybody(),
                    today=self.today,
                )

    @rule(place=which)
    def void_contract(self, place):
        leader = self.leader()
        contract = pick(Contract.objects.filter(voided_at=None), place)
        if leader and contract:
            terms.void_term(contract, reason="重复登记", by=leader, today=self.today)

    @rule(worker=which, ago=st.integers(0, 120), responsible=st.booleans())
    def register_employer(self, worker, ago, responsible):
        self.judged_from = self.today + timedelta(days=1)
        employer = Employer(
            name="清水县民政局",
            responsible=pick(User.objects.active(), worker) if responsible else None,
            watched_from=self.today - timedelta(days=ago),
        )
        register.register_stakeholder(employer, by=self.anybody(), today=self.today)

    @rule(whom=which, to=which)
    def hand_over(self, whom, to):
        chosen = pick(Stakeholder.objects.filter(voided_at=None), whom)
        taker = pick(User.objects.active(), to)
        if leader := self.leader():
            register.hand_over(
                Stakeholder.objects.filter(pk=chosen.pk), to=taker, by=leader, today=self.today
            )

    @rule(whom=which, secret=st.booleans(), team=st.integers(0, 1))
    def change_who_sees_it(self, whom, secret, team):
        employer, department = pick(running(), whom), pick(Department.objects, team)
        Employer.objects.filter(pk=employer.pk).update(is_confidential=secret, department=department)
        register.after_visibility_change(employer, today=self.today)

    @precondition(lambda self: running().count() > 2)
    @rule(whom=which)
    def void_record(self, whom):
        record = pick(running(), whom)
        if leader := self.leader():
            register.void_record(record, by=leader, reason="重复登记", today=self.today)

    @precondition(lambda self: running().count() > 2)
    @rule(whom=which)
    def close_record(self, whom):
        """Closes a record without an agreement in force and derives its duties, as the apps that close records do."""
        idle = running().exclude(standing_spans__ends_on__gte=self.today)
        if record := pick(idle, whom):
            Stakeholder.objects.filter(pk=record.pk).update(closed_on=self.today)
            duties.rederive([record.pk], self.today)

    # -- people and rules --------------------------------------------------------------------------------------

    def person(self, place):
        """A user other than administrators and the director KEEPER, who stays so that notices have a recipient."""
        keeper = User.objects.filter(name=KEEPER)
        return pick(
            User.objects.exclude(roles__contains=Role.ADMINISTRATOR.value).exclude(pk__in=keeper), place
        )

    @rule(place=which, role=st.sampled_from(list(Role)), team=st.integers(0, 2))
    def change_person(self, place, role, team):
        self.is_swept = False
        user = self.person(place)
        user.roles, user.department = [role], [*Department.objects.order_by("pk"), None][team]
        accounts.change_account(user, by=self.anybody())

    @rule(place=which)
    def close_or_open_account(self, place):
        self.is_swept = False
        user = self.person(place)
        if user.is_active:
            with suppress(ValidationError):
                accounts.deactivate(user, by=self.anybody(), today=self.today)
        else:
            accounts.reactivate(user, by=self.anybody())

    @rule(team=st.integers(0, 1), place=which)
    def change_head(self, team, place):
        self.is_swept = False
        department = pick(Department.objects, team)
        department.head = pick(User.objects.active(), place)
        department.save()

    def change(self, code, when, **changes):
        """Changes a rule from the start of a period on: the present one (`when` is 0) or the `when`-th after it.

        A refusal of the product is a correct result.
        """
        by = User.objects.active().filter(roles__contains=Role.ADMINISTRATOR.value).first()
        newest = rules.newest_version(code)
        longest = rules.longer_period(newest.period, changes.get("period", newest.period))
        begins = rules.period_start(longest, self.today)
        for _period in range(when):
            begins = rules.next_period_start(longest, begins)
        with suppress(ActionRefused):
            act = rules.change_rule if changes else rules.end_rule
            act(code, by=by, today=self.today, effective_from=begins, reason="理事会决定", **changes)

    @rule(
        code=st.sampled_from(CODES),
        when=st.integers(0, 2),
        times=st.integers(1, 3),
        tier=st.sampled_from(Tier),
        period=st.sampled_from(Period),
        standing=st.sampled_from(RuleStanding),
    )
    def change_rule(self, code, when, times, tier, period, standing):
        self.change(code, when, times=times, tier=tier, period=period, standing=standing)

    @rule(
        code=st.sampled_from(CODES),
        when=st.integers(0, 1),
        which=st.builds(
            masks,
            st.sets(st.sampled_from(Purpose), max_size=5),
            st.sets(st.sampled_from(Tier), max_size=2),
            st.sets(st.sampled_from(Level), max_size=2),
        ),
        lead_days=st.sampled_from([0, 5, 40]),
        counts_accompanying=st.booleans(),
    )
    def change_what_counts(self, code, when, which, lead_days, counts_accompanying):
        self.change(code, when, lead_days=lead_days, counts_accompanying=counts_accompanying, **which)

    @rule(code=st.sampled_from(CODES), when=st.integers(0, 2))
    def end_rule(self, code, when):
        self.change(code, when)
