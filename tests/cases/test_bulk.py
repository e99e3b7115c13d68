"""Many cases at once: each rehearsed by the real rules, done on its own, named afterwards."""

import time
from datetime import date, timedelta

import pytest
from django.urls import reverse

from tests import scenes
from tests.cases import procedures
from tests.cases.test_actions import Opened  # noqa: F401 - registers the effect
from tests.conftest import NOON, TODAY
from tests.scenes import RECTIFY
from zhibu.adoptions import actions as adoptions
from zhibu.cases import actions, many
from zhibu.cases.models import Case, Turn
from zhibu.core.many import MOST_EACH
from zhibu.core.verdicts import Refused, no
from zhibu.ledger.models import Entry
from zhibu.ledger.verify import verify
from zhibu.packs import library
from zhibu.packs.schema.procedures import Procedure

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
DONE = actions.Kind.DONE


@pytest.fixture
def problems(life, cast):
    """Twenty-five problems of one branch, each reported done and waiting for the check above."""
    made = []
    for number in range(25):
        case = scenes.problem(
            life.tree.village, f"问题{number:02}", owner=life.person, by=cast["secretary"], at=NOON
        )
        for outcome, values in (
            ("report", {"measures": "改", "means": "不用"}),
            ("report", {"done": "改了", "lasting": "每季度看"}),
        ):
            scenes.step_on(case, outcome, by=cast["secretary"], at=NOON, **values)
        made.append(case)
    return made


def address(stage="check", **more):
    from urllib.parse import urlencode

    asked = {"procedure": RECTIFY, "stage": stage, **more}
    return f"{reverse('cases:many')}?{urlencode(asked)}"


def turns(cases):
    rows = Turn.objects.open().filter(case__in=[case.pk for case in cases])
    return list(rows.order_by("pk").values_list("pk", flat=True))


def send(client, cases, *, step="apply", stage="check", outcome="accept", **values):
    given = {"row": turns(cases), "step": step, "happened_on": str(TODAY), **values}
    answer = client.post(address(stage, outcome=outcome), given)
    assert answer.status_code == 200
    return answer.content.decode()


def states(cases):
    rows = Case.objects.filter(pk__in=[case.pk for case in cases])
    return set(rows.values_list("state", "ended_as"))


@pytest.fixture
def above(client, cast):
    client.force_login(cast["township officer"])
    return client


def test_twenty_five_are_accepted_in_one_go(problems, above):
    seen = send(above, problems, step="preview", seen="都看过，改好了")
    assert "会改的 25 件" in seen
    assert seen.count("整件事办结：销号。") == 25
    assert "核验：销号，2026-11-20 办的；看到什么：都看过，改好了。每一件记一条存证。" in seen
    assert states(problems) == {("open", "")}
    before = Entry.objects.filter(kind=DONE).count()

    began = time.perf_counter()
    found = send(above, problems, seen="都看过，改好了")
    taken = time.perf_counter() - began

    assert "办好的 25 件" in found
    assert "没有办的" not in found
    assert all(f">{case.title}</a>" in found for case in problems)
    assert states(problems) == {("ended", "销号")}
    assert Entry.objects.filter(kind=DONE).count() == before + 25
    facts = Case.objects.filter(pk__in=[case.pk for case in problems])
    assert {case.facts["seen"] for case in facts} == {"都看过，改好了"}
    assert taken < 10  # on a busy machine; each on its own holds the lock a 25th of it
    assert verify().ok


def test_each_is_written_in_a_transaction_of_its_own(problems, above, monkeypatch):
    """Something that breaks at the fourth leaves the three before it done."""
    real, calls = actions.act, []

    def breaks(turn, step, *, by, at):
        calls.append(turn.pk)
        if len(calls) == 4:
            raise ZeroDivisionError
        return real(turn, step, by=by, at=at)

    monkeypatch.setattr(actions, "act", breaks)
    with pytest.raises(ZeroDivisionError):
        send(above, problems[:5], seen="看过")

    rows = Case.objects.filter(pk__in=[case.pk for case in problems[:5]]).order_by("pk")
    assert [case.state for case in rows] == ["ended"] * 3 + ["open"] * 2


def test_preview_says_of_each_why_it_cannot_be_and_the_rest_is_done(problems, above, cast):
    officer = cast["township officer"]
    own = scenes.problem(
        problems[0].organization, "自己经办的", owner=scenes.person_of(cast["member"]),
        by=officer, at=NOON,
    )  # fmt: skip
    scenes.step_on(own, "report", by=officer, at=NOON, measures="改", means="不用")
    scenes.step_on(own, "report", by=officer, at=NOON, done="改了", lasting="看着")
    chosen = [*problems[:2], own]

    seen = send(above, chosen, step="preview", seen="看过")
    assert "会改的 2 件" in seen
    assert "办不了、不动的 1 件" in seen
    assert "不能办：前面是您经办的，这一步要别人来办" in seen
    assert seen.count('name="row"') == 2

    found = send(above, chosen, seen="看过")
    assert "办好的 2 件" in found
    assert "没有办的 1 件" in found
    assert "前面是您经办的" in found
    assert states(problems[:2]) == {("ended", "销号")}
    assert states([own]) == {("open", "")}


def test_what_changed_in_between_is_refused_and_named(problems, above, monkeypatch):
    """Ended by somebody else after the list was read."""
    real = many.offers

    def late(*args):
        found = real(*args)
        Turn.objects.filter(case=problems[0]).open().update(
            state="done", outcome="accept", happened_on=TODAY, by=problems[0].started_by, at=NOON
        )
        return found

    chosen = turns(problems[:2])
    monkeypatch.setattr("zhibu.cases.many_views.offers", late)
    answer = above.post(
        address(outcome="accept"),
        {"row": chosen, "step": "apply", "happened_on": str(TODAY), "seen": "看过"},
    ).content.decode()

    assert "办好的 1 件" in answer
    assert "不用办：这一步已经办了。" in answer


def test_faults_of_the_step_are_said_of_each(problems, above):
    seen = send(above, problems[:2], step="preview", happened_on="2026-11-19", seen="看过")

    assert "没有能办的" in seen
    assert seen.count("早于上一步（2026-11-20），请核对日期。") == 2


def test_what_all_must_have_is_asked_before_anything_is_looked_at(problems, above):
    assert "会改的" not in send(above, problems[:2], step="preview")
    back = send(above, problems[:2], step="preview", outcome="back")
    assert "会改的" not in back
    assert "看到什么" in back

    found = send(above, problems[:2], outcome="back", seen="没有", reason="还差一块")
    owner = problems[0].owner.name
    assert found.count(f"接着：整改，轮到{owner}，2026-11-30前。") == 2
    rows = Turn.objects.filter(case__in=problems[:2], stage="check")
    assert set(rows.values_list("reason", flat=True)) == {"还差一块"}


def test_what_is_left_empty_stays_what_each_case_has(life, cast, client):
    """The other class of two problems is refused together: nothing of them is emptied."""
    made = []
    for number in (1, 2):
        case = scenes.problem(
            life.tree.village, f"长的{number}", owner=life.person, by=cast["secretary"], at=NOON
        )
        scenes.step_on(case, "report", by=cast["secretary"], at=NOON, measures="改", means="不用")
        Case.objects.filter(pk=case.pk).update(
            facts={**Case.objects.get(pk=case.pk).facts, "why_later": f"缺钱{number}"}
        )
        case.refresh_from_db()
        turn = case.turns.open().get()
        step = many.Step(outcome="reclass", happened_on=TODAY, reason="没有钱")
        actions.act(turn, step, by=cast["secretary"], at=NOON)
        made.append(case)
    client.force_login(cast["township officer"])

    send(client, made, stage="reclass", outcome="agree", horizon="common", due_on="2027-06-30")

    facts = [Case.objects.get(pk=case.pk).facts for case in made]
    assert [one["why_later"] for one in facts] == ["缺钱1", "缺钱2"]
    assert {(one["horizon"], one["due_on"]) for one in facts} == {("common", "2027-06-30")}


# --- what is not done together


def asked(stage, outcome, text=procedures.PERMIT):
    rule = procedures.pack(text).items["procedures", "permit"][-1].item
    assert isinstance(rule, Procedure)
    found = rule.stage(stage)
    return many.may_together(rule, found, found.outcome(outcome))


def marked(before, after):
    assert before in procedures.PERMIT
    return procedures.PERMIT.replace(before, after, 1)


OWN = marked('title = "大小"\ntype = "choice"', 'title = "大小"\ntype = "choice"\neach = true')
PERSON = marked('id = "rooms"\ntitle = "几间"\ntype = "number"\nleast = 1',
                'id = "rooms"\ntitle = "谁用"\ntype = "person"')  # fmt: skip


def test_value_of_each_cases_own_is_not_given_to_all():
    assert asked("look", "fit")
    assert asked("look", "fit", OWN).reason == (
        "不能一起“合用”：“大小”件件不同。请打开每一件来办。"
    )
    assert asked("look", "unfit", OWN)  # does without the fields


def test_what_changes_a_persons_record_is_done_one_by_one():
    assert asked("county", "agree")  # rooms are no person
    assert "会改一个人的记录" in asked("county", "agree", PERSON).reason
    owner = marked('on = "case.day" }', 'on = "case.day", by_county = "case.owner" }')
    assert "会改一个人的记录" in asked("county", "agree", owner).reason


def test_outcome_that_is_barred_is_refused_with_its_reason(cast, tree, client):
    pack = procedures.pack(OWN)
    client.force_login(cast["secretary"])
    with library.trying(pack):
        adoptions.adopt(
            pack=pack.id, organization=tree.county, since=date(2026, 1, 1), by=tree.system, at=NOON
        )
        case = actions.start(
            tree.village, procedure=procedures.REFERENCE, wording=date(2018, 1, 1), title="借房",
            values={"rooms": 2}, on=TODAY, by=cast["secretary"], at=NOON,
        )  # fmt: skip
        page = f"{reverse('cases:many')}?procedure={procedures.REFERENCE}&stage=look"
        shown = client.get(page).content.decode()
        barred = client.get(f"{page}&outcome=fit")
        posted = client.post(
            f"{page}&outcome=fit",
            {"row": turns([case]), "step": "apply", "happened_on": str(TODAY), "size": "small"},
        )

    assert "不合用" in shown
    assert "“大小”件件不同" in shown
    for answer in (barred, posted):
        assert answer.status_code == 403
        assert "“大小”件件不同" in answer.content.decode()
    assert case.turns.get(stage="look").is_open


# --- which are offered


def test_only_what_one_may_act_on_is_offered(problems, client, cast):
    at = {}
    for who in ("township officer", "county officer", "secretary", "sibling secretary", "member"):
        client.force_login(cast[who])
        at[who] = "问题03" in client.get(address()).content.decode()

    assert at == {"township officer": True, "county officer": True, "secretary": False,
                  "sibling secretary": False, "member": False}  # fmt: skip


def test_no_more_than_a_stated_number_at_a_turn(problems, above, cast):
    for number in range(MOST_EACH - 24):
        case = scenes.problem(
            problems[0].organization, f"多的{number}", owner=scenes.person_of(cast["member"]),
            by=cast["secretary"], at=NOON,
        )  # fmt: skip
        scenes.step_on(case, "report", by=cast["secretary"], at=NOON, measures="改", means="不用")
        scenes.step_on(case, "report", by=cast["secretary"], at=NOON, done="改了", lasting="看")
    page = above.get(address()).content.decode()

    assert page.count('name="row"') == MOST_EACH
    assert f"列出前 {MOST_EACH} 件，一次最多办这么多" in page


def test_without_a_stage_one_is_chosen_with_its_number(problems, above):
    page = above.get(reverse("cases:many")).content.decode()

    assert "整改：核验" in page
    assert "25 件" in page
    listed = above.get(reverse("cases:list") + "?view=all").content.decode()
    assert reverse("cases:many") in listed


def test_words_of_the_list_narrow_it_and_lead_back(problems, above):
    page = above.get(address(q="问题03")).content.decode()

    assert "问题03" in page
    assert "问题04" not in page
    assert "stage=check&amp;q=%E9%97%AE%E9%A2%9803" in page
    assert above.get(address(organization=999999)).status_code == 404


def test_what_was_not_listed_is_not_taken(problems, above, life):
    foreign = life.case.turns.open().get()

    answer = above.post(
        address(outcome="accept"),
        {"row": [foreign.pk], "step": "apply", "happened_on": str(TODAY), "seen": "看过"},
    ).content.decode()

    assert "只能勾列出来的" in answer
    assert life.case.turns.open().get() == foreign


def test_a_late_one_says_so(problems, above):
    Turn.objects.filter(case=problems[0]).open().update(due_on=TODAY - timedelta(days=1))

    assert "2026-11-19前，超期" in above.get(address()).content.decode()


def test_refusal_leaves_nothing_of_a_row_behind(problems, above, monkeypatch):
    real = actions.act

    def half(turn, step, *, by, at):
        real(turn, step, by=by, at=at)
        raise Refused(no("不行。"))

    monkeypatch.setattr(actions, "act", half)
    before = Entry.objects.count()

    assert "没有办的 2 件" in send(above, problems[:2], seen="看过")
    assert states(problems[:2]) == {("open", "")}
    assert Entry.objects.count() == before
