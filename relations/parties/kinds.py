"""The declaration of a kind of stakeholder, in one place for each kind.

`<app>/kind.py` defines the KindSpec of a kind and `<app>/registrations.py` adds it to KINDS. The record page, forms,
cycle, printed forms, sweep and URLs of all kinds use it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from django.utils.translation import gettext as _

from accounts.registry import Registry
from accounts.roles import Permission, kind_label, kinds

KINDS = Registry("kinds of stakeholder")


class Clause(StrEnum):
    """What a clause of a kind is shown with, on pages that serve every kind."""

    PREPARATION = "preparation"  # past cooperation, read before a meeting (R37)
    URGENT = "urgent"  # the urgent matter of a meeting (R46)
    COURSE = "course"  # the decision on the course of the relationship (R58)
    AGREEMENT = "agreement"  # both sides agree on the next stage (R66)
    REFERRAL = "referral"  # the form of a referral (R65)
    TERMINATION = "termination"  # the reason of a termination (R59-R64)
    CLOSING = "closing"  # the closing type (R104)
    SHEET_CHECK = "sheet check"  # the quarterly check of the information sheet (R69)


@dataclass(frozen=True)
class FormSpec:
    """The forms by which records of a kind are registered and edited, with the titles of their pages."""

    new: type
    edit: type
    new_title: str
    edit_title: str


@dataclass(frozen=True)
class TermSpec:
    """The contracts or agreements of one kind.

    `label` is used in titles, `word` inside sentences; `url_name` and `path` are the prefixes of the URL names and
    paths of its pages (`contract_add`, `contracts/new/`). `template` is that of the page of one term; `renewed` are the
    fields copied to a renewal.

    `identity_field` is the field by which a term is told from another, such as its number; a refusal is shown next to
    it. Without one a term is called by `label`. `summary_fields` are shown on the page of the record as well.
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
    before_saving: Callable | None = None  # (term): raises ActionRefused
    renewed: tuple = ()
    notice_number: str = ""  # key of the number of days before the end from which it is shown as near
    identity_field: str = ""
    summary_fields: tuple = ()
    new_values: Callable = lambda today: {}  # the initial values of a term that renews no other
    end_warning: str = ""  # shown before a term is ended early or voided
    void_warning: str = ""

    @property
    def shown_fields(self):
        """The fields of a term that the page of its record shows."""
        return (*filter(None, [self.identity_field]), *self.summary_fields)

    def label_of_field(self, name):
        return self.model._meta.get_field(name).verbose_name

    @property
    def identity_label(self):
        return self.label_of_field(self.identity_field) if self.identity_field else self.label

    def name_of(self, term):
        """Returns the name of a term (an instance of `model`, or a row with the same fields)."""
        return getattr(term, self.identity_field) if self.identity_field else self.label

    def facts_of(self, term):
        """Returns (label, value) of those summary fields of a term that are not empty, as a list."""
        values = ((name, getattr(term, name)) for name in self.summary_fields)
        return [(self.label_of_field(name), value) for name, value in values if value]


@dataclass(frozen=True)
class RecordSpec:
    """The additions of a kind to the record page.

    template: extends relations/record.html
    annotate: function (own, today) that returns annotations for the query of the record; `own` is {"stakeholder":
        OuterRef("pk")}, the condition on related rows
    crumbs: function (record) that returns the breadcrumbs, dicts of "href" and "label"
    """

    template: str = "relations/record.html"
    annotate: Callable | None = None
    crumbs: Callable | None = None
    term_fields: tuple = ()  # fields of a term that `template` shows in addition to those of TermSpec
    past_field: str = ""  # field with the cooperation before the registration
    has_sheet: bool = False  # has an information sheet, checked every quarter (R69)


@dataclass(frozen=True)
class KindLevel:
    """A level of the other side that one kind alone has, besides those of the documents (R86).

    `value` is stored with contact persons; `bit`, from 7 to 14, is its place in the masks of contacts and rules (0 to 6
    are those of relations.models.Level). Neither may change once the kind is in use, nor be given to another level.
    """

    value: str
    label: str
    bit: int


class Pages:
    """Mapping from a page to its URL name in one namespace."""

    def __init__(self, namespace):
        self.namespace = namespace

    def __getitem__(self, page):
        return f"{self.namespace}:{page}"


@dataclass(frozen=True)
class KindSpec:
    """One kind of stakeholder: its texts, model, cycle, pages and printed forms.

    Its label, and whether its records are persons, is declared with who sees it (accounts.roles.KindVisibility).
    `kind` is the value of `Stakeholder.kind`, `prefix` that of its numbers (YR-0042), `unit` the measure word (家, 位,
    个), `this` refers to one record inside a sentence (这家单位), `url_namespace` is that of its URLs
    (`<namespace>:detail`).
    """

    kind: str
    unit: str
    prefix: str
    url_namespace: str
    model: type
    this: str = ""
    icon: str = "people"  # of its list in the navigation
    keys: str = ""  # keyboard shortcut of its list: g e

    # the cycle (R13-R28)
    has_cycle: bool = True
    stage_labels: Mapping = field(
        default_factory=dict
    )  # {Stage: label}, where they differ from the general ones
    guards: Mapping = field(default_factory=dict)  # {name of a Move: functions (cycle, today)}
    termination_reasons: tuple = ()  # (value, label) pairs; empty: those of R59-R62
    closing_types: tuple = ()  # (value, label) pairs; empty: those of R104
    past: tuple[Callable, ...] = ()  # functions (stakeholder) that return lines about past cooperation (R37)

    # the other side (R41, R86)
    levels: tuple = ()  # values of the levels allowed for its contact persons; empty: all
    own_levels: tuple[KindLevel, ...] = ()  # besides those of relations.models.Level
    default_level: str = "clerk"  # of a new contact person

    # pages
    forms: FormSpec | None = None
    record: RecordSpec = RecordSpec()
    terms: TermSpec | None = None  # None: the kind has no terms
    papers: tuple = ()  # (URL name, label) pairs, in addition to the contact forms of all kinds
    list: object = None  # the ListSpec of relations.lists
    imports: object = None  # the ImportSpec of relations.imports

    clauses: Mapping = field(default_factory=dict)  # {Clause: the clause that asks this kind for it}
    # {step of the sweep: clause} of the steps by calendar that apply to the kind (relations.parties.sweep)
    calendar_clauses: Mapping = field(default_factory=dict)

    # {general Permission: the one required for this kind instead}, for what is done with its records. What is seen of
    # them, and who approves, is said by the roles (accounts.roles).
    permissions: Mapping = field(default_factory=dict)

    def may(self, user, permission):
        """Whether `user` has the general `permission` for records of this kind."""
        return user.may(self.permissions.get(permission, permission))

    @property
    def label(self):
        return kind_label(self.kind)

    @property
    def has_worker(self):
        """Whether a worker is responsible for each record; False for colleagues, of whom nobody is the worker."""
        return self.kind not in kinds() or kinds()[self.kind].by_responsible

    @property
    def pages(self):
        """The URL names of the pages, for templates: {% url spec.pages.edit record.pk %}."""
        return Pages(self.url_namespace)

    def url_name(self, page):
        """Returns the URL name of a page of this kind: <namespace>:detail."""
        return f"{self.url_namespace}:{page}"


def may_for_kind(user, permission, kind):
    """Whether `user` has the general `permission` for records of `kind`."""
    return KINDS[kind].may(user, permission) if kind in KINDS else user.may(permission)


def has_cycle(kind):
    """Whether relationships with records of `kind` pass through the seven stages; True for a kind without an app."""
    return kind not in KINDS or KINDS[kind].has_cycle


def default_level_of(kind):
    """Returns the level of a new contact person of a record of `kind`."""
    return KINDS[kind].default_level if kind in KINDS else KindSpec.default_level


def own_levels_of_every_kind():
    return [level for spec in KINDS.values() for level in spec.own_levels]


def choices_of(kind, name, general):
    """Returns the (value, label) pairs in the attribute `name` of the KindSpec of `kind`, or `general` if empty."""
    spec = KINDS.get(kind)
    return list((spec and getattr(spec, name)) or general)


def choices_of_every_kind(name, general):
    """Returns the `general` pairs and those of all kinds: all choices of the column."""
    choices = dict(general)
    for spec in KINDS.values():
        for value, label in getattr(spec, name):
            choices.setdefault(value, label)
    return list(choices.items())


def clause_of(kind, name):
    """Returns the clause that the KindSpec of `kind` declares for `name` (a Clause), or ""."""
    return KINDS[kind].clauses.get(name, "") if kind in KINDS else ""


def calendar_clause_of(kind, step):
    """Returns the clause of a step by calendar, or "" for a kind to which it does not apply."""
    return KINDS[kind].calendar_clauses.get(step, "") if kind in KINDS else ""


def this_record_words(kind):
    """Returns the words for one record of a kind inside a sentence: 这家单位."""
    return (KINDS[kind].this if kind in KINDS else "") or _("这份记录")


def term_label(kind):
    """Returns the label of the terms of a kind: 合同; 协议 for one that declares none."""
    spec = KINDS.get(kind)
    return spec.terms.label if spec and spec.terms else _("协议")


def label_of(kind):
    """Returns the label of a kind, also of one without an app; its value when it is not declared at all."""
    return kind_label(kind) or kind
