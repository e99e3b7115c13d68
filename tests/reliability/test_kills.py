"""Processes killed at random while people work: what was acknowledged is there and whole.

The served product on a data folder of its own; two secretaries and an officer over HTTP.
"""

import json
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.clocks import shifted
from tests.conftest import NOON
from tests.reliability.hands import Acknowledged, Officer, Secretary
from tests.reliability.killing import EVERYTHING, PAGES, SEALER, WORKER, Killer, Served

ROOT = Path(__file__).resolve().parents[2]
ROUND = (*[PAGES] * 3, *[SEALER] * 2, *[WORKER] * 2)  # serve gives up at a third dead worker
ROUNDS = 3


def inside(home, call):
    """What a function of these tests gives, called in an installation."""
    module, _, _ = call.partition(".")
    return json.loads(
        home.python(
            f"import json\nfrom tests.reliability import {module}\nprint(json.dumps({call}))"
        )
    )


@pytest.fixture
def worked_in(home):
    """An installation with a small county, on the tests' day."""
    home.more = {**shifted(NOON, ROOT), "DJANGO_SETTINGS_MODULE": "zhibu.config.settings"}
    return home, inside(home, "county.build()")


class Scene:
    """Everybody at work on a served installation, and somebody who kills."""

    def __init__(self, home, facts, seed, stack):
        self.home = home
        self.known = Acknowledged()
        self.served = Served(home)
        self.served.start()
        stack.callback(self.served.end)
        base = self.served.base
        self.officer = Officer(base, facts["importer"], self.known)
        self.hands = [Secretary(base, each, self.known) for each in facts["branches"]]
        self.hands.append(self.officer)
        for hand in self.hands:
            hand.start()
            stack.callback(hand.told.set)
        self.killer = Killer(self.served, self.officer, seed)
        stack.callback(self.killer.end)

    def kill_in_turn(self, targets):
        """Kill some, then everything, as when the power goes; nothing is half then."""
        for target in targets:
            self.killer.kill(target)
            assert [hand.failed for hand in self.hands if hand.failed] == []
        self.killer.kill(EVERYTHING)
        assert inside(self.home, "reckoning.reckon()")["half"] == []

    def stop_working(self):
        for hand in self.hands:
            hand.told.set()
        for hand in self.hands:
            hand.end()


def assert_kept(known, found):
    """Everything acknowledged is there, as it was acknowledged or as it was sent next."""
    meetings = {int(pk): tuple(row) for pk, row in found["meetings"].items()}
    for pk, (version, theme) in known.meetings.items():
        assert meetings[pk] in {(version, theme), (2, f"{theme}，更正")}
    tasks = {int(pk): state for pk, state in found["tasks"].items()}
    for pk, state in known.tasks.items():
        assert tasks[pk] in {state, "done"}
    imports = {int(pk): tuple(row) for pk, row in found["imports"].items()}
    for pk, was in known.imports.items():
        assert is_as_ordered(was, *imports[pk]), f"import {pk}: {was}, now {imports[pk]}"


def is_as_ordered(was, state, message):
    """Whether an import stands where its last order led to, or says what became of it."""
    done = {"uploaded": {"checked", "applied"}, "ordered": {"applied", "undone"}}
    return state in done.get(was, {"undone"}) or (state == "failed" and message != "")


def said(scene):
    imports = [state for state, _ in scene.found["imports"].values()]
    return (
        f"{scene.killer.done.total()} kills: {dict(scene.killer.done)},"
        f" {scene.killer.sealing} within a sealing; {scene.known.lost} answers lost."
        f" Acknowledged: {len(scene.known.meetings)} meetings, {len(scene.known.tasks)} tasks,"
        f" {len(scene.known.imports)} imports"
        f" ({', '.join(f'{imports.count(s)} {s}' for s in sorted(set(imports)))})."
    )


@contextmanager
def scene_of(worked_in, seed):
    """Work goes on within; afterwards everything is reckoned up."""
    home, facts = worked_in
    with ExitStack() as stack:
        scene = Scene(home, facts, seed, stack)
        yield scene
        scene.stop_working()
    scene.found = inside(home, "reckoning.settled()")
    assert scene.found["half"] == []
    assert_kept(scene.known, scene.found)
    report = home.verified()
    assert report["faults"] == []
    assert report["sealed"] > len(scene.known.meetings)


def test_what_was_acknowledged_outlives_a_few_kills(worked_in):
    with scene_of(worked_in, 1) as scene:
        scene.kill_in_turn((PAGES, SEALER, PAGES, WORKER, SEALER))

    assert scene.killer.done.total() == 6


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2026, 2031))
def test_what_was_acknowledged_outlives_a_hundred_kills(seed, worked_in, capsys):
    """24 a seed, each on an installation of its own: 120 in all."""
    with scene_of(worked_in, seed) as scene:
        for left in reversed(range(ROUNDS)):
            scene.kill_in_turn(scene.killer.random.sample(ROUND, len(ROUND)))
            if left:
                scene.served.start()

    with capsys.disabled():
        print(f"\n{said(scene)}")  # noqa: T201 - the figures are the point
    assert scene.killer.done.total() == 24
