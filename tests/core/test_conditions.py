from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.conftest import TODAY
from zhibu.core import predicates
from zhibu.core.predicates import Condition, Params


class Least(Params):
    least: int


@pytest.fixture(autouse=True)
def known(monkeypatch):
    """A registry of its own: small numbers, even ones, and those of a given size."""
    monkeypatch.setattr(predicates, "_registry", {})
    predicates.predicate("small", subject="organization", title="小的")(
        lambda ids, on, params: {n for n in ids if n < 10}
    )
    predicates.predicate("even", subject="organization", title="双数")(
        lambda ids, on, params: {n for n in ids if n % 2 == 0}
    )
    predicates.predicate("at_least", subject="organization", title="不少于", params=Least)(
        lambda ids, on, params: {n for n in ids if n >= params.least}
    )
    predicates.predicate("grown", subject="person", title="成年")(
        lambda ids, on, params: set(ids) if on >= date(2026, 1, 1) else set()
    )


def condition(**parts):
    return Condition.model_validate(parts)


def holds(made):
    return sorted(made.satisfied_by(range(20), TODAY))


def test_nothing_asked_holds_for_all():
    assert holds(condition()) == list(range(20))


def test_all_any_and_none_are_joined():
    made = condition(
        all=["small"],
        any=["even", {"is": "at_least", "least": 7}],
        none=[{"is": "at_least", "least": 9}],
    )

    assert holds(made) == [0, 2, 4, 6, 7, 8]


@given(st.sets(st.integers(0, 30)), st.integers(0, 30))
def test_condition_agrees_with_asking_one_by_one(ids, least):
    made = condition(
        all=["small"],
        any=["even", {"is": "at_least", "least": least}],
        none=[{"is": "at_least", "least": 8}],
    )

    expected = {n for n in ids if n < 10 and (n % 2 == 0 or n >= least) and n < 8}

    assert made.satisfied_by(ids, TODAY) == expected


def test_day_reaches_the_predicate():
    made = condition(all=["grown"])

    assert made.satisfied_by([1], date(2025, 12, 31)) == set()
    assert made.satisfied_by([1], date(2026, 1, 1)) == {1}


@pytest.mark.parametrize(
    ("test", "said"),
    [
        ("tall", "没有条件“tall”，可用的有"),
        ("grown", "说的是 person，这里要 organization"),
        ("at_least", "least"),
        ({"is": "at_least", "least": "many"}, "least"),
        ({"is": "at_least", "least": 3, "most": 4}, "most"),
        ({"is": "small", "least": 3}, "least"),
    ],
)
@pytest.mark.parametrize("part", ["all", "any", "none"])
def test_faults_name_what_is_wrong(test, said, part):
    (fault,) = condition(**{part: [test]}).faults("organization")

    assert said in fault


def test_right_condition_has_no_faults():
    made = condition(all=["small", {"is": "at_least", "least": 3}])

    assert made.faults("organization") == []


@pytest.mark.parametrize(
    "parts", [{"some": ["small"]}, {"all": "small"}, {"all": [{"least": 3}]}, {"all": [3]}]
)
def test_other_shapes_are_refused(parts):
    with pytest.raises(ValidationError):
        condition(**parts)


def test_name_is_registered_once():
    with pytest.raises(ValueError, match="登记了两次"):
        predicates.predicate("small", subject="person", title="x")(lambda ids, on, p: set())
