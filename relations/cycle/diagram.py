"""过程示意图: the seven stages and the moves between them, from relations.cycle.lifecycle.MOVES (R14)."""

from dataclasses import dataclass, field

from relations.cycle.lifecycle import MOVES
from relations.cycle.panel import stage_state
from relations.models import Stage, stage_label


@dataclass
class Box:
    """One stage of the diagram, with the labels of the moves forward, out, back and to the next cycle."""

    number: int
    label: str
    state: str
    onward: str = ""
    exits: list = field(default_factory=list)
    back: str = ""
    loops: str = ""


def diagram(kind, cycle):
    """Returns a list with a Box for each stage of a stakeholder of `kind`.

    The present stage of `cycle` (or None) has the state "now", earlier ones "done".
    """
    return [box(number, stage, kind, cycle) for number, stage in enumerate(Stage, start=1)]


def box(number, stage, kind, cycle):
    drawn = Box(number, stage_label(stage, kind), stage_state(cycle, stage))
    for move in (move for move in MOVES if stage in move.sources):
        if move.is_back:
            drawn.back = stage_label(move.target, kind)
        elif move.opens_next:
            drawn.loops = move.label_for(kind)
        elif move.target is None:
            drawn.exits.append(move.label_for(kind))
        else:
            drawn.onward = move.label_for(kind)
    return drawn
