"""Procedures made at random, as data, and a driver that takes them to each of their outcomes.

The driver knows nothing of ``cases.ways``: it looks at what is open, reads the pack's own tables
and walks. Days move on as waits and notices ask.
"""

import json
import random
from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.cases.playing import noon
from tests.factories import Tree
from tests.packs import makers
from tests.scenes import person_of
from zhibu.accounts.models import User
from zhibu.cases import actions, days
from zhibu.cases.models import Case, Link, Turn
from zhibu.cases.steps import Faulty, Running, Step, Totals
from zhibu.packs.reading import Pack

CITE = [{"source": "charter", "at": "第三条", "seen": "text"}]
SINCE = date(2018, 1, 1)
BEGAN = date(2025, 2, 10)
NAME = "made"
FILE = f"procedures/{NAME}/{SINCE}.toml"
PIECE = {
    "title": "一部分", "cites": CITE, "start": ["do"], "starter": {"who": "organization"},
    "stages": [
        {"id": "do", "title": "办", "actor": {"who": "organization"},
         "outcomes": [{"id": "done", "title": "好了"}]},
    ],
}  # fmt: skip
COLOURS = ["red", "green", "blue"]
Made = dict[str, Any]


def toml(made: Made) -> str:
    return "".join(f"{key} = {_value(value)}\n" for key, value in made.items())


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def pack(made: Made) -> Pack:
    """Read well, unchecked."""
    files = {**makers.files(), FILE: toml(made), f"procedures/piece/{SINCE}.toml": toml(PIECE)}
    return makers.pack(files)


# --- making


@dataclass
class Maker:
    """Blocks one after another; each knows its first steps and the outcomes that go on."""

    random: random.Random
    stages: list[Made] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)

    def stage(self, **more: Any) -> Made:
        number = len(self.stages)
        made = {
            "id": f"s{number}", "title": f"第{number}步", "actor": {"who": "organization"},
            "outcomes": [], **more,
        }  # fmt: skip
        self.stages.append(made)
        return made

    def outcome(self, stage: Made, **more: Any) -> Made:
        made = {"id": f"o{len(stage['outcomes'])}", "title": "这样", "to": [], **more}
        stage["outcomes"].append(made)
        return made

    def single(self) -> tuple[list[str], list[Made]]:
        stage = self.stage()
        return [stage["id"]], [self.outcome(stage)]

    def parallel(self) -> tuple[list[str], list[Made]]:
        sides, ends = [], []
        for _ in range(self.random.randint(2, 3)):
            is_optional = bool(sides) and self.random.random() < 0.3
            self.kinds["optional"] += is_optional
            side = self.stage(**({"optional": True} if is_optional else {}))
            sides.append(side)
            last = self.outcome(side)
            if not is_optional and self.random.random() < 0.4:
                longer = self.stage()
                last["to"], last = [longer["id"]], self.outcome(longer)
                ends.append((longer, last))
            else:
                ends.append((side, last))
        join = self.stage(joins=[stage["id"] for stage, _ in ends])
        for _, last in ends:
            last["to"] = [join["id"]]
        self.kinds["join"] += 1
        return [side["id"] for side in sides], [self.outcome(join)]

    def branch(self) -> tuple[list[str], list[Made]]:
        name = f"colour{len(self.stages)}"
        spec = {
            "id": name, "title": "颜色", "type": "choice",
            "choices": [{"id": one, "title": one} for one in COLOURS],
        }  # fmt: skip
        asks = self.stage(fields=[spec])
        parts = [COLOURS[:1], COLOURS[1:]] if self.random.random() < 0.5 else [[c] for c in COLOURS]
        is_later = self.random.random() < 0.5
        decides = self.stage() if is_later else asks
        if is_later:
            self.outcome(asks, to=[decides["id"]])
        ends = []
        for colours in parts:
            made = self.outcome(
                decides, when=[{"field": name, "among": colours}], says="颜色不对。", cites=CITE
            )
            if self.random.random() < 0.5:
                way = self.stage()
                made["to"] = [way["id"]]
                made = self.outcome(way)
            ends.append(made)
        return [asks["id"]], ends

    def vote(self) -> tuple[list[str], list[Made]]:
        of = self.random.choice(["entitled", "present", "cast"])
        share = self.random.choice(["1/2", "2/3", "4/5"])
        rule = {
            "attendance": {"share": share, "more_than": self.random.random() < 0.5,
                           "of": "entitled"},
            "majority": {"share": share, "of": of}, "cites": CITE,
        }  # fmt: skip
        stage = self.stage(vote={"voters": "full-members", "rule": rule})
        passed = self.outcome(stage, vote="passed")
        self.outcome(stage, vote="failed", closes=True)
        return [stage["id"]], [passed]

    def notice(self) -> tuple[list[str], list[Made]]:
        length = f"P{self.random.randint(1, 7)}D"
        counts = self.random.choice(["calendar", "working-days"])
        stage = self.stage(notice={"at_least": length, "counts": counts, "cites": CITE})
        clear = self.outcome(stage, objections="none")
        if self.random.random() < 0.5:
            self.outcome(stage, objections="some", to=[stage["id"]])
        else:
            self.outcome(stage, objections="some", closes=True)
        if self.random.random() < 0.3:
            self.outcome(stage, unless_posted=True, closes=True)
        return [stage["id"]], [clear]

    def everyone(self) -> tuple[list[str], list[Made]]:
        """Each member answers; one who objects ends all, or sends it to a step of its own."""
        stage = self.stage(actor={"who": "everyone", "roll": "full-members"})
        ends = [self.outcome(stage)]
        match self.random.randrange(3):
            case 0:
                self.outcome(stage, closes=True, reason=True)
            case 1:
                other = self.stage()
                self.outcome(stage, to=[other["id"]])
                ends.append(self.outcome(other))
        return [stage["id"]], ends

    def part(self) -> tuple[list[str], list[Made]]:
        divides = self.stage()
        gathers = self.stage(awaits=["piece"])
        begin = [{"procedure": "demo/small:piece"}] * self.random.randint(1, 2)
        self.outcome(divides, to=[gathers["id"]], begins=begin)
        return [divides["id"]], [self.outcome(gathers)]

    def whole(self) -> Made:
        blocks = ["single", "parallel", "branch", "vote", "notice", "part", "everyone"]
        start: list[str] = []
        loose: list[Made] = []
        spine: list[str] = []
        for _ in range(self.random.randint(1, 4)):
            name = self.random.choice(blocks)
            self.kinds[name] += 1
            first, ends = getattr(self, name)()
            for one in loose:
                one["to"] = first
            start, loose = start or first, ends
            spine += first if len(first) == 1 else []
        self._beside(spine)
        return {
            "title": "生成的", "cites": CITE, "start": start,
            "starter": {"who": "organization"}, "stages": self.stages,
        }  # fmt: skip

    def _beside(self, spine: list[str]) -> None:
        """Returns, ends before the end, waits and limits, here and there."""
        ids = [stage["id"] for stage in self.stages]
        for index, stage in enumerate(self.stages):
            can_more = len(stage["outcomes"]) < 5
            back = [one for one in spine if ids.index(one) <= index]
            if back and can_more and self.random.random() < 0.2:
                self.kinds["return"] += 1
                self.outcome(stage, to=[self.random.choice(back)], reason=True, skips_fields=True)
            if can_more and self.random.random() < 0.15:
                self.kinds["refuse"] += 1
                self.outcome(stage, closes=True, reason=True, skips_fields=True)
            if self.random.random() < 0.3:
                self.kinds["wait"] += 1
                after = self.random.choice(["start", *spine])
                stage["waits"] = [
                    {"after": after, "at_least": f"P{self.random.randint(1, 20)}D",
                     "counts": self.random.choice(["calendar", "working-days"]), "cites": CITE}
                ]  # fmt: skip
            if self.random.random() < 0.3:
                self.kinds["limit"] += 1
                within = self.random.choice(["P3D", "P1M", "PT36H"])
                stage["limits"] = [{"within": within, "cites": CITE}]

    def go_wild(self, made: Made) -> Made:
        """Change something without thinking: the checker has to see what that breaks."""
        ids = [stage["id"] for stage in self.stages]
        stage = self.random.choice(self.stages)
        outcome = self.random.choice(stage["outcomes"])
        match self.random.randrange(6):
            case 0:
                outcome["to"] = [self.random.choice(ids)]
                outcome.pop("closes", None)
            case 1:
                stage["joins"] = self.random.sample(ids, min(2, len(ids)))
            case 2:
                stage["optional"] = not stage.get("optional", False)
            case 3:
                outcome["to"] = []
            case 4:
                made["start"] = self.random.sample(ids, min(2, len(ids)))
            case _:
                stage["waits"] = [
                    {"after": self.random.choice(ids), "at_least": "P2D", "cites": CITE}
                ]
        self.kinds["wild"] += 1
        return made


@st.composite
def procedures(draw: Any, wild: float = 0.4) -> tuple[Made, Counter[str]]:
    maker = Maker(random.Random(draw(st.integers(0, 2**32))))
    made = maker.whole()
    for _ in range(2):
        if maker.random.random() < wild:
            made = maker.go_wild(made)
    return made, maker.kinds


# --- driving


class Stuck(AssertionError):
    """A pack that passed the checker and did not come where it says."""


Target = tuple[str, str]


@dataclass
class Driver:
    """One procedure, driven until every outcome was reached and each walk ended."""

    made: Made
    tree: Tree
    by: User
    random: random.Random
    reached: set[Target] = field(default_factory=set)
    acts: int = 0
    walks: int = 0

    def __post_init__(self) -> None:
        self.stages = {stage["id"]: stage for stage in self.made["stages"]}
        self.targets = [(s["id"], o["id"]) for s in self.stages.values() for o in s["outcomes"]]

    def run(self) -> None:
        for target in self.targets:
            for _ in range(30):
                if target in self.reached:
                    break
                self.walk(target)
            if target not in self.reached:
                raise Stuck(f"{target} 没有办到")

    def walk(self, target: Target) -> None:
        """From a beginning to an end, past ``target`` if that can be."""
        self.walks += 1
        self.day = BEGAN
        case = actions.start(
            self.tree.village, procedure=f"demo/small:{NAME}", wording=SINCE, title="走一遍",
            values={}, on=self.day, by=self.by, at=noon(self.day),
        )  # fmt: skip
        done: set[Target] = set()
        for steps in range(90):
            turns = list(case.turns.open().select_related("organization").order_by("number"))
            if not turns:
                break
            wanted = target if target not in done else None
            turn, outcome = self._next(case, turns, wanted, wanders=len(done) < steps - 15)
            case = self._act(case, turn, outcome, target)
            done.add((turn.stage, outcome["id"]))
        if case.is_open:
            raise Stuck(f"走了 90 步没有办结：{[turn.stage for turn in case.turns.open()]}")
        if not case.ended_as or case.turns.open().exists():
            raise Stuck("办结了，可是还有开着的")
        self.reached |= done

    def _next(
        self, case: Case, turns: list[Turn], target: Target | None, *, wanders: bool
    ) -> tuple[Turn, Made]:
        """The open step, and its outcome, from which the way on is shortest; any other now and
        then where that goes round in a ring, for it may want what was not written yet."""
        found = []
        for turn in turns:
            for outcome in self.stages[turn.stage]["outcomes"]:
                if not self._can(case, turn, outcome):
                    continue
                distance = self._distance(turn.stage, outcome, target)
                found.append((distance, self.random.random(), turn, outcome))
        if not found:
            raise Stuck(f"{[turn.stage for turn in turns]}：没有哪个结果能办")
        if wanders and self.random.random() < 0.5:
            _, _, turn, outcome = self.random.choice(found)
        else:
            _, _, turn, outcome = min(found, key=lambda one: one[:2])
        return turn, outcome

    def _can(self, case: Case, turn: Turn, outcome: Made) -> bool:
        own = {spec["id"] for spec in self.stages[turn.stage].get("fields", [])}
        return all(
            test["field"] in own or case.facts.get(test["field"]) in test["among"]
            for test in outcome.get("when", [])
        )

    def _distance(self, stage: str, outcome: Made, target: Target | None) -> int:
        """Steps from taking ``outcome`` to the target, or to an end without one."""
        if target is not None and (stage, outcome["id"]) == target:
            return 0
        if target is None and (outcome.get("closes") or not outcome["to"]):
            return 0 if outcome.get("closes") else 1
        waiting = deque((to, 1) for to in outcome["to"])
        seen = set()
        while waiting:
            here, far = waiting.popleft()
            if here in seen:
                continue
            seen.add(here)
            if target is not None and here == target[0]:
                return far
            for one in self.stages[here]["outcomes"]:
                if target is None and (one.get("closes") or not one["to"]):
                    return far + 1
                waiting += [(to, far + 1) for to in one["to"]]
        return 1000 - 10 * bool(outcome["to"])

    def _act(self, case: Case, turn: Turn, outcome: Made, target: Target) -> Case:
        turn.case = case
        stage = self.stages[turn.stage]
        running = Running(case)
        for at in (turn.opened_on, turn.not_before):
            self.day = max(self.day, at or self.day)
        if stage.get("notice") and not outcome.get("unless_posted"):
            self._hang(running, turn, outcome)
        self._end_parts(turn, stage)
        totals = self._totals(outcome) if stage.get("vote") and outcome.get("vote") else None
        step = Step(
            outcome=outcome["id"], happened_on=self.day, reason="试", totals=totals,
            values=self._values(stage, outcome, target),
        )  # fmt: skip
        self.acts += 1
        try:
            if turn.round:
                self._others(turn, outcome)
            return actions.act(turn, step, by=self.by, at=noon(self.day))
        except Faulty as faulty:
            raise Stuck(f"{turn.stage} {outcome['id']}：{faulty}") from faulty

    def _others(self, turn: Turn, outcome: Made) -> None:
        """Everyone else who was asked says the same or something the pack puts before it, or is
        waited for no more; in any order."""
        ids = [one["id"] for one in self.stages[turn.stage]["outcomes"]]
        milder = ids[: ids.index(outcome["id"]) + 1]
        others = list(turn.case.turns.open().filter(round=turn.round).exclude(pk=turn.pk))
        self.random.shuffle(others)
        for other in others:
            if self.random.random() < 0.2:
                actions.excuse(other, reason="病了", by=self.by, at=noon(self.day))
                continue
            said = Step(outcome=self.random.choice(milder), happened_on=self.day, reason="试")
            actions.act(other, said, by=self.by, at=noon(self.day))

    def _values(self, stage: Made, outcome: Made, target: Target) -> dict[str, str]:
        """Colours that this outcome asks, or that the target will."""
        found = {}
        aimed = next(o for o in self.stages[target[0]]["outcomes"] if o["id"] == target[1])
        for spec in stage.get("fields", []):
            choices = set(COLOURS)
            for one in (outcome, aimed):
                for test in one.get("when", []):
                    if test["field"] == spec["id"] and choices & set(test["among"]):
                        choices &= set(test["among"])
            found[spec["id"]] = self.random.choice(sorted(choices))
        return found

    def _hang(self, running: Running, turn: Turn, outcome: Made) -> None:
        notice = running.stage(turn).notice
        assert notice is not None
        until = days.hangs_until(notice, self.day) or self.day
        posting = actions.post(
            turn, channel="张贴", place="村部", posted_on=self.day, until=until, by=self.by,
            at=noon(until),
        )  # fmt: skip
        if outcome.get("objections") == "some":
            objection = actions.object_to(
                posting, raised_on=until, said="不对", source="", by=self.by, at=noon(until)
            )
            actions.answer(
                objection, stands=True, answer="查了", answered_on=until, by=self.by,
                at=noon(until),
            )  # fmt: skip
        self.day = until + timedelta(days=1)

    def _end_parts(self, turn: Turn, stage: Made) -> None:
        if not stage.get("awaits"):
            return
        parts = Case.objects.open().filter(links__other=turn.case, links__kind=Link.Kind.PART)
        for part in parts:
            open_turn = part.turns.open().get()
            step = Step(outcome="done", happened_on=self.day)
            actions.act(open_turn, step, by=self.by, at=noon(self.day))

    def _totals(self, outcome: Made) -> Totals:
        village = self.tree.village
        from zhibu.people.queries import voters

        roll = sorted(voters(village.pk, "full-members", self.day))
        passes = outcome["vote"] == "passed"
        return Totals(
            entitled=len(roll), present=len(roll), yes=len(roll) if passes else 0,
            no=0 if passes else len(roll), abstain=0, tellers=(roll[0], roll[1]),
        )  # fmt: skip


def secretary(cast: dict[str, User | None]) -> User:
    user = cast["secretary"]
    assert user is not None and person_of(user)
    return user
