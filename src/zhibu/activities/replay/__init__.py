"""Playing a pack's worked examples through the real actions, leaving nothing behind.

The situation of an example is built in a savepoint (``situation``). What happens is done
day by day with ``at`` of that day (``play``); what is expected is looked at in the evening
of its own day, when only what was entered by then is known (``looks``). Then everything is
rolled back.
"""

from django.db import transaction

from zhibu.activities.replay.cases import Cases
from zhibu.activities.replay.play import Play
from zhibu.activities.replay.situation import Situation
from zhibu.core import standing
from zhibu.core.verdicts import Refused
from zhibu.packs import library
from zhibu.packs.reading import Pack
from zhibu.packs.schema.examples import Example


def replay(pack: Pack, example: Example) -> list[str]:
    """Differences between what ``example`` expects and what happens; [] where there are none.

    ``pack`` need not be installed. Writes nothing that lasts, whatever happens.
    """
    return played(pack, example, Cases)[0]


def played(pack: Pack, example: Example, cases: type[Cases]) -> tuple[list[str], Play | None]:
    """``replay`` with the play itself; None where what is given cannot be."""
    differences: list[str] = []
    play = None
    with library.trying(pack), transaction.atomic():
        try:
            situation = Situation(pack, example.given, differences)
            play = Play(situation, example, differences, cases)
            play.run()
        except Refused as refusal:
            differences.append(f"办不成：{refusal.verdict.reason}")
        transaction.set_rollback(True)
    standing.forget()
    return differences, play


def replay_all(pack: Pack) -> dict[str, list[str]]:
    """``replay`` of every example of a pack, by example id."""
    return {name: replay(pack, example) for name, example in sorted(pack.examples.items())}
