"""A procedure made stricter for an organisation: from then on, for what begins there."""

from datetime import date

import pytest

from tests.cases import invented
from tests.cases.playing import act, adopted, begin, told
from tests.conftest import TODAY
from tests.packs import makers
from zhibu.cases import actions, queries
from zhibu.cases.models import Case
from zhibu.cases.steps import Running
from zhibu.packs import tightening
from zhibu.packs.schema.tightenings import Tighten
from zhibu.packs.tightening import Asked

CITES = 'cites = [{ source = "charter", at = "第九条", seen = "text" }]'


def stricter(**fields):
    """A tightening file of ``item__field`` = value."""
    text = f'title = "加严"\n{CITES}\n'
    for name, (field, value) in fields.items():
        text += (
            f'[[tighten]]\nof = "procedures"\nitem = "demo/small:{name}"\n'
            f'field = "{field}"\nvalue = "{value}"\n'
        )
    return text


def pack(text, **changed):
    files = dict(invented.pack(**changed).files)
    return makers.pack({**files, "tightenings/more/2018-01-01.toml": text})


@pytest.mark.parametrize(
    ("name", "field", "value", "fault"),
    [
        ("worded", "stages.name.waits.request.at_least", "P4M", ""),
        ("worded", "stages.name.waits.request.at_least", "P3M", "要比原来严"),
        ("worded", "stages.name.limits.1.within", "P3M", ""),
        ("worded", "stages.name.limits.1.within", "P5M", "要比原来严"),
        ("hourly", "stages.answer.limits.1.within", "PT23H59M", ""),
        ("hourly", "stages.answer.limits.1.within", "P1D", "要比原来严"),
        ("posted", "stages.notice.notice.at_least", "P7D", ""),
        ("posted", "stages.notice.notice.at_least", "PT200H", "不能带小时"),
        ("voted", "stages.vote.vote.rule.majority.share", "2/3", ""),
        ("voted", "stages.vote.vote.rule.majority.share", "1/3", "要比原来严"),
        ("voted", "stages.vote.vote.rule.attendance.share", "4/5", ""),
        ("posted", "stages.notice.limits.1.within", "P1D", "不能收紧"),
        ("posted", "stages.nothing.notice.at_least", "P9D", "不能收紧"),
        ("hourly", "stages.answer.limits.1.extendable_to", "P1D", "不能收紧"),
        ("claimed", "stages.errand.actor.claims_at_most", "P1D", "不能收紧"),
    ],
)
def test_only_what_may_be_and_only_stricter(name, field, value, fault):
    asked = Tighten(of="procedures", item=f"demo/small:{name}", field=field, value=value)
    base = invented.pack().items["procedures", name][-1]
    found = tightening.problems(asked, base)

    assert fault in found if fault else found == "", found


def test_two_waits_after_one_step_are_told_apart():
    wait = '{ after = "apply", at_least = "P1M", ' + invented.CITES + " }"
    text = invented.OLDER.replace(f"waits = [{wait}]", f"waits = [{wait}, {wait}]", 1)
    item = invented.pack(worded=text).items["procedures", "worded"][0].item
    asked = Tighten(
        of="procedures", item="demo/small:worded", field="stages.list.waits.apply-2.at_least",
        value="P2M",
    )  # fmt: skip

    found = tightening.tightened(item, [Asked(asked)])
    assert [one.at_least for one in found.stage("list").waits] == ["P1M", "P2M"]
    assert [one.at_least for one in item.stage("list").waits] == ["P1M", "P1M"]


@pytest.fixture
def tightened(cast, tree, clock):
    text = stricter(
        posted=("stages.notice.notice.at_least", "P7D"),
        voted=("stages.vote.vote.rule.majority.share", "2/3"),
        hourly=("stages.answer.limits.1.within", "PT12H"),
    )
    with adopted(tree, pack(text)):
        yield


def asked_there(place, name):
    held = queries.procedures(place, TODAY)[f"demo/small:{name}"]
    return [{"field": one.field, "value": one.value} for one in held.stricter]


@pytest.mark.django_db
def test_it_holds_for_what_begins_and_is_frozen(tightened, cast, tree):
    place = tree.village
    strict = begin(
        place, "hourly", by=cast["secretary"], stricter=asked_there(place, "hourly"), on=TODAY
    )
    lax = begin(place, "hourly", by=cast["secretary"], on=TODAY)

    hours = [
        (one.turns.get().due_at - one.started_at).total_seconds() / 3600 for one in (strict, lax)
    ]
    assert hours == [12, 24]
    assert Case.objects.get(pk=strict.pk).rule.stage("answer").limit.within == "PT12H"


@pytest.mark.django_db
def test_a_notice_hangs_longer_where_it_is_asked(tightened, cast, tree):
    case = begin(
        tree.village, "posted", by=cast["secretary"], values={"is_large": False},
        stricter=asked_there(tree.village, "posted"),
    )  # fmt: skip
    turn = case.turns.get()

    with pytest.raises(Exception, match="至少公示 7 个工作日，要到 2026-11-12"):
        actions.post(
            turn, channel="张贴", place="村部", posted_on=date(2026, 11, 4),
            until=date(2026, 11, 11), by=cast["secretary"], at=case.started_at.replace(day=15),
        )  # fmt: skip
    assert "先登记公示" in told(case, "notice", "clear", by=cast["secretary"])["outcome"]


@pytest.mark.django_db
def test_the_page_of_beginning_takes_what_is_asked_there(tightened, cast, tree, client):
    client.force_login(cast["secretary"])
    sent = {"title": "急", "happened_on": TODAY}
    address = f"/cases/start/{tree.village.pk}/?procedure=demo/small:hourly"
    assert client.post(address, sent).status_code == 302
    case = Case.objects.get()
    assert case.stricter == [{"field": "stages.answer.limits.1.within", "value": "PT12H"}]


@pytest.mark.django_db
def test_taken_over_to_a_newer_wording_it_is_as_strict_as_asked_of_that(cast, tree, clock):
    text = stricter(worded=("stages.name.waits.request.at_least", "P4M"))
    with adopted(tree, pack(text)):
        case = begin(tree.village, "worded", by=cast["secretary"], on=date(2026, 7, 1))
        case = act(case, "apply", "applied", by=cast["secretary"], on=date(2026, 7, 10))
        assert case.stricter == []
        case = actions.reword(case, by=cast["township officer"], at=case.moved_at)
        assert case.stricter == [{"field": "stages.name.waits.request.at_least", "value": "P4M"}]
        turn = case.turns.open().get()
        assert turn.not_before == date(2026, 11, 10)
        assert Running(case).stage(turn).waits[0].at_least == "P4M"
