"""Many begun at once are judged by everything that one begun alone is judged by."""

import pytest

from tests.cases import invented
from tests.cases.playing import adopted, begin
from tests.conftest import NOON, TODAY
from tests.factories import member
from zhibu.cases import at_once
from zhibu.cases.models import Case
from zhibu.cases.steps import Faulty

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

BARS = f"""
[[subject.bars]]
says = "正式党员不用。"
where = {{ all = ["is_full_member"] }}
{invented.CITES}

[[stages]]
id = "vote"
"""


@pytest.fixture
def barred(tree):
    text = invented.VOTED.replace('\n[[stages]]\nid = "vote"\n', BARS, 1).replace(
        'subject = { title = "被表决的人" }', ""
    )
    text = text.replace("[[subject.bars]]", '[subject]\ntitle = "被表决的人"\n\n[[subject.bars]]')
    with adopted(tree, invented.pack(voted=text)):
        yield


def test_what_bars_one_person_bars_them_in_a_table_too(barred, tree, cast):
    full = member(tree.village, by=tree.system, name="老党员")
    newer = member(tree.village, by=tree.system, name="预备的", state="probationary")
    with pytest.raises(Faulty, match="正式党员不用") as alone:
        begin(tree.village, "voted", by=cast["secretary"], on=TODAY, person=full)
    rows = [
        at_once.Draft(organization=tree.village, title="表决", values={}, person=one)
        for one in (newer, full)
    ]
    with pytest.raises(at_once.FaultyRows) as together:
        at_once.start_many("demo/small:voted", rows, on=TODAY, by=cast["secretary"], at=NOON)

    assert together.value.faults == {1: alone.value.faults}
    assert not Case.objects.exists()
