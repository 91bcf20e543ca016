"""The small centre under attack: a user in every role, three families of records, a client and a colleague's record.

The family `own` belongs to the user who sends the requests (`belongs_to` assigns it), `far` to a worker in another
department; `hidden` is confidential and belongs to that same worker. Each family has one row of everything that a URL
can name, with its mark (MARKS) in every text, so that a leak shows; notes of caution end in CAUTION. The client
(CLIENT_MARK) and the colleague's record (STAFF_MARK) belong to the worker in the other department; only the roles in
CLOSE_SEEN_BY may see them.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

from django.core.files.base import ContentFile

from accounts import rights
from accounts.approvals.models import Chain, Sheet
from accounts.models import StandIn
from accounts.passwords import resets
from accounts.roles import CLIENT, GRANTS, Permission, Role, Scope, scope_over
from complaints.models import Access, Appointment, Complaint, Improvement
from employers.lists import EMPLOYER_LIST
from employers.models import PossibleDuplicate
from relations.duties import settlement as duties
from relations.files import attachments as files
from relations.imports import uploads
from relations.interactions.filters import PAGE as CONTACT_VIEWS
from relations.models import (
    CadenceRule,
    Duty,
    Import,
    ItemKind,
    Kind,
    Meeting,
    MeetingItem,
    PlanAction,
    PlanGoal,
    SavedView,
    Share,
    Stakeholder,
)
from relations.search.index import index
from reminders.models import Delivery, Reminder
from reminders.parameters import PARAMETERS
from tests.attack.answers import session_for
from tests.attack.other_kinds import check_as_administrator, kind_in, other_kinds, rows_of_other_kinds
from tests.factories.accounts import DepartmentFactory, UserFactory
from tests.factories.approvals import hand_to, open_sheet, propose
from tests.factories.complaints import ComplaintFactory
from tests.factories.employers import EmployerFactory
from tests.factories.relations import (
    ContactPersonFactory,
    InteractionFactory,
    StakeholderFactory,
    TaskFactory,
)

TODAY = date(2026, 10, 12)
REGISTER = Path(__file__).parents[1] / "samples" / "employers_with_errors.xlsx"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
OWN, FAR, HIDDEN = "own", "far", "hidden"
MARKS = {OWN: "近处", FAR: "远处", HIDDEN: "隐秘"}
CAUTION = "禁忌"
CLIENT_MARK, STAFF_MARK = "密友", "密档"
CLOSE_MARKS = {"client": CLIENT_MARK, "staff": STAFF_MARK}
CLOSE_SEEN_BY = {"client": {Role.HEAD}, "staff": {Role.HEAD, Role.PERSONNEL}}
PERSONAL = {"import", "notice", "delivery", "view", "contact_view"}
NEED_TO_KNOW = {
    "complaint",
    "enclosure",
    "measure",
}  # no role opens them, only the access list of each complaint


@dataclass
class Family:
    """One employer with everything that belongs to it: {name: row}."""

    name: str
    rows: dict = field(default_factory=dict)

    @property
    def employer(self):
        return self.rows["employer"]


def family(name, worker, **traits):
    """Returns a new Family in which `worker` has done everything."""
    mark = MARKS[name]
    employer = EmployerFactory(
        name=f"{mark}镇第九社会事务局",
        responsible=worker,
        caution=f"{mark}{CAUTION}",
        with_person=True,
        person__name=f"{mark}人",
        person__caution=f"{mark}{CAUTION}",
        active=True,
        contract__number=f"{mark}-001",
        **traits,
    )
    cycle = employer.cycles.get()
    contact = InteractionFactory(
        stakeholder=employer,
        content=f"{mark}密谈，10月20日把名单发过去。",
        theirs=list(employer.contacts.all()),
    )
    meeting = Meeting.objects.create(
        stakeholder=employer,
        cycle=cycle,
        lead=worker,
        planned_on=TODAY,
        form="face",
        purpose=f"{mark}会谈",
        created_by=worker,
    )
    goal = PlanGoal.objects.create(cycle=cycle, text=f"{mark}目标")
    decision = propose(cycle, worker, justification=f"{mark}不在本区", referred_to="邻镇中心")
    attachment = files.attach(
        ContentFile(PNG, name=f"{mark}合影.png"),
        stakeholder=employer,
        interaction=contact,
        by=worker,
        content_type="image/png",
    )
    twin = EmployerFactory(name=f"第十社会事务局（{name}）", responsible=worker, **traits)
    pair = PossibleDuplicate.objects.create(first=employer, second=twin, what="name", found_on=TODAY)
    rows = {
        "employer": employer,
        "duplicate": pair,
        "cycle": cycle,
        "person": employer.contacts.get(),
        "contract": employer.terms.get().contract,
        "interaction": contact,
        "meeting": meeting,
        "item": MeetingItem.objects.create(meeting=meeting, kind=ItemKind.values[0], text=f"{mark}提纲"),
        "goal": goal,
        "action": PlanAction.objects.create(goal=goal, text=f"{mark}行动"),
        "decision": decision,
        "attachment": attachment,
        "task": TaskFactory(stakeholder=employer, title=f"{mark}待办"),
        "share": Share.objects.create(
            stakeholder=employer,
            user=UserFactory(department=worker.department),
            kind=Share.Kind.GRANT,
            reason=f"{mark}共同服务",
            starts_on=TODAY,
            ends_on=TODAY,
            given_by=worker,
        ),
    }
    others = rows_of_other_kinds(mark, worker, employer.is_confidential)
    return Family(name, rows | others | complaint(mark, worker, employer) | personal(mark, worker, employer))


def close_family(kind, worker, reader, mark=None):
    """Returns a Family of a closed kind: a plain record with one of everything that a record of any kind may have.

    `worker` is responsible for a client; a colleague's record is that of `worker`. The record is shown to `reader`.
    """
    mark = mark or CLOSE_MARKS[kind]
    whose = {"responsible": worker} if kind == "client" else {"responsible": None, "account": worker}
    record = StakeholderFactory(
        kind=kind,
        name=f"{mark}本人",
        department=worker.department,
        caution=f"{mark}{CAUTION}",
        source_detail=f"{mark}来源",
        by=worker,
        **whose,
    )
    person = ContactPersonFactory(
        stakeholder=record, main=True, name=f"{mark}家人", phone="13700009999", caution=f"{mark}{CAUTION}"
    )
    index([record])
    cycle = record.cycles.get()
    contact = InteractionFactory(
        stakeholder=record,
        by=worker,
        content=f"{mark}密谈，10月20日再去。",
        follow_up=f"{mark}再去",
        theirs=[person],
    )
    meeting = Meeting.objects.create(
        stakeholder=record,
        cycle=cycle,
        lead=worker,
        planned_on=TODAY,
        form="face",
        purpose=f"{mark}会谈",
        created_by=worker,
    )
    decision = propose(cycle, worker, justification=f"{mark}不在本区", referred_to=f"{mark}中心")
    attachment = files.attach(
        ContentFile(PNG, name=f"{mark}合影.png"),
        stakeholder=record,
        interaction=contact,
        by=worker,
        content_type="image/png",
    )
    long_ago = date(2026, 9, 1)
    goal = PlanGoal.objects.create(cycle=cycle, text=f"{mark}目标")
    rows = {
        "record": record,
        "cycle": cycle,
        "person": person,
        "interaction": contact,
        "meeting": meeting,
        "item": MeetingItem.objects.create(meeting=meeting, kind=ItemKind.values[0], text=f"{mark}提纲"),
        "goal": goal,
        "action": PlanAction.objects.create(goal=goal, text=f"{mark}行动"),
        "decision": decision,
        "attachment": attachment,
        "task": TaskFactory(stakeholder=record, title=f"{mark}待办", owner=worker, due_on=long_ago),
        "duty": Duty.objects.create(
            key=f"test:{mark}",
            rule=CadenceRule.objects.order_by("pk").first(),
            stakeholder=record,
            period_start=date(2025, 12, 1),
            due_on=date(2025, 12, 31),  # before the period for which duties are recalculated
            owed=1,
            owner=worker,
            department=worker.department,
        ),
        "share": Share.objects.create(
            stakeholder=record,
            user=reader,
            reason=f"{mark}共同服务",
            starts_on=TODAY,
            ends_on=TODAY,
            given_by=worker,
        ),
    }
    return Family(kind, rows)


def own_of(what, rows):
    """Returns the keys of the rows `what`, each of one user, for all kinds of stakeholder."""
    names = [what, *(f"{kind} {what}" for kind in other_kinds())]
    return [rows[name].pk for name in names]


def complaint(mark, worker, employer):
    """Returns {name: row}: a complaint with a file and a measure, with `worker` as head."""
    Appointment.objects.create(head=worker, alternate=UserFactory(department=worker.department), reason="试")
    raised = ComplaintFactory(
        by=worker,
        name=f"{mark}陈",
        contact=f"{mark}13700006021",
        title=f"{mark}的投诉",
        statement=f"{mark}的陈述",
        stakeholder=employer.stakeholder_ptr,
        files=[(ContentFile(PNG, name=f"{mark}证据.png"), "image/png")],
    )
    measure = Improvement.objects.create(
        complaint=raised, measure=f"{mark}措施", owner=worker, due_on=TODAY, check_on=TODAY
    )
    return {"complaint": raised, "enclosure": raised.enclosures.get(), "measure": measure}


def personal(mark, worker, employer):
    """Returns {name: row} of what belongs to one user: an import, a notice, views, a stand-in, an account."""
    made = uploads.store(
        ContentFile(REGISTER.read_bytes(), name=REGISTER.name), kind=Kind.EMPLOYER, by=worker
    )
    notice = Reminder.objects.create(
        key=f"test:{mark}",
        subject=f"test:{mark}",
        kind=Reminder.Kind.NUDGE,
        recipient=worker,
        title=f"{mark}的通知",
        link=f"/employers/{employer.pk}/",
        raised_on=TODAY,
    )
    letter = Delivery.objects.create(
        reminder=notice, recipient=worker, channel="email", state="failed", error="x"
    )
    away = StandIn.objects.create(
        absent=UserFactory(department=worker.department),
        stand_in=worker,
        starts_on=TODAY + timedelta(days=30),
        ends_on=TODAY + timedelta(days=40),
        created_by=worker,
    )
    return {
        "import": made,
        "notice": notice,
        "delivery": letter,
        "view": SavedView.objects.create(owner=worker, page=EMPLOYER_LIST.page, name=mark, query="town=a"),
        "contact_view": SavedView.objects.create(owner=worker, page=CONTACT_VIEWS, name=mark),
        "stand_in": away,
        "sheet": asked_role(worker),
        "appointment": asked_appointment(worker),
        "account": worker,
        "slip": slip(worker),
        "worker": UserFactory(department=worker.department),
    }


def asked_role(by):
    """Returns an approval request by `by` for a role of another user."""
    about = UserFactory(department=by.department)
    was = rights.rights_of(about)
    then = {**was, "roles": [Role.SUPERVISOR]}
    asked = {"was": was, "then": then}
    return open_sheet(
        Sheet(matter="roles", subject=f"user:{about.pk}", about=about, asked=asked, asked_by=by)
    )


def asked_appointment(by):
    """Returns an approval request by `by` for another head."""
    head, alternate = UserFactory(department=by.department), UserFactory(department=by.department)
    asked = {"was": [0, None, None], "head": head.pk, "alternate": alternate.pk, "open_ones_too": False}
    subject = f"in_charge:{by.pk}:{head.pk}"
    return open_sheet(Sheet(matter="in_charge", subject=subject, about=head, asked=asked, asked_by=by))


def slip(worker):
    """Returns a reset of a colleague of `worker` whose second half is not printed; another administrator started it."""
    person, by = UserFactory(department=worker.department), UserFactory(administrator=True)
    return resets.start_reset(person, by=by, way="slip")[0]


class World:
    """The centre; `sessions` has a login for every role and for `left` (closed later); None is no login."""

    def __init__(self):
        self.handed = {}
        self.near, self.other = DepartmentFactory(name="社会服务部"), DepartmentFactory(name="项目部")
        self.people = {role: UserFactory(department=self.near, roles=[role]) for role in Role}
        self.people["left"] = UserFactory(department=self.near, roles=[Role.DIRECTOR])
        self.colleague = UserFactory(name="同组同事", department=self.near)
        self.worker = UserFactory(name="另组社工", department=self.other)
        self.families = {
            OWN: family(OWN, self.colleague),
            FAR: family(FAR, self.worker),
            HIDDEN: family(HIDDEN, self.worker, confidential=True),
        }
        check_as_administrator(self.families[OWN].rows["import"])
        self.owed = self.overdue_duties()
        self.close = {kind: close_family(kind, self.worker, self.colleague) for kind in CLOSE_MARKS}
        self.sessions = {name: session_for(user) for name, user in self.people.items()} | {None: None}
        self.people["left"].is_active = False
        self.people["left"].save()

    def overdue_duties(self):
        """Adds an overdue duty to each family; returns {family: the user responsible for it}."""
        rule = CadenceRule.objects.order_by("pk").first()
        found = {}
        for name, kin in self.families.items():
            debtor = UserFactory(department=kin.employer.department)
            Duty.objects.create(
                key=f"test:{name}",
                rule=rule,
                stakeholder=kin.employer,
                period_start=date(2020, 1, 1),
                due_on=date(2020, 1, 31),
                owed=1,
                owner=debtor,
            )
            found[name] = debtor
        duties.rebuild_sums()
        return found

    def belongs_to(self, user):
        """Assigns the family `own` to `user`, wherever a row of it belongs to a user."""
        rows = self.families[OWN].rows
        both = [rows["duplicate"].first_id, rows["duplicate"].second_id]
        others = [rows[kind].pk for kind in other_kinds()]
        Stakeholder.objects.filter(pk__in=[*both, *others]).update(responsible=user)
        Import.objects.filter(pk__in=own_of("import", rows)).update(by=user)
        Reminder.objects.filter(pk=rows["notice"].pk).update(recipient=user)
        SavedView.objects.filter(pk__in=[rows["contact_view"].pk, *own_of("view", rows)]).update(owner=user)
        hand_to(rows["sheet"], user, self.handed)
        hand_to(rows["appointment"], user, self.handed)
        StandIn.objects.filter(pk=rows["stand_in"].pk).update(stand_in=user)
        Complaint.objects.filter(pk=rows["complaint"].pk).update(head=user)
        Access.objects.filter(complaint=rows["complaint"].pk, role="head").update(user=user)
        Improvement.objects.filter(pk=rows["measure"].pk).update(owner=user)

    def values(self, what, kin):
        """Returns the values for the parameters of a URL about `what` (a row of the family `kin`)."""
        rows = self.families[kin].rows
        fixed = {
            "month": "2026-10",
            "name": "assess",
            "answer": "approve",
            "slug": "interview",
            "code": CadenceRule.objects.order_by("pk").values_list("code", flat=True)[0],
            "key": next(iter(PARAMETERS)),
            "year": 2026,
            "app_label": "accounts",
            "url": "nowhere",
            "number": rows["complaint"].number,
        }
        fixed |= {"complaint": {"name": "note"}, "public_text": {"key": "rights"}}.get(what, {})
        names = {"person": "person", "term": "contract", "contact": "interaction"}
        if kind := kind_in(what):
            names = {name: f"{kind} {name}" for name in names}
        named = {name: rows[row].pk for name, row in names.items()}
        apart = {
            "department": self.near.pk,
            "chain": Chain.objects.in_force().get(matter="decision").pk,
            "administrator": self.people[Role.ADMINISTRATOR].pk,
        }
        pk = self.owed[kin].pk if what == "debtor" else apart.get(what)
        return SimpleNamespace(**fixed, **named, pk=pk or (rows[what].pk if what in rows else None)).__dict__

    def sees(self, name, what, kin):
        """Returns whether the role `name` may see `what` of family `kin`, according to accounts.roles."""
        grant = GRANTS[name]
        may = grant.permissions.__contains__
        if what in PERSONAL | NEED_TO_KNOW or str(what).endswith((" import", " view")):
            return kin == OWN
        if kind_in(what):
            return self.sees_kind(scope_over(name, what), may, kin)
        of_persons = self.of_persons(grant, may, kin)
        if what in of_persons:
            return of_persons[what]
        if what in (None, "public_text", "administrator", "chain"):
            return True
        if what == "slip":
            reaches = grant.scope == Scope.ALL or kin == OWN
            return may(Permission.CONFIRM_RIGHTS) or (may(Permission.HAND_OVER) and reaches)
        return self.sees_kind(grant.scope, may, kin)

    @staticmethod
    def sees_kind(scope, may, kin):
        """Returns whether a role with this scope over the kind may see a record of family `kin`."""
        everything = scope == Scope.ALL and may(Permission.VIEW)
        seen = {OWN: may(Permission.VIEW) and scope != Scope.NONE, FAR: everything}
        return seen.get(kin, everything and may(Permission.CONFIDENTIAL))

    def keys(self, kin):
        """Returns {name: key} of the records that a query string may name: the employer `pk`, others by kind."""
        rows = self.families[kin].rows
        return {"pk": rows["employer"].pk} | {kind: rows[kind].pk for kind in other_kinds()}

    @staticmethod
    def of_persons(grant, may, kin):
        """Returns {what: whether the role may see it} for rows of accounts; a `worker` is one to be supervised."""
        manages, is_own = may(Permission.MANAGE_ACCOUNTS), kin == OWN
        leads_all = may(Permission.HAND_OVER) and grant.scope == Scope.ALL
        sees_clients = grant.scopes[CLIENT] == Scope.ALL or (
            grant.scopes[CLIENT] == Scope.DEPARTMENT and is_own
        )
        return {
            "account": manages,
            "department": manages,
            "worker": manages or sees_clients,
            "stand_in": is_own or manages or leads_all,
            "sheet": is_own or manages or may(Permission.CONFIRM_RIGHTS),
            "appointment": is_own or may(Permission.APPOINT_HEAD),
        }
