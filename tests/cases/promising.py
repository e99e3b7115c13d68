"""The county campaign of the material: 31 committees, 450 branches, 1,854 commitments of
organisations and 4,094 of members, of which 1,726 and 3,925 are kept (S000-02).

``County`` is built by the thousand; every case is begun and carried to its end by the real
actions: the county vets the committees, a township its branches, a branch its members.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import xlsxwriter
from django.db import transaction

from tests import factories
from tests.factories import SINCE
from zhibu.accounts.models import User
from zhibu.adoptions import actions as adoptions
from zhibu.cases import actions, at_once, sheet
from zhibu.cases.models import Case
from zhibu.cases.steps import Step
from zhibu.core import once
from zhibu.core.paths import step as path_step
from zhibu.organizations.models import Organization, Placement
from zhibu.packs import library
from zhibu.packs.schema.procedures import Procedure
from zhibu.people.models import Belonging, MembershipState, Person

PACK = "seeds/commitments"
ORGANIZATION, MEMBER = f"{PACK}:organization", f"{PACK}:member"
BEGUN, PUBLISHED, DUE, LOOKED = (
    date(2026, 4, 10), date(2026, 4, 15), date(2026, 9, 30), date(2026, 10, 9),
)  # fmt: skip
COMMITTEES, BRANCHES = 31, 450
MADE = {ORGANIZATION: 1_854, MEMBER: 4_094}
KEPT = {ORGANIZATION: 1_726, MEMBER: 3_925}


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


@dataclass
class County:
    """``officer`` acts everywhere below ``top``; ``checker`` is another of the same standing."""

    top: Organization
    officer: User
    checker: User
    committees: list[Organization]
    branches: list[Organization]
    members: dict[int, list[Person]] = field(default_factory=dict)


def build(committees: int, branches: int, members: int, *, system: User) -> County:
    """Committees below a county, branches below them in turn, members in the branches."""
    top = factories.organization(None, by=system, name="某县委员会", kind="committee")
    home = factories.organization(top, by=system, name="县委办党支部")
    officer, checker = (
        factories.holder(home, top, "committee-officer", by=system, title=title)
        for title in ("书记", "副书记")
    )
    adoptions.adopt(
        pack=PACK, organization=top, since=SINCE, by=officer, at=noon(BEGUN)
    )  # fmt: skip
    made = [
        factories.organization(top, by=system, name=f"第{n}镇委员会", kind="committee")
        for n in range(1, committees)
    ]
    with transaction.atomic():
        under = [top, *made]
        lower = Organization.objects.bulk_create(
            [
                Organization(
                    code=f"B{n:05d}", name=f"第{n}党支部", organization_class="party",
                    kind="branch", field="rural", established_on=SINCE,
                    parent=(parent := under[n % len(under)]),
                    path=parent.path + path_step(2000 + n),
                )
                for n in range(branches - 1)
            ],
            batch_size=1000,
        )  # fmt: skip
        Placement.objects.bulk_create(
            [
                Placement(organization=one, parent=one.parent, path=one.path, since=SINCE)
                for one in lower
            ],
            batch_size=1000,
        )
        everywhere = [home, *lower]
        people = Person.objects.bulk_create(
            [
                Person(
                    name=f"党员{n:05d}", home=(place := everywhere[n % len(everywhere)]),
                    path=place.path, registered_at=noon(BEGUN),
                )
                for n in range(members)
            ],
            batch_size=1000,
        )  # fmt: skip
        MembershipState.objects.bulk_create(
            [MembershipState(person=one, state="full", since=SINCE) for one in people],
            batch_size=1000,
        )
        Belonging.objects.bulk_create(
            [Belonging(person=one, organization=one.home, since=SINCE) for one in people],
            batch_size=1000,
        )
    found = County(top, officer, checker, [top, *made], everywhere)
    for one in people:
        found.members.setdefault(one.home_id, []).append(one)
    return found


def _rule(reference: str) -> Procedure:
    item = library.packs()[PACK].items["procedures", reference.partition(":")[2]][-1].item
    assert isinstance(item, Procedure)
    return item


def table(county: County, reference: str, count: int) -> bytes:
    """A filled table of ``count`` commitments, spread over the organisations or the members."""
    rule = _rule(reference)
    head = sheet.headings(rule)
    everybody = [one for people in county.members.values() for one in people]
    places = [*county.committees, *county.branches]
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        tab = book.add_worksheet()
        tab.write_row(0, 0, head)
        for row in range(count):
            said = {
                "承诺做什么": f"第 {row} 件实事", "做到什么程度": f"办好 {row} 户",
                "哪天前做到": str(DUE), "事情": f"承诺 {row}",
            }  # fmt: skip
            if reference == MEMBER:
                person = everybody[row % len(everybody)]
                said |= {
                    "组织代码": person.home.code, "党员": person.name,
                    "征求了谁的意见": "所在党组织、其他党员、本单位的群众",
                }  # fmt: skip
            else:
                said |= {
                    "组织代码": places[row % len(places)].code,
                    "征求了谁的意见": "党员、群众、上级党组织",
                }
            tab.write_row(row + 1, 0, [said.get(title, "") for title in head])
    return buffer.getvalue()


def begin(county: County, reference: str, content: bytes) -> list[Case]:
    """What the page does with a filled table: read, judged as a whole, begun part by part."""
    by, rule = county.officer, _rule(reference)
    with once.one_request():
        return _begun(county, reference, content, rule, by)


def _begun(county: County, reference: str, content: bytes, rule: Procedure, by: User) -> list[Case]:
    found = sheet.read(content, rule, reference, county.top, user=by, on=BEGUN)
    assert not found.faults, found.faults[:3]
    at = noon(BEGUN)
    assert at_once.judged(reference, found.drafts, on=BEGUN, by=by, at=at) == {}
    made: list[Case] = []
    for first in range(0, len(found.drafts), at_once.AT_ONCE):
        some = found.drafts[first : first + at_once.AT_ONCE]
        made += at_once.start_many(reference, some, on=BEGUN, by=by, at=at)
    return made


def promised(place: Organization, *, by: User) -> Case:
    """One of an organisation, vetted and hung."""
    values = {
        "pledge": "修路", "goal": "800 米", "due_on": DUE, "heard": ["members", "masses", "above"],
    }  # fmt: skip
    wording = library.packs()[PACK].items["procedures", "organization"][-1].since
    case = actions.start(
        place, procedure=ORGANIZATION, wording=wording, title="修路", values=values, on=BEGUN,
        by=by, at=noon(BEGUN),
    )  # fmt: skip
    return publish(case, by=by)


def publish(case: Case, *, by: User, channel: str = "公开栏") -> Case:
    """Vetted and hung for a day."""
    act(case, "vet", outcome="agree", by=by, on=PUBLISHED - timedelta(days=1))
    actions.post(
        _turn(case, "publish"), channel=channel, place="村部", posted_on=PUBLISHED,
        until=PUBLISHED, by=by, at=noon(PUBLISHED),
    )  # fmt: skip
    return act(case, "publish", outcome="clean", by=by, on=PUBLISHED + timedelta(days=1))


def keep(case: Case, *, by: User, checked_by: User) -> Case:
    """Delivered by the last day, and found done by somebody else."""
    act(case, "deliver", outcome="report", by=by, on=DUE, done="办好了")
    return act(case, "check", outcome="kept", by=checked_by, on=LOOKED, seen="看过，办好了")


def _turn(case: Case, stage: str):
    return case.turns.open().select_related("organization", "case").get(stage=stage)


def act(
    case: Case, stage: str, *, outcome: str, by: User, on: date, reason: str = "",
    **values: object,
) -> Case:  # fmt: skip
    step = Step(outcome=outcome, happened_on=on, values=values, reason=reason)
    with once.one_request():
        return actions.act(_turn(case, stage), step, by=by, at=noon(on))
