"""Days of open steps follow what happens beside them."""

from datetime import date

import pytest

from tests.cases import invented
from tests.cases.playing import act, adopted, begin, told

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

BESIDE = f"""
title = "两步一起"
{invented.CITES}
start = ["talk", "write"]
starter = {{ who = "organization" }}

[[stages]]
id = "talk"
title = "谈"
{invented.ORGANIZATION}
fields = [{{ id = "talked_on", title = "哪天谈的", type = "date", required = false }}]
waits = [{{ after_field = "talked_on", at_least = "P2D", {invented.CITES} }}]
outcomes = [{{ id = "talked", title = "谈了", to = ["end"] }}]

[[stages]]
id = "write"
title = "写"
{invented.ORGANIZATION}
waits = [{{ after = "talk", at_least = "P3D", {invented.CITES} }}]
limits = [{{ within = "P10D", after = "talk", {invented.CITES} }}]
outcomes = [{{ id = "written", title = "写了", to = ["end"] }}]

[[stages]]
id = "end"
title = "完"
joins = ["talk", "write"]
{invented.ORGANIZATION}
outcomes = [{{ id = "over", title = "完了" }}]
"""


@pytest.fixture
def beside(cast, tree):
    with adopted(tree, invented.pack(beside=BESIDE)):
        yield begin(tree.village, "beside", by=cast["secretary"])


def test_a_step_that_waits_for_one_beside_it_gets_its_days_when_that_is_done(beside, cast):
    turn = beside.turns.get(stage="write")
    assert (turn.not_before, turn.due_on) == (None, date(2026, 11, 12))
    act(beside, "talk", "talked", by=cast["secretary"], on=date(2026, 11, 5))

    turn.refresh_from_db()
    assert (turn.not_before, turn.due_on) == (date(2026, 11, 8), date(2026, 11, 15))
    beside.refresh_from_db()
    assert beside.due_on == date(2026, 11, 15)


def test_a_wait_counts_from_what_the_same_step_writes_down(beside, cast):
    found = told(
        beside, "talk", "talked", by=cast["secretary"], on=date(2026, 11, 5),
        talked_on=date(2026, 11, 4),
    )  # fmt: skip
    assert found["happened_on"].startswith("2026-11-06 起才能办")
    act(
        beside, "talk", "talked", by=cast["secretary"], on=date(2026, 11, 6),
        talked_on=date(2026, 11, 4),
    )  # fmt: skip
