"""Papers that cases issue: numbered when a step ends, drawn whenever somebody asks.

What a paper says is fixed when it is issued: the words its template named, and the template.
A later change of a field, a name or the pack changes no paper that went out.
"""

import json
import tomllib
from base64 import b64decode
from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from zhibu.cases import days, rules
from zhibu.cases.models import IssuedPaper, KeptTemplate, Turn
from zhibu.cases.steps import OUTCOME, REASON, Faulty, Running
from zhibu.core import fields
from zhibu.core.intervals import on_day
from zhibu.core.verdicts import require
from zhibu.documents import papers as drawing
from zhibu.documents import templates
from zhibu.documents.papers import in_words
from zhibu.documents.templates import Declared
from zhibu.ledger import actions as ledger
from zhibu.ledger import printed
from zhibu.organizations.models import Organization
from zhibu.packs.reading import TEMPLATES, WORD, Pack
from zhibu.packs.schema.papers import Paper, Template
from zhibu.packs.schema.procedures import Outcome
from zhibu.people.models import Person

if TYPE_CHECKING:
    from zhibu.accounts.models import User

TURNS = "turns"
VALID_UNTIL = "paper_valid_until"
OWN = (
    "paper_number", "paper_day", "paper_organization", "case_title", "case_number",
    "case_organization", "case_owner", "case_person", "case_person_state", "case_started_on",
    "step_day",
)  # fmt: skip
TURN_COLUMNS = ("number", "step", "outcome", "day", "reason")
LINE_COLUMNS = ("number", "text")
LISTED = ("long-text", "choices")


class Kind(StrEnum):
    ISSUED = "cases:paper:issued"
    ANNULLED = "cases:paper:annulled"


WORDS = {Kind.ISSUED: "出具了文书", Kind.ANNULLED: "作废了文书"}


def nameable(paper: Paper) -> Declared:
    """What the template of ``paper`` may name."""
    own = [*OWN, *([VALID_UNTIL] if paper.valid_for else [])]
    columns = TURN_COLUMNS if paper.rows == TURNS else LINE_COLUMNS
    return Declared(
        frozenset([*own, *paper.fields, *paper.may_lack]),
        drawing.ROWS if paper.rows else "",
        frozenset(columns if paper.rows else ()),
    )


def named(pack: Pack, paper: Paper) -> tuple[set[str], set[str]]:
    """The fields and the columns that the template of ``paper`` names."""
    if paper.template in pack.word_templates:
        return templates.names(pack.word_templates[paper.template])
    return drawing.names(pack.templates[paper.template])


def file_of(pack: Pack, paper: Paper) -> str:
    """Where the template lies in the pack."""
    ending = WORD if paper.template in pack.word_templates else ".toml"
    return f"{TEMPLATES}/{paper.template}{ending}"


# --- issuing


@transaction.atomic
def issue(
    running: Running, turn: Turn, outcome: Outcome, *, by: "User", at: datetime
) -> list[IssuedPaper]:
    """Give out what ``outcome`` issues, by the organisation of the turn, dated today. What the
    pack says replaces the one before makes that invalid.

    Called within the step's own action, which has judged ``by``.

    Raises:
        Faulty: a field the paper needs says nothing.
    """
    found = []
    for name in outcome.issues:
        paper = running.procedure.paper(name)
        assert paper is not None
        found.append(_issue(running, turn, paper, by, at))
    return found


def _issue(running: Running, turn: Turn, paper: Paper, by: "User", at: datetime) -> IssuedPaper:
    case, today = running.case, timezone.localdate(at)
    specs = running.procedure.specs()
    lacking = [specs[name].title for name in paper.fields if name not in case.facts]
    if lacking:
        asked = "”、“".join(lacking)
        raise Faulty({OUTCOME: f"不能出{paper.title}：“{asked}”还没有填，请先填好。"})
    place = Organization.all_rows.select_for_update().get(pk=turn.organization_id)
    issued = IssuedPaper(
        case=case, turn=turn, organization=place, paper=paper.id, wording=case.wording,
        template=_kept(running.pack, paper), title=paper.title,
        register=paper.numbering.id, register_title=paper.numbering.title,
        code=paper.numbering.code, year=today.year, issued_on=today, by=by, at=at,
    )  # fmt: skip
    if paper.valid_for:
        issued.valid_until = days.last_day(today, paper.valid_for, "calendar")
    same = IssuedPaper.objects.filter(organization=place, register=issued.register, year=today.year)
    issued.number = (same.aggregate(last=Max("number"))["last"] or 0) + 1
    said, columns = named(running.pack, paper)
    values = _values(running, turn, paper, issued)
    rows = list(_rows(running, paper))
    issued.values = json.dumps(
        {
            "values": {name: values[name] for name in {*said, "paper_organization"}},
            "rows": [{name: row[name] for name in columns} for row in rows],
        },
        ensure_ascii=False,
        sort_keys=True,
    )
    issued.save(force_insert=True)
    ledger.record(Kind.ISSUED, issued, organization=place.pk, by=by, at=at,
                  occurred=today, basis=running.cited(paper.cites))  # fmt: skip
    if paper.replaces:
        before = IssuedPaper.objects.select_for_update().filter(
            case=case, paper=paper.id, annulled_at=None
        )
        for one in before.exclude(pk=issued.pk).order_by("pk"):
            _annul(one, f"换成{issued.called}", by, at)
    return issued


def _kept(pack: Pack, paper: Paper) -> KeptTemplate:
    """The template as it is today, once for all papers drawn from it."""
    content = pack.files[file_of(pack, paper)]
    digest = _digest(content)
    is_word = paper.template in pack.word_templates
    kept, _ = KeptTemplate.objects.get_or_create(
        digest=digest, defaults={"is_word": is_word, "content": content}
    )
    return kept


def _digest(content: str) -> str:
    return sha256(content.encode()).hexdigest()


def _values(running: Running, turn: Turn, paper: Paper, issued: IssuedPaper) -> dict[str, str]:
    case, specs = running.case, running.procedure.specs()
    assert turn.happened_on is not None
    found = {
        "paper_number": issued.called,
        "paper_day": in_words(issued.issued_on),
        "paper_organization": issued.organization.name,
        "case_title": case.title,
        "case_number": f"{case.started_on.year}-{case.number}",
        "case_organization": case.organization.name,
        "case_owner": case.owner.name if case.owner else "",
        "case_person": case.person.name if case.person else "",
        "case_person_state": _state(case.person, turn.happened_on),
        "case_started_on": in_words(case.started_on),
        "step_day": in_words(turn.happened_on),
        VALID_UNTIL: in_words(issued.valid_until) if issued.valid_until else "",
    }
    for name in (*paper.fields, *paper.may_lack):
        stored = case.facts.get(name)
        kind = fields.get(specs[name].type)
        found[name] = "" if stored is None else kind.show(specs[name], kind.load(stored))
    return found


def _state(person: Person | None, on: date) -> str:
    """What somebody is towards the Party that day, in words; "" where nothing. One query."""
    state = person.states.filter(on_day(on)).first() if person else None
    return state.get_state_display() if state else ""


def _rows(running: Running, paper: Paper) -> Iterator[dict[str, str]]:
    """What the table lists: steps that were done, or the lines of a field."""
    if not paper.rows:
        return
    if paper.rows == TURNS:
        done = [turn for turn in running.turns if turn.state == Turn.State.DONE]
        for number, turn in enumerate(done, 1):
            stage = running.stage(turn)
            outcome = stage.outcome(turn.outcome)
            assert turn.happened_on is not None
            yield {
                "number": str(number), "step": stage.title, "day": in_words(turn.happened_on),
                "outcome": outcome.title if outcome else "", "reason": turn.reason,
            }  # fmt: skip
        return
    spec, stored = running.procedure.specs()[paper.rows], running.case.facts.get(paper.rows)
    kind = fields.get(spec.type)
    if stored is None:
        lines = []
    elif spec.type == "choices":
        lines = [kind.show(spec, [one]) for one in kind.load(stored)]
    else:
        lines = [line.strip() for line in stored.splitlines() if line.strip()]
    for number, line in enumerate(lines, 1):
        yield {"number": str(number), "text": line}


@transaction.atomic
def annul(paper: IssuedPaper, *, reason: str, by: "User", at: datetime) -> IssuedPaper:
    """Make a paper invalid; it stays on record, its number is never given again.

    Raises:
        Refused: ``rules.may_annul`` refuses.
        Faulty: no reason is given.
    """
    rows = IssuedPaper.objects.select_for_update(of=("self",)).select_related("organization")
    paper = rows.get(pk=paper.pk)
    require(rules.may_annul(by, paper))
    if not reason.strip():
        raise Faulty({REASON: "写明为什么作废。"})
    _annul(paper, reason, by, at)
    return paper


def _annul(paper: IssuedPaper, reason: str, by: "User", at: datetime) -> None:
    paper.annulled_by, paper.annulled_at, paper.annulled_because = by, at, reason
    paper.save(update_fields=["annulled_by", "annulled_at", "annulled_because"])
    ledger.record(Kind.ANNULLED, paper, organization=paper.organization_id, by=by, at=at)


# --- drawing


def draw(paper: IssuedPaper, code: printed.Code | None) -> bytes:
    """The paper as .docx: the same bytes as long as it and its proof are the same."""
    content = paper.template.content
    if _digest(content) != paper.template.digest:
        raise ValueError(f"文书 {paper.called} 的模板被改动过，不能再印")
    frozen = json.loads(paper.values)
    filling = drawing.Filling(
        title=paper.title, organization=frozen["values"]["paper_organization"],
        number=paper.called, day=paper.issued_on, made_at=paper.at,
        values=frozen["values"], rows=frozen["rows"],
        void=f"已作废：{paper.annulled_because}" if paper.annulled_at else "",
    )  # fmt: skip
    if not paper.template.is_word:
        template = Template.model_validate(tomllib.loads(content))
        return drawing.compose(template, filling, code)
    word = b64decode(content)
    names, columns = templates.names(word)
    rows = drawing.ROWS if columns else ""
    declared = Declared(frozenset(names), rows, frozenset(columns))
    return drawing.fill(word, declared, filling, code)


def file_name(paper: IssuedPaper) -> str:
    return f"{paper.title}（{paper.called}）.docx"


def printed_as(pk: int) -> printed.Paper | None:
    """What a printed paper is, for its proof page, and whether it still counts. One query."""
    paper = IssuedPaper.objects.select_related("organization").filter(pk=pk).first()
    if paper is None:
        return None
    title = f"{paper.title} {paper.called}{'（已作废）' if paper.annulled_at else ''}"
    return printed.Paper(title, paper.organization.called, paper.issued_on)


def valid_ids(case_id: int, day: date) -> list[str]:
    """Ids of papers of a case that are valid on a day, sorted; for worked examples."""
    rows = IssuedPaper.objects.filter(case=case_id).valid_on(day)
    return sorted(set(rows.values_list("paper", flat=True)))


def latest_numbers(case_id: int) -> dict[str, str]:
    """Paper id → number of the latest one. One query."""
    rows = IssuedPaper.objects.filter(case=case_id).order_by("pk")
    return {paper.paper: paper.called for paper in rows}
