"""Campaigns and figures through the API: who is told what, and what is asked of whoever writes."""

from typing import Any

import pytest

from tests.api.asking import client_of, send, token_for
from tests.conftest import TODAY
from tests.scenes import person_of
from zhibu.cases.campaigns.models import Entry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def ask(life, cast):
    def ask(who: str, method: str, path: str, **body: Any) -> tuple[int, Any]:
        answer = send(client_of(token_for(cast[who])), method, path, body)
        return answer.status_code, answer.json()

    return ask


def told(ask, who: str, path: str) -> Any:
    status, answer = ask(who, "GET", path)
    assert status == 200, answer
    return answer


def test_a_member_finds_their_own_line_alone(life, ask):
    path = f"/campaign-units/{life.unit.pk}/people?phase=study"

    (own,) = told(ask, "member", path)["items"]
    everybody = told(ask, "secretary", path)["items"]

    assert own["person"]["name"] == "蒋红梅"
    assert own["cells"] == [
        {"item": "letter", "state": "done", "word": "已办，补记", "day": "2026-10-09",
         "until": "2026-10-31", "over": None, "total": None}
    ]  # fmt: skip
    assert len(everybody) > 1
    assert "蒋红梅" in {line["person"]["name"] for line in everybody}


def test_whoever_may_not_see_people_reads_no_entry_of_theirs(life, ask):
    path = f"/campaign-units/{life.unit.pk}?phase=study"

    assert {e["item"] for e in told(ask, "member", path)["entries"]} == {"plan"}
    assert {e["item"] for e in told(ask, "secretary", path)["entries"]} == {"plan", "letter"}


def test_the_grid_is_narrowed_and_says_what_it_does_not_know(life, ask):
    path = f"/campaigns/{life.drive.pk}/grid"

    lacking = told(ask, "township officer", f"{path}?phase=study&state=lacking")
    complete = told(ask, "township officer", f"{path}?phase=study&state=complete")
    assert len(lacking["items"]) + len(complete["items"]) == 2
    (village,) = told(ask, "township officer", f"{path}?phase=study&q=前村")["items"]
    assert next((c["item"], c["state"]) for c in village["cells"]) == ("plan", "done")
    status, answer = ask("township officer", "GET", f"{path}?phase=nothing")
    assert (status, set(answer["faults"])) == (422, {"phase"})
    assert ask("secretary", "GET", f"/campaign-units/{life.unit.pk}?phase=nothing")[0] == 404


def test_what_an_item_asks_is_told_and_asked(life, ask):
    opened = told(ask, "secretary", f"/campaign-units/{life.begun_unit.pk}?phase=improve")
    (item,) = opened["items"]
    assert [field["id"] for field in item["asked"]] == ["what"]
    assert item["may"]["enter_item"]["allowed"]

    path = f"/campaign-units/{life.begun_unit.pk}/items/checked"
    status, answer = ask("secretary", "POST", path, happened_on=str(TODAY), people=[1])
    assert (status, set(answer["faults"])) == (422, {"what", "people"})
    status, _ = ask("secretary", "POST", path, happened_on=str(TODAY), what="台账不全")
    assert status == 200
    entry = Entry.objects.get(item="checked")
    assert (entry.content, entry.by.display_name) == ({"what": "台账不全"}, "顾长林")
    assert ask("secretary", "POST", f"{path}s", happened_on=str(TODAY))[0] == 404


def test_whoever_has_done_it_is_not_entered_again(life, cast, ask):
    path = f"/campaign-units/{life.unit.pk}/items/letter"
    body = {"people": [person_of(cast["member"]).pk], "happened_on": str(TODAY)}

    status, answer = ask("secretary", "POST", path, **body)

    assert (status, set(answer["faults"])) == (422, {"people"})


def test_a_phase_says_who_opens_it(life, ask):
    def phases(who: str, path: str) -> dict[str, tuple[str, bool]]:
        found = told(ask, who, path)["phases"]
        return {one["phase"]: (one["opener"], one["may_be_opened"]) for one in found}

    campaign, unit = f"/campaigns/{life.drive.pk}", f"/campaign-units/{life.unit.pk}"
    assert phases("township officer", campaign) == {
        "study": ("", False), "improve": ("leader", True), "own": ("unit", False),
    }  # fmt: skip
    assert phases("secretary", campaign)["improve"] == ("leader", False)
    assert phases("secretary", unit)["own"] == ("unit", True)
    assert phases("member", unit)["own"] == ("unit", False)
    opened = told(ask, "township officer", f"/campaign-units/{life.other_unit.pk}")["phases"]
    assert {one["phase"]: one["opened_on"] for one in opened}["own"] == str(TODAY)


def test_a_unit_is_added_by_name_from_below(life, ask):
    path, body = f"/campaigns/{life.over.pk}/units", {"batch": "all", "reason": "漏了"}

    status, answer = ask("township officer", "POST", path, organization="远村党支部", **body)
    assert (status, set(answer["faults"])) == (422, {"organization"})
    status, answer = ask("township officer", "POST", path, organization="机关第一党支部", **body)
    assert (status, answer["kind"]) == (200, "cases.unit")
    assert told(ask, "township officer", answer["url"].removeprefix("/api/v1"))


def test_the_plan_of_admissions_is_read_where_it_was_set(life, ask):
    path = f"/organizations/{life.tree.village.pk}/admissions"
    assert told(ask, "secretary", path)["planned"] is None

    assert ask("township officer", "POST", f"{path}/plan", year=2026, planned=2)[0] == 200

    found = told(ask, "secretary", path)
    assert (found["planned"], found["may"]["plan_admissions"]["allowed"]) == (2, False)
    assert next(step["title"] for step in found["steps"]) == "递交入党申请"


def test_a_measure_gives_every_organization_its_figure(life, ask):
    path = f"/organizations/{life.tree.east.pk}/measures"
    (known,) = [m for m in told(ask, "township officer", path) if m["name"] == "people.members"]
    assert known["grain"] == "organization"

    figures = told(ask, "township officer", f"{path}/people.members?window=month")["items"]
    village = told(ask, "secretary", f"/organizations/{life.tree.village.pk}/measures")
    own = next(m["count"] for m in village if m["name"] == "people.members")
    assert {f["organization"]["id"]: f["count"] for f in figures}[life.tree.village.pk] == own
    assert own > 0
    status, answer = ask("township officer", "GET", f"{path}/people.members?window=week")
    assert (status, set(answer["faults"])) == (422, {"window"})
    for name in ("people.members?of=nothing", "nothing.such"):
        assert ask("township officer", "GET", f"{path}/{name}")[0] == 404
