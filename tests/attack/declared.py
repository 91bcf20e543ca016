"""Who may do what at which address: the one table the permission matrix compares the site with.

A page that is not written down here fails the matrix by name; so does a line whose page is gone. `get` and `post` say
who is let in: PUBLIC, EVERYBODY who is logged in, a Permission, several (all of them are needed), or NOBODY (the
method is not there: 405). `of` names the record in the address; out of sight it is a 404 like one that is absent.
`beyond` is what the record of somebody else asks for besides.
"""

from dataclasses import dataclass

from accounts.roles import ADMIN_MODELS, GRANTS, Role
from accounts.roles import Permission as P

PUBLIC, EVERYBODY, NOBODY = "public", "everybody", "nobody"
OUT = "out"  # leads everybody out to the door


class AnyOf(frozenset):
    """Permissions of which one is enough."""


class RolesThat(frozenset):
    """The roles themselves, where no permission says it."""


# Who manages accounts, and who leads a department or the centre and so sees the clients of its workers.
ARRANGES = RolesThat({Role.ADMINISTRATOR, Role.HEAD, Role.SERVICE_HEAD, Role.DEPARTMENT_HEAD})


@dataclass(frozen=True)
class Line:
    """What is expected of one address; `query` belongs to it, `{pk}` in it is the employer's."""

    get: object = NOBODY
    post: object = NOBODY
    of: str | None = None
    query: str = ""
    beyond: P | None = None

    def for_method(self, method):
        return self.get if method in ("get", "head") else self.post

    def admits(self, role, method, is_own=True):
        """Whether `role` holds what the method asks for."""
        who = self.for_method(method)
        if self.beyond and not is_own and self.beyond not in GRANTS[role].permissions:
            return False
        if who in (PUBLIC, EVERYBODY, OUT):
            return True
        if who == NOBODY:
            return False
        if isinstance(who, RolesThat):
            return role in who
        if isinstance(who, AnyOf):
            return bool(who & GRANTS[role].permissions)
        needed = {who} if isinstance(who, P) else set(who)
        return needed <= GRANTS[role].permissions


def look(who, **more):
    return Line(get=who, **more)


def act(who, **more):
    return Line(post=who, **more)


def form(who, **more):
    return Line(get=who, post=who, **more)


DOOR = {
    "login": form(PUBLIC),
    "logout": act(OUT),
    "set_language": act(PUBLIC),
    "healthz": look(PUBLIC),
    "activate": form(PUBLIC),
    "password_forgotten": form(PUBLIC),
    "login_notice": form(EVERYBODY),
    "password_change": form(EVERYBODY),
}
WORK = {
    "my_work": look(EVERYBODY),
    "me": form(EVERYBODY),
    "confirm_email": form(EVERYBODY),
    # Who may print is in the table of tests/attack/resets; others do not see that there is a slip.
    "slips": look(EVERYBODY),
    "slip": form(EVERYBODY, of="slip"),
    "slip_start": act(P.CONFIRM_RIGHTS, of="administrator"),
    "roles": look(EVERYBODY),
    "refused_attempts": look(AnyOf({P.MANAGE_ACCOUNTS, P.APPOINT_HEAD})),
    "about": look(EVERYBODY),
    "relations:guide": look(EVERYBODY),
    "notices": look(EVERYBODY),
    "notices_read": act(EVERYBODY),
    "notice": form(EVERYBODY, of="notice"),
    "stand_ins": form(EVERYBODY),
    "supervisions": look(ARRANGES),
    "supervision": form(ARRANGES, of="worker"),
    "supervision_end": act(ARRANGES, of="worker"),
    "stand_in_cancel": act(EVERYBODY, of="stand_in"),
    "sheets": look(EVERYBODY),
    "sheet": look(EVERYBODY, of="sheet"),
    "sheet_confirm": act(EVERYBODY, of="sheet"),
    "sheet_refuse": act(EVERYBODY, of="sheet"),
    "sheet_withdraw": act(EVERYBODY, of="sheet"),
    "sheet_noted": act(EVERYBODY, of="sheet"),
    "search": look(P.VIEW),
    "approvals": look(EVERYBODY),
    "chains": look(P.VIEW),
    "chain": form(P.MANAGE_RULES, of="chain"),
}
ACCOUNTS = {
    "departments": look(P.MANAGE_ACCOUNTS),
    "department_new": form(P.MANAGE_ACCOUNTS),
    "department_edit": form(P.MANAGE_ACCOUNTS, of="department"),
    "accounts:list": look(P.MANAGE_ACCOUNTS),
    "accounts:new": form(P.MANAGE_ACCOUNTS),
    "accounts:edit": form(P.MANAGE_ACCOUNTS, of="account"),
    "accounts:history": look(P.MANAGE_ACCOUNTS, of="account"),
    "accounts:deactivate": form(P.MANAGE_ACCOUNTS, of="account"),
    "accounts:reactivate": act(P.MANAGE_ACCOUNTS, of="account"),
    "accounts:reset": act(P.MANAGE_ACCOUNTS, of="account"),
    "accounts:reset_cancel": act(P.MANAGE_ACCOUNTS, of="account"),
    "accounts:end_sessions": act(P.MANAGE_ACCOUNTS, of="account"),
    "accounts:release": act(P.MANAGE_ACCOUNTS, of="account"),
    "undelivered": look(P.MANAGE_ACCOUNTS),
    "send_again": act(P.MANAGE_ACCOUNTS, of="account"),
}
RULES = {
    "rules": look(P.VIEW),
    "rule": look(P.VIEW),
    "rule_change": form(P.MANAGE_RULES),
    "rule_end": form(P.MANAGE_RULES),
    "number": Line(get=P.VIEW, post=P.MANAGE_RULES),
    "holidays": look(EVERYBODY),
    "holidays_year": look(EVERYBODY),
    "holiday_paste": form(P.MANAGE_CALENDAR),
    "holiday_day": form(P.MANAGE_CALENDAR),
    "deadline": look(EVERYBODY),
}
LOG = {
    "quick_log": look(P.LOG),
    "quick_log_drafts": look(P.LOG),
    "quick_log_for": form((P.VIEW, P.LOG), of="employer"),
    "quick_log_preview": act((P.VIEW, P.LOG), of="employer"),
    "sheet_check": form((P.VIEW, P.LOG), of="employer"),
    "interactions:list": look(P.VIEW),
    "interactions:export": look(P.EXPORT),
    "interactions:keep_view": form(P.VIEW),
    "interactions:drop_view": act(P.VIEW, of="contact_view"),
    "interactions:detail": look(P.VIEW, of="interaction"),
    "interactions:history": look(P.VIEW, of="interaction"),
    # The contact was typed by a colleague: only those who lead may change it.
    "interactions:correct": form((P.LOG, P.APPROVE), of="interaction"),
    "interactions:withdraw": form((P.LOG, P.APPROVE), of="interaction"),
    "interactions:add_files": form((P.LOG, P.APPROVE), of="interaction"),
    "interactions:undo": act((P.LOG, P.APPROVE), of="interaction"),
    "interactions:remind": act((P.LOG, P.APPROVE), of="interaction"),
    "timeline": look(P.VIEW, of="employer"),
    "attachment": look(P.VIEW, of="attachment"),
    "attachment_withdraw": form((P.LOG, P.APPROVE), of="attachment"),
}
RELATIONS = {
    "relations:record": look(P.VIEW, of="employer"),
    "relations:plain_record": look(P.VIEW, of="employer"),
    "relations:process": look(P.VIEW, of="employer"),
    "relations:begin_again": act(P.MOVE, of="employer"),
    "relations:meetings": look(P.VIEW, of="employer"),
    "relations:plan_meeting": form(P.EDIT, of="employer"),
    "relations:tasks": look(P.VIEW, of="employer"),
    "relations:add_task": form(P.EDIT, of="employer"),
    "relations:access": look(P.VIEW, of="employer"),
    # Who shows a record to others leads its department, or sees the whole centre.
    "relations:share": act(P.HAND_OVER, of="employer"),
    "relations:share_back": act(P.HAND_OVER, of="share"),
    "relations:share_review": act(P.HAND_OVER, of="share"),
    "relations:emergency": form(P.LOG),
    "relations:cycle": look(P.VIEW, of="cycle"),
    "relations:move": form(P.MOVE, of="cycle"),
    "relations:contact": form(P.EDIT, of="cycle"),
    "relations:assessment": form(P.EDIT, of="cycle"),
    "relations:decide": form(P.MOVE, of="cycle"),
    "relations:decisions": look(P.VIEW, of="cycle"),
    "relations:plan": form(P.EDIT, of="cycle"),
    "relations:evaluation": form(P.EDIT, of="cycle"),
    "relations:decision": look(P.VIEW, of="decision"),
    "relations:answer": act(P.APPROVE, of="decision"),
    "relations:meeting": look(P.VIEW, of="meeting"),
    "relations:edit_meeting": form(P.EDIT, of="meeting"),
    "relations:prepare_meeting": form(P.EDIT, of="meeting"),
    "relations:meeting_sheet": look(P.VIEW, of="meeting"),
    "relations:record_meeting": form(P.EDIT, of="meeting"),
    # The task belongs to a colleague: those who edit the record may act on it.
    "relations:finish_task": act(P.EDIT, of="task"),
    "relations:reopen_task": act(P.EDIT, of="task"),
    "relations:drop_task": form(P.EDIT, of="task"),
    "relations:move_task": form(P.EDIT, of="task"),
}
EMPLOYERS = {
    "employers:list": look(P.VIEW),
    "employers:create": form(P.EDIT),
    "employers:hand_over": form(P.HAND_OVER, query="?pick={pk}"),
    "employers:nudge": form(P.HAND_OVER, query="?pick={pk}"),
    "employers:export": look(P.EXPORT),
    "employers:duplicates": look(P.HAND_OVER),
    "employers:duplicate_settle": act(P.HAND_OVER, of="duplicate"),
    "employers:sheets": look(P.VIEW, query="?pick={pk}"),
    "employers:keep_view": form(P.VIEW),
    "employers:drop_view": act(P.VIEW, of="view"),
    "employers:detail": look(P.VIEW, of="employer"),
    "employers:edit": form(P.EDIT, of="employer"),
    "employers:check": act(P.LOG, of="employer"),
    # The responsible worker reads and writes the note of caution as well (R38).
    "employers:caution": form(P.VIEW, of="employer", beyond=P.CAUTION),
    "employers:void": form(P.HAND_OVER, of="employer"),
    "employers:person_add": form(P.EDIT, of="employer"),
    "employers:person_edit": form(P.EDIT, of="employer"),
    "employers:person_left": act(P.EDIT, of="employer"),
    "employers:contract_add": form(P.CONTRACT, of="employer"),
    "employers:contract": look(P.VIEW, of="employer"),
    "employers:contract_edit": form(P.CONTRACT, of="employer"),
    "employers:contract_end": form(P.CONTRACT, of="employer"),
    "employers:contract_void": form((P.CONTRACT, P.APPROVE), of="employer"),
    "employers:contract_scans": form(P.CONTRACT, of="employer"),
    "employers:sheet": look(P.VIEW, of="employer"),
    "employers:sheet_word": look(P.VIEW, of="employer"),
    "employers:contact": look(P.VIEW, of="employer"),
    "employers:contact_word": look(P.VIEW, of="employer"),
    "employers:month": look(P.VIEW, of="employer"),
    "employers:month_filed": act((P.VIEW, P.LOG), of="employer"),
    "employers:month_word": look(P.VIEW, of="employer"),
    "imports:start": form(P.IMPORT),
    "imports:template": look(P.IMPORT),
    "imports:check": look(P.IMPORT, of="import"),
    "imports:progress": look(P.IMPORT, of="import"),
    "imports:commit": act(P.IMPORT, of="import"),
    "imports:cancel": act(P.IMPORT, of="import"),
    "imports:annotated_copy": look(P.IMPORT, of="import"),
}
OVERVIEW = {
    "dashboard": look(P.DASHBOARD),
    "dashboard_export": look((P.DASHBOARD, P.EXPORT)),
    "dashboard_nudge": act(P.DASHBOARD, of="debtor"),
    "duties": look(P.DASHBOARD),
    "duties_export": look((P.DASHBOARD, P.EXPORT)),
    "ending_contracts": look(P.DASHBOARD),
}
# Only those on the list of a complaint see it; what they may do there is the table of tests/complaints/test_table.py.
COMPLAINTS = {
    "complaints:list": look(EVERYBODY),
    "complaints:board": look(EVERYBODY),
    "complaints:review": look(EVERYBODY),
    "complaints:export": look(P.EXPORT),
    "complaints:charge": form(P.APPOINT_HEAD),
    "complaints:charge_word": act(EVERYBODY, of="appointment"),
    "complaints:new": form(EVERYBODY),
    "complaints:handed": form(EVERYBODY),
    "complaints:case": look(EVERYBODY, of="complaint"),
    "complaints:act": form(EVERYBODY, of="complaint"),
    "complaints:people": look(EVERYBODY, of="complaint"),
    "complaints:seen": look(EVERYBODY, of="complaint"),
    "complaints:identity": act(EVERYBODY, of="complaint"),
    "complaints:reviewed": act(EVERYBODY, of="complaint"),
    "complaints:enclosure": look(EVERYBODY, of="enclosure"),
    "complaints:measures": look(EVERYBODY),
    "complaints:measure": look(EVERYBODY, of="measure"),
    "complaints:measure_done": act(EVERYBODY, of="measure"),
    "complaints:measure_check": act(EVERYBODY, of="measure"),
    "complaints:measure_new": form(EVERYBODY, of="complaint"),
    "complaints:blank": look(EVERYBODY),
    "complaints:blank_word": look(EVERYBODY),
    "complaints:paper": form(EVERYBODY, of="complaint"),
    "complaints:paper_word": form(EVERYBODY, of="complaint"),
    "complaints:file": look(EVERYBODY),
    "complaints:file_word": look(EVERYBODY),
    "complaints:texts": look(P.MANAGE_RULES),
    "complaints:text": form(P.MANAGE_RULES, of="public_text"),
    "complaints:poster": look(EVERYBODY),
}
PORTAL = {
    "portal:start": look(PUBLIC),
    "portal:form": form(PUBLIC),
    "portal:paper": look(PUBLIC),
    "portal:paper_word": look(PUBLIC),
    "portal:receipt": look(PUBLIC),
    "portal:follow": form(PUBLIC),
    "portal:case": form(PUBLIC),
    "portal:identify": act(PUBLIC),
    "portal:language": act(PUBLIC),
    "portal:leave": act(PUBLIC),
}
EXPECTED = DOOR | WORK | ACCOUNTS | RULES | LOG | RELATIONS | EMPLOYERS | OVERVIEW | COMPLAINTS | PORTAL

# The admin site is declared by roles.ADMIN_MODELS: who corrects which table. Rows are added to these alone; nothing
# is deleted, and a model that is not in ADMIN_MODELS is open to nobody.
ADMIN_ADDS = {"relations.meetingtemplateitem", "reminders.holidayoverride", "reminders.parameter"}
ADMIN_SEES_ONLY = {
    "accounts.standin",
    "relations.import",
    "relations.cadencerule",
    "relations.stakeholder",
    "relations.stagechange",
    "relations.duty",
    "reminders.reminder",
    "reminders.delivery",
    "reminders.parameter",
}


def admin_permissions(label):
    """The permissions that open the admin pages of a model, any of which is enough."""
    return {ADMIN_MODELS[label]} if label in ADMIN_MODELS else set()
