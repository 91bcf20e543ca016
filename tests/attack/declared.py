"""Who may do what at which URL: the table with which the permission matrix compares the site.

A page that is missing here fails the matrix by name; so does a line whose page is gone. `get` and `post` state who is
let in: PUBLIC, EVERYBODY who is logged in, a Permission, several (all are needed), or NOBODY (the method is not
supported: 405). `of` names the record in the URL; a record that the user may not see gives a 404 like an absent one.
`beyond` is the additional permission for a record of another user.
"""

from dataclasses import dataclass

from accounts.roles import ADMIN_MODELS, EMPLOYER, GRANTS, Role
from accounts.roles import Permission as P
from relations.parties.kinds import KINDS

PUBLIC, EVERYBODY, NOBODY = "public", "everybody", "nobody"
OUT = "out"  # logs the user out and redirects to the login page


class AnyOf(frozenset):
    """Permissions of which any one is enough."""


class RolesThat(frozenset):
    """The roles themselves, for pages that no permission describes."""


# Who manages accounts, and who leads a department or the centre and so sees the clients of its workers.
LEADS_CLIENTS = RolesThat({Role.HEAD, Role.SERVICE_HEAD, Role.DEPARTMENT_HEAD})
ARRANGES = RolesThat({Role.ADMINISTRATOR, *LEADS_CLIENTS})


# No user decides their own approval request.
NOT_ASKED = RolesThat()


@dataclass(frozen=True)
class Line:
    """The expectation for one URL. `query` is appended: `{pk}` is the employer's key, `{school}` that of a school."""

    get: object = NOBODY
    post: object = NOBODY
    of: str | None = None
    query: str = ""
    beyond: P | str | None = None

    def for_method(self, method):
        return self.get if method in ("get", "head") else self.post

    def admits(self, role, method, is_own=True):
        """Returns whether `role` has the permission that the method requires."""
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
    """Returns the Line of a page that is only read."""
    return Line(get=who, **more)


def act(who, **more):
    """Returns the Line of an action: POST only."""
    return Line(post=who, **more)


def form(who, **more):
    """Returns the Line of a form: GET and POST."""
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
    # tests/attack/resets tests who may print a slip; for all other users the slip does not exist.
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
    # tests/accounts/test_approvals.py tests who confirms and withdraws an approval request.
    "sheet_confirm": act(NOT_ASKED, of="sheet"),
    "sheet_refuse": act(NOT_ASKED, of="sheet"),
    "sheet_withdraw": act(EVERYBODY, of="sheet", beyond=NOBODY),
    "sheet_noted": act(EVERYBODY, of="sheet"),
    "search": look(P.VIEW),
    "approvals": look(EVERYBODY),
    "chains": look(P.VIEW),
    "chain": form(P.MANAGE_RULES, of="chain"),
    "chain_new": form(P.MANAGE_RULES),
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
    # The contact was entered by a colleague: only leaders may change it.
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
    # Only the head of the department, or a user who sees the whole centre, shows a record to others.
    "relations:share": act(P.HAND_OVER, of="employer"),
    "relations:share_back": act(P.HAND_OVER, of="share"),
    "relations:share_review": act(P.HAND_OVER, of="share"),
    "relations:emergency": form(P.LOG),
    "relations:emergencies": look(LEADS_CLIENTS),
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
    # The task belongs to a colleague: users who may edit the record may act on it.
    "relations:finish_task": act(P.EDIT, of="task"),
    "relations:reopen_task": act(P.EDIT, of="task"),
    "relations:drop_task": form(P.EDIT, of="task"),
    "relations:move_task": form(P.EDIT, of="task"),
}


def own_row(kind, what):
    """Returns the key in World rows of `what`, a row of one person that belongs to a kind."""
    return what if kind == EMPLOYER else f"{kind} {what}"


def of_every_kind(spec):
    """Returns the lines of the pages that every kind has (relations.parties.urls: patterns_of, import_urls)."""
    kind = str(spec.kind)
    pick = "?pick={pk}" if kind == EMPLOYER else f"?pick={{{kind}}}"
    lines = {
        "list": look(P.VIEW),
        "create": form(P.EDIT),
        "hand_over": form(P.HAND_OVER, query=pick),
        "nudge": form(P.HAND_OVER, query=pick),
        "export": look(P.EXPORT),
        "keep_view": form(P.VIEW),
        "drop_view": act(P.VIEW, of=own_row(kind, "view")),
        "detail": look(P.VIEW, of=kind),
        "edit": form(P.EDIT, of=kind),
        "check": act(P.LOG, of=kind),
        # The responsible worker may also read and write the note of caution (R38).
        "caution": form(P.VIEW, of=kind, beyond=P.CAUTION),
        "void": form(P.HAND_OVER, of=kind),
        "person_add": form(P.EDIT, of=kind),
        "person_edit": form(P.EDIT, of=kind),
        "person_left": act(P.EDIT, of=kind),
        "contact": look(P.VIEW, of=kind),
        "contact_word": look(P.VIEW, of=kind),
        "month": look(P.VIEW, of=kind),
        "month_filed": act((P.VIEW, P.LOG), of=kind),
        "month_word": look(P.VIEW, of=kind),
    }
    named = {spec.url_name(name): line for name, line in lines.items()}
    return named | of_terms(spec, kind) | of_import(spec.imports, kind)


def of_terms(spec, kind):
    """Returns the lines of the terms of a kind, if it has terms."""
    if not spec.terms:
        return {}
    name, write = spec.url_name(spec.terms.url_name), spec.terms.permission
    return {
        f"{name}_add": form(write, of=kind),
        name: look(P.VIEW, of=kind),
        f"{name}_edit": form(write, of=kind),
        f"{name}_end": form(write, of=kind),
        f"{name}_void": form((write, P.APPROVE), of=kind),
        f"{name}_scans": form(write, of=kind),
    }


def of_import(imports, kind):
    """Returns the lines of the import of a kind, if it has an ImportSpec."""
    if not imports:
        return {}
    lines = {
        "start": form(P.IMPORT),
        "template": look(P.IMPORT),
        "check": look(P.IMPORT, of=own_row(kind, "import")),
        "progress": look(P.IMPORT, of=own_row(kind, "import")),
        "commit": act(P.IMPORT, of=own_row(kind, "import")),
        "cancel": act(P.IMPORT, of=own_row(kind, "import")),
        "annotated_copy": look(P.IMPORT, of=own_row(kind, "import")),
    }
    return {f"{imports.namespace}:{name}": line for name, line in lines.items()}


EMPLOYERS = {
    "employers:duplicates": look(P.HAND_OVER),
    "employers:duplicate_settle": act(P.HAND_OVER, of="duplicate"),
    "employers:sheets": look(P.VIEW, of="employer", query="?pick={pk}"),
    "employers:sheet": look(P.VIEW, of="employer"),
    "employers:sheet_word": look(P.VIEW, of="employer"),
}
OF_KINDS = {}
for spec in KINDS.values():
    OF_KINDS |= of_every_kind(spec)
OVERVIEW = {
    "dashboard": look(P.DASHBOARD),
    "dashboard_export": look((P.DASHBOARD, P.EXPORT)),
    "dashboard_nudge": act(P.DASHBOARD, of="debtor"),
    "duties": look(P.DASHBOARD),
    "duties_export": look((P.DASHBOARD, P.EXPORT)),
    "ending_contracts": look(P.DASHBOARD),
}
# Complaints are visible only to users on their access list; tests/complaints/test_table.py lists what they may do.
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
EXPECTED = (
    DOOR | WORK | ACCOUNTS | RULES | LOG | RELATIONS | EMPLOYERS | OF_KINDS | OVERVIEW | COMPLAINTS | PORTAL
)

# roles.ADMIN_MODELS declares which permission corrects which table in the admin site. Rows are added only to the
# tables of ADMIN_ADDS; nothing is deleted, and a model that is not in ADMIN_MODELS is closed to all users.
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
    """Returns the permissions that open the admin pages of a model; any one of them is enough."""
    return {ADMIN_MODELS[label]} if label in ADMIN_MODELS else set()
