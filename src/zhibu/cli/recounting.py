"""Evaluating the whole tree beside what is stored, from the console."""

from datetime import date
from typing import Any

from zhibu.cli.console import (
    BROKEN,
    DONE,
    FAULTS,
    Ended,
    endings,
    open_installation,
    say,
    say_json,
)


def recount(*, on: date | None, as_json: bool) -> int:
    """0 where what is stored is what comes out, 1 where it is not."""
    open_installation()
    with endings():
        outcome = _outcome(on)
        if as_json:
            say_json({"format": 1} | outcome)
        else:
            _say(outcome)
    return DONE if outcome["equal"] else FAULTS


def _outcome(on: date | None) -> dict[str, Any]:
    from django.utils import timezone

    from zhibu.insight import recounting, whole

    if whole.missing():
        raise Ended(BROKEN, whole.missing())
    now = timezone.now()
    return recounting.as_dict(recounting.evaluate(on or timezone.localdate(now), now))


def _say(outcome: dict[str, Any]) -> None:
    from zhibu.insight import recounting

    for line in recounting.lines(outcome):
        say(f"{line['where']}\t{line['what']}\t{line['why']}")
    rest = outcome["differing"] - len(outcome["differences"])
    if rest:
        say(f"还有 {rest} 项不一样，没有列出。")
    word = "都一样" if outcome["equal"] else f"{outcome['differing']} 项不一样"
    say(
        f"{word}：重新算了 {outcome['evaluated']} 项，存着 {outcome['stored']} 项，"
        f"另有 {outcome['left_out']} 项不在里面，截至 {outcome['on']}。"
    )
