"""The small centre that is attacked: somebody in every role, and three families of records.

`own` is the asking person's (`belongs_to` gives it over), `far` is of a worker in another department, `hidden` is
confidential and of that same worker. Each family has one of everything an address can name, and in each of its texts
stands its word (MARKS), so that a leak shows; notes of caution end in CAUTION.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

from django.core.files.base import ContentFile

from accounts import rights
from accounts.approvals.models import Sheet
from accounts.models import StandIn
from accounts.passwords import resets
from accounts.roles import GRANTS, Permission, Role, Scope
from complaints.models import Access, Complaint, Improvement, InCharge
from employers import imports
from employers.listing import PAGE as EMPLOYER_VIEWS
from employers.models import Import, PossibleDuplicate
from relations.files import attachments as files
from relations.interactions.filters import PAGE as CONTACT_VIEWS
from relations.models import (
    CadenceRule,
    Duty,
    ItemKind,
    Meeting,
    MeetingItem,
    PlanAction,
    PlanGoal,
    SavedView,
    Stakeholder,
)
from reminders.models import Delivery, Reminder
from reminders.parameters import DECLARED
from tests.attack.answers import session_for
from tests.factories.accounts import DepartmentFactory, UserFactory
from tests.factories.approvals import hand_to, open_sheet, propose
from tests.factories.complaints import ComplaintFactory
from tests.factories.employers import EmployerFactory
from tests.factories.relations import InteractionFactory, TaskFactory

TODAY = date(2026, 10, 12)
REGISTER = Path(__file__).parents[1] / "samples" / "employers_with_errors.xlsx"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
OWN, FAR, HIDDEN = "own", "far", "hidden"
MARKS = {OWN: "近处", FAR: "远处", HIDDEN: "隐秘"}
CAUTION = "禁忌"
PERSONAL = {"import", "notice", "delivery", "view", "contact_view"}
NEED_TO_KNOW = {"complaint", "enclosure", "measure"}  # no role opens them, only the list of each complaint


@dataclass
class Family:
    """One employer with everything that hangs on it: {what: its row}."""

    name: str
    rows: dict = field(default_factory=dict)

    @property
    def employer(self):
        return self.rows["employer"]


def family(name, worker, **traits):
    """A Family in which `worker` has done everything."""
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
    }
    return Family(name, rows | complaint(mark, worker, employer) | personal(mark, worker, employer))


def complaint(mark, worker, employer):
    """A complaint with a file and a measure, of which `worker` is the head."""
    InCharge.objects.create(head=worker, alternate=UserFactory(department=worker.department), reason="试")
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
    """What belongs to one person and is nobody else's: an import, a notice, two kept views, a stand-in, an account."""
    made = imports.store(ContentFile(REGISTER.read_bytes(), name=REGISTER.name), by=worker)
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
        "view": SavedView.objects.create(owner=worker, page=EMPLOYER_VIEWS, name=mark, query="town=a"),
        "contact_view": SavedView.objects.create(owner=worker, page=CONTACT_VIEWS, name=mark),
        "stand_in": away,
        "sheet": asked_role(worker),
        "appointment": asked_appointment(worker),
        "account": worker,
        "slip": slip(worker),
    }


def asked_role(by):
    """A sheet on which `by` asks for a role of somebody."""
    about = UserFactory(department=by.department)
    was = rights.rights_of(about)
    then = {**was, "roles": [Role.SUPERVISOR]}
    asked = {"was": was, "then": then}
    return open_sheet(
        Sheet(matter="roles", subject=f"user:{about.pk}", about=about, asked=asked, asked_by=by)
    )


def asked_appointment(by):
    """A sheet on which `by` asks for another head."""
    head, alternate = UserFactory(department=by.department), UserFactory(department=by.department)
    asked = {"was": [0, None, None], "head": head.pk, "alternate": alternate.pk, "open_ones_too": False}
    subject = f"in_charge:{by.pk}:{head.pk}"
    return open_sheet(Sheet(matter="in_charge", subject=subject, about=head, asked=asked, asked_by=by))


def slip(worker):
    """A slip for a colleague of `worker` that waits for its second half, started by an outside administrator."""
    person, by = UserFactory(department=worker.department), UserFactory(administrator=True)
    return resets.start(person, by=by, way="slip")[0]


class World:
    """The centre; `sessions` are log-ins by name: every role, `left` (an account closed since), None (nobody)."""

    def __init__(self):
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
        imports.check(self.families[OWN].rows["import"].pk, TODAY)
        self.owed = self.overdue_duties()
        self.sessions = {name: session_for(user) for name, user in self.people.items()} | {None: None}
        self.people["left"].is_active = False
        self.people["left"].save()

    def overdue_duties(self):
        """{family: whoever owes something overdue there}."""
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
        return found

    def belongs_to(self, user):
        """Makes the family `own` that of `user`, as far as records belong to somebody."""
        rows = self.families[OWN].rows
        both = [rows["duplicate"].first_id, rows["duplicate"].second_id]
        Stakeholder.objects.filter(pk__in=both).update(responsible=user)
        Import.objects.filter(pk=rows["import"].pk).update(by=user)
        Reminder.objects.filter(pk=rows["notice"].pk).update(recipient=user)
        SavedView.objects.filter(pk__in=[rows["view"].pk, rows["contact_view"].pk]).update(owner=user)
        hand_to(rows["sheet"], user)
        hand_to(rows["appointment"], user)
        StandIn.objects.filter(pk=rows["stand_in"].pk).update(stand_in=user)
        Complaint.objects.filter(pk=rows["complaint"].pk).update(head=user)
        Access.objects.filter(complaint=rows["complaint"].pk, role="head").update(user=user)
        Improvement.objects.filter(pk=rows["measure"].pk).update(owner=user)

    def values(self, what, kin):
        """The values for the parameters of an address about `what` (a row of the family `kin`)."""
        rows = self.families[kin].rows
        fixed = {
            "month": "2026-10",
            "name": "assess",
            "answer": "approve",
            "slug": "interview",
            "code": CadenceRule.objects.order_by("pk").values_list("code", flat=True)[0],
            "key": next(iter(DECLARED)),
            "year": 2026,
            "app_label": "accounts",
            "url": "nowhere",
            "number": rows["complaint"].number,
        }
        fixed |= {"complaint": {"name": "note"}, "public_text": {"key": "rights"}}.get(what, {})
        named = {
            "person": rows["person"].pk,
            "contract": rows["contract"].pk,
            "contact": rows["interaction"].pk,
        }
        apart = {"department": self.near.pk, "administrator": self.people[Role.ADMINISTRATOR].pk}
        pk = self.owed[kin].pk if what == "debtor" else apart.get(what)
        return SimpleNamespace(**fixed, **named, pk=pk or (rows[what].pk if what in rows else None)).__dict__

    def sees(self, name, what, kin):
        """Whether the role `name` has `what` of family `kin` within sight, by what accounts.roles says."""
        grant = GRANTS[name]
        may = grant.permissions.__contains__
        if what in PERSONAL | NEED_TO_KNOW:
            return kin == OWN
        if what in ("account", "department"):
            return may(Permission.MANAGE_ACCOUNTS)
        if what == "stand_in":
            leads = may(Permission.HAND_OVER) and grant.scope == Scope.ALL
            return kin == OWN or may(Permission.MANAGE_ACCOUNTS) or leads
        if what == "sheet":
            return kin == OWN or may(Permission.MANAGE_ACCOUNTS) or may(Permission.CONFIRM_RIGHTS)
        if what == "appointment":
            return kin == OWN or may(Permission.APPOINT_HEAD)
        if what in (None, "public_text", "administrator"):
            return True
        if what == "slip":
            reaches = grant.scope == Scope.ALL or kin == OWN
            return may(Permission.CONFIRM_RIGHTS) or (may(Permission.HAND_OVER) and reaches)
        everything = grant.scope == Scope.ALL and may(Permission.VIEW)
        seen = {OWN: may(Permission.VIEW), FAR: everything}
        return seen.get(kin, everything and may(Permission.CONFIDENTIAL))
