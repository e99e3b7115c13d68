"""The pack of ``rooms/``: cases that wait for a vote, a notice and claims at once, and quiet ones.

The one of ``waiting`` began under the older of two wordings; its notice hangs with an
objection that nobody has answered, one of its turns is claimed, one may be.
"""

from datetime import date, datetime, timedelta
from pathlib import Path

from django.utils import timezone

from zhibu.accounts.models import User
from zhibu.cases import actions
from zhibu.cases.models import Case, Link
from zhibu.cases.steps import Step, Totals, roll_of
from zhibu.core.fields import Named
from zhibu.organizations.models import Organization
from zhibu.packs import actions as packs
from zhibu.packs.reading import files_of, read
from zhibu.people.models import Person

FOLDER = Path(__file__).parent / "rooms"
ROOMS, QUIET, READ = "demo/rooms:rooms", "demo/rooms:quiet", "demo/rooms:read"
OLDER = date(2018, 1, 1)


def install(*, proposer: User, confirmer: User, at: datetime) -> None:
    pack, faults = read(files_of(FOLDER))
    assert pack is not None, faults
    packs.confirm(packs.propose(pack, by=proposer, at=at), by=confirmer, at=at)


def begin(
    home: Organization, title: str, person: Person, *, neighbour: Organization, by: User,
    on: date | None = None, at: datetime,
) -> Case:  # fmt: skip
    """Five turns are open; the neighbour's is the only one that is not at home."""
    return actions.start(
        home, procedure=ROOMS, wording=OLDER, title=title, person=person,
        values={"neighbour": Named(neighbour.pk, neighbour.called)},
        on=on or timezone.localdate(at), by=by, at=at,
    )  # fmt: skip


def waiting(case: Case, *, by: User, at: datetime, until: date | None = None) -> Case:
    """A notice hangs, somebody objected, ``by`` claimed the look."""
    today = timezone.localdate(at)
    notice = case.turns.open().get(stage="notice")
    posting = actions.post(
        notice, channel="张贴", place="村部公示栏", posted_on=case.started_on,
        until=until or today + timedelta(days=10), by=by, at=at,
    )  # fmt: skip
    actions.object_to(
        posting, raised_on=today, said="晚上太吵，要早点关门。", source="", by=by, at=at
    )
    actions.claim(case.turns.open().get(stage="look"), by=by, at=at)
    return Case.objects.get(pk=case.pk)


def voted(case: Case, *, by: User, at: datetime) -> Case:
    """The vote is counted: all present, all for it."""
    turn = case.turns.open().get(stage="vote")
    turn.case = case
    stage = turn.rule(case.rule)
    on = timezone.localdate(at)
    roll = sorted(roll_of(turn, stage, on) - {case.person_id})
    one, two = roll[:2]
    everybody = len(roll_of(turn, stage, on))
    totals = Totals(
        entitled=everybody, present=everybody, yes=everybody, no=0, abstain=0, tellers=(one, two)
    )
    step = Step(outcome="accept", happened_on=on, totals=totals)
    return actions.act(turn, step, by=by, at=at)


def quiet(home: Organization, title: str, *, by: User, at: datetime) -> Case:
    return actions.start(
        home, procedure=QUIET, wording=OLDER, title=title, values={},
        on=timezone.localdate(at), by=by, at=at,
    )  # fmt: skip


def handed_round(home: Organization, title: str, *, by: User, at: datetime) -> Case:
    """Every member is asked to read it; nobody has yet."""
    return actions.start(
        home, procedure=READ, wording=OLDER, title=title, values={},
        on=timezone.localdate(at), by=by, at=at,
    )  # fmt: skip


def tied(case: Case, other: Case, *, by: User, at: datetime) -> Link:
    return actions.link(case, other, kind=Link.Kind.FOLLOWS, by=by, at=at)
