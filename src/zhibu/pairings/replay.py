"""Links and rotas in an example: begun, contacted, dealt, exchanged and looked at through the real
actions and forms."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from functools import partial
from typing import Any

from zhibu.accounts.models import User
from zhibu.activities.replay.beside import Step, plays
from zhibu.activities.replay.cases import Cases
from zhibu.activities.replay.registers import Registers
from zhibu.activities.replay.situation import Situation, noon
from zhibu.activities.replay.typed import otherwise
from zhibu.core.verdicts import Refused
from zhibu.packs.schema.examples import Example
from zhibu.packs.schema.pair_examples import (
    ExpectLink,
    ExpectRota,
    GivenContact,
    GivenLink,
    GivenRota,
    GivenTurnStep,
)
from zhibu.packs.schema.pair_kinds import Side
from zhibu.pairings import actions, queries, rotas
from zhibu.pairings.drafts import Faulty, RotaDraft
from zhibu.pairings.forms import ContactForm, LinkForm, RotaForm
from zhibu.pairings.models import COLUMNS, WHO, WHOM, Contact, Link, Rota, Turn
from zhibu.pairings.queries import Scope, rule_of
from zhibu.pairings.registering import Served, listed, served
from zhibu.people.models import Person

BY = "by"  # where a refusal that belongs to no field is told


@plays
class Pairs:
    """Differences are added to the list that was given."""

    def __init__(
        self,
        situation: Situation,
        example: Example,
        differences: list[str],
        cases: Cases,
        registers: Registers,
    ) -> None:
        self.situation, self.example, self.differences = situation, example, differences
        self.cases, self.registers = cases, registers
        self.places, self.members = situation.places, situation.members
        self.links: dict[int, Link] = {}
        self.rotas: dict[int, Rota] = {}
        self._users: dict[int, User] = {}

    def days(self) -> Iterator[Step]:
        for number, given in enumerate(self.example.given.link, 1):
            yield given.on, partial(self.begin, number, given)
            made: dict[int, Contact] = {}
            for index, contact in enumerate(given.contact, 1):
                yield contact.on, partial(self.contact, number, index, given, contact, made)
                if contact.struck_on:
                    strike = partial(self.strike, number, index, contact.struck_on, made)
                    yield contact.struck_on, strike
            if given.ended_on:
                yield given.ended_on, partial(self.end, number, given, given.ended_on)
            if given.voided_on:
                yield given.voided_on, partial(self.void, number, given, given.voided_on)
        for number, rota in enumerate(self.example.given.rota, 1):
            yield rota.on, partial(self.draw_up, number, rota)
            for index, step in enumerate(rota.step, 1):
                yield step.on, partial(self.act, number, index, rota, step)

    def looks(self) -> Iterator[Step]:
        for link in self.example.link:
            yield link.on, partial(self.look_at_link, link)
        for rota in self.example.rota:
            yield rota.on, partial(self.look_at_rota, rota)

    # --- links

    def begin(self, number: int, given: GivenLink) -> None:
        where = f"第 {number} 个联系"
        organization = self.places[given.place - 1]
        held = queries.in_force(organization, given.on, "link").get(given.kind)
        rule = rule_of(held) if held else None
        if held is None or rule is None or rule.link is None:
            self.differences.append(f"{where}：{given.on} 没有在用的联系 {given.kind}")
            return
        data: dict[str, Any] = {
            WHO: self._typed(rule.link.who, given.who, given.place),
            WHOM: self._typed(rule.link.whom, given.whom, given.place),
            "since": str(given.since or given.on), "until": str(given.until or ""),
        }  # fmt: skip
        form = LinkForm(rule.link, organization, given.on, data)
        faults = _of_form(form)

        def run() -> None:
            self.links[number] = actions.begin_link(
                organization, form.draft(), kind=given.kind, wording=held.wording.since, rule=rule,
                by=self._user(given.by, given.place, given.who), at=noon(given.on),
            )  # fmt: skip

        self._compare(where, given.refused, faults or _told(run))

    def _typed(self, side: Side, number: int, place: int) -> str:
        """What one chooses or types for the n-th person, organisation or row."""
        column = COLUMNS[side.field.type]
        if column == "organization":
            return self.places[number - 1].name
        if column == "person":
            return str(self.members[place - 1][number - 1])
        row = self.registers.opened.get(number)
        return str(row.pk) if row else ""

    def contact(
        self, number: int, index: int, link: GivenLink, given: GivenContact,
        made: dict[int, Contact],
    ) -> None:  # fmt: skip
        where = f"第 {number} 个联系的第 {index} 条记录"
        if (found := self._link(number, where)) is None:
            return
        held_on = given.held_on or given.on
        data = {"held_on": str(held_on), "channel": given.channel, "needs": given.needs}
        form = ContactForm(found, data)
        faults = _of_form(form)
        by = self._user(given.by, link.place, link.who)

        def run() -> None:
            contact = actions.log_contact(found, **form.cleaned_data, by=by, at=noon(given.on))
            made[index] = contact
            if given.becomes:
                case = self.cases.begun[given.becomes]
                actions.become(contact, case=case, by=by, at=noon(given.on))

        self._compare(where, given.refused, faults or _told(run))

    def strike(self, number: int, index: int, day: date, made: dict[int, Contact]) -> None:
        contact = made.get(index)
        if contact is None:
            self.differences.append(f"第 {number} 个联系的第 {index} 条记录没有记上")
            return
        actions.strike_contact(contact, reason="示例", by=self.situation.officer, at=noon(day))

    def end(self, number: int, given: GivenLink, day: date) -> None:
        if link := self._link(number, f"第 {number} 个联系结束"):
            actions.end_link(
                link, until=day, reason=given.reason, by=self.situation.officer, at=noon(day)
            )

    def void(self, number: int, given: GivenLink, day: date) -> None:
        if link := self._link(number, f"第 {number} 个联系作废"):
            actions.void_link(link, reason=given.reason, by=self.situation.officer, at=noon(day))

    def _link(self, number: int, where: str) -> Link | None:
        link = self.links.get(number)
        if link is None:
            self.differences.append(f"{where}：没有结上")
            return None
        return Link.objects.named().get(pk=link.pk)

    def look_at_link(self, expected: ExpectLink) -> None:
        where = f"{expected.kind}，{expected.on} 看"
        if expected.link is not None:
            if link := self._link(expected.link, f"{where}第 {expected.link} 个联系"):
                said = f"{where}第 {expected.link} 个联系，最迟哪天再联系"
                self._must(said, expected.due_on, link.due_on)
            return
        actions.erase_needs(noon(expected.on))
        scope = Scope(self.situation.officer, expected.on, expected.kind)
        contacts = Contact.objects.counted().filter(link__kind=expected.kind)
        found: dict[str, Any] = {
            "held": scope.looked_at("held").count(),
            "overdue": scope.looked_at("overdue").count(),
            "needs": contacts.exclude(needs_sealed=b"").count(),
            "became": contacts.exclude(case=None).count(),
        }
        place = self.situation.adopter
        for gap in queries.gaps(self.situation.officer, expected.kind, place, expected.on):
            found[f"lacking_{gap.side}"] = len(gap.lacking)
        served = self._served(expected)
        found |= {
            "opinions": sum(one.opinions for one in served),
            "claimed": sum(len(one.claimed) for one in served),
            "answered": sum(one.answered for one in served),
        }
        words = {
            "held": "正在联系的", "overdue": "到期没有联系的", "needs": "还留着的话",
            "became": "成了事项的", "lacking_who": "联系的一方没有结上的",
            "lacking_whom": "被联系的一方没有结上的", "opinions": "带回的意见",
            "claimed": "认领的", "answered": "答复了的",
        }  # fmt: skip
        for name, word in words.items():
            self._must(f"{where}，{word}", getattr(expected, name), found.get(name))
        for channel, count in expected.channels.items():
            self._must(f"{where}，{channel}", count, contacts.filter(channel=channel).count())

    def _served(self, expected: ExpectLink) -> list[Served]:
        """What those who reported in did until the evening of the day."""
        rows = listed(self.situation.officer, self.situation.adopter).filter(kind=expected.kind)
        return served(list(rows.named()), date.min, expected.on + timedelta(days=1))

    # --- rotas

    def draw_up(self, number: int, given: GivenRota) -> None:
        where = f"第 {number} 个轮值"
        organization = self.places[given.place - 1]
        held = queries.in_force(organization, given.on, "rota").get(given.kind)
        rule = rule_of(held) if held else None
        if held is None or rule is None or rule.rota is None:
            self.differences.append(f"{where}：{given.on} 没有在用的轮值 {given.kind}")
            return
        there = self.members[given.place - 1]
        roll = [there[one - 1] for one in given.roll]
        names = dict(Person.objects.filter(pk__in=roll).values_list("pk", "name"))
        data = {"since": str(given.since), "until": str(given.until), "roll": list(map(str, roll))}
        form = RotaForm(rule.rota, [(pk, names[pk]) for pk in roll], data)
        faults = _of_form(form)

        def run() -> None:
            draft: RotaDraft = form.draft()
            self.rotas[number] = rotas.draw_up(
                organization, draft, kind=given.kind, wording=held.wording.since, rule=rule,
                by=self._user(given.by, given.place, given.roll[0]), at=noon(given.on),
            )  # fmt: skip

        self._compare(where, given.refused, faults or _told(run))

    def act(self, number: int, index: int, rota: GivenRota, given: GivenTurnStep) -> None:
        where = f"第 {number} 个轮值第 {index} 步"
        turn = self._turn(number, rota, given.turn, given.person)
        if turn is None:
            self.differences.append(f"{where}：{given.turn} 没有第 {given.person} 个人的班")
            return
        people, at = self.members[rota.place - 1], noon(given.on)
        to = Person.objects.get(pk=people[given.to - 1]) if given.to else None
        acting = given.to if given.does == "take" and given.to else given.person
        by = self._user(given.by, rota.place, acting)
        wanted = None
        if given.with_turn and given.with_person:
            wanted = self._turn(number, rota, given.with_turn, given.with_person)

        def run() -> object:
            if given.does == "change":
                assert to is not None
                return rotas.change_turn(turn, person=to, by=by, at=at)
            if given.does in ("offer", "exchange"):
                return rotas.offer_turn(turn, wanted=wanted, by=by, at=at)
            if given.does == "withdraw":
                return rotas.withdraw_offer(turn, by=by, at=at)
            if given.does == "take":
                assert to is not None
                return rotas.take_turn(turn, person=to, by=by, at=at)
            return rotas.note_turn(turn, came=given.does, by=by, at=at)

        self._compare(where, {BY: given.refused} if given.refused else {}, _told(run))

    def _turn(self, number: int, rota: GivenRota, at: str, person: int) -> Turn | None:
        day, _, shift = at.partition("/")
        people, drawn = self.members[rota.place - 1], self.rotas.get(number)
        rows = Turn.objects.filter(rota=drawn.pk if drawn else 0, on=date.fromisoformat(day))
        return rows.filter(shift=shift, person=people[person - 1]).first()

    def look_at_rota(self, expected: ExpectRota) -> None:
        where = f"第 {expected.rota} 个轮值，{expected.on} 看"
        drawn = self.rotas.get(expected.rota)
        if drawn is None:
            self.differences.append(f"{where}：没有排上")
            return
        place = self.example.given.rota[expected.rota - 1].place
        numbers = {pk: number for number, pk in enumerate(self.members[place - 1], 1)}
        rows = list(Turn.objects.filter(rota=drawn).in_order())
        for at, people in expected.turns.items():
            found = sorted(numbers[one.person_id] for one in rows if f"{one.on}/{one.shift}" == at)
            self._must(f"{where}，{at}", sorted(people), found)
        roll = drawn.roll.values_list("person", flat=True)
        each = [sum(one.person_id == pk for one in rows) for pk in roll]
        self._must(f"{where}，一共几个班次", expected.seats, len(rows))
        self._must(f"{where}，班最多的人", expected.most, max(each))
        self._must(f"{where}，班最少的人", expected.least, min(each))
        self._must(f"{where}，来了的", expected.came, sum(one.came == "came" for one in rows))
        self._must(f"{where}，等人替的", expected.offered, sum(one.is_offered for one in rows))

    # --- both

    def _user(self, by: str, place: int, number: int) -> User:
        if by == "above":
            return self.situation.officer
        pk = self.members[place - 1][number - 1 if by == "person" else 0]
        if pk not in self._users:
            person = Person.objects.get(pk=pk)
            self._users[pk] = self.situation.account(person, f"jiedui{len(self._users) + 1}")
        return self._users[pk]

    def _must(self, what: str, expected: object, found: object) -> None:
        """``expected`` None means that the example does not say."""
        if expected is not None and expected != found:
            self.differences.append(f"{what}：应是 {expected}，实际 {found}")

    def _compare(self, where: str, expected: Mapping[str, str], told: Mapping[str, str]) -> None:
        self.differences += otherwise(where, expected, told)


def _of_form(form: Any) -> Mapping[str, str]:
    """What the form says of what was typed."""
    form.is_valid()
    return {name: " ".join(map(str, said)) for name, said in form.errors.items()}


def _told(act: Callable[[], object]) -> Mapping[str, str]:
    """What the action said; {} where it went through."""
    try:
        act()
    except Faulty as faulty:
        return faulty.faults
    except Refused as refusal:
        return {BY: refusal.verdict.reason}
    return {}
