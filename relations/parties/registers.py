"""What becomes of the rows of a record or contact person, declared field by field by the app that has them.

The words are those of accounts.references. The acts themselves ask these registers, so that no table is forgotten.
"""

from accounts.registry import Registry

# Field (app.Model.field) that leads to a stakeholder or contact person: a Reference, for the day on which two records
# or two people turn out to be one.
MERGE = Registry("merging of records")
# The same fields, for the day on which what is known of a person has to be erased.
PERSONAL_DATA = Registry("personal data")
