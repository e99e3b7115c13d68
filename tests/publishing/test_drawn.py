"""Drawn from records: only what is declared comes out, numbers never, and it counts."""

from datetime import date

import pytest
from django.urls import reverse

from tests import factories, scenes
from tests.conftest import NOON, TODAY
from tests.money import books
from tests.publishing import topics
from zhibu.adoptions import actions as adoptions
from zhibu.cases import actions as cases
from zhibu.cases.models import Case, Turn
from zhibu.core import disclosures
from zhibu.core.disclosures import Record, Status
from zhibu.packs import library
from zhibu.publishing import actions, drafting, queries
from zhibu.publishing.actions import Faulty, Proposal
from zhibu.publishing.models import Publication
from zhibu.publishing.topics import Topic, in_force

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


def _rectifies(tree):
    adoptions.adopt(
        pack="seeds/rectification", organization=tree.county, since=date(2026, 1, 1),
        by=tree.system, at=NOON,
    )  # fmt: skip


@pytest.fixture
def drawn(cast, tree, clock):
    _rectifies(tree)
    with topics.adopted(tree, RECTIFY) as pack:
        yield pack


@pytest.fixture
def case(drawn, cast, tree):
    return _found(cast, tree)


@pytest.fixture
def rectified(cast, tree, clock):
    """The same, before any catalogue is adopted."""
    _rectifies(tree)
    return _found(cast, tree)


def _found(cast, tree):
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
    said = Proposal(topic=topics.MATTERS, source="cases", record=Record(case.pk), is_followed=True)
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


ANYTHING = RECTIFY.replace(
    '[{ of = "cases", only = ["seeds/rectification:rectify"] }, { of = "money" }]',
    '[{ of = "cases" }]',
)
BY_NAME = ANYTHING.replace('"cases" }', '"cases", only = ["national/admission:admit"] }')


@pytest.fixture
def applicant(cast, tree, clock):
    """Somebody whose admission runs at the village since April; where it stands is set by hand."""
    for pack in ("national/branch-life", "national/admission"):
        adoptions.adopt(
            pack=pack, organization=tree.county, since=date(2026, 1, 1), by=tree.system, at=NOON
        )
    person = factories.member(
        tree.village, by=tree.system, name="程秋实", state="applicant", born_on=date(1990, 1, 1)
    )
    return cases.start(
        tree.village, procedure="national/admission:admit", wording=date(2026, 5, 11),
        title=person.name, values={}, person=person, on=date(2026, 6, 2),
        by=cast["secretary"], at=NOON,
    )  # fmt: skip


def stands_at(case, stage):
    Turn.objects.filter(case=case).update(stage=stage)


@pytest.mark.parametrize(
    ("catalogue", "stage", "is_offered"),
    [
        (BY_NAME, "notice", True), (BY_NAME, "apply", False), (BY_NAME, "introducers", False),
        (ANYTHING, "notice", False),
    ],
)  # fmt: skip
def test_somebody_is_named_at_the_notice_alone_and_where_a_catalogue_asks(
    applicant, cast, tree, catalogue, stage, is_offered
):
    stands_at(applicant, stage)
    with topics.adopted(tree, catalogue):
        topic = in_force(tree.village, TODAY)[topics.MATTERS]
        found = drafting.offered(cast["secretary"], tree.village, topic)
    assert [one.key for one in found] == ([f"cases:{applicant.pk}"] if is_offered else [])


def test_a_notice_says_who_and_since_when_and_never_how_it_went_on(applicant, cast, tree):
    early = drafting.compose("cases", Record(applicant.pk))
    assert "公示" in early.refused and "程秋实" not in text_of(early)

    stands_at(applicant, "notice")
    text = text_of(drafting.compose("cases", Record(applicant.pk)))
    assert "申请人：程秋实" in text and "递交入党申请书：2026年6月2日" in text
    said = Proposal(
        topic=topics.MATTERS, source="cases", record=Record(applicant.pk), is_followed=True
    )
    with topics.adopted(tree, BY_NAME), pytest.raises(Faulty, match="后来怎样不公开"):
        actions.propose(tree.village, said, by=cast["secretary"], at=NOON)


@pytest.mark.parametrize(("stage", "is_there"), [("apply", False), ("notice", True)])
def test_the_way_to_a_notice_is_on_the_page_at_that_step_alone(
    applicant, cast, client, stage, is_there
):
    stands_at(applicant, stage)
    client.force_login(cast["secretary"], backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(applicant.get_absolute_url()).content.decode()
    assert ("source=cases" in page) == is_there


def test_working_days_that_it_has_to_hang_leave_out_the_weekend(board):
    rule = board.items["catalogues", "board"][0].item.entries[0]
    working = rule.disclosure.model_copy(
        update={"posted_at_least": "P5D", "posted_counts": "working-days"}
    )
    topic = Topic("t", rule.model_copy(update={"disclosure": working}), board, None)
    friday = TODAY
    assert topic.hangs_until(friday) == date(2026, 11, 26)  # 20, 23, 24, 25, 26
    assert topic.least_word == "至少公布 5 个工作日"


def test_states_come_from_a_closed_list():
    with pytest.raises(ValueError, match="没有"):
        Status("随便写", TODAY)
    assert set(disclosures.names()) == {"cases", "money"}


@pytest.mark.parametrize(("catalogue", "is_offered"), [(RECTIFY, True), (ANYTHING, False)])
def test_what_is_internal_leaves_only_where_a_catalogue_names_it(
    rectified, cast, tree, catalogue, is_offered
):
    case = rectified
    with topics.adopted(tree, catalogue):
        topic = in_force(tree.village, TODAY)[topics.MATTERS]
        found = drafting.offered(cast["secretary"], tree.village, topic)
        keys = [one.key for one in found if one.source == "cases"]
        assert keys == ([f"cases:{case.pk}"] if is_offered else [])
        proposal = Proposal(topic=topic.token, source="cases", record=Record(case.pk))
        if is_offered:
            actions.propose(tree.village, proposal, by=cast["secretary"], at=NOON)
        else:
            with pytest.raises(Faulty, match="不能从这里公开"):
                actions.propose(tree.village, proposal, by=cast["secretary"], at=NOON)


@pytest.mark.django_db
def test_affairs_of_a_community_are_drawn_from_what_its_catalogue_names():
    (wording,) = library.packs()["national/village-disclosure"].items["catalogues", "community"]
    (entry,) = wording.item.entries
    assert all(one.only for one in entry.disclosure.drafted_from if one.of == "cases")


@pytest.mark.parametrize("address", ["choose", "from_record"])
def test_each_record_offered_says_what_it_is_and_whose(case, cast, tree, client, address):
    client.force_login(cast["secretary"], backend="django.contrib.auth.backends.ModelBackend")
    propose = reverse("publishing:propose", args=[tree.village.pk])
    url = {
        "choose": f"{propose}?topic={topics.MATTERS}",
        "from_record": f"{reverse('publishing:from_record')}?source=cases&record={case.pk}",
    }[address]
    page = client.get(url).content.decode()
    assert f'{case.title}<br><span class="d">整改销号 · {tree.village.called} · ' in page
