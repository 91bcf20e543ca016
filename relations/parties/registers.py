"""Registers of what happens to the rows of a record or contact person; each app declares its foreign keys.

The values are those of accounts.references. Nothing reads them yet: the merging of two records and the erasure of
personal data are to come. They are filled from the beginning, while whoever adds a field knows its fate, and
`tests/test_references.py` names a field that is missing.
"""

from accounts.registry import Registry

# By foreign key (app.Model.field) to a stakeholder or contact person: a Reference, for the merging of two records or
# two contact persons.
MERGE = Registry("merging of records")
# The same foreign keys, for the erasure of personal data.
PERSONAL_DATA = Registry("personal data")
