"""What a record is made of: never less or otherwise than when the first version wrote it."""

from dataclasses import replace
from datetime import date

import pytest

from zhibu.ledger import merkle, protection
from zhibu.organizations.models import Organization, Placement

# As of 0.1.0: columns in their order, then each part with its own. Never edited: what comes
# later is registered as ``later`` and is not in here.
FIRST = {
    "accounts.user": {
        "": ("username display_name person_id admin_role is_active is_system is_demo"),
    },
    "activities.activity": {
        "": (
            "organization_id group_id status theme starts_at held_on place agenda chair_id "
            "recorder_id speaker_id items version planned_by_id planned_at recorded_by_id "
            "recorded_at confirmed_by_id confirmed_at ended_reason"
        ),
        "kinds": ("reference title wording makes_up"),
        "participations": (
            "person_id guest_name status reason asked_beforehand is_due is_entitled"
        ),
        "decisions": (
            "number text is_vote entitled present yes no abstain present_needed yes_needed "
            "is_quorate passed basis"
        ),
        "outcomes": ("reference field value"),
        "leaves": ("person_id reason asked_by_id asked_at"),
        "filing": ("to_id theme filed_by_id filed_at received_by_id received_at"),
        "revisions": ("number content reason corrected_by_id corrected_at"),
    },
    "adoptions.adoption": {
        "": ("pack organization_id reach fields since until paper adopted_by_id adopted_at"),
    },
    "assignments.assignment": {
        "": (
            "organization_id title owner_id due_on state source_type source_id made_by_id made_at "
            "closed_by_id closed_at note"
        ),
    },
    "duties.exemption": {
        "": (
            "organization_id holder_kind holder_id pack duty period_since reason given_by_id "
            "given_at withdrawn_at"
        ),
    },
    "duties.explanation": {
        "": (
            "organization_id holder_kind holder_id pack duty period_since text given_by_id given_at"
        ),
    },
    "files.attachment": {
        "": (
            "sha256 stored_name original_name content_type size owner_type owner_id "
            "organization_id added_by_id added_at removed_by_id removed_at"
        ),
    },
    "notices.feedback": {
        "": ("by_id page text at answer answered_by_id answered_at"),
    },
    "organizations.organization": {
        "": (
            "code name short_name organization_class kind field place established_on dissolved_on "
            "parent_id"
        ),
        "placements": ("parent_id since until"),
        "names": ("name short_name since until"),
        "terms": ("since ends_on until has_committee"),
        "posts": ("group_id kind title role in_committee rank seats since until"),
    },
    "organizations.partygroup": {
        "": ("organization_id name since until"),
    },
    "packs.storedpack": {
        "": (
            "pack version title digest files state proposed_by_id proposed_at settled_by_id "
            "settled_at"
        ),
    },
    "people.person": {
        "": (
            "name sex born_on ethnicity education occupation id_number phone address registered_at"
        ),
        "states": ("state since until basis"),
        "belongings": ("organization_id kind since until is_since_known"),
        "groups": ("group_id since until"),
        "holdings": ("post_id since until ended_on manner reason"),
        "reveals": ("field reason by_id at"),
    },
}


@pytest.mark.parametrize("name", FIRST)
def test_records_of_the_first_version_are_read_as_they_were_written(name):
    known = protection.named(name)
    first = {part.name: part for part in known.parts if not part.is_later}

    assert " ".join(known.fields) == FIRST[name][""]
    assert list(first) == [part for part in FIRST[name] if part]
    assert {n: " ".join(part.fields) for n, part in first.items()} == {
        n: columns for n, columns in FIRST[name].items() if n
    }


PLACED = protection.Part("placements", Placement, "organization_id", ("parent_id", "since"))
KNOWN = protection.Protection(
    "organizations.organization",
    Organization,
    ("code", "name"),
    (PLACED,),
    Organization.all_rows.all,
)
ROW = Organization(pk=7, code="D1", name="东镇党委", place="")
CHILDREN = [[[3, None, date(2020, 1, 1)]]]
WRITTEN = '["organizations.organization",7,["D1","东镇党委"],[[3,null,"2020-01-01"]]]'.encode()


def test_a_record_is_the_bytes_it_always_was():
    assert merkle.canonical(KNOWN.record(ROW, CHILDREN)) == WRITTEN


def test_later_columns_and_parts_that_say_nothing_change_no_record():
    names = protection.Part("names", Placement, "organization_id", ("since",), is_later=True)
    dated = replace(PLACED, later={"until": None})
    grown = replace(KNOWN, later={"place": ""}, parts=(dated, names))

    same = grown.record(ROW, [[[3, None, date(2020, 1, 1), None]], []])

    assert merkle.canonical(same) == WRITTEN


@pytest.mark.parametrize(
    ("place", "until", "named"),
    [("村部", None, []), ("", date(2026, 1, 1), []), ("", None, [[9, date(2021, 1, 1)]])],
)
def test_later_columns_and_parts_that_say_something_are_in_the_record(place, until, named):
    names = protection.Part("names", Placement, "organization_id", ("since",), is_later=True)
    dated = replace(PLACED, later={"until": None})
    grown = replace(KNOWN, later={"place": ""}, parts=(dated, names))
    row = Organization(pk=7, code="D1", name="东镇党委", place=place)

    said = merkle.canonical(grown.record(row, [[[3, None, date(2020, 1, 1), until]], named]))

    assert said != WRITTEN


def test_the_same_word_in_another_later_column_is_another_record():
    grown = replace(KNOWN, later={"place": "", "short_name": ""})

    one = grown.record(Organization(pk=7, code="D1", name="x", place="东"), [[]])
    other = grown.record(Organization(pk=7, code="D1", name="x", short_name="东"), [[]])

    assert merkle.canonical(one) != merkle.canonical(other)
