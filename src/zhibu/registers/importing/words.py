"""The headings of one register: those every register has, and the columns of its pack."""

from dataclasses import replace
from pathlib import Path

from django.utils import timezone

from zhibu.imports.recognition import FieldWords, Vocabulary, normal_heading
from zhibu.packs.schema.registers import Register
from zhibu.registers import queries
from zhibu.registers.models import latest

WORDS = Path(__file__).with_name("words.toml")
CODE, PLACE, SINCE, UNTIL = "organization_code", "organization", "since", "until"


def register_of(subject: str) -> str:
    """``pack:register`` of ``registers:pack:register``."""
    return subject.partition(":")[2]


def rule_of(subject: str) -> Register | None:
    """The register as it is worded today, else its latest wording; None where there is none."""
    reference = register_of(subject)
    found = queries.wording_on(reference, timezone.localdate())
    rule = found[1].item if found else latest(reference)
    return rule if isinstance(rule, Register) else None


def column(name: str) -> str:
    """What the field of a register's column is called beside those every register has."""
    return f"column:{name}"


def vocabulary(words: Vocabulary, subject: str) -> Vocabulary:
    """``words`` with the register's own columns, which come first where a title is the same. An
    end is no heading where none is written down at first."""
    rule = rule_of(subject)
    if rule is None:
        return words
    own = {
        column(spec.id): FieldWords(
            column(spec.id), spec.title, (),
            offered=tuple(choice.title for choice in spec.choices) if spec.type == "choice"
            else ("是", "否") if spec.type == "yes-no" else (),
        )
        for spec in rule.columns
    }  # fmt: skip
    taken = {normal_heading(field.title) for field in own.values()}
    known = {
        name: replace(field, headings=_free(field.headings, taken))
        for name, field in words.fields.items()
        if not (name == UNTIL and rule.ends == "open") and normal_heading(field.title) not in taken
    }
    places = {name: known[name] for name in (CODE, PLACE) if name in known}
    days = {name: known[name] for name in (SINCE, UNTIL) if name in known}
    return replace(
        words,
        fields={**places, **own, **days},
        needs=(frozenset({column(rule.name_column.id)}),),
        keys=(SINCE,),
    )


def _free(headings: tuple[str, ...], taken: set[str]) -> tuple[str, ...]:
    return tuple(heading for heading in headings if normal_heading(heading) not in taken)
