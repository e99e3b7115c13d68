"""Cases that begin others and wait for them, and cases that are said to belong together."""

import pytest

from tests.cases import invented
from tests.cases.playing import act, adopted, begin, stands, told
from tests.conftest import NOON, TODAY
from zhibu.cases import actions, queries
from zhibu.cases.models import Case, Link
from zhibu.core.verdicts import Refused
from zhibu.ledger.verify import verify
from zhibu.packs import library

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def whole(cast, tree):
    with adopted(tree):
        yield begin(
            tree.village, "whole", by=cast["secretary"], title="修路", values={"what": "石子"}
        )


def part_of(case):
    return Case.objects.get(links__other=case, links__kind=Link.Kind.PART)


def test_a_part_begins_where_and_with_what_the_pack_says(whole, cast, tree):
    act(whole, "divide", "divided", by=cast["secretary"])

    part = part_of(whole)
    assert (part.organization, part.title, part.facts) == (tree.east, "修路", {"thing": "石子"})
    assert (part.started_on, stands(part)) == (TODAY, ["do"])
    assert (part.wording, part.procedure) == (invented.SINCE, "demo/small:piece")
    assert Link.objects.get().turn == whole.turns.get(stage="divide")
    assert verify().ok


def test_whole_waits_for_its_part(whole, cast):
    act(whole, "divide", "divided", by=cast["secretary"])
    found = told(whole, "gather", "gathered", by=cast["secretary"])
    assert found == {"outcome": "还有 1 件没有办结：修路。"}

    act(part_of(whole), "do", "done", by=cast["township officer"])
    assert not act(whole, "gather", "gathered", by=cast["secretary"]).is_open


def test_cancelled_part_is_waited_for_no_longer(whole, cast):
    act(whole, "divide", "divided", by=cast["secretary"])
    actions.cancel(part_of(whole), reason="不修了", by=cast["township officer"], at=NOON)

    assert not act(whole, "gather", "gathered", by=cast["secretary"]).is_open


def test_part_is_as_strict_as_is_asked_there(whole, cast, tree):
    """What is tightened for whoever begins it holds for a part as well."""
    text = """
    title = "更快"
    cites = [{ source = "charter", at = "第九条", seen = "text" }]
    [[tighten]]
    of = "procedures"
    item = "demo/small:piece"
    field = "stages.do.limits.start.within"
    value = "P10D"
    """
    piece = invented.PIECE.replace('within = "P30D"', 'within = "P30D", after = "start"')
    files = {
        **dict(invented.pack(piece=piece).files), "tightenings/faster/2018-01-01.toml": text,
    }  # fmt: skip
    from tests.packs import makers

    pack = makers.pack(files)
    with library.trying(pack):
        act(whole, "divide", "divided", by=cast["secretary"])
        part = part_of(whole)
        assert part.stricter == [{"field": "stages.do.limits.start.within", "value": "P10D"}]
        assert (part.turns.get().due_on - TODAY).days == 10


def test_who_sees_the_whole_and_not_the_part_is_shown_no_way_there(whole, cast, client):
    act(whole, "divide", "divided", by=cast["secretary"])
    part = part_of(whole)

    seen = {
        who: [one.pk for _, one in queries.linked(cast[who], whole, queries.links(whole))]
        for who in ("secretary", "township officer", "county officer")
    }
    assert seen == {"secretary": [], "township officer": [part.pk], "county officer": [part.pk]}
    assert [
        (way, one.pk)
        for way, one in queries.linked(cast["county officer"], part, queries.links(part))
    ] == [("属于", whole.pk)]


def test_part_about_a_person_who_has_one_already_is_told(cast, tree):
    """``once`` holds for a case that another begins as for one that somebody begins."""
    whole = invented.WHOLE.replace(
        '\n[[fields]]\nid = "what"\ntitle = "什么"\ntype = "text"\n',
        '\nsubject = { title = "谁", once = false }\n',
        1,
    )
    whole = whole.replace('where = "above", fields = { thing = "what" }', 'where = "organization"')
    piece = invented.PIECE.replace(
        '\n[[fields]]\nid = "thing"\ntitle = "东西"\ntype = "text"\n',
        '\nsubject = { title = "谁" }\n',
        1,
    )
    with adopted(tree, invented.pack(whole=whole, piece=piece)):
        from tests.scenes import person_of

        someone = person_of(cast["member"])
        cases = [
            begin(tree.village, "whole", by=cast["secretary"], person=someone) for _ in range(2)
        ]
        act(cases[0], "divide", "divided", by=cast["secretary"])
        found = told(cases[1], "divide", "divided", by=cast["secretary"])
        assert "蒋红梅已经有一件“一部分”在办" in found["outcome"]
        assert Case.objects.filter(procedure="demo/small:piece").count() == 1


def test_linked_once_and_seen_from_both(cast, tree):
    with adopted(tree):
        one, two = (begin(tree.village, "hourly", by=cast["secretary"]) for _ in range(2))
        made = [
            actions.link(one, two, kind="follows", by=cast["secretary"], at=NOON) for _ in range(2)
        ]
        assert made[0] == made[1]
        assert [way for way, _ in queries.linked(cast["secretary"], one, queries.links(one))] == [
            "前面一件"
        ]
        assert [way for way, _ in queries.linked(cast["secretary"], two, queries.links(two))] == [
            "接着这件办的"
        ]
        with pytest.raises(Refused, match="同一件"):
            actions.link(one, one, kind="follows", by=cast["secretary"], at=NOON)
        with pytest.raises(Refused, match="或上级来连"):
            actions.link(one, two, kind="follows", by=cast["sibling secretary"], at=NOON)
        assert verify().ok


def test_nothing_is_linked_to_what_one_cannot_see(cast, tree, client):
    with adopted(tree):
        mine = begin(tree.village, "hourly", by=cast["secretary"])
        theirs = begin(tree.far, "hourly", by=cast["stranger secretary"])
        client.force_login(cast["secretary"])
        page = client.post(f"/cases/{mine.pk}/link/", {"other": theirs.title, "kind": "follows"})
        assert "写编号" in page.content.decode()
        assert Link.objects.count() == 0


def test_part_of_a_procedure_that_is_not_worded_yet_is_a_fault():
    from zhibu.packs import meaning

    files = dict(invented.pack().files)
    files[invented.file_of("piece", invented.LATER)] = files.pop(invented.file_of("piece"))
    from tests.packs import makers

    pack = makers.pack(files)
    found = [f for f in meaning.faults(pack, library.shipped()) if "procedures/whole" in f.file]
    assert [(f.place, f.message) for f in found] == [
        (
            "stages[0].outcomes[0].begins[0].procedure",
            "demo/small:piece 从 2026-06-01 起才有，这里从 2018-01-01 起就要用",
        )
    ]
