"""The declaration of a kind of stakeholder, in one place for each kind.

`<app>/kind.py` defines the KindSpec of a kind and `<app>/registrations.py` adds it to KINDS. The record page, forms,
cycle, printed forms, sweep and URLs of all kinds use it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from accounts.registry import Registry
from accounts.roles import Permission, kind_label

KINDS = Registry("kinds of stakeholder")


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
    end_warning: str = ""  # shown before a term is ended early or voided
    void_warning: str = ""


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
    term_fields: tuple = ()  # fields of a term shown in addition to its dates
    past_field: str = ""  # field with the cooperation before the registration
    has_sheet: bool = False  # has an information sheet, checked every quarter (R69)


class Pages:
    """Mapping from a page to its URL name in one namespace."""

    def __init__(self, namespace):
        self.namespace = namespace

    def __getitem__(self, page):
        return f"{self.namespace}:{page}"


@dataclass(frozen=True)
class KindSpec:
    """One kind of stakeholder: its texts, model, cycle, pages and printed forms.

    `kind` is the value of `Stakeholder.kind`, `prefix` that of its numbers (YR-0042), `unit` the measure word (家, 位,
    个), `this` refers to one record inside a sentence (这家单位), `url_namespace` is that of its URLs
    (`<namespace>:detail`).
    """

    kind: str
    label: str
    unit: str
    prefix: str
    url_namespace: str
    model: type
    this: str = ""
    is_person: bool = False  # records are named after a person, so they are searched and masked as such
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
    levels: tuple = ()  # values of Level allowed for its contact persons; empty: all

    # pages
    forms: FormSpec | None = None
    record: RecordSpec = RecordSpec()
    terms: TermSpec | None = None  # None: the kind has no terms
    papers: tuple = ()  # (URL name, label) pairs, in addition to the contact forms of all kinds
    list: object = None  # the ListSpec of relations.lists
    imports: object = None  # the ImportSpec of relations.imports

    # {step of the sweep: clause} of the steps by calendar that apply to the kind (relations.parties.sweep)
    calendar_clauses: Mapping = field(default_factory=dict)

    # {general Permission: the one required for this kind instead}
    permissions: Mapping = field(default_factory=dict)

    def may(self, user, permission):
        """Whether `user` has the general `permission` for records of this kind."""
        return user.may(self.permissions.get(permission, permission))

    @property
    def pages(self):
        """The URL names of the pages, for templates: {% url spec.pages.edit record.pk %}."""
        return Pages(self.url_namespace)

    def url_name(self, page):
        """Returns the URL name of a page of this kind: <namespace>:detail."""
        return f"{self.url_namespace}:{page}"


# Kinds named after persons whose apps do not exist yet; their records are already searched as such.
PERSONS = frozenset({"client", "staff"})


def is_person(kind):
    """Whether records of this kind are named after a person."""
    return KINDS[kind].is_person if kind in KINDS else kind in PERSONS


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


def this_record_words(kind):
    """Returns the words for one record of a kind inside a sentence: 这家单位."""
    return (KINDS[kind].this if kind in KINDS else "") or _("这份记录")


def term_label(kind):
    """Returns the label of the terms of a kind: 合同; 协议 for one that declares none."""
    spec = KINDS.get(kind)
    return spec.terms.label if spec and spec.terms else _("协议")


def label_of(kind):
    """Returns the label of a kind, also of one without an app; its value when it is not declared at all."""
    return KINDS[kind].label if kind in KINDS else kind_label(kind) or kind
