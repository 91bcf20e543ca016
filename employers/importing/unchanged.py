"""A row of our own list that comes back: what stands in it as it went out says nothing.

So a list that nobody has touched changes nothing, whatever stands in it: names that no register would have, liaisons
with a comma in their name, numbers nobody could call. What was edited is read as in any other register.
"""

from employers.importing import cells
from employers.importing.columns import LABELS
from employers.importing.rows import BODY_TYPE_OF, Person, exported_body_types
from relations.lists.workbook import holdable

PEOPLE = ("contacts", "titles", "phones")
CONTRACT = ("contract_number", "starts_on", "ends_on")
# Fields that are read together: each says nothing only when none of them was edited.
GROUPS = (("name",), ("body_type",), ("town",), ("address",), ("worker",), CONTRACT, PEOPLE)


def leave_out(found, employer):
    """Takes from a Candidate what stands in its cells as it is kept of `employer` (Kept), and the faults of that."""
    for group in GROUPS:
        given = [name for name in group if name in found.cells]
        if given and all(stands(name, found.cells[name], employer) for name in given):
            forget(found, group)
        elif group == PEOPLE and employer.main and stands("contacts", found.cells.get("contacts"), employer):
            read_main(found, employer)
    found.name = found.name or read_again(employer.name)


def stands(name, value, employer):
    """Whether a cell holds what is kept."""
    return TOLD[name](value, employer) if name in TOLD else cells.as_text(value) == text_of(name, employer)


def text_of(name, employer):
    """A text that is kept, as it is read again from a list of ours."""
    main, contract = employer.main, employer.contract
    texts = {
        "name": employer.name,
        "town": employer.town,
        "address": employer.address,
        "contacts": main.name if main else "",
        "titles": main.title if main else "",
        "phones": main.phone if main else "",
        "contract_number": contract.number if contract else "",
    }
    return read_again(texts[name])


def read_again(text):
    """What becomes of a text that goes out and comes back: no sign that no cell can hold, no doubled blank."""
    return cells.as_text(holdable(text))


def is_same_body(value, employer):
    word = cells.squeezed(value)
    return (BODY_TYPE_OF.get(word) or exported_body_types().get(word)) == employer.body_type


def is_same_worker(value, employer):
    return cells.squeezed(value) == cells.squeezed(holdable(employer.worker))


def is_same_day(name):
    def same(value, employer):
        try:
            day = cells.as_date(value)
        except cells.Unclear:
            return False
        return day == (getattr(employer.contract, name) if employer.contract else None)

    return same


TOLD = {
    "body_type": is_same_body,
    "worker": is_same_worker,
    "starts_on": is_same_day("starts_on"),
    "ends_on": is_same_day("ends_on"),
}


def forget(found, group):
    for name in group:
        if name not in PEOPLE:
            setattr(found, name, None if name in {"starts_on", "ends_on"} else "")
    if group == PEOPLE:
        found.people = []
    forgive(found, group)


def forgive(found, group):
    labels = {LABELS[name] for name in group}
    found.faults = [fault for fault in found.faults if fault.column not in labels]


def read_main(found, employer):
    """The main liaison's name was left alone: title and telephone, where they were edited, are that person's."""
    forgive(found, PEOPLE)
    main, title, phone = employer.main, employer.main.title, ""
    if not stands("titles", found.cells.get("titles"), employer):
        title = cells.as_text(found.cells.get("titles"))[:60] or main.title
    if not stands("phones", found.cells.get("phones"), employer):
        phone = read_phone(found)
    found.people = [Person(main.name, title, phone, main)]


def read_phone(found):
    value = found.cells.get("phones")
    try:
        return "、".join(cells.as_phones(value))[:60]
    except cells.Unclear as problem:
        found.blame("phones", value, str(problem))
        return ""
