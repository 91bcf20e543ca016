"""What a kind of stakeholder brings, declared in one place for each kind.

`<app>/kind.py` of each kind makes its KindSpec and `<app>/registrations.py` adds it to KINDS. The record page, forms,
cycle, papers, sweep and addresses of every kind read it from there; `employers/kind.py` is the first.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from accounts.registry import Registry

KINDS = Registry("kinds of stakeholder")


@dataclass(frozen=True)
class KindSpec:
    """One kind of stakeholder: its words, model, cycle, pages and papers.

    `kind` is the value of `Stakeholder.kind`, `prefix` begins the numbers of its records (YR-0042), `unit` is the
    word that counts them (家, 位, 个), `url_namespace` the one of its addresses (`employers:detail`).
    """

    kind: str
    label: str
    unit: str
    prefix: str
    url_namespace: str
    model: type

    # the cycle (R13-R28)
    has_cycle: bool = True
    stage_labels: Mapping = field(
        default_factory=dict
    )  # Stage -> label, where the kind has a word of its own
    guards: Mapping = field(
        default_factory=dict
    )  # name of a Move -> functions (cycle, today) -> a sentence, an Obstacle, or None
    termination_reasons: tuple = ()  # pairs of value and label; empty: those of R59-R62
    closing_types: tuple = ()  # pairs of value and label; empty: those of R104
    past: tuple[Callable, ...] = ()  # functions (stakeholder) -> lines about what there was before (R37)

    # the other side (R41, R86)
    levels: tuple = ()  # the values of Level that its contact persons may have; empty: all

    # pages
    forms: object = None  # relations.parties.forms.FormSpec: registering and editing
    record: object = None  # relations.parties.record_page.RecordSpec: what its record page shows besides
    terms: object = None  # relations.parties.terms.TermSpec; None: nothing is agreed for a time
    papers: tuple = ()  # relations.papers.spec.Paper, besides the sheets of contacts that every kind has
    list: object = None  # the ListSpec of relations.lists
    imports: object = None  # the ImportSpec of relations.imports

    # what the sweep asks for by the calendar: name of the step -> clause (relations.parties.sweep)
    calendar_clauses: Mapping = field(default_factory=dict)

    # who may: the general Permission -> the one that this kind asks for instead
    permissions: Mapping = field(default_factory=dict)

    def may(self, user, permission):
        """Whether `user` may do to records of this kind what the general `permission` names."""
        return user.may(self.permissions.get(permission, permission))

    def url_name(self, page):
        """The name of a page of this kind for `reverse`: employers:detail."""
        return f"{self.url_namespace}:{page}"


def choices_of(kind, name, general):
    """The (value, label) pairs of the field `name` of the KindSpec of `kind`, or the `general` ones."""
    spec = KINDS.get(kind)
    return list((spec and getattr(spec, name)) or general)


def choices_of_every_kind(name, general):
    """The general pairs and those that only some kinds have: all that the column may hold."""
    found = dict(general)
    for spec in KINDS.values():
        for value, label in getattr(spec, name):
            found.setdefault(value, label)
    return list(found.items())
