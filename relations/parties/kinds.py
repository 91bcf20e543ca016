"""What a kind of stakeholder brings, declared in one place for each kind.

`<app>/kind.py` of each kind makes its KindSpec and `<app>/registrations.py` adds it to KINDS. The record page, forms,
cycle, papers, sweep and addresses of every kind read it from there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from accounts.registry import Registry
from accounts.roles import Permission, kind_label

KINDS = Registry("kinds of stakeholder")


@dataclass(frozen=True)
class FormSpec:
    """How a kind is registered and edited: the two forms, and the headings of their pages."""

    new: type
    edit: type
    new_title: str
    edit_title: str


@dataclass(frozen=True)
class TermSpec:
    """The contracts or agreements of one kind.

    `label` heads a page, `word` stands inside a sentence; `url_name` and `path` begin the names and addresses of its
    pages (`contract_add`, `contracts/new/`). `template` is the page of one term; `renewed` are the fields that a
    renewal takes over.
    """

    model: type
    label: str
    word: str
    form: type
    new_form: type
    template: str = "relations/term.html"
    url_name: str = "term"
    path: str = "terms"
    permission: Permission = Permission.CONTRACT
    before_saving: Callable | None = None  # (term): raises Refused
    renewed: tuple = ()
    end_warning: str = ""  # what follows when one is ended early, or is voided
    void_warning: str = ""


@dataclass(frozen=True)
class RecordSpec:
    """What the record page of one kind shows besides what all show.

    `template` extends relations/record.html and fills its blocks. `annotate(own, today)` gives annotations with the
    kind's own facts, fetched in the statement of the record; `own` is the condition on rows that belong to it.
    `crumbs(record)` are the steps above it, {"href", "label"} each.
    """

    template: str = "relations/record.html"
    annotate: Callable | None = None
    crumbs: Callable | None = None
    term_fields: tuple = ()  # what the panel and the papers say of a term, besides its days
    past_field: str = ""  # the field that says what there was before
    has_sheet: bool = False  # whether it has an information sheet that is checked every quarter (R69)


class Pages:
    """Page -> its name for `reverse`, in one url namespace."""

    def __init__(self, namespace):
        self.namespace = namespace

    def __getitem__(self, page):
        return f"{self.namespace}:{page}"


@dataclass(frozen=True)
class KindSpec:
    """One kind of stakeholder: its words, model, cycle, pages and papers.

    `kind` is the value of `Stakeholder.kind`, `prefix` begins the numbers of its records (YR-0042), `unit` is the
    word that counts them (家, 位, 个), `this` names one inside a sentence (这家单位), `url_namespace` is that of its
    addresses (`<namespace>:detail`).
    """

    kind: str
    label: str
    unit: str
    prefix: str
    url_namespace: str
    model: type
    this: str = ""
    is_person: bool = False  # its own name is that of a person, so it is searched and masked as one
    icon: str = "people"  # beside its list in the navigation
    keys: str = ""  # that open its list: g e

    # the cycle (R13-R28)
    has_cycle: bool = True
    stage_labels: Mapping = field(default_factory=dict)  # Stage -> label, where it has its own
    guards: Mapping = field(default_factory=dict)  # name of a Move -> functions (cycle, today)
    termination_reasons: tuple = ()  # pairs of value and label; empty: those of R59-R62
    closing_types: tuple = ()  # pairs of value and label; empty: those of R104
    past: tuple[Callable, ...] = ()  # functions (stakeholder) -> lines about what there was before (R37)

    # the other side (R41, R86)
    levels: tuple = ()  # the values of Level that its contact persons may have; empty: all

    # pages
    forms: FormSpec | None = None
    record: RecordSpec = RecordSpec()
    terms: TermSpec | None = None  # None: nothing is agreed for a time
    papers: tuple = ()  # pairs of url name and label, besides the sheets of contacts that every kind has
    list: object = None  # the ListSpec of relations.lists
    imports: object = None  # the ImportSpec of relations.imports

    # what the sweep asks for by the calendar: name of the step -> clause (relations.parties.sweep)
    calendar_clauses: Mapping = field(default_factory=dict)

    # who may: the general Permission -> the one that this kind asks for instead
    permissions: Mapping = field(default_factory=dict)

    def may(self, user, permission):
        """Whether `user` may do to records of this kind what the general `permission` names."""
        return user.may(self.permissions.get(permission, permission))

    @property
    def pages(self):
        """For templates: {% url spec.pages.edit record.pk %}."""
        return Pages(self.url_namespace)

    def url_name(self, page):
        """The name of a page of this kind for `reverse`: <namespace>:detail."""
        return f"{self.url_namespace}:{page}"


# The kinds of persons whose apps do not exist yet; their records are searched as such already.
PERSONS = frozenset({"client", "staff"})


def is_person(kind):
    """Whether the own name of a record of this kind is that of a person."""
    return KINDS[kind].is_person if kind in KINDS else kind in PERSONS


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


def this_of(kind):
    """How a sentence points to a record of a kind: 这家单位."""
    return (KINDS[kind].this if kind in KINDS else "") or _("这份记录")


def label_of(kind):
    """The label of a kind, also of one whose app does not exist yet; its value where nobody has declared it."""
    return KINDS[kind].label if kind in KINDS else kind_label(kind) or kind
