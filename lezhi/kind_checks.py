"""The system check of the kinds of stakeholder: names what a kind that is declared by half still lacks.

The steps of declaring a kind are in CONTRIBUTING.md; each message says where the missing piece belongs.
"""

import re
from collections import Counter

from django.contrib.auth import get_user_model
from django.core.checks import Error, register
from django.urls import NoReverseMatch, reverse

from accounts.references import TAKE_OVER
from accounts.refusals.recording import PLACES
from accounts.roles import Permission, kinds
from relations.models import ContactPerson, Level, Stakeholder, levels_of
from relations.models.kind import Record
from relations.parties.kinds import KINDS
from relations.parties.registers import MERGE, PERSONAL_DATA

KIND, URLS, REGISTRATIONS = "kind.py", "urls.py", "registrations.py"
PREFIX = re.compile("[A-Z]{2}")  # relations.search.index finds a record by such a number
OWN_BITS = range(len(Level), 15)
# What is seen of the records of a kind, and who approves, is decided by the roles alone.
BY_ROLE = {Permission.VIEW, Permission.CONFIDENTIAL, Permission.APPROVE}


@register("kinds")
def check_kinds(app_configs, **kwargs):
    return [
        Error(f"The kind “{spec.kind}” {problem}", hint=f"See {place}.", id="lezhi.E001")
        for spec in KINDS.values()
        for place, problem in problems_of(spec)
    ]


def problems_of(spec):
    """Returns (file, problem) of everything that a KindSpec lacks or contradicts, as a list."""
    parts = (visibility, models, pages, numbers, levels, permissions, urls, places, references)
    return [problem for part in parts for problem in part(spec)]


def visibility(spec):
    if spec.kind not in kinds():
        yield REGISTRATIONS, "says of no role whose records it sees: a KindVisibility in FURTHER_KINDS."


def models(spec):
    if not issubclass(spec.model, Record) or spec.kind != spec.model.KIND:
        yield "models.py", "has a model that is no Record with this KIND."
    for model in models_of(spec):
        if not hasattr(model, "history"):
            yield "models.py", f"has {model.__name__} without history."


def models_of(spec):
    return [spec.model, *([spec.terms.model] if spec.terms else [])]


def pages(spec):
    if spec.forms is None:
        yield KIND, "has no forms."
    if spec.list is None:
        yield KIND, "has no list."
    for name, part in (("list", spec.list), ("imports", spec.imports)):
        if part is not None and part.kind != spec.kind:
            yield KIND, f"has as `{name}` that of the kind “{part.kind}”."


def numbers(spec):
    used = Counter(each.prefix for each in KINDS.values())
    if not PREFIX.fullmatch(spec.prefix) or used[spec.prefix] > 1:
        yield KIND, f"needs two capital letters of its own before its numbers, not “{spec.prefix}”."


def levels(spec):
    values = {level.value for level in spec.own_levels}
    others = {level.value for each in KINDS.values() if each.kind != spec.kind for level in each.own_levels}
    if values & {*Level.values, *others}:
        yield KIND, "has a level of its own with the value of another."
    bits = [level.bit for level in spec.own_levels]
    if len(set(bits)) < len(bits) or not set(bits) <= set(OWN_BITS):
        yield KIND, f"needs a bit from {OWN_BITS[0]} to {OWN_BITS[-1]} for each level of its own."
    if spec.default_level not in dict(levels_of(spec.kind)):
        yield KIND, f"allows no contact person of its default level “{spec.default_level}”."


def permissions(spec):
    for permission in BY_ROLE & set(spec.permissions):
        yield KIND, f"replaces “{permission}”, which only the roles decide."


def urls(spec):
    for name, arguments in url_names(spec):
        try:
            reverse(name, args=arguments)
        except NoReverseMatch:
            yield URLS, f"has no page {name}."


def url_names(spec):
    """Yields (URL name, arguments) of the pages to which the shared pages link."""
    yield spec.url_name("list"), ()
    yield spec.url_name("detail"), (1,)
    if spec.record.has_sheet:
        yield spec.url_name("sheets"), ()
    for name, _label in spec.papers:
        yield spec.url_name(name), (1,)
        yield spec.url_name(f"{name}_word"), (1,)
    if spec.imports:
        yield f"{spec.imports.namespace}:start", ()


def places(spec):
    for namespace in (spec.url_namespace, *([spec.imports.namespace] if spec.imports else [])):
        if namespace not in PLACES:
            yield REGISTRATIONS, f"has no Place in PLACES for the refusals at {namespace}."


def references(spec):
    records = (Stakeholder, ContactPerson)
    for register_, targets in ((TAKE_OVER, get_user_model()), (MERGE, records), (PERSONAL_DATA, records)):
        for model in models_of(spec):
            for field in model._meta.local_fields:
                name = f"{model._meta.label}.{field.name}"
                if field.related_model and issubclass(field.related_model, targets) and name not in register_:
                    yield (
                        REGISTRATIONS,
                        f"does not say what becomes of {name} in the register of {register_.name}.",
                    )
