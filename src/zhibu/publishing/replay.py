"""What is made public in a worked example, through the real actions."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from functools import partial

from zhibu.activities.replay.beside import Step, plays
from zhibu.activities.replay.cases import Cases
from zhibu.activities.replay.registers import Registers
from zhibu.activities.replay.situation import Situation, noon
from zhibu.activities.replay.typed import otherwise
from zhibu.core.disclosures import Record
from zhibu.core.verdicts import Refused
from zhibu.packs.schema.examples import (
    Example,
    ExpectPublication,
    GivenPosting,
    GivenPublication,
)
from zhibu.publishing import actions, queries
from zhibu.publishing.actions import Faulty, Proposal
from zhibu.publishing.models import Channel, Publication, Receipt

WHO = "who"
LATER = timedelta(minutes=1)


class Publications:
    """Differences are added to the list that was given."""

    def __init__(
        self,
        situation: Situation,
        example: Example,
        differences: list[str],
        cases: Cases,
        registers: Registers,
    ) -> None:
        self.situation, self.example = situation, example
        self.differences, self.cases = differences, cases
        self.made: dict[int, Publication] = {}

    def days(self) -> Iterator[Step]:
        for number, given in enumerate(self.example.given.publication, 1):
            yield given.on, partial(self.publish, number, given)
            for index, posting in enumerate(given.posting, 1):
                yield posting.on, partial(self.post, number, index, posting)
            if given.withdrawn_on:
                yield given.withdrawn_on, partial(self.withdraw, number, given.withdrawn_on, given)

    def looks(self) -> Iterator[Step]:
        for expected in self.example.publication:
            yield expected.on, partial(self.look, expected)

    def publish(self, number: int, given: GivenPublication) -> None:
        at = noon(given.on)

        def run() -> None:
            made = actions.propose(
                self.situation.organization,
                self._proposal(given),
                by=self.cases.acting(given.by),
                at=at,
            )
            asked = [id_ for id_, _ in actions.questions(made)]
            looked_at = asked if given.looked_at is None else given.looked_at
            checker, approver = (
                self.cases.acting(given.checked_by),
                self.cases.acting(given.approved_by),
            )
            actions.check(made, looked_at=looked_at, by=checker, at=at + LATER)
            actions.approve(made, by=approver, at=at + 2 * LATER)
            self.made[number] = actions.publish(
                made, by=self.cases.acting(given.by), at=at + 3 * LATER, until=given.until
            )
            for person in given.read_by:
                reader = self.cases.account_of(self.situation.people[person - 1])
                actions.give_receipt(made, by=reader, at=at + 4 * LATER)

        self._compare(f"第 {number} 条公开", given.refused, _told(run))

    def _proposal(self, given: GivenPublication) -> Proposal:
        case = self.cases.begun.get(given.case) if given.case else None
        if given.case and case is None:
            self.differences.append(f"第 {given.case} 件事没有开始，公开不了")
        earlier = self.made.get(given.replaces) if given.replaces else None
        return Proposal(
            topic=given.topic, title=given.title, note=given.note,
            source="cases" if case else "", record=Record(case.pk) if case else None,
            is_followed=given.is_followed, replaces=earlier.pk if earlier else None,
        )  # fmt: skip

    def post(self, number: int, index: int, given: GivenPosting) -> None:
        where, made = f"第 {number} 条第 {index} 处", self.made.get(number)
        if made is None:
            self.differences.append(f"{where}：没有公开")
            return

        def run() -> None:
            actions.post(
                made, channel=given.channel, place=given.place,
                posted_on=given.posted_on or given.on, until=given.until,
                by=self.cases.acting("above"), at=noon(given.on) + 5 * LATER,
            )  # fmt: skip

        self._compare(where, given.refused, _told(run))

    def withdraw(self, number: int, on: date, given: GivenPublication) -> None:
        made = self.made.get(number)
        if made is None:
            self.differences.append(f"第 {number} 条：没有公开，撤不了")
            return
        told = _told(
            lambda: actions.withdraw(
                made, reason="示例", by=self.cases.acting(given.checked_by), at=noon(on) + 6 * LATER
            )
        )
        self._compare(f"第 {number} 条撤下", {}, told)

    def look(self, expected: ExpectPublication) -> None:
        where = f"第 {expected.publication} 条，{expected.on} 看"
        found = self.made.get(expected.publication)
        if found is None:
            self.differences.append(f"{where}：没有公开")
            return
        one = Publication.objects.get(pk=found.pk)
        self._must(f"{where}，状态", expected.state, one.state)
        self._must(f"{where}，在公示期里", expected.hangs, one.hangs_on(expected.on))
        self._must(f"{where}，挂到", expected.hang_until, one.hang_until)
        self._must(f"{where}，哪天前再看", expected.review_on, one.review_on)
        if expected.public is not None:
            shown = queries.shown(expected.on).filter(pk=one.pk).exists()
            self._must(f"{where}，群众看得到", expected.public, shown)
        if expected.read is not None:
            read = Receipt.objects.filter(publication=one).count()
            self._must(f"{where}，签收几人", expected.read, read)
        if expected.unread is not None:
            lacking = {person.pk for person in queries.readers(one, expected.on).unread}
            people = enumerate(self.situation.people, 1)
            numbers = [number for number, person in people if person.pk in lacking]
            self._must(f"{where}，没有签收的", expected.unread, numbers)
        hung = queries.hung(one, expected.on)
        if expected.places is not None:
            known = [
                f"{row.posting.channel} {row.posting.place}"
                for row in hung
                if row.posting.channel != Channel.PAGE and row.posting.posted_on <= expected.on
            ]
            self._must(f"{where}，贴在", expected.places, known)
        if expected.short is not None:
            self._must(f"{where}，没有挂够几处", expected.short, sum(r.lacking > 0 for r in hung))
        if expected.status:
            status = queries.statuses([one]).get(one.pk)
            self._must(f"{where}，跟着的状态", expected.status, status.word if status else "")
        text = "\n".join(
            [one.title, one.note, *(f"{line['label']}：{line['text']}" for line in one.lines)]
        )
        for said in expected.says:
            if said not in text:
                self.differences.append(f"{where}：写出来的里面没有“{said}”：{text}")
        for hidden in expected.hides:
            if hidden in text:
                self.differences.append(f"{where}：写出来的里面不该有“{hidden}”")

    def _must(self, what: str, expected: object, found: object) -> None:
        """``expected`` None means that the example does not say."""
        if expected is not None and expected != found:
            self.differences.append(f"{what}：应是 {expected}，实际 {found}")

    def _compare(self, where: str, expected: Mapping[str, str], told: Mapping[str, str]) -> None:
        self.differences += otherwise(where, expected, told)


def _told(act: Callable[[], object]) -> Mapping[str, str]:
    """What the actions said; {} where they went through."""
    try:
        act()
    except Faulty as faulty:
        return faulty.faults
    except Refused as refusal:
        return {WHO: refusal.verdict.reason}
    return {}


plays(Publications)
