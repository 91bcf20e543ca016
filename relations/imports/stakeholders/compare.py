"""The changes that a register would make to stakeholders: checks its rows against each other and existing records."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.roles import Permission
from relations.imports.cells import normalized_name
from relations.imports.columns import after_round_trip
from relations.imports.plan import CHANGED, SAME, Plan, UniqueValues, row_reference
from relations.imports.stakeholders.existing_rows import ExistingTerm, existing_rows, existing_terms
from relations.imports.stakeholders.unchanged import drop_unchanged
from relations.models import Stakeholder
from relations.parties import own_right
from relations.parties.kinds import may_for_kind


@dataclass(slots=True)
class StakeholderPlan(Plan):
    """What the import does with one row.

    `fields` is {field: new value} of the fields of the kind; `changed_people` are (ExistingPerson, PersonEntry) pairs.
    """

    worker: User | None = None
    fields: dict | None = None
    new_people: list = ()
    changed_people: list = ()
    new_term: bool = False
    changed_term: ExistingTerm | None = None

    @property
    def has_main(self):
        """Whether the stakeholder has a main contact person; otherwise the first of the file becomes the main one."""
        return self.existing is not None and any(person.is_main for person in self.existing.people)

    @property
    def is_another_workers(self):
        """Whether the row names a responsible worker other than the present one."""
        return bool(self.worker and self.existing and self.existing.responsible != self.worker.pk)


class Comparison:
    """Makes the Plans of entries, one batch per call, for the importing user `by`.

    Records not visible to `by` are ignored: their names and numbers count as free.
    """

    def __init__(self, spec, by):
        self.spec, self.by = spec, by
        self.wording, self.seen, self.workers = spec.row_wording, UniqueValues(), workers_by_name()

    def __call__(self, entries):
        numbers = {entry.number for entry in entries if entry.number}
        known = existing_rows(self.spec, self.by, names_of(entries), numbers)
        terms = existing_terms(
            self.spec, self.by, [entry.term_number for entry in entries if entry.term_number]
        )
        plans = [self.plan(entry, known, terms) for entry in entries]
        self.check_own_right(plans)
        for plan in plans:  # only now: two rows of the same name share one ExistingRow
            if plan.result == SAME:
                plan.existing.release()
        return plans

    def plan(self, entry, known, terms):
        plan = StakeholderPlan(entry, self.existing_of(entry, known))
        self.check_doubled_row(plan)
        self.check_doubled_term(entry)
        plan.worker = self.worker_of(entry)
        self.check_hand_over(plan)
        self.compare_name(plan, known)
        self.compare_fields(plan)
        self.compare_people(plan)
        self.compare_term(plan, terms.get(entry.term_number.upper(), ()))
        return plan

    def existing_of(self, entry, known):
        """Returns the ExistingRow of an entry, by our number if it has one, else by name; None when it is new."""
        if entry.number:
            row = known.by_number.get(entry.number)
            if row:
                drop_unchanged(self.spec, entry, row)
            else:
                problem = self.wording.unknown_number % entry.number
                entry.add_fault(self.spec.by_field["number"], entry.number, problem)
            return row
        named = known.with_name(entry.name)
        if len(named) > 1:
            numbers = _("、").join(sorted(each.number for each in named)[:5])
            problem = self.wording.several_named % {"count": len(named), "numbers": numbers}
            entry.add_fault(self.spec.name_column, entry.name, problem)
        return named[0] if named else None

    def check_doubled_row(self, plan):
        """Adds a fault when an earlier row is about the same stakeholder: same record, or same name and no number."""
        entry, existing = plan.entry, plan.existing
        first = existing and self.seen.first_with(("row", existing.pk), entry)
        if first and entry.number:
            problem = self.wording.same_record % row_reference(first, entry)
            entry.add_fault(self.spec.by_field["number"], entry.number, problem)
            return
        is_named = not entry.number or (existing and entry.name != after_round_trip(existing.name))
        key = normalized_name(entry.name) if is_named else ""
        first = first or (key and self.seen.first_with(("name", key), entry))
        if first:
            problem = self.wording.same_name % row_reference(first, entry)
            entry.add_fault(self.spec.name_column, entry.name, problem)

    def check_doubled_term(self, entry):
        number = entry.term_number
        if number and (first := self.seen.first_with(("term", number.upper()), entry)):
            entry.add_fault(
                self.spec.term.number, number, self.spec.term.doubled % row_reference(first, entry)
            )

    def worker_of(self, entry):
        if not entry.worker:
            return None
        named = self.workers.get(entry.worker, [])
        if len(named) == 1:
            return named[0]
        problem = (
            _("有%s位在职社工同名，请在系统里手工指定。") % len(named)
            if named
            else _("没有叫“%s”的在职社工。请改成系统里的姓名，或先添加账号。") % entry.worker
        )
        entry.add_fault(self.spec.by_field["worker"], entry.worker, problem)
        return None

    def check_hand_over(self, plan):
        """Adds a fault when the row hands the record over to another worker, and `by` may import but not hand over."""
        if plan.is_another_workers and not may_for_kind(self.by, Permission.HAND_OVER, self.spec.kind):
            words = {"now": plan.existing.worker or _("未定"), "name": plan.worker.name}
            problem = _(
                "现在由%(now)s负责，改成%(name)s要由督导或管理层转交。请改回%(now)s，或把这一格留空。"
            )
            plan.entry.add_fault(self.spec.by_field["worker"], plan.entry.worker, problem % words)

    def check_own_right(self, plans):
        """Adds a fault to rows that hand over a record which `by` does not hold, or change one seen as a guest."""
        changed = [plan for plan in plans if plan.existing and plan.result == CHANGED]
        if not changed or not (handed := {plan.existing.pk: plan.is_another_workers for plan in changed}):
            return
        records = Stakeholder.objects.filter(pk__in=handed)
        worked_on = set(own_right.seen_not_as_guest_by(records, self.by).values_list("pk", flat=True))
        held = set()
        if any(handed.values()):
            held = set(own_right.seen_in_own_right_by(records, self.by).values_list("pk", flat=True))
        for plan in changed:
            if plan.existing.pk not in (held if plan.is_another_workers else worked_on):
                problem = _("“%s”您只是代理、督导或者经授权才看得到，不能这样改。") % plan.existing.name
                plan.entry.add_fault(self.spec.name_column, plan.entry.name, problem)

    def compare_name(self, plan, known):
        """Adds the change of name of a row with our number; a fault when another record has that name."""
        entry, existing = plan.entry, plan.existing
        plan.fields = {}
        if not (existing and entry.number) or entry.name == after_round_trip(existing.name):
            return
        others = [each for each in known.with_name(entry.name) if each.pk != existing.pk]
        if others:
            words = {"number": entry.number, "name": existing.name, "other": others[0].number}
            problem = _("编号%(number)s是“%(name)s”，这个名称是%(other)s的，请检查编号和名称。") % words
            entry.add_fault(self.spec.name_column, entry.name, problem)
        plan.fields["name"] = entry.name
        plan.add_change(self.spec.name_column, existing.name, entry.name)

    def compare_fields(self, plan):
        """Adds the changes of the fields of the kind. An empty cell does not erase the stored value."""
        for column in self.spec.own_columns:
            value = getattr(plan.entry, column.name)
            old = plan.existing.values[column.field] if plan.existing else ""
            if value and column.differs(value, old):
                plan.fields[column.field] = value
                plan.add_change(column, old, value)
        if plan.is_another_workers:
            plan.add_change(self.spec.by_field["worker"], plan.existing.worker, plan.worker.name)

    def compare_people(self, plan):
        people = plan.existing.people if plan.existing else ()
        titled = {(person.name, person.title): person for person in people}
        named = {person.name: person for person in people}
        plan.new_people, plan.changed_people = [], []
        for person in plan.entry.people:
            before = person.existing or titled.get((person.name, person.title)) or named.get(person.name)
            if before is None:
                plan.new_people.append(person)
                shown = f"{person.name} {person.title}".strip()
                plan.add_change(self.spec.by_field["contacts"], "", shown)
            elif is_changed(before, person):
                if titled.get((person.name, person.title or before.title), before) is not before:
                    problem = str(self.wording.same_person)
                    plan.entry.add_fault(self.spec.by_field["titles"], person.title, problem)
                plan.changed_people.append((before, person))
                self.add_person_changes(plan, before, person)

    def add_person_changes(self, plan, before, person):
        if person.title and person.title != before.title:
            old, new = f"{before.name} {before.title}", f"{person.name} {person.title}"
            plan.add_change(self.spec.by_field["titles"], old, new)
        if person.phone and person.phone != before.phone:
            plan.add_change(self.spec.by_field["phones"], before.phone, person.phone)

    def compare_term(self, plan, terms):
        """Adds the new or changed term; `terms` are the visible ExistingTerms with its number."""
        entry, columns = plan.entry, self.spec.term
        if not entry.term_number or not (entry.starts_on and entry.ends_on):
            return
        own = [each for each in terms if plan.existing and each.stakeholder == plan.existing.pk]
        if terms and not own:
            entry.add_fault(columns.number, entry.term_number, str(columns.elsewhere))
        elif not terms:
            plan.new_term = True
            plan.add_change(columns.number, "", entry.term_number)
        elif (own[0].starts_on, own[0].ends_on) != (entry.starts_on, entry.ends_on):
            plan.changed_term = own[0]
            for column, name in ((columns.starts_on, "starts_on"), (columns.ends_on, "ends_on")):
                old, new = getattr(own[0], name), getattr(entry, name)
                plan.add_change(column, old.isoformat() if old else "", new.isoformat())


def is_changed(before, person):
    """Whether the file gives another title or telephone number for a person; empty cells are ignored."""
    has_other_title = person.title and person.title != before.title
    return has_other_title or (person.phone and person.phone != before.phone)


def workers_by_name():
    """Returns {name: [active users who can be responsible for a relationship]}."""
    by_name = {}
    for user in User.objects.may_be_responsible().select_related("department"):
        by_name.setdefault(user.name, []).append(user)
    return by_name


def names_of(entries):
    """Returns the names of the entries, as written and with full-width brackets."""
    return {entry.name for entry in entries} | {
        entry.name.replace("(", "（").replace(")", "）") for entry in entries
    }
