"""Cases driven to their end through the API: claims, a vote, a notice, an objection; and what
of them is told to whom."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from tests.api.asking import client_of, send, token_for
from tests.conftest import NOON
from tests.packs import makers
from zhibu.adoptions import actions as adoptions
from zhibu.api.sections import OPERATIONS
from zhibu.cases import actions
from zhibu.cases.models import Case, Link
from zhibu.packs import library

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
BEGAN = "2026-11-02"
CITES = '[{ source = "charter", at = "第三条", seen = "text" }]'
ROOMS = f"""
title = "用房"
cites = {CITES}
start = ["look"]
starter = {{ who = "organization" }}
closed_fields = ["worry", "doubt"]
fields = [
  {{ id = "rooms", title = "几间", type = "number" }},
  {{ id = "worry", title = "顾虑", type = "text" }},
]

[[stages]]
id = "look"
title = "看房"
actor = {{ who = "organization", claimed = true }}
fields = [
  {{ id = "size", title = "大小", type = "text" }},
  {{ id = "doubt", title = "存疑", type = "text", required = false }},
]
outcomes = [{{ id = "fit", title = "合用", to = ["vote"] }}]

[[stages]]
id = "vote"
title = "票决"
actor = {{ who = "organization" }}
outcomes = [
  {{ id = "yes", title = "通过", to = ["hang"], vote = "passed" }},
  {{ id = "no", title = "没有通过", vote = "failed" }},
]

[stages.vote]
voters = "full-members"

[stages.vote.rule]
cites = {CITES}
attendance = {{ share = "1/2", more_than = true, of = "entitled" }}
majority = {{ share = "1/2", more_than = true, of = "entitled" }}

[[stages]]
id = "hang"
title = "公示"
actor = {{ who = "organization" }}
outcomes = [{{ id = "done", title = "没有问题", ends_as = "用上了" }}]

[stages.notice]
at_least = "P5D"
cites = {CITES}
"""
LATER = f"""{ROOMS}
[[transitions]]
replaces = 2018-01-01
cites = {CITES}
"""
QUIET = f"""
title = "查人"
known_as = "内部事项"
cites = {CITES}
start = ["look"]
starter = {{ who = "organization" }}

[[stages]]
id = "look"
title = "看"
actor = {{ who = "organization" }}
outcomes = [{{ id = "fit", title = "看了" }}]
"""
OWN = (
    QUIET.replace('known_as = "内部事项"\n', "")
    .replace("查人", "自己的事")
    .replace(
        'starter = { who = "organization" }',
        'starter = { who = "subject" }\nsubject = { title = "谁", sees = true }',
    )
)


@pytest.fixture
def pack(tree) -> Iterator[None]:
    found = makers.files() | {
        "procedures/rooms/2018-01-01.toml": ROOMS,
        "procedures/rooms/2026-11-10.toml": LATER,
        "procedures/quiet/2018-01-01.toml": QUIET,
        "procedures/own/2018-01-01.toml": OWN,
    }
    made = makers.pack(found)
    with library.trying(made):
        adoptions.adopt(
            pack=made.id, organization=tree.county, since=date(2026, 1, 1), by=tree.system, at=NOON
        )
        yield


def begun(tree, cast, name: str = "rooms", **values: Any) -> Case:
    return actions.start(
        tree.village, procedure=f"demo/small:{name}", wording=date(2018, 1, 1), title="借两间房",
        values=values, on=date.fromisoformat(BEGAN), by=cast["secretary"], at=NOON,
    )  # fmt: skip


@pytest.fixture
def case(pack, tree, cast) -> Case:
    return begun(tree, cast, rooms=2, worry="邻居反对")


@pytest.fixture
def by(cast):
    """Somebody's way of asking: ``by("secretary")("POST", path, **body)``, status and answer."""
    clients = {}

    def who(name: str):
        if name not in clients:
            clients[name] = client_of(token_for(cast[name]))

        def ask(method: str, path: str, **body: Any) -> tuple[int, Any]:
            answer = send(clients[name], method, path, body)
            return answer.status_code, answer.json()

        return ask

    return who


def seen(by, who: str, case: Case) -> dict[str, Any]:
    status, told = by(who)("GET", f"/cases/{case.pk}")
    assert status == 200, told
    return told


def now(by, who: str, case: Case) -> dict[str, Any]:
    (turn,) = [turn for turn in seen(by, who, case)["turns"] if turn["state"] == "open"]
    return turn


def done(by, who: str, case: Case, path: str, **body: Any) -> None:
    status, told = by(who)("POST", f"/cases/{case.pk}{path}", **body)
    assert (status, told) == (200, told)


def claimed_and_looked_at(by, case: Case) -> None:
    turn = now(by, "secretary", case)["id"]
    done(by, "secretary", case, f"/turns/{turn}/claim")
    done(by, "secretary", case, f"/turns/{turn}", outcome="fit", happened_on=BEGAN, size="大",
         doubt="漏雨")  # fmt: skip


def voted(by, case: Case) -> None:
    claimed_and_looked_at(by, case)
    turn = now(by, "secretary", case)
    one, two = (teller["id"] for teller in turn["tellers"][:2])
    done(by, "secretary", case, f"/turns/{turn['id']}", outcome="yes", happened_on=BEGAN,
         vote_entitled=len(turn["tellers"]), vote_present=3, vote_written=0, vote_yes=2, vote_no=1,
         vote_abstain=0, vote_teller_one=one, vote_teller_two=two)  # fmt: skip


def hung(by, case: Case) -> dict[str, Any]:
    voted(by, case)
    turn = now(by, "secretary", case)
    done(by, "secretary", case, f"/turns/{turn['id']}/postings", channel="张贴",
         place="村部公示栏", posted_on="2026-11-03", until="2026-11-12")  # fmt: skip
    return now(by, "secretary", case)


def test_one_claims_and_gives_back(by, case):
    turn = now(by, "committee member", case)
    path = f"/cases/{case.pk}/turns/{turn['id']}"
    assert turn["may"]["claim_turn"]["allowed"]
    assert not turn["may"]["act_on_case"]["allowed"]

    assert by("member")("POST", f"{path}/claim")[0] == 404
    assert by("committee member")("POST", f"{path}/claim")[0] == 200
    assert now(by, "secretary", case)["person"]["name"] == "倪秀兰"
    status, told = by("secretary")("POST", f"{path}/claim")
    assert (status, told["reason"]) == (403, "不能认领：倪秀兰已经认领了。")

    assert by("secretary")("POST", f"{path}/release", reason="x")[0] == 403
    assert by("committee member")("POST", f"{path}/release")[1]["faults"].keys() == {"reason"}
    assert by("committee member")("POST", f"{path}/release", reason="没空")[0] == 200
    turn = now(by, "secretary", case)
    assert (turn["person"], turn["is_claimed"], turn["reason"]) == (None, False, "没空")


def words(told: dict[str, Any]) -> list[str]:
    turns = [said["text"] for turn in told["turns"] for said in turn["written"]]
    return [said["text"] for said in told["facts"]] + turns


def test_closed_fields_are_told_to_whom_they_are_not_closed(by, case):
    claimed_and_looked_at(by, case)

    for who in ("secretary", "township officer", "county officer"):
        assert words(seen(by, who, case)) == ["2", "邻居反对", "大", "漏雨"]
    assert words(seen(by, "committee member", case)) == ["2", "大"]
    answer = by("committee member")("GET", f"/cases/{case.pk}")[1]
    assert "邻居反对" not in str(answer)
    assert "漏雨" not in str(answer)


def test_whoever_claims_sees_what_is_closed(by, case):
    turn = now(by, "committee member", case)["id"]
    done(by, "committee member", case, f"/turns/{turn}/claim")

    assert "邻居反对" in words(seen(by, "committee member", case))


def test_a_vote_tells_its_totals_and_tellers_but_no_roll(by, case):
    claimed_and_looked_at(by, case)
    turn = now(by, "secretary", case)
    assert {teller["name"] for teller in turn["tellers"]} >= {"顾长林", "倪秀兰", "蒋红梅"}
    assert now(by, "township officer", case)["tellers"]
    assert any("到会要过应到" in said for said in turn["words"]), turn["words"]

    status, told = by("secretary")("POST", f"/cases/{case.pk}/turns/{turn['id']}", outcome="yes",
                                   happened_on=BEGAN, vote_entitled=3, vote_present=3, vote_yes=1,
                                   vote_no=2)  # fmt: skip
    assert status == 422
    assert told["faults"]


def test_a_vote_is_told_once_it_was_counted(by, case):
    voted(by, case)

    (ballot,) = [t["ballot"] for t in seen(by, "committee member", case)["turns"] if t["ballot"]]
    assert (ballot["yes"], ballot["no"], ballot["passed"]) == (2, 1, True)
    assert len(ballot["tellers"]) == 2
    assert "roll" not in ballot


def test_a_notice_hangs_as_long_as_the_pack_says(by, case):
    voted(by, case)
    turn = now(by, "secretary", case)
    asked = {"channel": "张贴", "place": "村部", "posted_on": "2026-11-03", "until": "2026-11-04"}

    status, told = by("secretary")("POST", f"/cases/{case.pk}/turns/{turn['id']}/postings", **asked)

    assert (status, set(told["faults"])) == (422, {"until"})
    assert turn["may"]["post_notice"]["allowed"]


def test_an_objection_holds_up_until_it_is_answered(by, case):
    (posting,) = hung(by, case)["postings"]
    assert posting["may"]["object_to_notice"]["allowed"]
    raised = {"raised_on": "2026-11-05", "said": "门牌不对", "source": "赵大爷"}
    done(by, "committee member", case, f"/postings/{posting['id']}/objections", **raised)

    turn = now(by, "committee member", case)
    (objection,) = turn["postings"][0]["objections"]
    assert (objection["source"], objection["stands"]) == ("赵大爷", None)
    assert objection["may"]["answer_objection"]["allowed"]
    end = {"outcome": "done", "happened_on": "2026-11-20"}
    status, told = by("secretary")("POST", f"/cases/{case.pk}/turns/{turn['id']}", **end)
    assert (status, set(told["faults"])) == (422, {"outcome"})

    path = f"/objections/{objection['id']}/answer"
    answered = {"stands": False, "answer": "核对过，没有错", "answered_on": "2026-11-06"}
    done(by, "secretary", case, path, **answered)
    status, told = by("secretary")("POST", f"/cases/{case.pk}{path}", **answered)
    assert (status, told["reason"]) == (403, "不用答复：2026-11-06 已经答复了。")
    done(by, "secretary", case, f"/turns/{turn['id']}", **end)

    last = seen(by, "secretary", case)
    assert last["ended_as"] == "用上了"
    (objection,) = last["turns"][-1]["postings"][0]["objections"]
    assert (objection["source"], objection["stands"], objection["may"]) == ("", False, {})


def test_a_posting_of_another_case_is_not_found(by, case, tree, cast):
    (posting,) = hung(by, case)["postings"]
    other = begun(tree, cast, rooms=1, worry="没有")

    for path in (f"/postings/{posting['id']}/objections", "/objections/999/answer"):
        assert by("secretary")("POST", f"/cases/{other.pk}{path}")[0] == 404


def test_a_running_case_is_taken_over_by_the_level_above(by, case):
    assert seen(by, "secretary", case)["newer_wording"] == "2026-11-10"
    assert by("secretary")("POST", f"/cases/{case.pk}/reword")[0] == 403

    done(by, "township officer", case, "/reword")

    told = seen(by, "secretary", case)
    assert (told["wording"], told["newer_wording"]) == ("2026-11-10", None)
    assert by("township officer")("POST", f"/cases/{case.pk}/reword")[0] == 403


def test_two_cases_are_linked_where_both_may_be_seen(by, case, tree, cast):
    other, quiet = begun(tree, cast, rooms=1, worry="没有"), begun(tree, cast, "quiet")

    for number in (quiet.pk, 999_999):
        status, told = by("committee member")(
            "POST", f"/cases/{case.pk}/link", other=number, kind="follows"
        )
        assert (status, told["faults"]) == (
            422, {"other": ["没有这一件，或者您看不到。请核对编号。"]},
        )  # fmt: skip
    assert not Link.objects.exists()
    done(by, "committee member", case, "/link", other=other.pk, kind="follows")
    (linked,) = seen(by, "secretary", case)["linked"]
    assert (linked["id"], linked["how"]) == (other.pk, "前面一件")
    done(by, "secretary", case, "/link", other=quiet.pk, kind="follows")
    assert len(seen(by, "secretary", case)["linked"]) == 2
    assert len(seen(by, "committee member", case)["linked"]) == 1


def test_a_confidential_case_is_not_there_for_whoever_may_not_see_it(pack, by, tree, cast):
    quiet = begun(tree, cast, "quiet")
    turn = quiet.turns.get().pk
    who = by("committee member")

    assert seen(by, "secretary", quiet)["is_confidential"]
    assert who("GET", f"/cases/{quiet.pk}")[0] == 404
    assert who("GET", "/cases?view=all")[1]["items"] == []
    for path in ("void", "reword", "link", "cancel", f"turns/{turn}", f"turns/{turn}/claim",
                 f"turns/{turn}/release", f"turns/{turn}/postings"):  # fmt: skip
        assert who("POST", f"/cases/{quiet.pk}/{path}", reason="x")[0] == 404, path
    status, offered = who("GET", f"/organizations/{tree.village.pk}/procedures")
    assert status == 200
    assert "查人" not in str(offered)


def test_who_sees_no_cases_begins_their_own_in_their_own_branch(pack, by, tree, cast):
    path = f"/organizations/{tree.village.pk}/procedures"
    (offered,) = by("member")("GET", path)[1]
    assert (offered["title"], offered["may"]["start_case"]["allowed"]) == ("自己的事", True)

    body = {"title": "借凳子", "happened_on": "2026-11-20"}
    status, made = by("member")("POST", f"{path}/demo/small/own", **body)
    assert (status, made["kind"]) == (200, "cases.case")
    assert Case.objects.get(pk=made["id"]).person_id == cast["member"].person_id
    assert by("member")("GET", f"/cases/{made['id']}")[0] == 200
    assert by("member")("POST", f"{path}/demo/small/rooms", **body)[0] == 404
    assert by("stranger member")("GET", path)[0] == 404
    assert by("stranger member")("POST", f"{path}/demo/small/own", **body)[0] == 404
    assert by("secretary")("POST", f"{path}/demo/small/own", **body)[0] == 200


def test_what_may_be_done_is_said_by_the_names_of_operations(by, case):
    names = {operation.name for operation in OPERATIONS}
    turn = hung(by, case)
    told = seen(by, "secretary", case)

    asked = {*told["may"], *turn["may"], *turn["postings"][0]["may"]}
    assert asked <= names
    assert {"void_case", "claim_turn", "post_notice", "object_to_notice"} <= asked
