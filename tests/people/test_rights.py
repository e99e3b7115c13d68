"""What a person may ask of what is held on them: who looked, consent, correction, a copy."""

import json
from contextlib import suppress
from datetime import date, timedelta
from io import BytesIO

import openpyxl
import pytest
from django.urls import reverse

from tests.activities.conftest import noon
from tests.conftest import NOON, TODAY
from tests.organizations.test_organization_views import ABOVE, answers, expected
from zhibu.core import dossier, merging
from zhibu.core.verdicts import Refused
from zhibu.ledger.models import Entry
from zhibu.ledger.verify import verify
from zhibu.notices.models import Notice
from zhibu.people import actions as people
from zhibu.people.models import Consent, Correction, Opening, Person
from zhibu.people.rights import actions, queries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

BULLETIN = "national/personal-information:consent/name-in-bulletin"


@pytest.fixture
def jiang(cast):
    return Person.objects.select_related("home").get(name="蒋红梅")


def open_page(client, user, person):
    client.force_login(user)
    return client.get(reverse("people:detail", args=[person.pk]))


# --- who looked


def test_opening_the_page_is_noted_once_a_day_with_the_capacity(cast, jiang, client):
    for _ in range(3):
        open_page(client, cast["township officer"], jiang)

    (look,) = queries.looks(jiang.pk)
    assert (look.who, look.what, look.why) == ("邵立群", "资料页", "东镇委员会组织干事")


def test_next_day_is_noted_anew_and_oneself_never(cast, jiang):
    for at in (NOON, NOON, NOON + timedelta(days=1)):
        actions.note_opening(jiang, by=cast["secretary"], at=at)
        actions.note_opening(jiang, by=cast["member"], at=at)

    assert list(Opening.objects.values_list("opened_on", flat=True).order_by("pk")) == [
        TODAY,
        TODAY + timedelta(days=1),
    ]


def test_page_refused_is_not_noted(cast, jiang, client):
    assert open_page(client, cast["stranger secretary"], jiang).status_code == 404

    assert not Opening.objects.exists()


def test_ledger_vouches_for_the_openings_of_days_that_are_over(cast, jiang):
    actions.note_opening(jiang, by=cast["secretary"], at=NOON)
    actions.note_opening(jiang, by=cast["township officer"], at=NOON)
    assert actions.record_openings(NOON) == 0

    assert actions.record_openings(NOON + timedelta(days=1)) == 2
    assert actions.record_openings(NOON + timedelta(days=1)) == 0

    assert Entry.objects.get(kind=actions.Kind.OPENED).digests_count == 2
    assert verify().faults == []
    Opening.objects.filter(by=cast["secretary"]).update(standing="本人")
    assert verify().faults != []


def test_openings_are_erased_after_three_years_and_the_ledger_says_so(cast, jiang):
    actions.note_opening(jiang, by=cast["secretary"], at=NOON)
    actions.record_openings(NOON + timedelta(days=1))

    assert actions.forget_openings(noon(date(2029, 11, 19))) == 0
    assert actions.forget_openings(noon(date(2029, 11, 21))) == 1

    assert not Opening.objects.exists()
    assert Entry.objects.get(kind=actions.Kind.FORGOTTEN).digests_count == 1
    assert verify().faults == []


def test_looks_are_told_together_newest_first(cast, jiang):
    actions.note_opening(jiang, by=cast["secretary"], at=NOON)
    later = NOON + timedelta(hours=1)
    people.reveal(jiang, field="phone", reason="通知开会", by=cast["secretary"], at=later)

    assert [(look.what, look.why) for look in queries.looks(jiang.pk)] == [
        ("手机号", "通知开会"),
        ("资料页", "前村党支部书记"),
    ]
    assert len(queries.looks(jiang.pk, most=1)) == 1


# --- consent


def test_consent_is_given_and_taken_back_by_oneself(cast, jiang):
    row = actions.consent(jiang, purpose=BULLETIN, how="self", by=cast["member"], at=NOON)
    with pytest.raises(Refused, match="已经同意过"):
        actions.consent(jiang, purpose=BULLETIN, how="self", by=cast["member"], at=NOON)

    actions.withdraw(row, how="self", by=cast["member"], at=NOON)

    assert [one.consent for one in queries.purposes(jiang.pk, TODAY)] == [None] * 3
    assert [row.withdrawn_how for row in queries.past_consents(jiang.pk)] == ["self"]
    assert verify().faults == []


@pytest.mark.parametrize(
    ("who", "how", "is_allowed"),
    [
        ("member", "self", True),
        ("member", "paper", False),
        ("secretary", "self", False),
        ("secretary", "paper", True),
        ("secretary", "spoken", True),
        ("committee member", "paper", False),
        ("stranger secretary", "paper", False),
    ],
)
def test_who_may_note_a_consent(who, how, is_allowed, cast, jiang):
    with suppress(Refused):
        actions.consent(jiang, purpose=BULLETIN, how=how, by=cast[who], at=NOON)

    assert Consent.objects.exists() is is_allowed
    assert Entry.objects.filter(kind=actions.Kind.CONSENTED).exists() is is_allowed


def test_nobody_consents_to_what_no_pack_lists(cast, jiang):
    with pytest.raises(Refused, match="没有这件事"):
        actions.consent(jiang, purpose="x/y:z/roster", how="self", by=cast["member"], at=NOON)


def test_consent_on_the_page(cast, jiang, client):
    client.force_login(cast["member"])
    address = reverse("people:own_consent")

    client.post(address, {"purpose": BULLETIN})
    assert "已同意" in client.get(reverse("people:rights")).content.decode()

    client.post(address, {"purpose": BULLETIN, "withdraw": "1"})
    assert "撤回过的 1 次" in client.get(reverse("people:rights")).content.decode()


# --- correction


def ask(jiang, cast, about="education", text="应该是大专，2019年毕业。"):
    return actions.ask_correction(jiang, about=about, text=text, by=cast["member"], at=NOON)


def test_request_goes_to_the_secretary_and_the_answer_comes_back(cast, jiang):
    row = ask(jiang, cast)
    told = Notice.objects.filter(key=f"correction:{row.pk}")
    assert set(told.values_list("user", flat=True)) == {cast["secretary"].pk}

    actions.decide(
        row, is_accepted=False, answer="毕业证还没有看到。", by=cast["secretary"], at=NOON
    )

    row.refresh_from_db()
    assert (row.state, row.answer) == ("refused", "毕业证还没有看到。")
    assert Notice.objects.get(key=f"correction-answer:{row.pk}").user_id == cast["member"].pk
    assert verify().faults == []


def test_what_was_written_is_sealed(cast, jiang):
    row = ask(jiang, cast, about="id_number", text="990101195708080026")

    assert b"990101195708080026" not in bytes(row.text_sealed)
    assert row.text == "990101195708080026"


def test_secretary_does_not_decide_on_their_own(cast, tree):
    secretary = Person.objects.get(pk=cast["secretary"].person_id)
    row = actions.ask_correction(
        secretary, about="phone", text="换号了", by=cast["secretary"], at=NOON
    )

    with pytest.raises(Refused, match="自己提的"):
        actions.decide(row, is_accepted=True, answer="已改", by=cast["secretary"], at=NOON)
    actions.decide(row, is_accepted=True, answer="已改", by=cast["township officer"], at=NOON)


def test_decided_once_with_a_reason(cast, jiang):
    row = ask(jiang, cast)

    with pytest.raises(Refused, match="请写怎么答复"):
        actions.decide(row, is_accepted=True, answer=" ", by=cast["secretary"], at=NOON)
    actions.decide(row, is_accepted=True, answer="已改", by=cast["secretary"], at=NOON)
    with pytest.raises(Refused, match="已更正"):
        actions.decide(row, is_accepted=False, answer="不", by=cast["secretary"], at=NOON)


def test_same_thing_is_asked_once_until_it_is_taken_back(cast, jiang):
    row = ask(jiang, cast)
    with pytest.raises(Refused, match="已经提过"):
        ask(jiang, cast)

    actions.take_back(row, by=cast["member"], at=NOON)
    ask(jiang, cast)

    assert list(Correction.objects.order_by("pk").values_list("state", flat=True)) == [
        "taken-back",
        "open",
    ]


def test_correction_pages_answer_by_standing(cast, jiang):
    row = ask(jiang, cast)
    found = expected(cast, found=("secretary", "member", *ABOVE))
    address = reverse("people:correction", args=[row.pk])
    assert answers(cast, lambda c: c.get(address)) == found

    listed = dict.fromkeys(cast, 403) | dict.fromkeys(
        [who for who in cast if "secretary" in who or "officer" in who], 200
    )
    listed["signed out"] = 302
    assert answers(cast, lambda c: c.get(reverse("people:corrections"))) == listed


def test_decision_on_the_page_tells_what_is_missing(cast, jiang, client):
    row = ask(jiang, cast)
    client.force_login(cast["secretary"])

    response = client.post(reverse("people:correction", args=[row.pk]), {"decision": "accepted"})

    assert "这一项要填" in response.content.decode()
    row.refresh_from_db()
    assert row.state == "open"


# --- a copy to take along


def test_own_pages_answer_whoever_has_a_person(cast, jiang):
    allowed = {who: 404 if "admin" in who else 200 for who in cast} | {"signed out": 302}
    for name, args in (
        ("rights", ()), ("looks_export", ()), ("own_data", ("json",)), ("own_data", ("xlsx",)),
        ("ask_correction", ()),
    ):  # fmt: skip
        address = reverse(f"people:{name}", args=args)
        assert answers(cast, lambda c, address=address: c.get(address)) == allowed


def test_consents_page_answers_by_standing(cast, jiang):
    allowed = expected(cast, found=("secretary", *ABOVE), forbidden=("committee member", "member"))
    address = reverse("people:consents", args=[jiang.pk])
    assert answers(cast, lambda c: c.get(address)) == allowed


def test_copy_tells_everything_uncovered_in_both_forms(cast, jiang, tree, client):
    people.change(
        jiang, name=jiang.name, sex="female", born_on=date(1957, 8, 8), ethnicity="汉族",
        education="高中", occupation="务农", phone="13800000021", by=tree.system, at=NOON,
    )  # fmt: skip
    actions.note_opening(jiang, by=cast["secretary"], at=NOON)
    client.force_login(cast["member"])

    told = json.loads(client.get(reverse("people:own_data", args=["json"])).content)
    book = openpyxl.load_workbook(
        BytesIO(client.get(reverse("people:own_data", args=["xlsx"])).content)
    )

    assert {"项目": "电话", "内容": "13800000021"} in told["我的资料"]
    assert told["谁看过我的信息"][0]["谁"] == "顾长林"
    assert told["党员身份"] == [{"身份": "正式党员", "从": "2020-01-01", "到": None, "依据": ""}]
    assert book.sheetnames == list(told)
    cells = {cell.value for row in book["我的资料"].iter_rows() for cell in row}
    assert "13800000021" in cells


def test_copy_leaves_no_table_out(db):
    """Whatever points to a person is told of, but for what is derived from the records."""
    from zhibu.duties.models import Credit, Obligation

    derived = {Credit, Obligation}
    told = {model for section in dossier.sections() for model in section.covers}

    assert {pointer.model for pointer in merging.pointers()} - told == derived


def test_rights_page_takes_the_same_queries_for_thirty_looks(cast, jiang, client, queries_of):
    client.force_login(cast["member"])
    actions.note_opening(jiang, by=cast["secretary"], at=NOON)
    few = queries_of(reverse("people:rights"))
    for number in range(30):
        at = NOON + timedelta(days=number)
        actions.note_opening(jiang, by=cast["secretary"], at=at)

    assert queries_of(reverse("people:rights")) == few <= 12
