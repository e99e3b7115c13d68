"""What the tests' county has made public: one notice that hangs, asked about and answered."""

from datetime import date, datetime, timedelta

from tests.conftest import NOON, TODAY
from zhibu.accounts.models import User
from zhibu.adoptions import actions as adoptions
from zhibu.cases.models import Case
from zhibu.core.disclosures import Record
from zhibu.organizations.models import Organization
from zhibu.publishing import actions, topics
from zhibu.publishing.actions import Proposal
from zhibu.publishing.models import Publication

PACK = "national/open-affairs"
OWN = f"{PACK}:grassroots/own-building"
TITLE = "活动室周末开放"


def notice(
    organization: Organization, *, proposer: User, checker: User, by: User, at=NOON, today=TODAY
) -> Publication:
    """Proposed by ``proposer``, checked and approved by ``checker``; hangs for fifteen days.
    ``by`` adopts
    the catalogue there unless it holds already."""
    if OWN not in topics.in_force(organization, today):
        adoptions.adopt(pack=PACK, organization=organization, since=date(2026, 1, 1), by=by, at=at)
    proposal = Proposal(topic=OWN, title=TITLE, note="每周六、周日上午开放，钥匙在村部。")
    made = _through(organization, proposal, proposer, checker, at, today + timedelta(days=14))
    actions.raise_voice(made, kind="question", said="钥匙找谁拿？", contact="", at=at)
    actions.answer(
        made.voices.get(),
        text="找值班的人。",
        in_public=True,
        asked="钥匙找谁拿？",
        by=checker,
        at=at,
    )
    return made


def followed(
    organization: Organization, case: Case, *, proposer: User, checker: User, at=NOON
) -> Publication:
    """What is drawn from a case and follows it; the catalogue is adopted there."""
    proposal = Proposal(
        topic=OWN, title=case.title, source="cases", record=Record(case.pk), is_followed=True
    )
    return _through(organization, proposal, proposer, checker, at, None)


def _through(
    organization: Organization, proposal: Proposal, proposer: User, checker: User, at: datetime,
    until: date | None,
) -> Publication:  # fmt: skip
    made = actions.propose(organization, proposal, by=proposer, at=at)
    asked = [id_ for id_, _ in actions.questions(made)]
    made = actions.check(made, looked_at=asked, by=checker, at=at)
    made = actions.approve(made, by=checker, at=at)
    return actions.publish(made, until=until, by=proposer, at=at)
