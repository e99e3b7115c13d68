"""Procedures at random: what passes the checker is driven to each of its outcomes and to an end;
what is broken is told with its place."""

import random
from collections import Counter
from contextlib import contextmanager
from copy import deepcopy

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.cases import generated
from tests.cases.generated import Driver, Stuck, procedures
from zhibu.cases.models import Case
from zhibu.ledger.verify import verify
from zhibu.packs import library, meaning

pytestmark = pytest.mark.alike

MANY = 200  # from here on others each time
AT_RANDOM = {
    "deadline": None,
    "phases": (Phase.explicit, Phase.generate),
    "suppress_health_check": list(HealthCheck),
}


def told(made):
    found = meaning.faults(generated.pack(made), library.shipped())
    return [(fault.place, fault.message) for fault in found if fault.file == generated.FILE]


@contextmanager
def undone():
    """What happens inside is taken back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def drive_all(cast, tree, capsys, *, count):
    """Drive ``count`` packs that pass; print how they were made up."""
    mix, refused, totals = Counter(), Counter(), Counter()

    @settings(max_examples=count * 3, derandomize=count < MANY, **AT_RANDOM)
    @given(procedures())
    def each(one):
        made, kinds = one
        if totals["driven"] >= count:
            return
        if found := told(made):
            refused[found[0][1].split("：")[0][-12:]] += 1
            totals["refused"] += 1
            return
        with undone(), library.trying(generated.pack(made)):
            driver = Driver(made, tree, generated.secretary(cast), random.Random(1))
            try:
                driver.run()
            except Stuck as stuck:
                raise AssertionError(f"{stuck}\n{generated.toml(made)}") from stuck
            if totals["driven"] % 20 == 0:
                assert verify().faults == []
            assert not Case.objects.filter(state="open", procedure="demo/small:made").exists()
        totals["driven"] += 1
        totals["walks"] += driver.walks
        totals["acts"] += driver.acts
        totals["outcomes"] += len(driver.targets)
        mix.update(name for name, number in kinds.items() if number)

    each()
    with capsys.disabled():
        print(f"\n生成的程序：{dict(totals)}；里面有 {dict(mix)}；退回的 {dict(refused)}")  # noqa: T201
    assert totals["driven"] >= count
    for kind in ("parallel", "join", "optional", "return", "branch", "part", "wait", "limit",
                 "notice", "vote", "everyone"):  # fmt: skip
        assert mix[kind] >= count // 60, (kind, mix)


@pytest.mark.django_db
def test_what_passes_is_driven_to_each_outcome(cast, tree, clock, capsys):
    drive_all(cast, tree, capsys, count=60)


@pytest.mark.slow
@pytest.mark.django_db
def test_two_hundred_that_pass_are_driven_to_each_outcome(cast, tree, clock, capsys):
    drive_all(cast, tree, capsys, count=220)


# --- broken


def _outcome_of(made, draw, fits=lambda stage, outcome: True):
    found = [
        (index, number)
        for index, stage in enumerate(made["stages"])
        for number, outcome in enumerate(stage["outcomes"])
        if fits(stage, outcome)
    ]
    return found[draw % len(found)] if found else None


def misspelt_to(made, draw):
    at = _outcome_of(made, draw, lambda stage, outcome: outcome["to"])
    if at is None:
        return None
    index, number = at
    made["stages"][index]["outcomes"][number]["to"] = ["nowhere"]
    return f"stages[{index}].outcomes[{number}].to"


def misspelt_start(made, draw):
    made["start"] = ["nowhere"]
    return "start"


def misspelt_join(made, draw):
    index = draw % len(made["stages"])
    made["stages"][index]["joins"] = ["nowhere"]
    return f"stages[{index}].joins"


def misspelt_wait(made, draw):
    index = draw % len(made["stages"])
    made["stages"][index]["waits"] = [
        {"after": "nowhere", "at_least": "P1D", "cites": generated.CITE}
    ]
    return f"stages[{index}].waits[0].after"


def misspelt_field(made, draw):
    index, number = _outcome_of(made, draw)
    made["stages"][index]["outcomes"][number] |= {
        "when": [{"field": "nothing", "among": ["red"]}], "says": "不行。",
        "cites": generated.CITE,
    }  # fmt: skip
    return f"stages[{index}].outcomes[{number}].when[0].field"


def misspelt_value(made, draw):
    at = _outcome_of(made, draw, lambda stage, outcome: outcome.get("when"))
    if at is None:
        return None
    index, number = at
    made["stages"][index]["outcomes"][number]["when"][0]["among"] = ["purple"]
    return f"stages[{index}].outcomes[{number}].when"


def misspelt_effect(made, draw):
    index, number = _outcome_of(made, draw)
    made["stages"][index]["outcomes"][number]["effects"] = [{"effect": "people.vanish"}]
    return f"stages[{index}].outcomes[{number}].effects[0].effect"


def effect_without_what_it_needs(made, draw):
    index, number = _outcome_of(made, draw)
    made["stages"][index]["outcomes"][number]["effects"] = [
        {"effect": "people.set_membership", "constants": {"state": "full"}}
    ]
    return f"stages[{index}].outcomes[{number}].effects[0]"


def effect_of_the_wrong_type(made, draw):
    index, number = _outcome_of(made, draw)
    made["stages"][index]["outcomes"][number]["effects"] = [
        {"effect": "people.end_hosting", "constants": {"person": "七"},
         "fields": {"on": "case.day"}}
    ]  # fmt: skip
    return f"stages[{index}].outcomes[{number}].effects[0].constants.person"


def dangling_begin(made, draw):
    index, number = _outcome_of(made, draw)
    made["stages"][index]["outcomes"][number]["begins"] = [{"procedure": "demo/small:gone"}]
    return f"stages[{index}].outcomes[{number}].begins[0].procedure"


def dangling_await(made, draw):
    index = draw % len(made["stages"])
    made["stages"][index]["awaits"] = ["gone"]
    return f"stages[{index}].awaits"


def same_name_twice(made, draw):
    made["stages"].append(deepcopy(made["stages"][draw % len(made["stages"])]))
    return "stages"


def same_step_twice(made, draw):
    at = _outcome_of(made, draw, lambda stage, outcome: outcome["to"])
    if at is None:
        return None
    index, number = at
    made["stages"][index]["outcomes"][number]["to"] *= 2
    return f"stages[{index}].outcomes[{number}].to"


def nobody_goes_there(made, draw):
    made["stages"].append(
        {"id": "island", "title": "孤岛", "actor": {"who": "organization"},
         "outcomes": [{"id": "o0", "title": "这样", "to": []}]}
    )  # fmt: skip
    return "stages"


def join_of_what_never_is(made, draw):
    index = next(
        index for index, stage in enumerate(made["stages"]) if stage["id"] in made["start"]
    )
    name = made["stages"][index]["id"]
    made["stages"].append(
        {"id": "late", "title": "后来", "actor": {"who": "organization"}, "joins": ["after"],
         "outcomes": [{"id": "o0", "title": "这样", "to": ["after"]}]}
    )  # fmt: skip
    made["stages"].append(
        {"id": "after", "title": "更后来", "actor": {"who": "organization"},
         "outcomes": [{"id": "o0", "title": "这样", "to": []}]}
    )  # fmt: skip
    made["stages"][index]["outcomes"].append({"id": "o9", "title": "这样", "to": ["late"]})
    assert name
    return f"stages[{len(made['stages']) - 2}].joins"


def somebody_without_a_subject(made, draw):
    index = draw % len(made["stages"])
    made["stages"][index]["actor"] = {"who": "subject"}
    return f"stages[{index}].actor.who"


def owner_without_one(made, draw):
    index = draw % len(made["stages"])
    made["stages"][index]["actor"] = {"who": "owner"}
    return f"stages[{index}].actor.who"


def vote_that_fails_nowhere(made, draw):
    at = _outcome_of(made, draw, lambda stage, outcome: outcome.get("vote") == "failed")
    if at is None:
        return None
    index, number = at
    del made["stages"][index]["outcomes"][number]
    return f"stages[{index}].outcomes"


def vote_that_is_none(made, draw):
    index, number = _outcome_of(made, draw, lambda stage, outcome: "vote" not in stage) or (0, 0)
    if "vote" in made["stages"][index]:
        return None
    made["stages"][index]["outcomes"][number]["vote"] = "passed"
    return f"stages[{index}].outcomes[{number}].vote"


def ring(made, draw):
    """Every outcome goes on to the first step: no way ends."""
    for stage in made["stages"]:
        for outcome in stage["outcomes"]:
            outcome.pop("closes", None)
            outcome["to"] = outcome["to"] or made["start"]
    return "stages"


BROKEN = [
    misspelt_to, misspelt_start, misspelt_join, misspelt_wait, misspelt_field, misspelt_value,
    misspelt_effect, effect_without_what_it_needs, effect_of_the_wrong_type, dangling_begin,
    dangling_await, same_name_twice, same_step_twice, nobody_goes_there, join_of_what_never_is,
    somebody_without_a_subject, owner_without_one, vote_that_fails_nowhere, vote_that_is_none,
    ring,
]  # fmt: skip


@pytest.mark.parametrize("breaks", BROKEN, ids=lambda one: one.__name__)
@settings(max_examples=15, derandomize=True, **AT_RANDOM)
@given(procedures(wild=0), st.integers(0, 999))
def test_what_is_broken_is_told_with_its_place(breaks, one, draw):
    made = deepcopy(one[0])
    before = {place for place, _ in told(made)}
    place = breaks(made, draw)
    if place is None or any(len(stage["outcomes"]) > 6 for stage in made["stages"]):
        return

    after = told(made)
    assert place in {where for where, _ in after}, (place, after)
    assert place not in before or len(after) > len(before)
