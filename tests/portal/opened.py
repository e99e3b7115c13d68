"""What the tests' county has made public: one notice that hangs, asked about and answered."""

from datetime import date, timedelta

from tests.conftest import NOON, TODAY
from zhibu.accounts.models import User
from zhibu.adoptions import actions as adoptions
from zhibu.organizations.models import Organization
from zhibu.publishing import actions
from zhibu.publishing.actions import Proposal
from zhibu.publishing.models import Publication

PACK = "national/open-affairs"
OWN = f"{PACK}:grassroots/own-building"
TITLE = "活动室周末开放"


def notice(
    organization: Organization, *, proposer: User, checker: User, by: User, at=NOON, today=TODAY
) -> Publication:
    """Proposed by ``proposer``, checked and approved by ``checker``; hangs for fifteen days.
    ``by`` adopts the catalogue there."""
    adoptions.adopt(pack=PACK, organization=organization, since=date(2026, 1, 1), by=by, at=at)
    proposal = Proposal(topic=OWN, title=TITLE, note="每周六、周日上午开放，钥匙在村部。")
    made = actions.propose(organization, proposal, by=proposer, at=at)
    asked = [id_ for id_, _ in actions.questions(made)]
    made = actions.check(made, looked_at=asked, by=checker, at=at)
    made = actions.approve(made, by=checker, at=at)
    made = actions.publish(made, until=today + timedelta(days=14), by=proposer, at=at)
    actions.raise_voice(made, kind="question", said="钥匙找谁拿？", contact="", at=at)
    actions.answer(
        made.voices.get(), text="找值班的人。", in_public=True, asked="钥匙找谁拿？", by=checker, at=at
    )
    return made
