"""Public commitments of a county, small: begun from a table, carried to their end by several
people, counted from the cases. The whole campaign of the material is the slow test."""

from collections import Counter
from datetime import timedelta
from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.cases import promising
from tests.cases.promising import BEGUN, KEPT, LOOKED, MADE, MEMBER, ORGANIZATION, PUBLISHED, noon
from tests.conftest import NOON
from zhibu.cases import actions, at_once, coverage, lists, promised, sheet
from zhibu.cases.at_once import FaultyRows
from zhibu.cases.models import Case, Turn
from zhibu.insight.counting import counted
from zhibu.insight.queries import windows
from zhibu.insight.questions import Question
from zhibu.insight.scopes import scope_of
from zhibu.insight.subjects import SUBJECTS
from zhibu.ledger.models import Entry
from zhibu.ledger.verify import verify
from zhibu.notices.models import Notice
from zhibu.packs import library

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def county(system):
    return promising.build(4, 8, 24, system=system)


def send(client, county, reference, content, *, step="begin", on=BEGUN):
    file = SimpleUploadedFile("承诺.xlsx", content)
    address = reverse("cases:begin_many", args=[county.top.pk]) + f"?procedure={reference}"
    return client.post(address, {"happened_on": str(on), "file": file, "step": step})


@pytest.fixture
def officer(county, client):
    client.force_login(county.officer)
    return client


def changed(content, row, column, value):
    book = openpyxl.load_workbook(BytesIO(content))
    tab = book.active
    at = [cell.value for cell in tab[1]].index(column) + 1
    tab.cell(row, at).value = value
    kept = BytesIO()
    book.save(kept)
    return kept.getvalue()


def question(top, row, on):
    subject = SUBJECTS["promises"]
    by = subject.dimension(row)
    return Question(subject, by, None, scope_of(top, windows(on)["year"]), "year")


# --- beginning many


def test_a_table_begins_a_case_a_row_with_an_entry_each(county, officer):
    answer = send(officer, county, ORGANIZATION, promising.table(county, ORGANIZATION, 15))

    assert answer.status_code == 302
    made = Case.objects.filter(procedure=ORGANIZATION).order_by("pk")
    assert made.count() == 15
    assert Entry.objects.filter(kind=actions.Kind.STARTED).count() == 15
    assert Counter(Turn.objects.open().values_list("stage", flat=True)) == {"vet": 15}
    numbers = Counter(made.values_list("organization", "number"))
    assert set(numbers.values()) == {1}
    assert not _faults_of_cases()
    Case.objects.filter(pk=made[0].pk).update(began_with={})
    assert _faults_of_cases() == [f"cases.case:{made[0].pk}"]


def _faults_of_cases():
    """Members and branches were written without their actions, by the thousand."""
    return [one.subject for one in verify().faults if one.subject.startswith("cases.case")]


def test_cases_begun_together_are_as_those_begun_alone(county):
    together, *_ = promising.begin(county, MEMBER, promising.table(county, MEMBER, 1))
    alone = actions.start(
        together.organization, procedure=MEMBER, wording=together.wording, title=together.title,
        values={
            "pledge": "第 0 件实事", "goal": "办好 0 户", "due_on": promising.DUE,
            "heard": ["branch", "members", "masses"],
        },
        person=together.person, on=BEGUN, by=county.officer, at=noon(BEGUN),
    )  # fmt: skip

    told = [Case.objects.values().get(pk=case.pk) for case in (together, alone)]
    turns = [case.turns.values().get() for case in (together, alone)]
    for rows, apart in ((told, {"id", "number", "salt"}), (turns, {"id", "case_id"})):
        one, other = ({k: v for k, v in row.items() if k not in apart} for row in rows)
        assert one == other
    assert [row["number"] for row in told] == [1, 2]


def test_everything_wrong_with_a_table_is_told_at_once_and_nothing_begins(county, officer):
    content = promising.table(county, MEMBER, 5)
    for row, column, value in (
        (2, "党员", "没有这个人"), (3, "组织代码", "Z9"), (4, "征求了谁的意见", "邻居"),
        (5, "哪天前做到", "年底"), (6, "事情", ""),
    ):  # fmt: skip
        content = changed(content, row, column, value)

    page = send(officer, county, MEMBER, content).content.decode()

    assert "有 5 处要改" in page
    for said in (
        "没有找到“没有这个人”",
        "没有找到代码“Z9”",
        "邻居",
        "看不出是哪一天",
        "写是什么事",
    ):
        assert said in page
    assert not Case.objects.exists()


def test_rules_of_a_single_beginning_hold_for_every_row(county, officer):
    content = changed(promising.table(county, ORGANIZATION, 3), 3, "哪天前做到", str(BEGUN))

    page = send(officer, county, ORGANIZATION, content).content.decode()

    assert "完成的时限要在以后" in page
    assert not Case.objects.exists()


def test_a_look_begins_nothing(county, officer):
    content = promising.table(county, ORGANIZATION, 3)

    page = send(officer, county, ORGANIZATION, content, step="look").content.decode()

    assert "3 行都对" in page
    assert not Case.objects.exists()


def test_a_table_sent_again_begins_only_what_is_new(county, officer):
    send(officer, county, ORGANIZATION, promising.table(county, ORGANIZATION, 3))

    send(officer, county, ORGANIZATION, promising.table(county, ORGANIZATION, 5))

    assert Case.objects.count() == 5


def test_more_parts_than_one_are_begun_part_by_part(county, officer, monkeypatch):
    monkeypatch.setattr("zhibu.cases.sheet_views.AT_ONCE", 2)

    send(officer, county, ORGANIZATION, promising.table(county, ORGANIZATION, 5))

    assert Case.objects.count() == 5


def test_too_many_for_one_transaction_are_refused(county, monkeypatch):
    monkeypatch.setattr(at_once, "AT_ONCE", 1)
    drafts = [None, None]

    with pytest.raises(ValueError, match="最多 1 件"):
        at_once.start_many(ORGANIZATION, drafts, on=BEGUN, by=county.officer, at=NOON)


def test_one_row_that_cannot_begin_keeps_all_back(county):
    rule = library.packs()[promising.PACK].items["procedures", "organization"][-1].item
    content = promising.table(county, ORGANIZATION, 3)
    found = sheet.read(content, rule, ORGANIZATION, county.top, user=county.officer, on=BEGUN)
    late = BEGUN - timedelta(days=4000)  # before the pack was adopted there

    with pytest.raises(FaultyRows) as refused:
        at_once.start_many(ORGANIZATION, found.drafts, on=late, by=county.officer, at=NOON)

    assert set(refused.value.faults) == {0, 1, 2}
    assert not Case.objects.exists()


def test_a_member_hears_of_their_step_and_an_office_once_of_many(county):
    promising.begin(county, ORGANIZATION, promising.table(county, ORGANIZATION, 30))

    told = Notice.objects.filter(user=county.officer)

    assert [one.title for one in told] == [f"轮到您：把关，{_waiting(county.top)} 件"]


def _waiting(place):
    return Turn.objects.open().filter(organization=place).count()


def test_the_empty_table_has_the_headings_it_asks(county, officer):
    address = reverse("cases:begin_many", args=[county.top.pk]) + f"?procedure={MEMBER}&blank=1"

    book = openpyxl.load_workbook(BytesIO(officer.get(address).content))

    rows = [[c.value for c in row if c.value] for row in book.worksheets[0].iter_rows()]
    assert ["组织代码", "党员", "事情", "承诺做什么"] in [row[:4] for row in rows]


# --- publishing and who has not


def test_secretaries_who_have_not_been_on_television_are_listed(county, officer):
    made = promising.begin(county, ORGANIZATION, promising.table(county, ORGANIZATION, 4))
    for number, case in enumerate(made):
        promising.publish(case, by=county.officer, channel="电视" if number < 3 else "公开栏")

    page = officer.get(
        reverse("cases:coverage") + f"?of={ORGANIZATION}:television&since={PUBLISHED}"
    ).content.decode()
    missing = officer.get(
        reverse("cases:coverage") + f"?of={ORGANIZATION}:television&which=missing"
    ).content.decode()

    assert "3 / 4，还没有的 1" in page
    assert county.committees[3].name in missing
    assert county.committees[0].name not in missing.partition("z-lines")[2]


@pytest.mark.parametrize(("since", "on", "reached"), [(0, 0, 1), (1, 30, 0), (-30, -1, 0)])
def test_coverage_counts_only_its_own_days(county, since, on, reached):
    case, *_ = promising.begin(county, ORGANIZATION, promising.table(county, ORGANIZATION, 1))
    promising.publish(case, by=county.officer, channel="电视")
    cover = case.rule.covers[0]
    days = [PUBLISHED + timedelta(days=n) for n in (since, on)]

    lines = coverage.rows(coverage.Scope(county.top, ORGANIZATION, cover, *days))

    assert coverage.total(lines) == (4, reached)


def test_what_was_cancelled_reaches_nobody(county):
    case, *_ = promising.begin(county, MEMBER, promising.table(county, MEMBER, 1))
    promising.publish(case, by=county.officer)
    scope = coverage.Scope(county.top, MEMBER, case.rule.covers[0], BEGUN, LOOKED)
    before = coverage.total(coverage.rows(scope))

    actions.cancel(case, reason="写错了人", by=county.officer, at=noon(LOOKED))

    assert before[1] == 1
    assert coverage.total(coverage.rows(scope)) == (before[0], 0)


def test_coverage_goes_to_excel_with_everybody_by_name(county, officer):
    address = reverse("cases:coverage") + f"?of={MEMBER}:members&export=1"

    book = openpyxl.load_workbook(BytesIO(officer.get(address).content))

    names = {row[0].value for row in book["名单"].iter_rows()}
    assert {one.name for some in county.members.values() for one in some} <= names


# --- versions


def test_a_reworded_promise_keeps_its_first_words(county, officer):
    case, *_ = promising.begin(county, ORGANIZATION, promising.table(county, ORGANIZATION, 1))
    back = {"outcome": "low", "reason": "办好几户？"}
    promising.act(case, "vet", by=county.officer, on=PUBLISHED, **back)
    promising.act(
        case, "revise", outcome="again", by=county.officer, on=PUBLISHED, pledge="第 0 件实事",
        goal="办好 12 户", due_on=promising.DUE, heard=["members", "masses", "above"],
    )  # fmt: skip
    case = Case.objects.get(pk=case.pk)

    page = officer.get(case.get_absolute_url()).content.decode()
    (line,) = lists.lines(list(lists.with_turns(Case.objects.all(), changes=False)), LOOKED)

    assert case.began_with["goal"] == "办好 0 户"
    assert case.facts["goal"] == "办好 12 户"
    assert "做到什么程度（开始时写的）" in page
    assert "办好 0 户" in page
    assert "把关（第 2 次）" in page
    assert line.versions == 2
    assert "办好 12 户" in line.promise


# --- kept of made


def test_organisations_and_members_are_counted_apart_and_open_to_their_rows(county, officer):
    made = {ORGANIZATION: 5, MEMBER: 8}
    kept = {ORGANIZATION: 4, MEMBER: 7}
    for reference, count in made.items():
        cases = promising.begin(county, reference, promising.table(county, reference, count))
        for number, case in enumerate(cases):
            promising.publish(case, by=county.officer)
            if number < kept[reference]:
                promising.keep(case, by=county.officer, checked_by=county.checker)
    promising.act(
        cases[-1], "deliver", outcome="cannot", by=county.officer, on=LOOKED, reason="没有钱"
    )
    promising.act(
        cases[-1], "check", outcome="not-kept", by=county.checker, on=LOOKED, reason="没有动",
        seen="没有动",
    )  # fmt: skip

    figures = counted(question(county.top, "what", LOOKED))

    found = {row: (one.count, one.total) for (row, _), one in figures.found.items()}
    assert found == {name: (kept[name], made[name]) for name in made}
    before = counted(question(county.top, "what", LOOKED - timedelta(days=1)))
    assert {one.count for one in before.found.values()} == {0}
    asked = question(county.top, "what", LOOKED).address(row_key=MEMBER)
    page = officer.get(f"/insight/rows/?{asked}").content.decode()
    assert sum(case.title in page for case in Case.objects.filter(procedure=MEMBER)) == 8


def test_what_ended_otherwise_is_not_kept(county):
    case, *_ = promising.begin(county, MEMBER, promising.table(county, MEMBER, 1))
    promising.publish(case, by=county.officer)
    promising.act(case, "deliver", outcome="cannot", by=county.officer, on=LOOKED, reason="忙")
    promising.act(
        case, "check", outcome="not-kept", by=county.checker, on=LOOKED, reason="没动", seen="没动"
    )

    assert not Case.objects.filter(promised.is_kept(LOOKED)).exists()
    assert Case.objects.get(pk=case.pk).ended_as == "没有兑现"


@pytest.mark.slow
@pytest.mark.parametrize("reference", [ORGANIZATION, MEMBER])
def test_the_whole_county_keeps_as_many_as_the_material_says(reference, system):
    county = promising.build(promising.COMMITTEES, promising.BRANCHES, 6_000, system=system)
    made = promising.begin(county, reference, promising.table(county, reference, MADE[reference]))
    for number, case in enumerate(made):
        promising.publish(case, by=county.officer)
        if number < KEPT[reference]:
            promising.keep(case, by=county.officer, checked_by=county.checker)

    figure = counted(question(county.top, "what", LOOKED)).found[reference, ""]

    assert (figure.count, figure.total) == (KEPT[reference], MADE[reference])
    assert figure.percent == {ORGANIZATION: "93.1%", MEMBER: "95.9%"}[reference]
    assert Entry.objects.filter(kind=actions.Kind.STARTED).count() == MADE[reference]
