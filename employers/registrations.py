"""What employers add to the registers of the apps below."""

from employers.kind import EMPLOYER
from relations.parties.kinds import KINDS

KINDS.add(EMPLOYER.kind, EMPLOYER)
