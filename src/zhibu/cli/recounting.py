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


def recount_campaigns(*, on: date | None, as_json: bool) -> int:
    """0 where what is stored of campaigns is what their records say, 1 where it is not."""
    open_installation()
    with endings():
        from django.utils import timezone

        from zhibu.cases.campaigns import recounting

        found = recounting.evaluate(on or timezone.localdate())
        lines = [
            {
                "campaign": one.unit.campaign_id,
                "organization": one.unit.organization.code,
                "item": one.item,
                "stored": one.stored and {name: _plain(x) for name, x in one.stored.items()},
                "found": one.found and {name: _plain(x) for name, x in one.found.items()},
            }
            for one in found.differences
        ]
        if as_json:
            say_json({
                "format": 1, "on": found.on.isoformat(), "equal": not lines, "units": found.units,
                "waiting": found.waiting, "compared": found.compared, "differences": lines,
            })  # fmt: skip
        else:
            for line in lines:
                say(f"{line['organization']}\t集中活动 #{line['campaign']} {line['item']}\t"
                    f"存着 {line['stored']}，算出来 {line['found']}")  # fmt: skip
            word = f"{len(lines)} 项不一样" if lines else "都一样"
            say(f"{word}：{found.units} 个单位对了 {found.compared} 项，"
                f"还有 {found.waiting} 个单位等着数，截至 {found.on}。")  # fmt: skip
    return FAULTS if lines else DONE


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
