"""The choices of the filters of a list of stakeholders, and the user's saved views of it, in one query."""

from django.db.models import BigIntegerField, CharField, Exists, OuterRef, Value
from django.db.models.functions import Cast

from accounts.models import Department, User
from accounts.roles import Permission, Scope
from lists import filters
from relations.models import SavedView, Stakeholder

TEXT = CharField()
NO_TEXT = Value("", output_field=TEXT)
NO_KEY = Value(0, output_field=BigIntegerField())


def filter_choices(spec, user):
    """Returns {"department", "worker", "view" and each of spec.text_filters: [(pk, label, extra)]} for `user`.

    `extra` is the pk of a worker's department or the query string of a view. When there are too many workers for a
    menu, those of the user's own department come first.
    """
    visible = Stakeholder.objects.visible_to(user).of_kind(spec.kind)
    departments = Department.objects.filter(Exists(visible.filter(department=OuterRef("pk"))))
    workers = User.objects.filter(Exists(visible.filter(responsible=OuterRef("pk"))))
    views = SavedView.objects.filter(owner=user, page=spec.page)
    parts = [
        choices_query("department", departments, "name"),
        choices_query("worker", workers, "name", extra=Cast("department", TEXT)),
        *(column_texts(spec.model, column, user) for column in spec.text_filters),
        choices_query("view", views, "name", extra=Cast("query", TEXT)),
    ]
    return group_choices(spec, parts[0].union(*parts[1:], all=True), user)


def choices_query(offer, rows, label, key=None, extra=NO_TEXT):
    """Returns one part of the query: the choices of the filter `offer`, with key, label and extra."""
    key = key or Cast("pk", BigIntegerField())
    columns = {
        "offer": Value(offer, output_field=TEXT),
        "key": key,
        "label": Cast(label, TEXT),
        "extra": extra,
    }
    return rows.order_by().annotate(**columns).values_list("offer", "key", "label", "extra")


def column_texts(model, column, user):
    """Returns the part of the query with the distinct texts in `column` of the visible records.

    The visibility filter is left out for users who see all of them.
    """
    sees_all = (
        user.scope_over(model.KIND) == Scope.ALL
        and user.may(Permission.CONFIDENTIAL)
        and user.may(Permission.VIEW)
    )
    rows = model.objects.all() if sees_all else model.objects.visible_to(user)
    return choices_query(column, rows.exclude(**{column: ""}), column, key=NO_KEY).distinct()


def group_choices(spec, found, user):
    """Groups the rows of the query by filter, sorted by label; saved views in the order of their creation."""
    offers = {name: [] for name in ("department", "worker", *spec.text_filters, "view")}
    for offer, key, label, extra in sorted(
        found, key=lambda row: (row[0], row[1] if row[0] == "view" else row[2])
    ):
        offers[offer].append((key, label, extra))
    if len(offers["worker"]) > filters.MAX_MENU_CHOICES:
        offers["worker"].sort(key=lambda row: row[2] != str(user.department_id))
    return offers
