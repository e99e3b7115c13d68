"""Two records of one person become one, for good, and everything that named the other follows."""

from datetime import date

import pytest
from django.apps import apps
from django.db import models
from django.urls import reverse

from tests import factories
from tests.activities.conftest import noon, written
from tests.conftest import NOON, TODAY
from tests.organizations.test_organization_views import ABOVE, answers, expected
from tests.people.test_person_views import id_number
from zhibu.accounts.models import User
from zhibu.activities import actions as activities
from zhibu.activities.drafts import AbsenceDraft
from zhibu.activities.models import Participation
from zhibu.adoptions import actions as adoptions
from zhibu.assignments import actions as assignments
from zhibu.assignments.models import Assignment
from zhibu.core import merging as pointing
from zhibu.core.verdicts import Refused
from zhibu.ledger.models import Entry
from zhibu.ledger.verify import verify
from zhibu.organizations import actions as organizations
from zhibu.people import actions as people
from zhibu.people import queries as asking
from zhibu.people.membergroups import actions as membergroups
from zhibu.people.merging import actions, queries
from zhibu.people.models import Merge, NotSame, Person
from zhibu.people.rights import actions as rights

pytestmark = pytest.mark.django_db

BORN = date(1957, 8, 8)
PHONE = "13800000021"
DAY = date(2026, 11, 6)
THEME = "national/branch-life:theme-day"
RETIRED = "seeds/member-groups:field-plans/retired"
BULLETIN = "national/personal-information:consent/name-in-bulletin"


@pytest.fixture
def twins(cast, tree):
    """蒋红梅 of the cast, and her second record, registered later from another roster."""
    one = Person.objects.get(name="蒋红梅")
    particulars = {"sex": "female", "born_on": BORN, "ethnicity": "汉族", "education": "高中"}
    people.change(
        one, name=one.name, occupation="务农", phone=PHONE, by=tree.system, at=NOON, **particulars
    )
    other = people.register(
        name="蒋红梅", home=tree.village, since=date(2021, 1, 1), state="full",
        state_since=date(2021, 1, 1), sex="female", born_on=BORN, education="大专",
        address="前村五组", by=tree.system, at=NOON,
    )  # fmt: skip
    return Person.objects.get(pk=one.pk), other


KEEP = {"states": "one", "belongings": "one"}


def merge(twins, *, by, fields=(), lines=None, reason="核对身份证"):
    return actions.merge(
        *twins, fields=dict(fields), lines=lines or KEEP, reason=reason, by=by, at=NOON
    )


# --- every column is known


def test_every_column_that_points_to_a_person_is_registered():
    """A foreign key to a person, or a bare number that is named like one."""
    known = {(p.model, p.column) for p in pointing.pointers()}
    foreign = {
        (model, field.attname)
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and field.related_model is Person
    }
    numbers = {
        (model, field.attname)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if type(field) is models.BigIntegerField and field.attname.endswith("_id")
    }
    named = {(m._meta.label_lower, field) for m, field in foreign | numbers - known}

    assert foreign - known == set()
    assert {one for one in named if one not in {(m._meta.label_lower, f) for m, f in known}} == {
        # numbers of other things
        ("assignments.assignment", "source_id"),
        ("duties.credit", "source_id"),
        ("files.attachment", "owner_id"),
        ("files.attachment", "organization_id"),
        ("imports.batch", "organization_id"),
        ("imports.batch", "by_id"),  # accounts
        ("imports.batch", "undone_by_id"),
        ("money.book", "organization_id"),
        ("money.book", "subject_id"),
        ("ledger.entry", "organization_id"),
        ("ledger.entry", "by_id"),
        ("ledger.digest", "subject_id"),  # history
        ("people.merge", "gone_id"),  # the number that is no more
    }


# --- merging


def test_merge_joins_what_both_know(cast, twins):
    one, other = twins

    kept = merge(twins, by=cast["secretary"], fields={"education": "other"})

    kept.refresh_from_db()
    assert (kept.pk, kept.education, kept.occupation) == (one.pk, "大专", "务农")
    assert (kept.phone, kept.address) == (PHONE, "前村五组")
    assert not Person.all_rows.filter(pk=other.pk).exists()
    assert Merge.objects.get().gone_id == other.pk
    assert [row.since for row in kept.states.all()] == [factories.SINCE]
    assert verify().faults == []


def test_identity_number_of_the_other_is_taken_over(cast, twins, tree):
    one, other = twins
    people.change(
        other, name=other.name, sex="female", born_on=BORN, ethnicity="", education="",
        occupation="", id_number=id_number(), by=tree.system, at=NOON,
    )  # fmt: skip

    kept = merge((one, Person.objects.get(pk=other.pk)), by=cast["secretary"])

    assert kept.id_number == id_number()
    assert list(asking.search(cast["secretary"], id_number(), on=TODAY)) == [kept]


def test_attendance_at_one_sitting_counts_once_and_as_present(cast, twins, tree):
    one, other = twins
    adoptions.adopt(
        pack="national/branch-life", organization=tree.county, since=date(2026, 1, 1),
        by=tree.system, at=NOON,
    )  # fmt: skip
    both = written(THEME, day=DAY, absences={one.pk: AbsenceDraft("ill")})
    alone = written(THEME, day=date(2026, 11, 9), chair_id=other.pk)
    for draft in (both, alone):
        activities.record(tree.village, draft, by=cast["secretary"], at=NOON)

    merge(twins, by=cast["township officer"])

    rows = Participation.objects.filter(person=one).order_by("activity__held_on")
    assert list(rows.values_list("activity__held_on", "status")) == [
        (DAY, "present"),
        (date(2026, 11, 9), "present"),
    ]
    assert tree.village.activities.get(held_on=date(2026, 11, 9)).chair_id == one.pk
    assert verify().faults == []


def test_everything_else_follows(cast, twins, tree):
    other = twins[1]
    by, officer = cast["secretary"], cast["township officer"]
    post = organizations.make_post(
        tree.village, kind="w", title="宣传委员", role="branch-committee",
        since=factories.SINCE, by=tree.system, at=NOON,
    )  # fmt: skip
    people.hold_post(other, post=post, since=factories.SINCE, by=tree.system, at=NOON)
    assignments.assign(tree.village, title="走访", owner=other, due_on=TODAY, by=by, at=NOON)
    for person in twins:
        membergroups.regroup([person.pk], group=RETIRED, way="in", since=DAY, by=by, at=NOON)
        rights.consent(person, purpose=BULLETIN, how="paper", by=by, at=NOON)
        rights.note_opening(person, by=officer, at=NOON)
    people.reveal(other, field="address", reason="走访", by=by, at=NOON)
    rights.record_openings(noon(date(2026, 11, 21)))
    account = factories.account(other)

    kept = merge(twins, by=officer)

    assert kept.holdings.get().post == post
    assert Assignment.objects.get().owner == kept
    assert kept.member_groups.count() == kept.consents.count() == kept.openings.count() == 1
    assert kept.reveals.count() == 1
    account.refresh_from_db()
    assert (account.person_id, account.is_active) == (None, False)
    assert User.objects.get(person_id=kept.pk) == cast["member"]
    assert verify().faults == []


def test_account_of_the_other_goes_over_where_the_kept_has_none(cast, tree):
    one, other = (factories.member(tree.village, by=tree.system, name="吴建华") for _ in "12")
    account = factories.account(other)

    merge((one, other), by=cast["secretary"])

    account.refresh_from_db()
    assert (account.person_id, account.is_active) == (one.pk, True)


def test_lines_that_clash_are_explained_and_nothing_changes(cast, twins):
    with pytest.raises(Refused, match="党员身份有重叠，不能两边都留：2021-01-01 以后"):
        merge(twins, by=cast["secretary"], lines={"states": "both", "belongings": "one"})

    assert Person.objects.filter(name="蒋红梅").count() == 2
    assert not Entry.objects.filter(kind=actions.Kind.MERGED).exists()


def test_lines_that_do_not_clash_are_both_kept(cast, tree):
    one = people.register(
        name="袁正华", home=tree.village, since=date(2015, 1, 1), state="applicant",
        state_since=date(2015, 1, 1), by=tree.system, at=NOON,
    )  # fmt: skip
    other = people.register(
        name="袁正华", home=tree.village, since=date(2021, 1, 1), by=tree.system, at=NOON
    )

    kept = merge((one, other), by=cast["secretary"], lines={"belongings": "other"})

    assert [row.state for row in kept.states.all()] == ["applicant"]
    assert [row.since for row in kept.belongings.all()] == [date(2021, 1, 1)]


@pytest.mark.parametrize(
    "who", ["committee member", "member", "sibling secretary", "stranger secretary"]
)
def test_whoever_may_not_merges_nobody(who, cast, twins):
    with pytest.raises(Refused):
        merge(twins, by=cast[who])

    assert Person.objects.filter(name="蒋红梅").count() == 2


def test_one_across_the_county_is_merged_by_the_county(cast, twins, tree):
    far = factories.member(tree.far, by=tree.system, name="蒋红梅")

    with pytest.raises(Refused, match="要管得到两边的上级党委"):
        merge((twins[0], far), by=cast["township officer"])
    merge((twins[0], far), by=cast["county officer"])


def test_nobody_merges_their_own_or_who_holds_a_post_above_them(cast, twins, tree):
    secretary = Person.objects.get(pk=cast["secretary"].person_id)
    officer = Person.objects.get(pk=cast["township officer"].person_id)
    with pytest.raises(Refused, match="自己的"):
        merge((secretary, twins[1]), by=cast["secretary"])
    with pytest.raises(Refused, match="任职"):
        merge((Person.objects.filter(home=tree.inner).exclude(pk=officer.pk).first(), officer),
              by=cast["sibling secretary"])  # fmt: skip


def test_reason_is_asked(cast, twins):
    with pytest.raises(Refused, match="怎么认定"):
        merge(twins, by=cast["secretary"], reason=" ")


# --- finding


def pairs(user, at=None):
    return [(p.one.name, p.other.name, p.why) for p in queries.duplicates(user, at=at)]


def test_alike_are_found_and_told_apart_are_not(cast, twins):
    assert pairs(cast["secretary"]) == [("蒋红梅", "蒋红梅", ("姓名、出生日期一样",))]

    actions.tell_apart(*twins, by=cast["secretary"], at=NOON)

    assert pairs(cast["secretary"]) == []
    assert NotSame.objects.count() == 1
    assert verify().faults == []


def test_two_with_identity_numbers_are_two(cast, twins, tree):
    for person, order in zip(twins, ("002", "004"), strict=True):
        people.change(
            person, name=person.name, sex="female", born_on=BORN, ethnicity="", education="",
            occupation="", id_number=id_number(order=order), by=tree.system, at=NOON,
        )  # fmt: skip

    assert pairs(cast["secretary"]) == []


def test_same_phone_and_same_sound_are_found(cast, tree):
    for name, phone in (("章慧", "13900000001"), ("张惠", ""), ("陆素芳", "13900000001")):
        factories.member(tree.village, by=tree.system, name=name, phone=phone)

    assert pairs(cast["secretary"]) == [("章慧", "陆素芳", ("电话一样",))]
    assert pairs(cast["secretary"], tree.village) == [
        ("章慧", "张惠", ("同一支部，姓名同音",)),
        ("章慧", "陆素芳", ("电话一样",)),
    ]


def test_people_out_of_reach_are_not_compared(cast, twins, tree):
    assert pairs(cast["stranger secretary"]) == []


# --- the pages


def test_pages_answer_by_standing(cast, twins, clock):
    address = reverse("people:merge", args=[twins[1].pk, twins[0].pk])
    allowed = expected(
        cast, found=("secretary", *ABOVE), forbidden=("committee member",)
    )  # the member sees only one of the two
    assert answers(cast, lambda c: c.get(address)) == allowed

    listed = dict.fromkeys(cast, 403) | dict.fromkeys(
        [who for who in cast if "secretary" in who or "officer" in who], 200
    )
    listed["signed out"] = 302
    assert answers(cast, lambda c: c.get(reverse("people:duplicates"))) == listed


def test_page_asks_for_what_differs_and_merges(cast, twins, client, clock):
    one, other = twins
    client.force_login(cast["secretary"])
    address = reverse("people:merge", args=[one.pk, other.pk])

    missing = client.post(address, {"reason": "核对身份证", "is_sure": "on"}).content.decode()
    assert missing.count("请选留哪一个。") >= 3
    done = client.post(
        address,
        {
            "field_education": "other", "line_states": "one", "line_belongings": "one",
            "reason": "核对身份证", "is_sure": "on",
        },
    )  # fmt: skip

    assert done.status_code == 302
    assert Person.objects.get(name="蒋红梅").education == "大专"
    old = client.get(reverse("people:detail", args=[other.pk]))
    assert (old.status_code, old["Location"]) == (302, one.get_absolute_url())
