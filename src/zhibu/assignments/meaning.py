"""What a form of a return in a pack may ask."""

from zhibu.assignments import asked
from zhibu.packs.meaning import Others, checks
from zhibu.packs.reading import Fault, Pack, Wording
from zhibu.packs.schema.assignment_forms import AssignmentForm


@checks("assignment-forms")
def form(pack: Pack, wording: Wording, others: Others) -> list[Fault]:
    assert isinstance(wording.item, AssignmentForm)
    return [
        Fault(wording.file, "fields", problem, "写法见 docs/packs.md")
        for problem in asked.faults(wording.item.fields)
    ]
