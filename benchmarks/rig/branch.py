"""A branch with members, a secretary and the national pack in force."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count

from tests import factories
from tests.scenes import draft
from zhibu.accounts.actions import ensure_system_account
from zhibu.accounts.models import User
from zhibu.activities import actions as activities
from zhibu.activities.drafts import AbsenceDraft, DecisionDraft, FollowUpDraft, VoteDraft
from zhibu.adoptions import actions as adoptions
from zhibu.organizations.models import Organization
from zhibu.people import actions as people
from zhibu.people.models import Person

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


@dataclass
class Branch:
    organization: Organization
    secretary: User
    people: list[Person]
    numbers: count = field(default_factory=lambda: count(1))  # type: ignore[type-arg]

    @classmethod
    def of(cls, *, members: int) -> "Branch":
        """``members`` full members, the secretary one of them."""
        system = ensure_system_account(NOW)
        tree = factories.small_tree(system)
        village = tree.village
        secretary = factories.holder(village, village, "branch-secretary", by=system)
        others = [factories.member(village, by=system) for _ in range(members - 1)]
        adoptions.adopt(
            pack="national/branch-life", organization=tree.county, since=date(2026, 1, 1),
            by=system, at=NOW,
        )  # fmt: skip
        return cls(village, secretary, others)

    def record_meeting(self) -> None:
        """One member ill, one vote, one follow-up."""
        absent, owner = self.people[0], self.people[1]
        day = date(2026, 11, 1) + timedelta(days=next(self.numbers) % 19)
        meeting = draft(
            "general-meeting", day=day, theme="学习全会精神", place="村部", agenda="听取工作报告",
            chair_id=self.secretary.person_id, recorder_id=owner.pk,
            absences={absent.pk: AbsenceDraft("ill")},
            decisions=(DecisionDraft("同意发展计划", VoteDraft(len(self.people) - 2, 1, 0)),),
            follow_ups=(FollowUpDraft("报发展计划", owner.pk, date(2026, 12, 1)),),
        )  # fmt: skip
        activities.record(self.organization, meeting, by=self.secretary, at=NOW)

    def change_person(self) -> None:
        number = next(self.numbers)
        person = self.people[number % len(self.people)]
        people.change(
            person, name=person.name, sex="female", born_on=date(1970, 1, 1), ethnicity="汉族",
            education="大专", occupation="务农", phone=f"139{number:08}", by=self.secretary, at=NOW,
        )  # fmt: skip
