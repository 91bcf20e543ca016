"""Registers of what happens to the rows of a record or contact person; each app declares its foreign keys.

The values are those of accounts.references. The actions use these registers, so that no table is forgotten.
"""

from accounts.registry import Registry

# By foreign key (app.Model.field) to a stakeholder or contact person: a Reference, for the merging of two records or
# two contact persons.
MERGE = Registry("merging of records")
# The same foreign keys, for the erasure of personal data.
PERSONAL_DATA = Registry("personal data")
