"""What employers give to the rooms below."""

from employers.importing.spec import EMPLOYERS
from relations.imports.specs import IMPORTS

IMPORTS.add(EMPLOYERS.kind, EMPLOYERS)
