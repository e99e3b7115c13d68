"""Cases of an example: begun, acted on and looked at through the real actions."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils.datastructures import MultiValueDict

from zhibu.accounts.models import User
from zhibu.activities.replay.situation import Situation, noon
from zhibu.activities.replay.typed import otherwise, typed, upload
from zhibu.assignments.effects import SOURCE
from zhibu.assignments.models import Assignment
from zhibu.cases import (
    actions,
    clusters,
    coverage,
    doorway,
    lists,
    papers,
    progress,
    promised,
    queries,
    steps,
)
from zhibu.cases.forms import (
    AnswerForm,
    ExtendForm,
    FieldsForm,
    ObjectForm,
    PostForm,
    WhyForm,
)
from zhibu.cases.models import Case, Link, Turn
from zhibu.cases.money import book_of
from zhibu.cases.steps import Faulty, Step, Totals
from zhibu.core.effects import Unfit
from zhibu.core.fields import FieldSpec
from zhibu.core.intervals import on_day
from zhibu.core.verdicts import Refused
from zhibu.money import actions as money
from zhibu.money import chart, sums
from zhibu.money.claims import Asked
from zhibu.money.models import Book, Claim, plain
from zhibu.organizations.models import Organization
from zhibu.packs import library
from zhibu.packs.schema.examples import (
    Example,
    ExpectBook,
    ExpectCase,
    ExpectPerson,
    ExpectTally,
    GivenCase,
    GivenPayee,
    GivenStep,
)
from zhibu.packs.schema.procedures import Procedure, Stage
from zhibu.people.models import Belonging, Person

WHO = "who"
GONE = (Case.State.CANCELLED, Case.State.VOIDED)


EVENING = timedelta(hours=8)  # a day is looked at in its evening; steps are done at noon


class Cases:
    """Differences are added to the list that was given."""

    def __init__(self, situation: Situation, example: Example, differences: list[str]) -> None:
        self.situation = situation
        self.example = example
        self.differences = differences
        self.begun: dict[int, Case] = {}
        self._users: dict[str, User] = {}
        self._listed: dict[tuple[int, int], Claim] = {}

    def days(self) -> Iterator[tuple[date, Any]]:
        """What happens, each with its day, in the order of the example."""
        for number, case in enumerate(self.example.given.cases, 1):
            yield case.started_on, (self.begin, number, case)
            for index, payee in enumerate(case.payee, 1):
                yield payee.on, (self.list_payee, number, index, payee)
                if payee.withdrawn_on:
                    yield payee.withdrawn_on, (self.withdraw_payee, number, index, payee)
            for index, step in enumerate(case.step, 1):
                yield step.on, (self.act, number, index, step)

    def begin(self, number: int, given: GivenCase) -> None:
        organization = self.situation.places[given.place - 1]
        held = queries.procedures(organization, given.started_on).get(given.procedure)
        if held is None:
            self.differences.append(f"{given.started_on} 没有在用的程序 {given.procedure}")
            return
        rule = held.wording.item
        assert isinstance(rule, Procedure)
        values, faults = self._cleaned(rule.fields, given.values, organization.pk, given.started_on)
        owner, person = (
            self.situation.people[n - 1] if n else None for n in (given.owner, given.person)
        )

        at = noon(given.started_on)

        def begin() -> None:
            if given.by == "requester":
                self.begun[number] = doorway.ask(organization, held=held, values=values, at=at)
                return
            made = actions.start(
                organization, procedure=given.procedure, wording=held.wording.since,
                title="示例事项", values=values, owner=owner, person=person,
                stricter=[{"field": one.field, "value": one.value} for one in held.stricter],
                on=given.started_on, by=self._user(given.by, person=person), at=at,
            )  # fmt: skip
            for source in given.gathers:
                clusters.put_under(self.begun[source], made, by=self._user(given.by), at=at)
            self.begun[number] = made

        self._compare(f"第 {number} 件事开始", given.refused, faults or _told(begin))

    def act(self, number: int, index: int, given: GivenStep) -> None:
        where = f"第 {number} 件事第 {index} 步"
        case = self.begun.get(number)
        if case is None:
            self.differences.append(f"{where}：事情没有开始")
            return
        if given.part is not None:
            parts = Case.objects.filter(links__other=case, links__kind=Link.Kind.PART)
            case = parts.filter(procedure__endswith=f":{given.part}").order_by("pk").last()
            if case is None:
                self.differences.append(f"{where}：没有另外开始 {given.part}")
                return
        if given.stage is None:
            self._compare(where, given.refused, _told(lambda: self._whole(case, given)))
            return
        turn = self._turn(case, given)
        if turn is None:
            self.differences.append(f"{where}：{given.on} 没有轮到 {given.stage}")
            return
        done = self._outcome if given.does == "outcome" else self._beside
        self._compare(where, given.refused, done(case, turn, given))

    def _turn(self, case: Case, given: GivenStep) -> Turn | None:
        """The open turn that is meant: where everyone is asked, that of one of the people."""
        rows = case.turns.open().filter(stage=given.stage)
        if given.person and rows.exclude(round=None).exists():
            rows = rows.filter(person=self.situation.people[given.person - 1])
        return rows.order_by("number").first()

    def list_payee(self, number: int, index: int, given: GivenPayee) -> None:
        """Through the action of the list's page."""
        where, book = f"第 {number} 件事清单第 {index} 户", self._book(number)
        if book is None:
            self.differences.append(f"{where}：{given.on} 还没有开账")
            return
        asked = Asked(
            item=given.item, name=given.name, amount=given.amount, household=given.household,
            number=given.number, account=given.account, measure=given.measure,
        )  # fmt: skip

        def enter() -> None:
            by = self._user(given.by, self.begun[number])
            self._listed[number, index] = money.claim(book, asked, by=by, at=noon(given.on))

        self._compare(where, given.refused, _told(enter))

    def withdraw_payee(self, number: int, index: int, given: GivenPayee) -> None:
        assert given.withdrawn_on is not None
        made, by = self._listed[number, index], self._user(given.by, self.begun[number])
        told = _told(
            lambda: money.withdraw(made, reason=given.reason, by=by, at=noon(given.withdrawn_on))
        )
        self._compare(f"第 {number} 件事清单第 {index} 户撤下", {}, told)

    def _book(self, number: int) -> Book | None:
        case = self.begun.get(number)
        return book_of(case, case.rule) if case else None

    def look_at_book(self, expected: ExpectBook) -> None:
        where, book = f"第 {expected.case} 件事的账，{expected.on} 看", self._book(expected.case)
        if book is None:
            self.differences.append(f"{where}：没有开账")
            return
        now = sums.stands(sums.balances([book.pk])[book.pk])
        listed = book.claims.filter(withdrawn_at=None)
        found = {
            "plan": now.plan, "pledged": now.pledged, "received": now.received, "paid": now.paid,
            "raised": now.by_source.get(chart.SELF_RAISED, Decimal(0)), "left": now.left,
            "listed": listed.count(), "paid_out": listed.exclude(entry=None).count(),
            "closed": not book.is_open,
            "done": {
                f"{one.title} {one.unit}": plain(one.amount)
                for one in sums.quantities([book.pk])
            },
        }  # fmt: skip
        for name, value in found.items():
            wanted = getattr(expected, name)
            if wanted is not None and wanted != value:
                self.differences.append(f"{where}，{name}：应是 {wanted}，实际 {value}")

    def _whole(self, case: Case, given: GivenStep) -> None:
        """What is done to a case as a whole."""
        if given.does == "lapse":
            doorway.lapse(noon(given.on))
            return
        by, at = self._user(given.by, case), noon(given.on)
        if given.does == "reopen":
            actions.reopen(case, reason=given.reason, by=by, at=at)
        else:
            actions.reword(case, by=by, at=at)

    def _outcome(self, case: Case, turn: Turn, given: GivenStep) -> dict[str, str]:
        stage = turn.rule(turn.case.rule)
        values, faults = self._cleaned(
            stage.fields, given.values, turn.organization_id, given.on, home=case.organization_id
        )
        assert given.outcome is not None
        step = Step(
            outcome=given.outcome, happened_on=given.happened_on or given.on, values=values,
            reason=given.reason, totals=self._totals(turn, stage, given),
        )  # fmt: skip
        by = None if given.by == "requester" else self._by(given, case)
        return faults or _told(lambda: actions.act(turn, step, by=by, at=noon(given.on)))

    def _totals(self, turn: Turn, stage: Stage, given: GivenStep) -> Totals | None:
        counted = given.totals
        if counted is None or stage.vote is None:
            return None
        on = given.happened_on or given.on
        roll, counters = steps.roll_of(turn, stage, on), steps.counters_of(turn, stage, on)
        chosen = [self.situation.people[n - 1].pk for n in counted.tellers] or sorted(counters)[:2]
        one, two = (*chosen, 0, 0)[:2]
        return Totals(
            entitled=len(roll) if counted.entitled is None else counted.entitled,
            present=counted.present, written=counted.written, yes=counted.yes, no=counted.no,
            abstain=counted.abstain, why_fewer=counted.why_fewer, tellers=(one, two),
        )  # fmt: skip

    def _beside(self, case: Case, turn: Turn, given: GivenStep) -> dict[str, str]:
        """Whatever is done to an open turn but end it, through the form of its page."""
        by, at = self._by(given, case), noon(given.on)
        if given.does == "claim":
            return _told(lambda: actions.claim(turn, by=by, at=at))
        kind = FORMS[given.does]
        typed_in = {name: typed(value) for name, value in given.values.items()}
        form = kind(typed_in | ({"reason": given.reason} if given.reason else {}))
        if not form.is_valid():
            return {name: " ".join(map(str, said)) for name, said in form.errors.items()}
        data = form.cleaned_data

        def act() -> None:
            match given.does:
                case "post":
                    actions.post(turn, **data, by=by, at=at)
                case "object":
                    actions.object_to(turn.postings.latest("pk"), **data, by=by, at=at)
                case "answer":
                    waiting = case.objections.filter(stands=None).earliest("pk")
                    actions.answer(waiting, **data, by=by, at=at)
                case "extend":
                    actions.extend(turn, **data, by=by, at=at)
                case "excuse":
                    actions.excuse(turn, **data, by=by, at=at)
                case _:
                    actions.release(turn, **data, by=by, at=at)

        return _told(act)

    def look(self, expected: ExpectCase) -> None:
        case = self.begun.get(expected.case)
        where = f"第 {expected.case} 件事，{expected.on} 看"
        if case is None:
            self.differences.append(f"{where}：没有开始")
            return
        case.refresh_from_db()
        turns = {turn.stage: turn for turn in case.turns.open().order_by("-number")}
        evening = noon(expected.on) + EVENING
        late = sorted(name for name, turn in turns.items() if turn.is_late(expected.on, evening))
        self._must(f"{where}，轮到", sorted(expected.open), sorted(turns))
        self._must(f"{where}，超期", sorted(expected.overdue), late)
        self._must(f"{where}，办结叫什么", expected.ended_as, case.ended_as)
        self._look_at_papers(where, expected, case)
        if expected.parts is not None:
            parts = Case.objects.open().filter(links__other=case, links__kind=Link.Kind.PART)
            self._must(f"{where}，另外在办的", expected.parts, parts.count())
        if expected.gathered is not None:
            under = case.linked.filter(kind=Link.Kind.CLUSTERED)
            self._must(f"{where}，归到它的", expected.gathered, under.count())
        if expected.answered is not None:
            said = [one.answer for one in clusters.gathered_into(case) if not one.common.is_open]
            self._must(f"{where}，答复", expected.answered, said)
        for name, count in sorted(expected.times.items()):
            done = case.turns.filter(stage=name, state=Turn.State.DONE).count()
            self._must(f"{where}，{name} 办过几次", count, done)
        if expected.versions is not None:
            (line,) = lists.lines(
                list(lists.with_turns(Case.objects.filter(pk=case.pk), changes=False)), expected.on
            )
            self._must(f"{where}，承诺写了几次", expected.versions, line.versions)
        if expected.tasks is not None:
            tasks = Assignment.objects.filter(source_type=SOURCE, source_id=case.pk)
            self._must(f"{where}，派出的任务", expected.tasks, tasks.count())
        if expected.kept is not None:
            kept = doorway.is_kept(case, case.rule, expected.on)
            self._must(f"{where}，写的内容还留着", expected.kept, kept)
        for name in (*expected.seen_by, *expected.hidden_from):
            sees = Case.objects.visible_to(self._user(name, case)).filter(pk=case.pk).exists()
            self._must(f"{where}，{name} 看得到", name in expected.seen_by, sees)
        self._must_be_days(f"{where}，期限", expected.due_on, turns, "due_on")
        self._must_be_days(f"{where}，哪天起", expected.not_before, turns, "not_before")

    def count_up(self, expected: ExpectTally) -> None:
        """All cases of a procedure, as pages count them for the committee that adopts."""
        place, on = self.situation.adopter, expected.on
        place.refresh_from_db()
        where = f"{expected.procedure}，{on} 数"
        since = expected.since or date(on.year, 1, 1)
        mine = Case.objects.filter(procedure=expected.procedure, started_on__gte=since)
        mine = mine.filter(started_on__lte=on).exclude(state__in=GONE)
        if expected.made is not None:
            self._must(f"{where}，作出", expected.made, mine.count())
        if expected.kept is not None:
            kept = mine.filter(promised.is_kept(on)).count()
            self._must(f"{where}，兑现", expected.kept, kept)
        pack_id, _, name = expected.procedure.partition(":")
        rule = library.packs()[pack_id].items["procedures", name][-1].item
        assert isinstance(rule, Procedure)
        scope = progress.Scope(self.situation.officer, place, expected.procedure, on)
        sums = dict(zip(rule.sums, progress.sums(scope, rule), strict=True))
        for field, total in sorted(expected.sums.items()):
            found = sums[field].total if field in sums else None
            self._must(f"{where}，{field} 合计", Decimal(total), found)
        for cover in rule.covers:
            if cover.id == expected.cover:
                lines = coverage.rows(coverage.Scope(place, expected.procedure, cover, since, on))
                asked, reached = coverage.total(lines)
                for word, wanted, count in (
                    ("应到", expected.asked, asked), ("已经有的", expected.reached, reached),
                    ("没有开始的组织", expected.idle, coverage.idle(lines)),
                ):  # fmt: skip
                    if wanted is not None:
                        self._must(f"{where}，{cover.title}，{word}", wanted, count)

    def _look_at_papers(self, where: str, expected: ExpectCase, case: Case) -> None:
        found = papers.latest_numbers(case.pk) if expected.papers else {}
        for name, number in sorted(expected.papers.items()):
            self._must(f"{where}，文书 {name}", number, found.get(name, ""))
        if expected.valid is not None:
            valid = papers.valid_ids(case.pk, expected.on)
            self._must(f"{where}，有效的文书", sorted(expected.valid), valid)

    def _must_be_days(
        self, what: str, expected: Mapping[str, date], turns: Mapping[str, Turn], column: str
    ) -> None:
        for name, day in sorted(expected.items()):
            found = getattr(turns[name], column) if name in turns else None
            self._must(f"{what} {name}", day, found)

    def _must(self, what: str, expected: object, found: object) -> None:
        if expected != found:
            self.differences.append(f"{what}：应是 {expected or '没有'}，实际 {found or '没有'}")

    def _compare(self, where: str, expected: Mapping[str, str], told: Mapping[str, str]) -> None:
        self.differences += otherwise(where, expected, told)

    def look_at_person(self, expected: ExpectPerson) -> None:
        person = self.situation.people[expected.number - 1]
        where = f"第 {expected.number} 个人，{expected.on} 看"
        state = person.states.filter(on_day(expected.on)).first()
        self._must(f"{where}，身份", expected.state, state.state if state else "")
        if expected.since:
            self._must(f"{where}，从哪天起", expected.since, state.since if state else None)
        rows = person.belongings.filter(on_day(expected.on))
        home = rows.filter(kind=Belonging.Kind.HOME).values_list("organization", flat=True).first()
        known = {self.situation.venue.pk: "here", self.situation.elsewhere.pk: "partner"}
        self._must(f"{where}，组织关系", expected.home, known.get(home or 0, "elsewhere"))
        hosted = rows.filter(kind=Belonging.Kind.HOST).exists()
        self._must(f"{where}，流入地支部", expected.hosted, hosted)

    def _by(self, given: GivenStep, case: Case) -> User:
        """Who takes a step: one of the people where everyone is asked and it says which."""
        if given.by == "person" and given.person:
            return self._account(self.situation.people[given.person - 1])
        return self._user(given.by, case)

    def _account(self, person: Person) -> User:
        key = str(person.pk)
        if key not in self._users:
            self._users[key] = self.situation.account(person, f"shili{key}")
        return self._users[key]

    def acting(self, by: str) -> User:
        """The account behind a word of an example, made once, for whatever else happens in it."""
        return self._user(by)

    def account_of(self, person: Person) -> User:
        """The account of one of the people, made once."""
        return self._account(person)

    def _user(self, by: str, case: Case | None = None, person: Person | None = None) -> User:
        """Who does it, each with an account made once. ``person``: whom it will be about."""
        if by == "above":
            return self.situation.officer
        if by == "higher":
            if by not in self._users:
                self._users[by] = self.situation.other_officer()
            return self._users[by]
        if by in ("keeper", "deputy") and case:
            place = Organization.objects.get(cases=case)  # it may have been handed on
            key = f"{by}{place.pk}"
            if key not in self._users:
                number = 1 if by == "keeper" else 2
                self._users[key] = self.situation.keeper(place, number)
            return self._users[key]
        about = case.person if case else person
        person = self.situation.people[0]
        if by == "subject" and about:
            person = about
        elif by == "owner" and case and case.owner:
            person = case.owner
        if by not in ("partner", "body"):
            return self._account(person)
        if by not in self._users:
            made = {"partner": self.situation.partner, "body": self.situation.head_of_body}
            self._users[by] = made[by]()
        return self._users[by]

    def _cleaned(
        self,
        specs: Sequence[FieldSpec],
        values: Mapping[str, Any],
        organization: int,
        on: date,
        home: int = 0,
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """Values as a form cleans what one types, and what it says of them."""
        known = {spec.id: spec for spec in specs}
        files = {name for name, spec in known.items() if spec.type == "file"} & set(values)
        told = {
            name: self._person(value)
            if name in known and known[name].type == "person"
            else typed(value)
            for name, value in values.items()
            if name not in files
        }
        uploads: MultiValueDict[str, Any] = MultiValueDict(
            {name: [upload(str(values[name]))] for name in files}
        )
        form = FieldsForm(told, uploads)
        form.ask(specs, organization=organization, on=on, may_lack=True, home=home)
        form.is_valid()
        faults = {name: " ".join(map(str, said)) for name, said in form.errors.items()}
        faults |= {name: "没有这个字段" for name in values if name not in known}
        return form.values(), faults

    def _person(self, value: Any) -> str:
        """The number of one of the people, as the list to choose from has it."""
        return str(self.situation.people[int(value) - 1].pk)


FORMS: dict[str, type[FieldsForm]] = {
    "post": PostForm,
    "object": ObjectForm,
    "answer": AnswerForm,
    "release": WhyForm,
    "excuse": WhyForm,
    "extend": ExtendForm,
}


def _told(act: Any) -> dict[str, str]:
    """What the action said; {} where it went through."""
    try:
        act()
    except (Faulty, Unfit) as faulty:
        return faulty.faults
    except Refused as refusal:
        return {WHO: refusal.verdict.reason}
    return {}
