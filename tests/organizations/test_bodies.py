"""Bodies and units: hosted, with posts and turns, and never in a figure of the Party's."""

from datetime import date
from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests import factories
from tests.conftest import NOON, TODAY
from tests.factories import SINCE
from tests.scenes import LIFE
from zhibu.adoptions import actions as adoptions
from zhibu.core import measures
from zhibu.core.verdicts import Refused
from zhibu.duties.models import Obligation
from zhibu.ledger.models import Entry
from zhibu.ledger.verify import verify
from zhibu.organizations import actions, plans, rotating, succeeding
from zhibu.organizations.models import Class, Kind, Organization, Succession, Turn
from zhibu.people import actions as people
from zhibu.people.queries import headcount

pytestmark = pytest.mark.django_db
BODIES = [kind for kind in Kind.values if actions.CLASS_OF.get(kind, Class.BODY) != Class.PARTY]
ON = date(2026, 10, 1)


def hosted(tree):
    """One of each kind of body and unit below the village branch, each with a post and a
    member of the branch in it."""
    made = []
    for kind in BODIES:
        body = factories.organization(tree.village, by=tree.system, name=f"前村{kind}", kind=kind)
        person = factories.member(tree.far, by=tree.system)
        post = actions.make_post(
            body, kind="head", title="主任", role="branch-committee", since=SINCE,
            by=tree.system, at=NOON,
        )  # fmt: skip
        people.hold_post(person, post=post, since=SINCE, by=tree.system, at=NOON)
        made.append(body)
    return made


ASKED = {
    "OfDuty": {"duty": f"{LIFE}:general-meeting"},
    "OfRegister": {"book": "seeds/county-registers:venues"},
    "OfStep": {"procedure": "seeds/four-deliberations:decision", "stage": "watch"},
}


def figures(tree):
    """Every measure of everybody in the eastern township, and the counts pages show."""
    ids = list(Organization.objects.under(tree.east.path).party().values_list("pk", flat=True))
    found = {}
    for name in measures.names():
        known = measures.get(name)
        params = known.params(**ASKED.get(known.params.__name__, {}))
        made = known.compute(ids, date(2026, 1, 1), date(2027, 1, 1), TODAY, params)
        found[name] = {pk: (f.count, f.total) for pk, f in made.items()}
    counts = headcount(tree.east.path, TODAY)
    found["headcount"] = (counts.people, counts.full, counts.probationary)
    below = Organization.objects.under(tree.east.path)
    found["branches"] = below.branches().standing_on(TODAY).count()
    found["party"] = below.party().count()
    found["owed"] = Obligation.objects.filter(organization__in=ids).count()
    found["all owed"] = Obligation.objects.count()
    return found


def test_bodies_and_units_change_no_figure_of_the_party(tree, cast, client, clock):
    adoptions.adopt(pack=LIFE, organization=tree.county, since=SINCE, by=tree.system, at=NOON)
    client.force_login(cast["township officer"])
    before = figures(tree)
    page = client.get("/overview/").context
    shown = (page["branches"], page["members"], page["matrix"].owed)

    made = hosted(tree)

    assert {body.organization_class for body in made} == {Class.BODY, Class.UNIT}
    after = figures(tree)
    assert after == before
    page = client.get("/overview/").context
    assert (page["branches"], page["members"], page["matrix"].owed) == shown


@pytest.mark.parametrize("kind", ["supervision-committee", "firm"])
def test_nobody_is_at_home_in_a_body(tree, kind):
    body = factories.organization(tree.village, by=tree.system, name="前村监委会", kind=kind)

    with pytest.raises(Refused, match="人要登记在党支部"):
        factories.member(body, by=tree.system)


def test_body_and_party_organisation_never_succeed_one_another(tree):
    body = factories.organization(
        tree.village, by=tree.system, name="前村监委会", kind="supervision-committee"
    )

    with pytest.raises(Refused, match="同一类的才能合并"):
        succeeding.merge(
            [body], into=succeeding.Into(existing=tree.inner), on=ON, by=tree.system, at=NOON
        )


# --- turns to chair


@pytest.fixture
def meeting(tree):
    return factories.organization(
        tree.east, by=tree.system, name="东镇联席会议", kind="joint-meeting"
    )


def turns(meeting):
    rows = Turn.objects.filter(organization=meeting).order_by("since")
    return [(row.unit.name, str(row.since), str(row.until)) for row in rows]


def rotate(meeting, units, since, by, **more):
    return rotating.rotate(meeting, units=units, since=since, months=3, by=by, at=NOON, **more)


def test_units_chair_in_their_order_over_dated_turns(tree, meeting):
    rotate(meeting, [tree.village, tree.inner], date(2026, 1, 31), tree.system, rounds=2)

    assert turns(meeting) == [
        ("前村党支部", "2026-01-31", "2026-04-30"),
        ("机关第一党支部", "2026-04-30", "2026-07-31"),
        ("前村党支部", "2026-07-31", "2026-10-31"),
        ("机关第一党支部", "2026-10-31", "2027-01-31"),
    ]
    assert verify().faults == []


def test_new_order_replaces_what_is_to_come_and_keeps_what_was(tree, meeting):
    rotate(meeting, [tree.village, tree.inner], date(2026, 1, 1), tree.system)

    rotate(meeting, [tree.inner, tree.village], date(2026, 3, 1), tree.system)

    assert turns(meeting) == [
        ("前村党支部", "2026-01-01", "2026-03-01"),
        ("机关第一党支部", "2026-03-01", "2026-06-01"),
        ("前村党支部", "2026-06-01", "2026-09-01"),
    ]
    assert verify().faults == []


def test_turn_passes_to_whoever_succeeds_the_unit(tree, meeting):
    other = factories.organization(tree.east, by=tree.system, name="后村党支部")
    rotate(meeting, [tree.village, tree.inner], date(2026, 9, 1), tree.system)

    succeeding.merge(
        [tree.village], into=succeeding.Into(existing=other), on=ON, by=tree.system, at=NOON
    )

    assert turns(meeting)[:2] == [
        ("前村党支部", "2026-09-01", "2026-10-01"),
        ("后村党支部", "2026-10-01", "2026-12-01"),
    ]


@pytest.mark.parametrize(
    ("units", "reason"), [(["village"], "两个以上"), (["village", "village"], "写了两次")]
)
def test_turns_are_refused(tree, meeting, units, reason):
    with pytest.raises(Refused, match=reason):
        rotate(meeting, [getattr(tree, name) for name in units], ON, tree.system)


def test_only_a_joint_meeting_has_turns(tree):
    with pytest.raises(Refused, match="不是联席会议"):
        rotate(tree.village, [tree.inner, tree.far], ON, tree.system)


# --- a whole plan: S002.10-01


VILLAGES, BECOME = 753, 345
THREE = ("纪检小组", "村务公开监督小组", "民主理财小组")


def town_of(tree, numbers, kind, title, prefix):
    wanted = [
        (actions.New(f"{prefix}{number:04d}", f"{title}{number}", kind, field="rural"), tree.east)
        for number in numbers
    ]
    return actions.establish(wanted, established_on=SINCE)


def plan(tree, lines, *, by=None):
    made, faults = plans.mergers(plans.lines_of("\n".join(lines)), tree.county, by or tree.system)
    assert faults == []
    mergers = [merger for merger in made if merger.predecessors]
    return succeeding.merge_many(
        mergers, within=tree.county, on=ON, paper="县〔2026〕9 号", by=tree.system, at=NOON
    )


def test_seven_hundred_and_fifty_three_villages_become_three_hundred_and_forty_five(tree):
    town_of(tree, range(VILLAGES), "village-committee", "村", "V")
    lines = [f"V{n:04d}\tN{n % BECOME:04d}\t新村{n % BECOME}" for n in range(VILLAGES)]
    before = Entry.objects.count()

    made = plan(tree, lines)

    villages = Organization.objects.filter(kind="village-committee", dissolved_on=None)
    assert (len(made), villages.count()) == (BECOME, BECOME)
    assert Succession.objects.count() == VILLAGES
    assert Organization.objects.filter(dissolved_on=ON).count() == VILLAGES
    assert Entry.objects.count() == before + 1
    assert verify().faults == []


def test_three_bodies_of_each_village_become_one(tree):
    villages = town_of(tree, range(5), "village-committee", "村", "V")
    for number, village in enumerate(villages):
        for at, title in enumerate(THREE):
            factories.organization(
                village, by=tree.system, name=f"村{number}{title}", kind="supervision-group",
                code=f"B{number}{at}",
            )  # fmt: skip
    lines = [
        f"B{number}{at}\tJ{number}\t村{number}监督委员会" for number in range(5) for at in range(3)
    ]

    made = plan(tree, lines)

    assert [row.parent for row in made] == villages
    assert Organization.objects.filter(kind="supervision-group", dissolved_on=None).count() == 5
    assert all(row.inheritances.count() == 3 for row in made)


def test_plan_with_faults_tells_them_all_and_changes_nothing(tree, cast, client, clock):
    town_of(tree, range(4), "village-committee", "村", "V")
    client.force_login(cast["county officer"])
    lines = "\n".join(
        ["V0000\tN1\t新村", "V0000\tN1", "V9999\tN1", "V0001\tN2", f"V0002\t{tree.village.code}"]
    )

    page = client.post(
        f"/organizations/{tree.county.pk}/plan/", {"lines": lines, "on": ON, "confirm": "1"}
    ).content.decode()

    for reason in ("第 2 行", "第 3 行", "第 4 行", "第 5 行", "要写新名称", "同一类的才能合并"):
        assert reason in page
    assert not Succession.objects.exists()
    assert "V9999" in page  # what was typed is still there


def test_plan_comes_from_the_workbook_that_was_handed_out(tree, cast, client, clock):
    town_of(tree, range(3), "village-committee", "村", "V")
    client.force_login(cast["county officer"])
    address = f"/organizations/{tree.county.pk}/plan/"
    book = openpyxl.load_workbook(BytesIO(client.get(f"{address}blank/").content))
    for row in book.active.iter_rows():
        if str(row[0].value).startswith("V"):
            row[2].value, row[3].value = "N1", "新村"
    filled = BytesIO()
    book.save(filled)

    file = SimpleUploadedFile("方案.xlsx", filled.getvalue())
    page = client.post(address, {"file": file, "on": ON})

    assert page.context["preview"].organizations == 3
    lines = page.context["form"]["lines"].value()
    done = client.post(address, {"lines": lines, "on": ON, "confirm": "1"})
    assert done.status_code == 302
    assert Organization.objects.get(code="N1").inheritances.count() == 3
