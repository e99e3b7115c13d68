"""Lists of cases, and what a page about one shows."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import CharField, Count, F, Prefetch, Q, QuerySet
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone

from zhibu.accounts import roles
from zhibu.accounts.models import User
from zhibu.adoptions.queries import HeldItem, items_in_force
from zhibu.cases.models import (
    Ballot,
    Case,
    IssuedPaper,
    IssuedPaperQuerySet,
    Link,
    Posting,
    Turn,
    is_past,
)
from zhibu.cases.steps import Running, counters_of, jointly, word_length
from zhibu.core import fields, standing
from zhibu.core.dates import Duration
from zhibu.core.fields import FieldSpec
from zhibu.organizations.models import Organization
from zhibu.packs import library
from zhibu.packs.schema.activities import ShareSpec, VoteSpec
from zhibu.packs.schema.procedures import Notice, Procedure, Stage
from zhibu.people.models import Holding, Person
from zhibu.people.queries import is_at_home

VIEWS = {
    "mine": "轮到我办",
    "waiting": "等别人办",
    "overdue": "超期",
    "ended": "办结和取消",
    "all": "全部",
}


def procedures(organization: Organization, on: date) -> dict[str, HeldItem]:
    """Procedures in force for ``organization`` on a day, by ``pack:procedure``. Three queries."""
    found = items_in_force(organization, on, "procedures")["procedures"]
    return {held.reference: held for held in found}


def begun_oneself(user: User, home: Organization, on: date) -> dict[str, HeldItem] | None:
    """Of the procedures in force in one's own branch, those one begins oneself; None where it
    is not one's own."""
    if not is_at_home(user.person_id, home.pk, on):
        return None
    return {
        reference: held
        for reference, held in procedures(home, on).items()
        if isinstance(held.wording.item, Procedure) and held.wording.item.is_begun_by_subject
    }


def titles(user: User) -> dict[str, str]:
    """``pack:procedure`` → title of its latest wording, of all packs that are here; without
    the confidential kinds where the user may see none of them."""
    sees = standing.may_anywhere(user, "cases.confidential")
    found = {}
    for pack in library.packs().values():
        for wordings in pack.wordings("procedures"):
            item = wordings[-1].item
            assert isinstance(item, Procedure)
            if sees or not item.is_confidential:
                found[f"{pack.id}:{wordings[0].id}"] = item.title
    return found


def hidden_from(user: User) -> QuerySet[Case, str]:
    """Ids, as text, of confidential cases that ``user`` does not see: for the ledger's pages."""
    seen = Case.objects.visible_to(user).filter(is_confidential=True)
    rows = Case.objects.filter(is_confidential=True).exclude(pk__in=seen.values("pk"))
    return rows.annotate(id_text=Cast("pk", CharField())).values_list("id_text", flat=True)


def sees_closed(user: User, case: Case) -> bool:
    """Whether fields that are not for everybody are shown: to whoever may see confidential
    cases there, the owner, and whoever is asked or has acted. One query at most."""
    places = [case.organization.path, *([case.partner.path] if case.partner else [])]
    if case.is_kept_apart:
        return True
    if any(standing.may(user, "cases.confidential", path) for path in places):
        return True
    me = user.person_id
    if me is not None and me == case.owner_id:
        return True
    return case.turns.filter(Q(by=user) | Q(person=me or 0)).exists()


def listed(user: User, view: str, today: date) -> QuerySet[Case]:
    """Cases of one of ``VIEWS`` within reach; open ones by the nearest day, others newest first."""
    rows = Case.objects.visible_to(user)
    if view == "mine":
        rows = rows.waiting_for(user)
    elif view == "waiting":
        rows = rows.open().exclude(pk__in=rows.waiting_for(user).values("pk"))
    elif view == "overdue":
        rows = rows.overdue(today)
    elif view == "ended":
        return rows.exclude(state=Case.State.OPEN).order_by("-ended_on", "-pk")
    return rows.order_by(F("due_on").asc(nulls_last=True), "pk")


def with_turns(rows: QuerySet[Case]) -> QuerySet[Case]:
    """With what a list shows: organisation, owner, open turns. Two queries."""
    open_turns = Turn.objects.open().select_related("organization", "person").order_by("number")
    return rows.select_related("organization", "owner").prefetch_related(
        Prefetch("turns", open_turns, to_attr="open_turns")
    )


@dataclass(frozen=True, slots=True)
class Line:
    """A case in a list: where it stands and until when, in words. ``is_stale``: nothing has
    moved for so long that the pack wants it marked. ``days``: since it began, to its end."""

    case: Case
    procedure: str
    stands: str
    who: str
    due_on: date | None
    is_late: bool
    is_stale: bool
    days: int


def lines(cases: Sequence[Case], today: date) -> list[Line]:
    """``cases`` come from ``with_turns``. No query; each wording is looked up once."""
    rules: dict[tuple[str, date], Procedure] = {}
    for case in cases:
        key = (case.procedure, case.wording)
        if key not in rules:
            rules[key] = case.rule
    return [_line(case, rules[case.procedure, case.wording], today) for case in cases]


def _line(case: Case, rule: Procedure, today: date) -> Line:
    turns: list[Turn] = case.open_turns  # type: ignore[attr-defined]
    titles = dict.fromkeys(turn.rule(rule).title for turn in turns)
    stands = "、".join(titles) or case.ended_as
    people = list(
        dict.fromkeys(
            "提出的人"
            if turn.is_requesters
            else turn.person.name
            if turn.person
            else turn.organization.called
            for turn in turns
        )
    )
    more = f"等 {len(people)} 人" if len(people) > FEW else ""
    due = case.due_on
    has_struck = case.due_at is not None and case.due_at < timezone.now()
    return Line(
        case,
        rule.short or rule.title,
        stands or case.get_state_display(),
        "、".join(people[:FEW]) + more,
        due,
        has_struck or (due is not None and due < today),
        is_stale(case, rule, today),
        ((case.ended_on or today) - case.started_on).days,
    )


def number(case: Case) -> str:
    """2026-3, as its page has it: within organisation, procedure and year."""
    return f"{case.started_on.year}-{case.number}"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A turn that waits for the reader, as first screens show it."""

    turn: Turn
    title: str
    step: str
    is_late: bool


def waiting(user: User, today: date, *, at: Organization | None = None) -> list[Waiting]:
    """Turns that wait for somebody and may be done by now, across procedures, the nearest first;
    only those answered in ``at``, or by name. One query."""
    rows = Turn.objects.waiting_for(user).filter(case__state=Case.State.OPEN)
    if at is not None:
        rows = rows.filter(Q(organization=at) | Q(person=user.person_id or 0))
    rows = rows.filter(Q(not_before=None) | Q(not_before__lte=today))
    rows = rows.select_related("case__organization")
    nearest = rows.order_by(F("due_on").asc(nulls_last=True), "due_at", "pk")[:FIRST]
    return [
        Waiting(turn, turn.case.title, turn.rule(turn.case.rule).title, turn.is_late(today))
        for turn in nearest
    ]


FIRST = 6
FEW = 4


def is_stale(case: Case, rule: Procedure, today: date) -> bool:
    if not case.is_open or not rule.stale_after:
        return False
    moved_on = timezone.localdate(case.moved_at)
    return Duration.parse(rule.stale_after).after(moved_on) < today


def counts(user: User, today: date) -> dict[str, int]:
    """How many are in each of the open views. One query."""
    mine = Q(pk__in=Turn.objects.waiting_for(user).values("case"))
    return (
        Case.objects.visible_to(user)
        .open()
        .aggregate(
            mine=Count("pk", filter=mine),
            waiting=Count("pk", filter=~mine),
            overdue=Count("pk", filter=is_past(today)),
        )
    )


@dataclass(frozen=True, slots=True)
class Told:
    """One turn of the story: title, whether it is over, facts below it; what was written, with
    the address of a file.

    ``is_entered_later`` (补记): done in time, written down after the last day. ``time``: the
    how manieth time this step was done or is open; dropped ones do not count.
    """

    turn: Turn
    title: str
    outcome: str
    written: list[tuple[str, str, str]]
    is_late: bool
    is_entered_later: bool
    ballot: Ballot | None
    postings: list[Posting]
    time: int


def story(running: Running, today: date, *, is_closed: bool = False) -> list[Told]:
    """Every turn in order, with what was written in words, its vote and its notices.

    ``is_closed``: without fields that are not for everybody. Beyond the turns' a query where
    some step asks for a vote, and two where one asks for a notice.
    """
    case, found = running.case, []
    stages = [running.stage(turn) for turn in running.turns]
    ballots: dict[int, Ballot] = {}
    if any(stage.vote for stage in stages):
        votes = case.ballots.select_related("teller_one", "teller_two")
        ballots = {one.turn_id: one for one in votes}
    postings: dict[int, list[Posting]] = {}
    if any(stage.notice for stage in stages):
        for posting in case.postings.prefetch_related("objections").order_by("pk"):
            postings.setdefault(posting.turn_id, []).append(posting)
    hidden = set(running.procedure.closed_fields) if is_closed else set()
    times: Counter[str] = Counter()
    for turn, stage in zip(running.turns, stages, strict=True):
        if turn.round in (None, turn.number):
            times[stage.id] += bool(turn.round) or turn.state != Turn.State.DROPPED
        outcome = stage.outcome(turn.outcome) if turn.outcome else None
        written = [
            (spec.title, _shown(spec, turn.content[spec.id]), _address(spec, turn.content[spec.id]))
            for spec in stage.fields
            if spec.id in turn.content and spec.id not in hidden
        ]
        is_late = turn.is_late(today)
        entered_later = (
            turn.at is not None
            and turn.due_on is not None
            and not is_late
            and timezone.localdate(turn.at) > turn.due_on
        )
        found.append(
            Told(
                turn, stage.title, outcome.title if outcome else "", written,
                is_late, entered_later, ballots.get(turn.pk), postings.get(turn.pk, []),
                times[stage.id],
            )
        )  # fmt: skip
    return found


def folded(running: Running, told: Sequence[Told]) -> list[tuple[Told, list[Told]]]:
    """The story with what everyone on a roll was asked in one: first one that still waits, or
    the one whose outcome counts, then all of them. A turn by itself has none beside it."""
    found: list[tuple[Told, list[Told]]] = []
    rounds: dict[int, list[Told]] = {}
    for one in told:
        if one.turn.round is None:
            found.append((one, []))
        elif one.turn.round not in rounds:
            rounds[one.turn.round] = [one]
            found.append((one, rounds[one.turn.round]))
        else:
            rounds[one.turn.round].append(one)
    return [(_counting(running, beside) if beside else one, beside) for one, beside in found]


def _counting(running: Running, beside: Sequence[Told]) -> Told:
    waiting = [one for one in beside if one.turn.is_open]
    done = [one for one in beside if one.turn.outcome]
    if waiting or not done:
        return (waiting or list(beside))[0]
    joint = jointly(running.stage(done[0].turn), [one.turn.outcome for one in done])
    latest = sorted(done, key=lambda one: (one.turn.happened_on, one.turn.number))
    return next(one for one in reversed(latest) if one.turn.outcome == joint.id)


def rewritten(running: Running, *, is_closed: bool = False) -> list[tuple[str, str]]:
    """Fields of the beginning that a later step wrote anew: title, and what they said first."""
    case = running.case
    hidden = set(running.procedure.closed_fields) if is_closed else set()
    return [
        (spec.title, _shown(spec, case.began_with[spec.id]))
        for spec in running.procedure.fields
        if spec.id not in hidden
        and case.began_with.get(spec.id, case.facts.get(spec.id)) != case.facts.get(spec.id)
    ]


def shown_facts(running: Running, *, is_closed: bool = False) -> list[tuple[str, str, str]]:
    """What was written at the beginning, as it is now: title, words, a file's address."""
    facts = running.case.facts
    hidden = set(running.procedure.closed_fields) if is_closed else set()
    return [
        (spec.title, _shown(spec, facts[spec.id]), _address(spec, facts[spec.id]))
        for spec in running.procedure.fields
        if spec.id in facts and spec.id not in hidden
    ]


def links(case: Case) -> list[Link]:
    """What belongs to ``case`` either way, each with the other it is a kind of. One query."""
    rows = Link.objects.filter(Q(case=case) | Q(other=case))
    return list(rows.select_related("other__organization").order_by("pk"))


def acting(places: Collection[int], on: date, *, is_confidential: bool) -> dict[int, set[int]]:
    """Who holds a post on a day that acts on cases, by organisation; on confidential ones where
    so asked. One query."""
    asked = {"cases.act", *(["cases.confidential"] if is_confidential else [])}
    may = [name for name, role in roles.catalogue().items() if asked <= set(role.grants)]
    held = Holding.objects.in_post_on(on).filter(post__organization__in=places, post__role__in=may)
    found: dict[int, set[int]] = {place: set() for place in places}
    for place, person in held.values_list("post__organization", "person"):
        found[place].add(person)
    return found


def told_of(case: Case, people: Collection[int]) -> list[int]:
    """Accounts of those of ``people`` who may be told of ``case``: of one kept apart, whatever
    post they hold, those alone who may open it. One query; of one kept apart a few each."""
    users = User.objects.able_to_sign_in().filter(person_id__in=people).order_by("pk")
    if not case.is_kept_apart:
        return list(users.values_list("pk", flat=True))
    return [one.pk for one in users if Case.objects.visible_to(one).filter(pk=case.pk).exists()]


def linked(user: User, case: Case, known: Sequence[Link]) -> list[tuple[str, Case]]:
    """Cases that belong to this one and the reader may see, with how, but for those gathered
    into one (``clusters``). ``known`` are its ``links``. One query where there are any."""
    ways = {
        (one.other_id if one.case_id == case.pk else one.case_id): AHEAD[one.kind]
        if one.case_id == case.pk
        else BACK[one.kind]
        for one in known
        if one.kind != Link.Kind.CLUSTERED
    }
    if not ways:
        return []
    rows = Case.objects.visible_to(user).filter(pk__in=ways).order_by("started_on", "pk")
    return [(ways[one.pk], one) for one in rows]


AHEAD: dict[str, str] = {
    Link.Kind.PART: "属于",
    Link.Kind.FOLLOWS: "前面一件",
    Link.Kind.SPLIT: "分自",
}
BACK: dict[str, str] = {
    Link.Kind.PART: "它的一部分",
    Link.Kind.FOLLOWS: "接着这件办的",
    Link.Kind.SPLIT: "从这件分出去的",
}


def _shown(spec: Any, stored: Any) -> str:
    kind = fields.get(spec.type)
    return kind.show(spec, kind.load(stored))


def _address(spec: FieldSpec, stored: Any) -> str:
    """Where a file is taken from; "" for what is no file."""
    return reverse("files:download", args=[stored["id"]]) if spec.type == "file" else ""


def word_vote(running: Running, rule: VoteSpec) -> str:
    """到会要过应到有表决权的半数，赞成要过…半数才算通过, with where it says so."""
    asked = "，".join(
        f"{of}{_word_share(share)}"
        for of, share in (("到会", rule.attendance), ("赞成", rule.majority))
    )
    return f"{asked}，才算通过。依据 {running.cited(rule.cites)}。"


def _word_share(share: ShareSpec) -> str:
    if share.share == "1/2" and share.more_than:
        return f"要过{BASES[share.of]}半数"
    return f"要{'超过' if share.more_than else '达到'}{BASES[share.of]}的 {share.share}"


BASES = {"entitled": "应到有表决权的", "present": "实到的", "cast": "赞成和反对合计的"}


def word_notice(running: Running, notice: Notice) -> str:
    """公示不少于 5 个工作日, with where it says so."""
    length = word_length(notice.at_least, notice.counts)
    return f"公示不少于 {length}，依据 {running.cited(notice.cites)}。"


@dataclass(frozen=True, slots=True)
class Hung:
    """A notice as the page of its case shows it; ``left`` is negative once it is over."""

    posting: Posting
    left: int
    waiting: int


def hung(postings: Sequence[Posting], today: date) -> list[Hung]:
    """``postings`` come with their objections. No query."""
    return [
        Hung(
            posting,
            (posting.until - today).days,
            sum(one.stands is None for one in posting.objections.all()),
        )
        for posting in postings
    ]


@dataclass(frozen=True, slots=True)
class Held:
    """Why a notice that hangs does not let its step end by now."""

    until: date | None
    waiting: int


def held(hung: Sequence[Hung]) -> Held | None:
    """None where nothing that hangs holds the step up."""
    waiting = sum(one.waiting for one in hung)
    until = max((one.posting.until for one in hung if one.left >= 0), default=None)
    return Held(until, waiting) if until or waiting else None


def tellers(turn: Turn, stage: Stage, on: date) -> list[tuple[int, str]]:
    """Who may sign a count there on a day, by name: number and name. Two queries."""
    people = Person.objects.filter(pk__in=counters_of(turn, stage, on))
    return list(people.order_by("name", "pk").values_list("pk", "name"))


@dataclass(frozen=True, slots=True)
class Lane:
    """One stage of a board: how many stand there, and how many of them late."""

    id: str
    title: str
    count: int
    late: int


def board(user: User, procedure: str, rule: Procedure, today: date) -> list[Lane]:
    """Open cases of a procedure by the stage they stand at; one at two stages stands in both.

    In the order of the pack. One query.
    """
    cases = Case.objects.visible_to(user).open().filter(procedure=procedure)
    rows = Turn.objects.open().filter(case__in=cases).values("stage")
    found = {
        row["stage"]: row
        for row in rows.annotate(
            count=Count("case", distinct=True),
            late=Count("case", distinct=True, filter=is_past(today) & Q(is_requesters=False)),
        )
    }
    known = Counter({name: row["count"] for name, row in found.items()})
    return [
        Lane(stage.id, stage.title, known[stage.id], found.get(stage.id, {"late": 0})["late"])
        for stage in rule.stages
    ]


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A paper that was issued, as a list shows it: how it stands, and whether the reader may
    see its case and annul it."""

    paper: IssuedPaper
    stands: str
    is_valid: bool
    may_open: bool
    may_annul: bool


def papers_of(running: Running) -> QuerySet[IssuedPaper]:
    """A case's papers, oldest first. No query where none of its steps issues any."""
    case, stages = running.case, [running.stage(turn) for turn in running.turns]
    if not any(outcome.issues for stage in stages for outcome in stage.outcomes):
        return IssuedPaper.objects.none()
    rows: QuerySet[IssuedPaper] = case.papers.select_related("organization", "annulled_by", "case")
    return rows.order_by("pk")


def issued(user: User) -> IssuedPaperQuerySet:
    """Papers within reach, the newest first."""
    rows: IssuedPaperQuerySet = IssuedPaper.objects.visible_to(user).select_related(
        "organization", "case", "by", "annulled_by"
    )
    return rows.order_by("-issued_on", "-pk")


def books(user: User) -> tuple[dict[str, str], list[int]]:
    """Registers within reach by id, and the years they have numbers of. One query."""
    rows = IssuedPaper.objects.visible_to(user).order_by()
    found = sorted(set(rows.values_list("register", "register_title", "year")))
    return (
        {name: title for name, title, _ in found},
        sorted({year for *_, year in found}, reverse=True),
    )


def cases_seen(papers: Sequence[IssuedPaper], user: User) -> set[int]:
    """Those of their cases that the user may open. One query."""
    cases = [paper.case_id for paper in papers]
    rows = Case.objects.visible_to(user).filter(pk__in=cases)
    return set(rows.values_list("pk", flat=True))


def paper_lines(
    papers: Sequence[IssuedPaper],
    seen: Collection[int],
    today: date,
    may_annul: Callable[[IssuedPaper], bool],
) -> list[PaperLine]:
    """``papers`` come with their organisations; ``seen`` are cases one may open. No query."""
    return [
        PaperLine(
            paper,
            paper.stands(today),
            paper.stands(today) == "有效",
            paper.case_id in seen,
            may_annul(paper),
        )
        for paper in papers
    ]
