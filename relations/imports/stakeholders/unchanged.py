"""Rows of our own exports that are imported again: cells equal to the exported value are ignored.

So an unedited export changes nothing, even with values that an import would refuse: odd names, liaisons with a comma
in their name, impossible telephone numbers. Edited cells are read as in any other register.
"""

from relations.imports import cells
from relations.imports.columns import after_round_trip
from relations.imports.stakeholders.rows import PersonEntry
from relations.lists.workbook import fit_to_cell

PEOPLE = ("contacts", "titles", "phones")


def drop_unchanged(spec, entry, row):
    """Clears the values of an entry whose cells equal those stored in `row` (ExistingRow), and their faults.

    Columns that are read together are cleared only when none of them was edited.
    """
    for group in field_groups(spec):
        present = [name for name in group if name in entry.cells]
        if present and all(is_stored(spec, name, entry.cells[name], row) for name in present):
            clear_fields(spec, entry, group)
        elif group == PEOPLE and row.main and is_stored(spec, "contacts", entry.cells.get("contacts"), row):
            read_main_person(spec, entry, row)
    entry.name = entry.name or after_round_trip(row.name)


def field_groups(spec):
    """Yields tuples of the fields that are read together."""
    yield ("name",)
    for column in spec.own_columns:
        yield (column.field,)
    yield ("worker",)
    if spec.term:
        yield tuple(column.field for column in spec.term.columns)
    yield PEOPLE


def is_stored(spec, field, value, row):
    """Whether a cell equals the stored value."""
    if field == "worker":
        return cells.normalized_heading(value) == cells.normalized_heading(fit_to_cell(row.worker))
    return spec.by_field[field].is_same(value, stored_value(spec, field, row))


def stored_value(spec, field, row):
    """Returns the value of a column in `row`; "" or None when there is none."""
    if field in row.values:
        return row.values[field]
    if field == "name":
        return row.name
    if field in PEOPLE:
        main = row.main
        return {"contacts": main.name, "titles": main.title, "phones": main.phone}[field] if main else ""
    column, term = spec.by_field[field], row.term
    if column is spec.term.number:
        return term.number if term else ""
    return getattr(term, column.name) if term else None


def clear_fields(spec, entry, group):
    if group == PEOPLE:
        entry.people = []
    else:
        for field in group:
            spec.by_field[field].clear(entry)
    drop_faults(spec, entry, group)


def drop_faults(spec, entry, group):
    labels = {spec.by_field[field].label for field in group}
    entry.faults = [fault for fault in entry.faults if fault.column not in labels]


def read_main_person(spec, entry, row):
    """Reads edited title and telephone number as those of the main liaison, whose name was not edited."""
    drop_faults(spec, entry, PEOPLE)
    main, title, phone = row.main, row.main.title, ""
    if not is_stored(spec, "titles", entry.cells.get("titles"), row):
        title = cells.as_text(entry.cells.get("titles"))[:60] or main.title
    if not is_stored(spec, "phones", entry.cells.get("phones"), row):
        phone = read_phone(spec, entry)
    entry.people = [PersonEntry(main.name, title, phone, main)]


def read_phone(spec, entry):
    value = entry.cells.get("phones")
    try:
        return "、".join(cells.as_phones(value))[:60]
    except cells.CellError as problem:
        entry.add_fault(spec.by_field["phones"], value, str(problem))
        return ""
