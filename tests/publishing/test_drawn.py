"""Drawn from records: only what is declared comes out, numbers never, and it counts."""

from datetime import date

import pytest

from tests import scenes
from tests.conftest import NOON, TODAY
from tests.money import books
from tests.publishing import topics
from zhibu.adoptions import actions as adoptions
from zhibu.cases.models import Case
from zhibu.core import disclosures
from zhibu.core.disclosures import Record, Status
from zhibu.publishing import actions, drafting, queries
from zhibu.publishing.actions import Faulty, Proposal
from zhibu.publishing.models import Publication

RECTIFY = """
title = "公开目录"
of = "disclosures"
cites = [{ source = "charter", at = "第三条", seen = "text" }]

[[entries]]
id = "matters"
title = "大事"
[entries.disclosure]
scope = "society"
cadence = "at-once"
held_by = ["branch"]
drafted_from = [{ of = "cases", only = ["seeds/rectification:rectify"] }, { of = "money" }]
checks = [{ id = "secrecy", title = "没有涉密的" }]
"""


@pytest.fixture
def drawn(cast, tree, clock):
    adoptions.adopt(
        pack="seeds/rectification", organization=tree.county, since=date(2026, 1, 1),
        by=tree.system, at=NOON,
    )  # fmt: skip
    with topics.adopted(tree, RECTIFY) as pack:
        yield pack


@pytest.fixture
def case(drawn, cast, tree):
    owner = scenes.person_of(cast["secretary"])
    found = scenes.problem(
        tree.village, "财务公开不及时", owner=owner, by=cast["secretary"], at=NOON
    )
    facts = found.facts | {
        "found": "账目没有公布，问 13800138000", "why_later": "内部的话", "means": "不公开的栏",
    }  # fmt: skip
    Case.objects.filter(pk=found.pk).update(facts=facts)
    return Case.objects.get(pk=found.pk)


def text_of(draft):
    return "\n".join([draft.title, *(f"{one.label}：{one.text}" for one in draft.lines)])


def test_only_declared_fields_come_out_and_numbers_never(case):
    draft = drafting.compose("cases", Record(case.pk))
    text = text_of(draft)
    assert "账目没有公布" in text and "手机号不公开" in text
    for hidden in ("13800138000", "内部的话", "不公开的栏", "督查"):
        assert hidden not in text
    assert any(line.masked for line in draft.lines)


def test_procedure_without_public_fields_lets_nothing_out(drawn, cast, tree):
    by = cast["county officer"]
    common = scenes.common_problem(
        tree.county, "好几处漏水", owner=scenes.person_of(by), by=by, at=NOON
    )
    draft = drafting.compose("cases", Record(common.pk))
    assert draft.refused and draft.lines == ()
    assert "漏水" not in text_of(draft)


def test_drawn_is_frozen_and_followed(case, cast, tree):
    said = Proposal(
        topic=topics.MATTERS, source="cases", record=Record(case.pk), is_followed=True
    )
    made = actions.propose(tree.village, said, by=cast["committee member"], at=NOON)
    assert made.lines and made.record == case.pk and not made.note
    asked = {id_ for id_, _ in actions.questions(made)}
    assert asked == {"secrecy", "words", "covered"}
    topics.checked(made, by=cast["secretary"])
    actions.publish(
        actions.approve(made, by=cast["secretary"], at=NOON), by=cast["secretary"], at=NOON
    )
    kept = Publication.objects.get().lines
    Case.objects.filter(pk=case.pk).update(facts={})
    assert Publication.objects.get().lines == kept
    status = queries.statuses(queries.shown(TODAY))[made.pk]
    assert (status.word, status.due_on) == ("在办", case.due_on)
    with pytest.raises(Faulty, match="已经公开了"):
        actions.propose(tree.village, said, by=cast["secretary"], at=NOON)


def test_record_of_another_place_is_refused(case, cast, tree):
    said = Proposal(topic=topics.MATTERS, source="cases", record=Record(case.pk))
    with pytest.raises(Faulty, match="不能从这里公开"):
        actions.propose(tree.far, said, by=cast["stranger secretary"], at=NOON)
    with pytest.raises(Faulty, match="不能从这里公开"):
        actions.propose(tree.inner, said, by=cast["county officer"], at=NOON)


@pytest.mark.parametrize("count", [1, 3])
def test_statuses_are_one_query_a_kind(drawn, cast, tree, count, django_assert_num_queries):
    owner = scenes.person_of(cast["secretary"])
    for number in range(count):
        found = scenes.problem(
            tree.village, f"第 {number} 件", owner=owner, by=cast["secretary"], at=NOON
        )
        topics.checked(
            actions.propose(
                tree.village,
                Proposal(
                    topic=topics.MATTERS, source="cases", record=Record(found.pk),
                    is_followed=True,
                ),
                by=cast["committee member"], at=NOON,
            ),
            by=cast["secretary"],
        )  # fmt: skip
    rows = list(Publication.objects.all())
    with django_assert_num_queries(1):
        assert len(queries.statuses(rows)) == count


def test_month_of_a_book_has_sums_and_no_names(drawn, cast, tree):
    by = cast["secretary"]
    book = books.opened(tree.village, by=by, on=date(2026, 9, 1), title="村账")
    books.receive(book, "100", by=by, on=date(2026, 9, 5), party="单文秀", paper="收据 1")
    books.receive(book, "200", by=by, on=date(2026, 10, 5), party="单文秀", paper="收据 2")
    books.pay(book, "50", by=by, on=date(2026, 10, 9), party="淮河建材", paper="发票 1")
    months = [
        one for one in drafting.offered(by, tree.village, _topic(tree)) if one.source == "money"
    ]
    assert [one.candidate.title for one in months] == ["村账 2026年10月", "村账 2026年9月"]
    draft = drafting.compose("money", months[0].candidate.record)
    text = text_of(draft)
    assert "2026年10月" in draft.title
    assert "上期结余：100.00 元" in text and "收入合计：200.00 元" in text
    assert "支出合计：50.00 元" in text and "本期结余：250.00 元" in text
    assert "单文秀" not in text and "淮河建材" not in text


def _topic(tree):
    from zhibu.publishing import topics as in_force

    return in_force.in_force(tree.village, TODAY)[topics.MATTERS]


def test_states_come_from_a_closed_list():
    with pytest.raises(ValueError, match="没有"):
        Status("随便写", TODAY)
    assert set(disclosures.names()) == {"cases", "money"}
