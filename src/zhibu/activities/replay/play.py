"""What happens in an example, day by day, through the real actions."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from zhibu.activities import actions, queries
from zhibu.activities.drafts import AbsenceDraft, DecisionDraft, Draft, Faulty, KindDraft, VoteDraft
from zhibu.activities.models import Activity, Filing
from zhibu.activities.replay import beside
from zhibu.activities.replay.campaigns import Campaigns
from zhibu.activities.replay.cases import Cases
from zhibu.activities.replay.looks import Looks
from zhibu.activities.replay.registers import Registers
from zhibu.activities.replay.situation import Situation, noon
from zhibu.activities.replay.typed import typed
from zhibu.adoptions import actions as adoptions
from zhibu.adoptions import queries as in_force
from zhibu.assignments import actions as handing
from zhibu.assignments import commissions
from zhibu.assignments import queries as assignments
from zhibu.assignments.forms import AnswerForm
from zhibu.duties import actions as duties
from zhibu.duties.counting import item_token
from zhibu.duties.models import Talk
from zhibu.organizations import actions as organizations
from zhibu.packs.schema.duties import Duty
from zhibu.packs.schema.examples import (
    Example,
    ExpectReturn,
    GivenActivity,
    GivenExemption,
    GivenHandover,
    GivenPerson,
    GivenTalk,
    GivenTerm,
)
from zhibu.people import actions as people
from zhibu.people.models import Holding

MORNING = timedelta(hours=-3)
STRUCTURE, DEEDS, CONFIRMING, EVENING = 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class _Step:
    """Something that happens, or is looked at, on a day; ``order`` is its place in the day."""

    day: date
    order: int
    run: Callable[[], None]


class Play:
    """One example being played. Differences are added to the list it was given."""

    def __init__(
        self,
        situation: Situation,
        example: Example,
        differences: list[str],
        cases: type[Cases] = Cases,
    ) -> None:
        self.situation = situation
        self.example = example
        self.differences = differences
        self.officer = situation.officer
        self.horizon = example.given.adopted_from.year
        self.activities: dict[int, Activity] = {}
        self.faults: dict[int, dict[str, str]] = {}
        self.looks = Looks(situation, differences)
        self.cases = cases(situation, example, differences)
        self.campaigns = Campaigns(situation, example, differences)
        self.registers = Registers(situation, example, differences)
        self.players = [
            player(situation, example, differences, self.cases, self.registers)
            for player in beside.players()
        ]

    def run(self) -> None:
        for step in sorted(self._steps(), key=lambda step: (step.day, step.order)):
            self._extend(step.day)
            step.run()
        votes = {vote.activity for vote in self.example.vote if not vote.quorate}
        self.looks.at_refusals(self.example.refusal, self.faults, apart_from=votes)
        for filing in self.example.filing:
            self.looks.at_filing(filing, self.activities.get(filing.activity))

    def _extend(self, day: date) -> None:
        """What the nightly job does when a year begins."""
        ids = [self.situation.organization.pk, self.situation.venue.pk]
        while self.horizon < day.year:
            self.horizon += 1
            first = date(self.horizon, 1, 1)
            duties.refresh(ids, at=noon(first), since=first)

    def _steps(self) -> Iterator[_Step]:
        given, organization = self.example.given, self.example.given.organization
        for handover in given.handover:
            yield _Step(handover.on, STRUCTURE, partial(self._hand_over, handover))
        if given.adopted_until:
            run = partial(self._withdraw, given.adopted_until)
            yield _Step(given.adopted_until, STRUCTURE, run)
        if organization.dissolved_on:
            run = partial(self._dissolve, organization.dissolved_on)
            yield _Step(organization.dissolved_on, STRUCTURE, run)
        for number, activity in enumerate(given.activity, 1):
            yield from self._steps_of(number, activity)
        for term in given.term:
            yield _Step(term.since, STRUCTURE, partial(self._begin_term, term))
        for talk in given.talk:
            yield from self._steps_of_talk(talk)
        for person in given.person:
            if person.left_on:
                yield _Step(person.left_on, STRUCTURE, partial(self._leave, person, person.left_on))
        for exemption in given.exemption:
            yield _Step(exemption.on, DEEDS, partial(self._exempt, exemption))
        for obligation in self.example.obligation:
            run = partial(self.looks.at_obligation, obligation)
            yield _Step(obligation.on, EVENING, run)
        for number, returned in enumerate(self.example.returned, 1):
            yield _Step(returned.on, DEEDS, partial(self._return, number, returned))
        for day, (act, *what) in self.cases.days():
            yield _Step(day, DEEDS, partial(act, *what))
        for day, (act, *what) in self.campaigns.days():
            yield _Step(day, CONFIRMING, partial(act, *what))
        for day, (act, *what) in self.registers.days():
            yield _Step(day, CONFIRMING, partial(act, *what))
        for player in self.players:
            for day, done in player.days():
                yield _Step(day, CONFIRMING, done)
            for day, look in player.looks():
                yield _Step(day, EVENING, look)
        for register in self.example.book:
            yield _Step(register.on, EVENING, partial(self.registers.look, register))
        for campaign in self.example.campaign:
            yield _Step(campaign.on, EVENING, partial(self.campaigns.look, campaign))
        for case in self.example.case:
            yield _Step(case.on, EVENING, partial(self.cases.look, case))
        for tally in self.example.tally:
            yield _Step(tally.on, EVENING, partial(self.cases.count_up, tally))
        for expected in self.example.person:
            yield _Step(expected.on, EVENING, partial(self.cases.look_at_person, expected))
        for book in self.example.account:
            yield _Step(book.on, EVENING, partial(self.cases.look_at_book, book))
        for hint in self.example.hint:
            yield _Step(hint.on, EVENING, partial(self.looks.at_hint, hint))
        for measure in self.example.measure:
            yield _Step(measure.on, EVENING, partial(self.looks.at_measure, measure))

    def _steps_of(self, number: int, given: GivenActivity) -> Iterator[_Step]:
        if given.planned_on:
            run = partial(self._plan, number, given, given.planned_on)
            yield _Step(given.planned_on, DEEDS, run)
        if given.filed_on:
            yield _Step(given.filed_on, DEEDS, partial(self._file, number, given.filed_on))
        if given.receipted_on:
            run = partial(self._receipt, number, given.receipted_on)
            yield _Step(given.receipted_on, DEEDS, run)
        if not given.planned_only:
            day = given.entered_on or given.held_on
            yield _Step(day, DEEDS, partial(self._record, number, given, day))

    def _steps_of_talk(self, given: GivenTalk) -> Iterator[_Step]:
        made: list[Talk] = []
        entered = given.entered_on or given.held_on
        yield _Step(entered, DEEDS, lambda: made.append(self._talk(given, entered)))
        if given.confirmed_on:
            day = given.confirmed_on
            yield _Step(day, CONFIRMING, lambda: self._confirm(made[0], day))

    def _talk(self, given: GivenTalk, day: date) -> Talk:
        """Written down by the officer, and confirmed by the first side there and then."""
        first = self.situation.people[given.between[0] - 1]
        if given.above:
            second = self.situation.above[given.above]
        else:
            second = self.situation.people[given.between[1] - 1]
        talk = duties.record_talk(
            first=first,
            second=second,
            kind=given.kind,
            held_on=given.held_on,
            by=self.officer,
            at=noon(day),
        )
        return duties.confirm_talk(talk, person=first, by=self.officer, at=noon(day))

    def _confirm(self, talk: Talk, day: date) -> None:
        duties.confirm_talk(talk, person=talk.second, by=self.officer, at=noon(day))

    def _begin_term(self, given: GivenTerm) -> None:
        organizations.begin_term(
            self.situation.organization,
            since=given.since,
            ends_on=given.ends_on,
            has_committee=self.example.given.organization.committee > 0,
            by=self.officer,
            at=noon(given.since),
        )

    def _leave(self, given: GivenPerson, day: date) -> None:
        person = self.situation.people[given.number - 1]
        people.place(
            person,
            organization=self.situation.elsewhere,
            since=day,
            by=self.officer,
            at=noon(day),
        )

    def _hand_over(self, given: GivenHandover) -> None:
        holdings = Holding.objects.in_post_on(given.on)
        for holding in holdings.filter(post=self.situation.posts[given.post]):
            people.end_holding(holding, on=given.on, by=self.officer, at=noon(given.on))
        busy = set(Holding.objects.in_post_on(given.on).values_list("person", flat=True))
        before = set(Holding.objects.values_list("person", flat=True))
        free = [p for p in self.situation.people if p.pk not in busy | before]
        self.situation.take(free[0], given.post, given.on)

    def _withdraw(self, day: date) -> None:
        for adoption in reversed(self.situation.adoptions):
            adoptions.withdraw(adoption, until=day, by=self.officer, at=noon(day))

    def _dissolve(self, day: date) -> None:
        organizations.dissolve(self.situation.organization, on=day, by=self.officer, at=noon(day))

    def _exempt(self, given: GivenExemption) -> None:
        row = self.looks.obligation(given.duty, given.period, given.group, given.person)
        if row is None:
            self.differences.append(f"{given.duty} {given.period}：没有这一条，免不了")
        else:
            duties.exempt(row, reason="示例", by=self.officer, at=noon(given.on))

    def _plan(self, number: int, given: GivenActivity, day: date) -> None:
        try:
            self.activities[number] = actions.plan(
                self.situation.venue,
                self._draft(given),
                group=self.situation.group(given.group),
                by=self.officer,
                at=noon(day),
            )
        except Faulty as faulty:
            self.faults[number] = faulty.faults
        self._look_at_theme(number, given)

    def _record(self, number: int, given: GivenActivity, day: date) -> None:
        try:
            saved = actions.record(
                self.situation.venue,
                self._draft(given),
                group=self.situation.group(given.group),
                planned=self.activities.get(number),
                by=self.officer,
                at=noon(day),
            )
            self.activities[number] = saved.activity
        except Faulty as faulty:
            self.faults[number] = faulty.faults
        self._look_at_theme(number, given)
        for vote in self.example.vote:
            if vote.activity == number:
                recorded = None if number in self.faults else self.activities.get(number)
                is_refused = "decisions.0" in self.faults.get(number, {})
                self.looks.at_vote(vote, given, recorded, is_refused=is_refused)

    def _return(self, number: int, given: ExpectReturn) -> None:
        """Handed down by whoever adopts, typed on the form as on the page, and given."""
        offered = assignments.forms_offered(self.situation.adopter, given.on)
        item = next(
            (form for ref, form in offered.items() if ref.startswith(f"{given.form}@")), None
        )
        if item is None:
            self.differences.append(f"{given.on} 没有在用的回执表 {given.form}")
            return
        due_on = given.due_on or given.on
        draft = commissions.Draft(title=item.title, due_on=due_on, asked=item.fields)
        situation = self.situation
        unit = situation.bodies[0] if given.of == "body" else situation.organization
        by, at = self.officer, noon(given.on)
        target = commissions.Target(unit)
        commission = handing.issue(situation.adopter, draft, [target], by=by, at=at)
        figures = assignments.filled(item.fields, unit, due_on, given.on)
        known = {name: figure.count for name, figure in figures.items()}
        values: dict[str, str | list[str]] = {
            name: str(count) for name, count in known.items() if count is not None
        }
        values |= {name: typed(value) for name, value in given.values.items()}
        form = AnswerForm(item.fields, {}, values)
        faults = {name: " ".join(map(str, said)) for name, said in form.errors.items()}
        if not faults:
            handing.give(commission.assignments.get(), form.values(), by=by, at=at)
        asked = {spec.id for spec in item.fields}
        unknown = sorted({*given.values, *given.known} - asked)
        self.looks.at_return(number, given, faults, known, unknown=unknown)

    def _file(self, number: int, day: date) -> None:
        actions.file_theme(self.activities[number], by=self.officer, at=noon(day))

    def _receipt(self, number: int, day: date) -> None:
        filing = Filing.objects.get(activity=self.activities[number])
        actions.receive_theme(filing, by=self.officer, at=noon(day))

    def _draft(self, given: GivenActivity) -> Draft:
        decisions: tuple[DecisionDraft, ...] = ()
        if given.yes is not None:
            vote = VoteDraft(given.yes, given.no, given.abstain)
            decisions = (DecisionDraft("示例决定", vote),)
        return Draft(
            kinds=tuple(KindDraft(kind, given.makes_up) for kind in given.kinds),
            starts_at=noon(given.held_on) + MORNING,
            theme=given.theme,
            chair_id=self.situation.holder(given.chair, given.held_on),
            speaker_id=self.situation.holder(given.speaker, given.held_on),
            absences=self._absences(given),
            decisions=decisions,
            items=self._items(given),
        )

    def _absences(self, given: GivenActivity) -> dict[int, AbsenceDraft]:
        """The last of those entitled, and of those not, beyond the numbers present."""
        roll = self.looks.roll(given)
        voters = [e.person.pk for e in roll if e.is_entitled]
        others = [e.person.pk for e in roll if not e.is_entitled]
        away = _beyond(voters, given.present) + _beyond(others, given.present_without_vote)
        away += [self.situation.people[number - 1].pk for number in given.absent]
        return {pk: AbsenceDraft("ill") for pk in away}

    def _items(self, given: GivenActivity) -> tuple[str, ...]:
        """Ticked items as they are stored, of duties in force that the activity fulfils."""
        if not given.items:
            return ()
        venue = self.situation.venue
        rows = in_force.items_in_force(venue, given.held_on, "duties")["duties"]
        tokens: dict[str, str] = {}
        for row in rows:
            duty = row.wording.item
            assert isinstance(duty, Duty)
            if not row.refined_by and set(duty.fulfilled_by) & set(given.kinds):
                tokens |= {item.id: item_token(row.reference, item.id) for item in duty.items}
        for name in sorted(set(given.items) - set(tokens)):
            self.differences.append(f"那天没有规定动作 {name}")
        return tuple(tokens[name] for name in given.items if name in tokens)

    def _look_at_theme(self, number: int, given: GivenActivity) -> None:
        activity = self.activities.get(number)
        found = queries.repeated_theme(
            self.situation.venue,
            theme=given.theme,
            choices=self.looks.choices(given),
            day=given.held_on,
            apart_from=activity.pk if activity else None,
        )
        for warning in self.example.warning:
            if warning.activity == number:
                self.looks.at_warning(warning, is_repeated=found is not None)


def _beyond(ids: Sequence[int], present: int | None) -> list[int]:
    return [] if present is None else list(ids[present:])
