"""The level of a contact person (R86), derived from the title in the Excel file."""

import re

from relations.models import Level

# The first pattern that matches a title gives the level; the default is Level.OTHER.
LEVELS = [
    (re.compile("副局长|副主任|副站长|副所长|副院长|副校长|副书记|副镇长"), Level.LEADER),
    (re.compile("镇委|党委|党工委|书记|镇长|街道办主任"), Level.PARTY_COMMITTEE),
    (re.compile("局长"), Level.BUREAU_DIRECTOR),
    (re.compile("社区|村委|居委|村干部"), Level.COMMUNITY_CADRE),
    (re.compile("办事员|科员|干事|专干|职员|文员|社工"), Level.CLERK),
    (re.compile("负责人|主任|股长|科长|所长|站长|组长|部长|主席|院长|校长|园长|经理"), Level.DEPARTMENT_HEAD),
]


def level_of(title):
    return next((level for pattern, level in LEVELS if pattern.search(title)), Level.OTHER)
