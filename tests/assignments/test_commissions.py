"""Handing down and answering: who may, what it costs, what comes back, what stays."""

from datetime import date, datetime, timedelta
from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError
from django.urls import reverse
from docx import Document

from tests import factories
from tests.conftest import NOON, TODAY
from tests.scenes import PNG
from zhibu.adoptions import actions as adoptions
from zhibu.assignments import actions, asked, queries, rules
from zhibu.assignments.commissions import Draft, Target
from zhibu.assignments.forms import IssueForm
from zhibu.assignments.models import Answer, Assignment, Commission
from zhibu.core.verdicts import Refused
from zhibu.ledger import actions as ledger
from zhibu.ledger.models import Digest, Entry
from zhibu.ledger.verify import verify
from zhibu.notices.models import Notice
from zhibu.organizations import succeeding
from zhibu.packs.schema.assignment_forms import AskedField
from zhibu.people.models import Person

pytestmark = pytest.mark.usefixtures("clock")

DUE = date(2026, 11, 30)
HOW = AskedField(id="how", title="准备怎么办", type="long-text")
DAY = AskedField(id="day", title="哪天办完", type="date")
HEADS = AskedField(id="heads", title="党员人数", type="quantity", unit="人", known="people.members")
PLACES = AskedField(id="places", title="活动场所", type="number", required=False)
FORM = "seeds/county-follow-through:meeting-return@2000-01-01"
GIVEN = {"how": "月底前走访", "day": date(2026, 11, 28), "heads": 3, "places": 2}


def targets(*units):
    return [Target(unit) for unit in units]


@pytest.fixture
def handed(tree, cast):
    """The township's commission to its three branches, four fields."""
    draft = Draft(title="会议落实", due_on=DUE, asked=(HOW, DAY, HEADS, PLACES), minutes=10)
    units = targets(tree.village, tree.inner, tree.general)
    return actions.issue(tree.east, draft, units, by=cast["township officer"], at=NOON)


@pytest.fixture
def task(handed, tree):
    return handed.assignments.get(organization=tree.village)


@pytest.fixture
def given(task, cast):
    actions.give(task, GIVEN, by=cast["secretary"], at=NOON)
    return Assignment.objects.get(pk=task.pk)


# --- issuing


def test_may_issue(tree, cast):
    allowed = {
        (who, place)
        for who in cast
        for place, unit in {"east": tree.east, "village": tree.village}.items()
        if cast[who] is not None and rules.may_issue(cast[who], unit)
    }

    assert allowed == {
        ("township officer", "east"), ("county officer", "east"),
        ("township officer", "village"), ("county officer", "village"),
    }  # fmt: skip


def test_issue_names_the_holder_and_tells_everybody_once(handed, cast):
    secretary = cast["secretary"]
    row = handed.assignments.get(owner=secretary.person_id)

    assert row.accountable_id == secretary.person_id
    assert list(Notice.objects.filter(user=secretary).values_list("title", flat=True)) == [
        "上级交办：会议落实"
    ]
    assert Entry.objects.filter(kind="assignments:commission:issued").count() == 1
    assert Digest.objects.filter(subject_type="assignments.assignment").count() == 3
    assert verify().faults == []


def test_unit_without_a_holder_gets_it_unnamed(tree, handed):
    assert handed.assignments.get(organization=tree.general).owner is None


@pytest.mark.parametrize("place", ["far", "east", "gone"])
def test_only_what_lies_below_and_stands_is_reached(place, tree, cast):
    unit = {"far": tree.far, "east": tree.east, "gone": tree.village}[place]
    if place == "gone":
        unit.dissolved_on = TODAY

    with pytest.raises(Refused, match="不能交办给"):
        actions.issue(
            tree.east, Draft(title="x", due_on=DUE), targets(unit), by=cast["township officer"],
            at=NOON,
        )  # fmt: skip

    assert not Commission.objects.exists()


def test_issue_leaves_nothing_when_recording_fails(tree, cast, monkeypatch):
    def fail(*args, **kwargs):
        raise IntegrityError

    monkeypatch.setattr(ledger, "record", fail)

    with pytest.raises(IntegrityError):
        actions.issue(
            tree.east, Draft(title="x", due_on=DUE), targets(tree.village),
            by=cast["township officer"], at=NOON,
        )  # fmt: skip

    assert not Commission.objects.exists() and not Assignment.objects.exists()
    assert not Notice.objects.exists()


@pytest.mark.parametrize("how_many", [1, 3])
def test_issue_takes_the_same_queries_for_any_number(
    how_many, tree, cast, django_assert_num_queries
):
    units = [tree.village, tree.inner, tree.general][:how_many]

    with django_assert_num_queries(16):
        actions.issue(
            tree.east, Draft(title="x", due_on=DUE), targets(*units), by=cast["township officer"],
            at=NOON,
        )  # fmt: skip


def test_post_is_asked_and_passes_with_the_post(tree, cast):
    kind = "branch-secretary"
    (target, *_) = found = queries.posts([tree.village, tree.general], kind, TODAY)
    made = actions.issue(
        tree.east, Draft(title="x", due_on=DUE), found, by=cast["township officer"], at=NOON
    )

    assert [t.unit for t in found] == [tree.village]
    assert made.assignments.get().post == target.post
    assert made.assignments.get().owner_id == cast["secretary"].person_id


@pytest.mark.parametrize(
    ("specs", "said"),
    [
        ([HOW, HOW], "写了两次"),
        ([AskedField(id="a", title="a", type="text", known="people.members")], "不是数"),
        ([AskedField(id="a", title="a", type="number", known="no.such")], "没有指标"),
        ([AskedField(id="a", title="a", type="number", known="duties.done_of_owed")], "参数 duty"),
        (
            [
                AskedField(
                    id="a",
                    title="a",
                    type="number",
                    known="people.members",
                    known_with={"colour": "red"},
                )
            ],
            "参数 colour",
        ),
        ([AskedField(id="a", title="a", type="mood")], "没有类型"),
    ],
)
def test_fields_of_a_return_are_checked(specs, said):
    assert any(said in problem for problem in asked.faults(specs))


# --- before it is sent


def test_burden_is_fields_by_units_by_minutes(tree):
    found = queries.burden(tree.east, (HOW, DAY), units=31, minutes=15, on=TODAY)

    assert (found.answers, str(found.hours)) == (62, "7.8")
    assert found.known == []


def test_burden_names_what_the_system_has_and_what_was_asked_lately(tree, handed):
    plain = AskedField(id="x", title="党员数", type="number")
    phone = AskedField(id="y", title="手机号", type="text")
    again = AskedField(id="z", title="哪天办完", type="date")

    found = queries.burden(tree.county, (plain, phone, again, HEADS), units=1, minutes=1, on=TODAY)

    said = [f"{known.title} {known.where}" for known in found.known]
    assert [text.split(" ")[0] for text in said] == ["党员数", "哪天办完"]
    assert "指标“党员数”" in said[0] and "会议落实" in said[1]


def test_what_was_asked_more_than_a_year_ago_is_not_held_against_it(tree, handed):
    later = TODAY + timedelta(days=366)

    assert queries.burden(tree.east, (DAY,), units=1, minutes=1, on=later).known == []


# --- answering


def test_known_figures_come_filled_in(tree, handed, task):
    figure = queries.filled(handed.asked, tree.village, DUE, TODAY)["heads"]

    assert figure.count == Person.objects.belonging_to(tree.village.pk, TODAY).count() == 3


def test_parameters_and_a_month_are_of_a_measure():
    with pytest.raises(ValueError, match="没有写 known"):
        AskedField(id="a", title="a", type="number", known_over="month")


@pytest.mark.parametrize(
    ("over", "due_on", "label"),
    [
        ("month-before", date(2026, 11, 1), "10月"),
        ("month-before", date(2026, 11, 30), "10月"),
        ("month-before", date(2026, 1, 5), "2025年12月"),
        ("month", date(2026, 11, 30), "11月"),
        ("month", date(2026, 12, 1), "12月"),
        ("year", date(2026, 11, 30), ""),
    ],
)
def test_a_figure_is_of_the_month_of_the_day_due_or_the_one_before(over, due_on, label):
    spec = AskedField(
        id="a", title="a", type="number", known="registers.valid", known_over=over,
        known_with={"book": "seeds/county-registers:venues"},
    )  # fmt: skip

    assert asked.faults([spec]) == []
    assert asked.counted_over(spec, due_on, TODAY) == label


def test_page_names_the_month_its_figure_is_of(tree, cast, client):
    steps = {"procedure": "seeds/four-deliberations:decision", "stage": "watch"}
    spec = AskedField(
        id="a", title="列席", type="number", known="cases.steps_done", known_with=steps,
        known_over="month-before",
    )  # fmt: skip
    draft = Draft(title="月报", due_on=DUE, asked=(spec, HEADS), minutes=5)
    made = actions.issue(
        tree.east, draft, targets(tree.village), by=cast["township officer"], at=NOON
    )
    client.force_login(cast["secretary"])

    page = client.get(reverse("assignments:answer", args=[made.assignments.get().pk]))

    assert "系统里10月是 0（" in page.content.decode()
    assert "系统里是 3（" in page.content.decode()


def test_supervisors_may_be_asked(tree):
    body = factories.organization(
        tree.village, by=tree.system, name="前村监委会", kind="supervision-committee"
    )
    form = IssueForm({}, [], {"title": "月报", "due_on": DUE, "kinds": ["supervisors"],
                              "form": "nothing"})  # fmt: skip

    assert form.is_valid(), form.errors
    assert list(queries.units(tree.east, kinds=form.kinds_chosen(), in_fields=[], on=TODAY)) == [
        body
    ]


def test_answer_waits_and_its_giver_cannot_change_it(given, cast):
    assert given.state == Assignment.State.ANSWERED
    assert not rules.may_answer(cast["secretary"], given)
    with pytest.raises(Refused, match="等上级收"):
        actions.give(given, GIVEN, by=cast["secretary"], at=NOON)
    assert verify().faults == []


def test_answer_that_lacks_something_is_not_given(task, cast):
    with pytest.raises(ValueError, match="准备怎么办"):
        actions.give(task, {"day": DUE, "heads": 3}, by=cast["secretary"], at=NOON)

    task.refresh_from_db()
    assert task.state == Assignment.State.OPEN and not task.answers.exists()


def test_part_is_kept_and_goes_on_as_the_same_answer(task, cast):
    actions.keep(task, {"how": "先摸底"}, by=cast["secretary"], at=NOON)
    actions.give(task, GIVEN, by=cast["secretary"], at=NOON)

    assert list(task.answers.values_list("number", "state")) == [(1, "given")]


def test_taken_it_is_done(given, cast):
    actions.take(given, by=cast["township officer"], at=NOON)

    given.refresh_from_db()
    assert (given.state, given.closed_by) == ("done", cast["township officer"])
    assert verify().faults == []


def test_sent_back_it_is_open_again_and_what_was_said_stays(given, cast):
    actions.send_back(given, reason="只抄了会议内容", by=cast["township officer"], at=NOON)
    actions.give(given, GIVEN | {"how": "逐户走访"}, by=cast["secretary"], at=NOON)

    first, second = given.answers.order_by("number")
    assert (first.state, first.reason, first.content["how"]) == (
        "sent-back", "只抄了会议内容", "月底前走访",
    )  # fmt: skip
    assert (second.number, second.state) == (2, "given")
    titles = Notice.objects.filter(user=cast["secretary"]).values_list("title", flat=True)
    assert "回执退回了：会议落实" in titles
    assert verify().faults == []


JUDGES = {"township officer", "county officer"}


def test_may_judge(given, cast):
    given = Assignment.objects.select_related("commission__organization").get(pk=given.pk)

    assert {w for w, user in cast.items() if user and rules.may_judge(user, given)} == JUDGES


def test_may_answer(task, cast):
    """The two named persons, and whoever may assign at the unit."""
    who = {name for name, user in cast.items() if user and rules.may_answer(user, task)}

    assert who == {"secretary", "committee member", "township officer", "county officer"}


def test_named_member_may_answer(task, cast):
    member = Person.objects.get(pk=cast["member"].person_id)
    secretary = Person.objects.get(pk=cast["secretary"].person_id)

    named = actions.name(task, accountable=secretary, owner=member, by=cast["secretary"], at=NOON)

    assert rules.may_answer(cast["member"], named)
    assert (named.accountable, named.owner) == (secretary, member)


def test_handed_down_task_is_neither_closed_nor_called_off_by_the_unit(task, cast):
    with pytest.raises(Refused, match="要交回执"):
        actions.complete(task, by=cast["secretary"], at=NOON)
    with pytest.raises(Refused, match="由它撤回"):
        actions.cancel(task, note="忙", by=cast["secretary"], at=NOON)


def test_without_fields_a_word_is_enough(tree, cast):
    made = actions.issue(
        tree.east, Draft(title="x", due_on=DUE), targets(tree.village),
        by=cast["township officer"], at=NOON,
    )  # fmt: skip

    done = actions.complete(made.assignments.get(), by=cast["secretary"], at=NOON)

    assert done.state == "done"


def test_withdrawn_nobody_has_to_do_it_any_more(handed, given, cast):
    actions.withdraw(handed, reason="会议取消", by=cast["township officer"], at=NOON)

    assert set(handed.assignments.values_list("state", "note")) == {("cancelled", "会议取消")}
    assert verify().faults == []
    with pytest.raises(Refused, match="已经撤回"):
        actions.withdraw(handed, reason="再", by=cast["township officer"], at=NOON)


def test_reminded_once_a_day(handed, given, cast):
    for _ in range(2):
        actions.remind(handed, by=cast["township officer"], at=NOON)

    mine = Notice.objects.filter(title="还没办：会议落实")
    assert not mine.filter(user=cast["secretary"]).exists()  # has answered
    assert mine.filter(user=cast["sibling secretary"]).count() == 1


# --- what came back


def test_rows_say_who_is_late_waiting_or_missing(handed, given, tree, cast):
    inner = handed.assignments.get(organization=tree.inner)
    actions.give(inner, GIVEN, by=cast["sibling secretary"], at=NOON + timedelta(days=20))

    rows = {r.assignment.organization_id: r for r in queries.rows(handed, DUE + timedelta(days=1))}

    assert rows[tree.village.pk].word == "交了，等收"
    assert (rows[tree.inner.pk].word, rows[tree.inner.pk].is_late) == ("逾期交的，等收", True)
    assert (rows[tree.general.pk].word, rows[tree.general.pk].shape) == ("没交", "overdue")


def test_totals_add_what_was_given(handed, given, tree, cast):
    inner = handed.assignments.get(organization=tree.inner)
    actions.give(inner, GIVEN | {"places": None}, by=cast["sibling secretary"], at=NOON)

    assert queries.totals(handed, queries.rows(handed, TODAY)) == ["", "", "6 人", "2"]


def test_without_progress_it_is_marked_after_the_forms_days(tree, cast):
    draft = Draft(title="x", due_on=date(2027, 6, 1), asked=(HOW,), minutes=1, stale_after="P30D")
    made = actions.issue(
        tree.east, draft, targets(tree.village), by=cast["township officer"], at=NOON
    )

    def stale(days):
        return queries.rows(made, TODAY + timedelta(days=days))[0].is_stale

    assert (stale(30), stale(31)) == (False, True)


@pytest.mark.parametrize("how_many", [1, 3])
def test_rows_take_two_queries(how_many, tree, cast, django_assert_num_queries):
    units = targets(*[tree.village, tree.inner, tree.general][:how_many])
    draft = Draft(title="x", due_on=DUE, asked=(HOW,), minutes=1)
    made = actions.issue(tree.east, draft, units, by=cast["township officer"], at=NOON)

    with django_assert_num_queries(2):
        assert len(queries.rows(made, TODAY)) == how_many


# --- pages


@pytest.fixture
def officer(client, cast):
    client.force_login(cast["township officer"])
    return client


def posted(**more):
    return {
        "title": "全县会议落实", "text": "", "basis": "", "due_on": "2026-11-30",
        "kinds": ["branches"], "form": "nothing", **more,
    }  # fmt: skip


NEW = "/tasks/commissions/new/"


def test_nothing_is_sent_before_its_cost_was_shown(officer, cast, tree):
    adoptions.adopt(
        pack="seeds/county-follow-through", organization=tree.county, since=date(2026, 1, 1),
        by=cast["county officer"], at=NOON,
    )  # fmt: skip

    page = officer.post(NEW, posted(form=FORM)).content.decode()

    assert "0.5 <small>小时：2 个单位 × 4 项，每份约 15 分钟" in page
    assert not Commission.objects.exists()


def test_sent_to_those_still_ticked(officer, tree):
    sent = officer.post(NEW, posted(send="1", unit=[str(tree.village.pk)]))

    made = Commission.objects.get()
    assert sent.url == made.get_absolute_url()
    assert [row.organization for row in made.assignments.all()] == [tree.village]


def test_own_fields_are_asked_as_typed(officer, tree):
    own = {"own_0_title": "场所数", "own_0_type": "number", "own_1_title": "党员数",
           "own_1_known": "people.members", "minutes": "3"}  # fmt: skip
    officer.post(NEW, posted(form="own", send="1", unit=[str(tree.village.pk)], **own))

    first, second = Commission.objects.get().asked
    assert (first.title, first.type) == ("场所数", "number")
    assert (second.known, second.unit, second.type) == ("people.members", "人", "quantity")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"title": ""}, "要办的事"),
        ({"form": "own"}, "还没有列要交的项目"),
        ({"kinds": ["committees"]}, "下面没有这样的组织"),
        ({"due_on": "2026-13-40"}, "哪天前"),
    ],
)
def test_faulty_commission_says_where_and_loses_nothing(more, said, officer):
    page = officer.post(NEW, posted(text="别丢了我", **more)).content.decode()

    assert said in page and "别丢了我" in page and "还没保存" in page
    assert not Commission.objects.exists()


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("township officer", 200), ("county officer", 200), ("secretary", 404), ("member", 404),
        ("sibling secretary", 404), ("other township officer", 404), ("stranger member", 404),
        ("audit admin", 404), ("signed out", 302),
    ],
)  # fmt: skip
@pytest.mark.parametrize("page", ["commission", "paper", "withdraw"])
def test_commission_by_standing(page, who, status, handed, cast, client):
    if cast[who]:
        client.force_login(cast[who])

    answer = client.get(reverse(f"assignments:{page}", args=[handed.pk]))

    assert answer.status_code == status


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("secretary", 200), ("committee member", 200), ("township officer", 200), ("member", 404),
        ("sibling secretary", 404), ("stranger secretary", 404), ("signed out", 302),
    ],
)  # fmt: skip
@pytest.mark.parametrize("page", ["detail", "answer", "name"])
def test_task_handed_down_by_standing(page, who, status, task, cast, client):
    if cast[who]:
        client.force_login(cast[who])

    assert client.get(reverse(f"assignments:{page}", args=[task.pk])).status_code == status


def test_answer_through_its_page_with_a_file(tree, cast, client):
    paper = AskedField(id="paper", title="文件", type="file")
    made = actions.issue(
        tree.east, Draft(title="材料", due_on=DUE, asked=(paper, HOW), minutes=5),
        targets(tree.village), by=cast["township officer"], at=NOON,
    )  # fmt: skip
    task = made.assignments.get()
    client.force_login(cast["secretary"])
    url = reverse("assignments:answer", args=[task.pk])
    png = SimpleUploadedFile("照片.png", PNG)

    kept = client.post(url, {"paper": png, "how": "", "keep": "1"})
    page = client.get(url).content.decode()
    given = client.post(url, {"how": "已经办"})

    assert (kept.status_code, given.status_code) == (302, 302)
    assert "已经选了 照片.png" in page
    answer = Answer.objects.get()
    assert (answer.state, answer.content["paper"]["name"]) == ("given", "照片.png")
    assert verify().faults == []


def test_faulty_answer_keeps_what_was_typed(task, cast, client):
    client.force_login(cast["secretary"])

    page = client.post(
        reverse("assignments:answer", args=[task.pk]), {"how": "逐户走访", "heads": "三"}
    ).content.decode()

    assert "逐户走访" in page and "还没保存" in page and not Answer.objects.exists()


def test_officer_takes_the_ticked_and_leaves_the_rest(handed, given, officer):
    answer = officer.post(
        reverse("assignments:take_many", args=[handed.pk]), {"task": [str(given.pk), "999999"]}
    )

    given.refresh_from_db()
    assert answer.status_code == 302 and given.state == "done"


def test_secretary_takes_no_returns(handed, given, cast, client):
    client.force_login(cast["secretary"])

    assert client.post(reverse("assignments:take", args=[given.pk])).status_code == 403
    assert client.post(reverse("assignments:take_many", args=[handed.pk]), {}).status_code == 404


def test_sending_back_asks_why(given, officer):
    page = officer.post(reverse("assignments:send_back", args=[given.pk]), {"reason": ""})

    given.refresh_from_db()
    assert page.status_code == 200 and given.state == "answered"


def test_workbook_holds_a_line_a_unit_and_typed_cells(handed, given, officer):
    content = officer.get(f"{handed.get_absolute_url()}?export=1").content
    rows = list(openpyxl.load_workbook(BytesIO(content)).active.values)

    line = next(row for row in rows if row[1] == "前村党支部")
    assert len([row for row in rows if row[1] and row[1] != "组织"]) == 3
    assert line[4] == "交了，等收"
    assert line[6:] == ("月底前走访", datetime(2026, 11, 28), 3, 2)


def test_paper_holds_every_answer(handed, given, officer):
    content = officer.get(reverse("assignments:paper", args=[handed.pk])).content
    text = "\n".join(p.text for p in Document(BytesIO(content)).paragraphs)

    assert "应交 3 个单位，已交 1 个" in text and "月底前走访" in text


def test_list_of_commissions_counts_what_is_back(handed, given, officer):
    page = officer.get("/tasks/commissions/").content.decode()

    assert "1 / 3" in page


@pytest.mark.parametrize("address", ["/tasks/commissions/", NEW])
def test_pages_cost_the_same_for_one_and_for_many(address, tree, cast, officer, queries_of):
    def hand(title):
        actions.issue(
            tree.east, Draft(title=title, due_on=DUE), targets(tree.village),
            by=cast["township officer"], at=NOON,
        )  # fmt: skip

    hand("一")
    one = queries_of(address)
    for title in "二三四五六":
        hand(title)

    assert queries_of(address) == one <= 12


def test_units_that_become_one_give_one_return(handed, tree, cast):
    into = succeeding.Into(existing=tree.inner)

    succeeding.merge([tree.village], into=into, on=TODAY, by=cast["county officer"], at=NOON)

    assert set(handed.assignments.values_list("organization__name", "state")) == {
        ("前村党支部", "cancelled"), ("机关第一党支部", "open"), ("东镇机关党总支", "open"),
    }  # fmt: skip
    assert verify().faults == []
